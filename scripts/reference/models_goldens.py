#!/usr/bin/env python3
"""Makes tiny random BERT checkpoints in several shapes and file layouts, and what Hugging Face computes with them.

    python scripts/reference/models_goldens.py tests/fixtures/models [DEMO_MODEL]

With DEMO_MODEL (the folder of all-MiniLM-L6-v2) also its hidden states and the logits of a head with fixed weights.
Versions the committed files were made with: torch 2.11.0, transformers 5.17.0, safetensors 0.8, Python 3.11.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig, BertForPreTraining, BertForSequenceClassification, BertModel

from golden_models import VOCABULARY_SIZE, fresh, make_sequences, packed, padded, randomize, write_expected

def make_config(**settings):
    shape = dict(vocab_size=VOCABULARY_SIZE, max_position_embeddings=40, hidden_dropout_prob=0.0,
                 attention_probs_dropout_prob=0.0)
    return BertConfig(**{**shape, **settings})


def classifier_outputs(model, sequences):
    output = model(**padded(sequences), output_hidden_states=True)
    return {"logits": output.logits, "last_hidden_state": packed(output.hidden_states[-1], sequences)}


def write_gelu_with_gradients(root):
    folder = fresh(root / "gelu")
    model = randomize(BertForSequenceClassification(make_config(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64)), seed=1)
    model.save_pretrained(folder)
    sequences = make_sequences(seed=11)
    labels = [index % 2 for index in range(len(sequences))]
    output = model(**padded(sequences), labels=torch.tensor(labels))
    output.loss.backward()
    tensors = classifier_outputs(model, sequences)
    tensors["loss"] = output.loss.reshape(1)
    tensors.update({"gradient." + name: p.grad for name, p in model.named_parameters()})
    write_expected(folder, sequences, tensors, labels=labels)
    return model, sequences


def write_sharded(root):
    folder = fresh(root / "sharded")
    names = ["fünf", "vier", "drei", "zwei", "eins"]
    model = randomize(BertForSequenceClassification(make_config(
        hidden_size=48, num_hidden_layers=3, num_attention_heads=6, intermediate_size=80, hidden_act="gelu_new",
        id2label=dict(enumerate(names)), label2id={name: index for index, name in enumerate(names)})), seed=2)
    model.save_pretrained(folder, max_shard_size="60KB")
    sequences = make_sequences(seed=12)
    write_expected(folder, sequences, classifier_outputs(model, sequences))


def write_bin(root):
    folder = fresh(root / "bin")
    model = randomize(BertForSequenceClassification(make_config(
        hidden_size=24, num_hidden_layers=1, num_attention_heads=3, intermediate_size=40, hidden_act="relu",
        type_vocab_size=3)), seed=3)
    model.config.architectures = ["BertForSequenceClassification"]
    model.config.save_pretrained(folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    sequences = make_sequences(seed=13)
    write_expected(folder, sequences, classifier_outputs(model, sequences))


def write_bare_body_with_old_names(root):
    """As the first conversions from TensorFlow: no prefix, gamma and beta, a position_ids buffer, no pooler."""
    folder = fresh(root / "old_names")
    model = randomize(BertModel(make_config(hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
                                            intermediate_size=32), add_pooling_layer=False), seed=4)
    state = {name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value
             for name, value in model.state_dict().items()}
    state["embeddings.position_ids"] = torch.arange(40).reshape(1, 40)
    save_file({name: value.contiguous() for name, value in state.items()}, folder / "model.safetensors",
              metadata={"format": "pt"})
    model.config.architectures = ["BertModel"]
    model.config.save_pretrained(folder)
    sequences = make_sequences(seed=14)
    hidden = model(**padded(sequences)).last_hidden_state
    write_expected(folder, sequences, {"last_hidden_state": packed(hidden, sequences)})


def write_pretraining(root):
    folder = fresh(root / "pretraining")
    model = randomize(BertForPreTraining(make_config(hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
                                                     intermediate_size=32)), seed=5)
    model.save_pretrained(folder)
    sequences = make_sequences(seed=15)
    output = model.bert(**padded(sequences))
    write_expected(folder, sequences, {"last_hidden_state": packed(output.last_hidden_state, sequences),
                                       "pooled": output.pooler_output})


def write_half_precision(root, model, sequences):
    for name, dtype in (("fp16", torch.float16), ("bf16", torch.bfloat16), ("fp64", torch.float64)):
        folder = fresh(root / name)
        stored = BertForSequenceClassification(model.config).eval()
        stored.load_state_dict(model.state_dict())
        stored.to(dtype).save_pretrained(folder)
        write_expected(folder, sequences, classifier_outputs(stored.float(), sequences))


def fixed_head(num_labels, hidden_size):
    """The formula is repeated in the test."""
    index = torch.arange(num_labels * hidden_size, dtype=torch.float64)
    return (0.1 * torch.sin(0.37 * index)).reshape(num_labels, hidden_size).float()


def write_demo(root, demo):
    from tokenizers import Tokenizer

    folder = fresh(root / "demo")
    tokenizer = Tokenizer.from_file(str(Path(demo) / "tokenizer.json"))
    tokenizer.no_padding()
    texts = ["A film of rare beauty.", "Dull, loud and much too long: I left after forty minutes, and so should you!",
             "ok", ("Where is the library?", "The library is behind the station, on the left."),
             "The quick brown fox jumps over the lazy dog while seventeen engineers discuss tokenization at length. " * 6]
    encodings = [tokenizer.encode(*text) if isinstance(text, tuple) else tokenizer.encode(text) for text in texts]
    sequences = [{"input_ids": e.ids, "token_type_ids": e.type_ids} for e in encodings]
    model = BertModel.from_pretrained(demo).eval()
    output = model(**padded(sequences))
    logits = output.pooler_output @ fixed_head(3, model.config.hidden_size).T
    hidden = packed(output.last_hidden_state, sequences)
    write_expected(folder, sequences, {"last_hidden_state": hidden, "pooled": output.pooler_output, "logits": logits})


def main():
    root = Path(sys.argv[1])
    torch.manual_seed(0)
    model, sequences = write_gelu_with_gradients(root)
    write_sharded(root)
    write_bin(root)
    write_bare_body_with_old_names(root)
    write_pretraining(root)
    write_half_precision(root, model, sequences)
    if len(sys.argv) > 2:
        write_demo(root, sys.argv[2])


if __name__ == "__main__":
    main()
