"""Golden values for tests/tasks: the classification loss of torch.nn.functional.cross_entropy.

Run: python scripts/reference/tasks_goldens.py tests/fixtures/tasks
Made with torch 2.11.0.
"""

import json
import pathlib
import sys

import torch
import torch.nn.functional as F

NUM_EXAMPLES = 13
NUM_LABELS = 5


def cases(generator):
    weights = torch.tensor([0.25, 1.0, 3.5, 0.0, 1.5], dtype=torch.float64)
    for name, weight, smoothing in [
        ("plain", None, 0.0),
        ("weighted", weights, 0.0),
        ("smoothed", None, 0.1),
        ("weighted_and_smoothed", weights, 0.2),
        ("fully_smoothed", weights, 1.0),
    ]:
        logits = (3 * torch.randn(NUM_EXAMPLES, NUM_LABELS, generator=generator, dtype=torch.float64)).requires_grad_()
        labels = torch.randint(NUM_LABELS, (NUM_EXAMPLES,), generator=generator)
        mean = F.cross_entropy(logits, labels, weight=weight, label_smoothing=smoothing)
        (gradient,) = torch.autograd.grad(mean, logits)
        total = F.cross_entropy(logits, labels, weight=weight, label_smoothing=smoothing, reduction="sum")
        yield {
            "name": name,
            "weights": (torch.ones(NUM_LABELS) if weight is None else weight).tolist(),
            "label_smoothing": smoothing,
            "logits": logits.tolist(),
            "labels": labels.tolist(),
            "sum": total.item(),
            "mean": mean.item(),
            "gradient_of_mean": gradient.tolist(),
        }


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(20250101)
    text = json.dumps(list(cases(generator)), indent=1)
    (folder / "cross_entropy.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
