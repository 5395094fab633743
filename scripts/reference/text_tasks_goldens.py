#!/usr/bin/env python3
"""Golden values for tasks over whole texts: 20 steps of transformers' Trainer on a tiny random BERT.

Run:  python scripts/reference/text_tasks_goldens.py tests/fixtures/text_tasks
Made with torch 2.11.0 and transformers 5.17.0.

cases.json           "examples": token ids; "cases": the task's options, what each example is to give ("targets": ids of
                     labels, or numbers), our options of training, loss and gradient norm of every step
<case>.safetensors   the weights after the last step
<case>/              the model a case starts from, as save_pretrained writes it (dropout 0)
Losses that the heads of transformers do not have (weights, absolute error, Huber) are computed from their logits.
"""

import json
import pathlib
import shutil
import sys

import torch
import transformers
from safetensors.torch import save_file

from training_goldens import ADAMW, collate as collate_labelled, make_examples, train

LABELS = 4
CASES = {
    "multi_label": {"problem_type": "multi_label_classification", "num_labels": LABELS},
    "multi_label_weighted": {"problem_type": "multi_label_classification", "num_labels": LABELS,
                             "pos_weight": [1.0, 2.5, 0.5, 4.0]},
    "regression": {"problem_type": "regression", "num_labels": 1},
    "regression_absolute": {"problem_type": "regression", "num_labels": 2, "regression_loss": "mae"},
    "regression_huber": {"problem_type": "regression", "num_labels": 2, "regression_loss": "huber",
                         "huber_delta": 0.7},
}
TRAINING = {"optimizer": {**ADAMW, "weight_decay": 0.01}, "schedule": {"name": "linear", "warmup": 0}}


def make_targets(case, count):
    generator = torch.Generator().manual_seed(9)
    if case["problem_type"] == "regression":
        return [[round(float(number), 3) for number in torch.randn(case["num_labels"], generator=generator) * 2 + 1]
                for _ in range(count)]
    return [torch.nonzero(torch.rand(LABELS, generator=generator) < 0.4).flatten().tolist() for _ in range(count)]


def collate(rows):
    batch = collate_labelled([{**row, "label": 0} for row in rows])
    batch["labels"] = torch.tensor([row["labels"] for row in rows], dtype=torch.float)
    return batch


class WithLoss(transformers.BertForSequenceClassification):
    """The same model with the loss of a case."""

    case = None

    def forward(self, labels=None, **inputs):
        if not {"pos_weight", "regression_loss"} & set(self.case):
            return super().forward(labels=labels.squeeze(-1) if labels.shape[-1] == 1 else labels, **inputs)
        output = super().forward(**inputs)
        if "pos_weight" in self.case:
            weight = torch.tensor(self.case["pos_weight"])
            output.loss = torch.nn.functional.binary_cross_entropy_with_logits(output.logits, labels, pos_weight=weight)
        elif self.case["regression_loss"] == "mae":
            output.loss = torch.nn.functional.l1_loss(output.logits, labels)
        else:
            output.loss = torch.nn.functional.huber_loss(output.logits, labels, delta=self.case["huber_delta"])
        return output


def make_model(folder, case):
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=16, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.2,
        num_labels=case["num_labels"], problem_type=case["problem_type"])
    shutil.rmtree(folder, ignore_errors=True)
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    WithLoss.case = case
    return WithLoss.from_pretrained(folder)


def main():
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # sums in one order
    examples = make_examples()
    cases = {}
    for name, case in CASES.items():
        targets = make_targets(case, len(examples))
        rows = []
        for example, target in zip(examples, targets):
            dense = target if case["problem_type"] == "regression" else [float(k in target) for k in range(LABELS)]
            rows.append({"input_ids": example["input_ids"], "labels": dense})
        record, weights = train(TRAINING, make_model(output / name, case), rows, collate)
        cases[name] = {**case, "targets": targets, **record}
        save_file(weights, output / f"{name}.safetensors", metadata={"format": "pt"})
    text = json.dumps({"examples": examples, "cases": cases}, separators=(",", ":"))
    (output / "cases.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
