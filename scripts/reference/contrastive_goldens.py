#!/usr/bin/env python3
"""What SimCSE's loss is with transformers' BERT and torch: losses, a gradient, retrieval figures.

    python scripts/reference/contrastive_goldens.py tests/fixtures

Reads models/bert_bare there (made by families_goldens.py) and writes tasks/contrastive.json. The loss follows equations
1 and 5 of Gao, Yao, Chen (2021): cross entropy over cosines / temperature. Versions the committed file was made with:
torch 2.11.0, transformers 5.17.0, Python 3.11.
"""

import json
import sys
from pathlib import Path

import torch
import transformers

from golden_models import make_sequences, padded

NUM_ROWS = 7  # sequences that make_sequences returns
CASES = [("mean", 0.05, 2), ("cls", 0.05, 2), ("mean", 0.5, 3), ("mean", 0.1, 1)]


def embed(model, sequences, pooling):
    batch = padded(sequences)
    hidden = model(**batch).last_hidden_state
    if pooling == "cls":
        vectors = hidden[:, 0]
    else:
        mask = batch["attention_mask"].unsqueeze(-1).to(hidden.dtype)
        vectors = (hidden * mask).sum(1) / mask.sum(1)
    return torch.nn.functional.normalize(vectors)


def run_case(model, columns, pooling, temperature, num_columns):
    model.zero_grad()
    views = [embed(model, columns[place], pooling) for place in range(num_columns)]
    candidates = torch.cat(views[1:]) if num_columns > 1 else views[0]
    cosines = views[0] @ candidates.T / temperature
    right = torch.arange(NUM_ROWS)
    losses = torch.nn.functional.cross_entropy(cosines, right, reduction="none")
    losses.sum().backward()
    ranks = (cosines >= cosines[right, right].unsqueeze(1)).sum(1)
    gradient = model.encoder.layer[0].attention.self.query.weight.grad
    return {
        "pooling": pooling, "temperature": temperature, "num_columns": num_columns,
        "loss_sum": losses.sum().item(),
        "gradient": gradient.flatten()[:8].tolist(),
        "retrieval_accuracy": (ranks == 1).double().mean().item(),
        "mean_reciprocal_rank": (1.0 / ranks.double()).mean().item(),
    }


def main():
    fixtures = Path(sys.argv[1])
    model = transformers.BertModel.from_pretrained(fixtures / "models" / "bert_bare", attn_implementation="eager").eval()
    columns = [make_sequences(seed) for seed in (71, 72, 73)]
    golden = {"gradient_of": "encoder.layer.0.attention.self.query.weight", "columns": columns,
              "cases": [run_case(model, columns, *case) for case in CASES]}
    (fixtures / "tasks" / "contrastive.json").write_text(json.dumps(golden) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
