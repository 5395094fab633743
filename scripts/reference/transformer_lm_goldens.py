#!/usr/bin/env python3
"""Makes tiny random checkpoints of the family transformer_lm, and what torch.nn.TransformerEncoder computes with them.

    python scripts/reference/transformer_lm_goldens.py tests/fixtures/models

Files as families_goldens.py writes them. Made with torch 2.11.0, safetensors 0.8, Python 3.11.
"""

import json
import math
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from families_goldens import token_labels
from golden_models import VOCABULARY_SIZE, fresh, make_sequences, packed, padded, randomize, write_expected

SHAPE = dict(model_type="transformer_lm", vocab_size=VOCABULARY_SIZE, max_position_embeddings=40, d_model=32, nhead=2,
             num_layers=2, dim_feedforward=48, dropout=0.0, pad_token_id=0, dtype="float32")

CASES = [
    ("transformer_lm_sinusoidal", dict(SHAPE, position_encoding="sinusoidal")),
    ("transformer_lm_learned", dict(SHAPE, num_layers=1, d_model=30, nhead=5, activation="gelu", norm_first=True,
                                    position_encoding="learned", scale_embeddings=False, tie_word_embeddings=False,
                                    layer_norm_eps=1e-3)),
]


def sinusoidal_positions(num_positions, size):
    table = torch.zeros(num_positions, size)
    for position in range(num_positions):
        for column in range(0, size, 2):
            angle = position / 10000 ** (column / size)
            table[position, column] = math.sin(angle)
            if column + 1 < size:
                table[position, column + 1] = math.cos(angle)
    return table


class TransformerLm(nn.Module):
    def __init__(self, config):
        super().__init__()
        size = config["d_model"]
        norm_first = config.get("norm_first", False)
        epsilon = config.get("layer_norm_eps", 1e-5)
        layer = nn.TransformerEncoderLayer(size, config["nhead"], config["dim_feedforward"], 0.0,
                                           config.get("activation", "relu"), layer_norm_eps=epsilon, batch_first=True,
                                           norm_first=norm_first)
        self.embedding = nn.Embedding(config["vocab_size"], size)
        if config["position_encoding"] == "learned":
            self.positions = nn.Embedding(config["max_position_embeddings"], size)
        else:
            self.sinusoids = sinusoidal_positions(config["max_position_embeddings"], size)
        self.encoder = nn.TransformerEncoder(layer, config["num_layers"],
                                             norm=nn.LayerNorm(size, epsilon) if norm_first else None)
        self.decoder = nn.Linear(size, config["vocab_size"])
        self.scale = math.sqrt(size) if config.get("scale_embeddings", True) else 1.0
        if config.get("tie_word_embeddings", True):
            self.decoder.weight = self.embedding.weight

    def forward(self, input_ids, attention_mask):
        length = input_ids.size(1)
        positions = self.positions.weight if hasattr(self, "positions") else self.sinusoids
        rows = self.embedding(input_ids) * self.scale + positions[:length]
        causal = nn.Transformer.generate_square_subsequent_mask(length)
        # Padding stands behind the text, where a causal mask hides it.
        hidden = self.encoder(rows, mask=causal, is_causal=True)
        return hidden, self.decoder(hidden)


def write_case(root, seed, name, config):
    folder = fresh(root / name)
    model = randomize(TransformerLm(config), seed).train()  # as in eval(), but for the fast path without gradients
    state = {key: value.contiguous() for key, value in model.state_dict().items()
             if key != "decoder.weight" or not config.get("tie_word_embeddings", True)}
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    saved = dict(sorted({**config, "architectures": ["TransformerLmForCausalLM"]}.items()))
    (folder / "config.json").write_text(json.dumps(saved, indent=2) + "\n")
    sequences = make_sequences(100 + seed, with_types=False, first_id=2)
    hidden, logits = model(**padded(sequences))
    labels = token_labels(sequences, is_causal=True)
    loss = nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
    loss.backward()
    gradients = {"gradient." + key: parameter.grad for key, parameter in model.named_parameters()}
    write_expected(folder, sequences, {"last_hidden_state": packed(hidden, sequences),
                                       "logits": packed(logits, sequences), "loss": loss.reshape(1), **gradients})


def main():
    for seed, case in enumerate(CASES, start=61):
        write_case(Path(sys.argv[1]), seed, *case)


if __name__ == "__main__":
    main()
