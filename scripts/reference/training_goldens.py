#!/usr/bin/env python3
"""Golden values for training: 20 steps of transformers' Trainer on a tiny random BERT.

Run:  python scripts/reference/training_goldens.py tests/fixtures/training
Made with torch 2.11.0 and transformers 5.17.0.

tiny_bert/           the model all cases start from, as save_pretrained writes it (dropout 0)
cases.json           "examples": token ids and label; "cases": our options, loss and gradient norm of every step (the
                     norm before clipping)
<case>.safetensors   the weights after the last step
Batches follow the order of the examples (no shuffling) and are padded to their longest example.
"""
import json
import pathlib
import shutil
import sys
import tempfile

import torch
import transformers
from safetensors.torch import save_file
from torch.utils.data import SequentialSampler

STEPS = 20
BATCH_SIZE = 4
NUM_EXAMPLES = 32  # 8 micro-batches of 4: every accumulation below divides an epoch evenly or leaves whole batches

ADAMW = {"name": "adamw", "learning_rate": 1e-3}
CASES = {
    "adamw": {"optimizer": ADAMW, "schedule": {"name": "constant", "warmup": 0}},
    "adamw_large_epsilon": {"optimizer": {**ADAMW, "epsilon": 1e-4}, "schedule": {"name": "linear", "warmup": 0}},
    "adamw_decay_warmup": {"optimizer": {**ADAMW, "weight_decay": 0.1}, "schedule": {"name": "linear", "warmup": 0.1}},
    "adamw_clipped": {"optimizer": ADAMW, "schedule": {"name": "linear", "warmup": 4}, "max_gradient_norm": 0.1},
    "adamw_accumulation": {"optimizer": {**ADAMW, "weight_decay": 0.01}, "schedule": {"name": "linear", "warmup": 0},
                           "accumulation": 3},
    "adamw_cosine": {"optimizer": ADAMW, "schedule": {"name": "cosine", "warmup": 0.25}, "max_gradient_norm": 0.0},
    "adam": {"optimizer": {"name": "adam", "learning_rate": 1e-3, "l2_penalty": 0.01},
             "schedule": {"name": "linear", "warmup": 0}},
    "sgd": {"optimizer": {"name": "sgd", "learning_rate": 0.05}, "schedule": {"name": "linear", "warmup": 0}},
    "sgd_momentum": {"optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True,
                                   "l2_penalty": 0.01}, "schedule": {"name": "linear", "warmup": 2}},
    "rmsprop": {"optimizer": {"name": "rmsprop", "learning_rate": 1e-3},
                "schedule": {"name": "linear", "warmup": 0.1}},
}


def make_examples():
    generator = torch.Generator().manual_seed(5)
    examples = []
    for _ in range(NUM_EXAMPLES):
        length = int(torch.randint(3, 13, (1,), generator=generator))
        ids = [2] + torch.randint(5, 40, (length,), generator=generator).tolist() + [3]
        examples.append({"input_ids": ids, "label": int(torch.randint(0, 3, (1,), generator=generator))})
    return examples


def collate(rows):
    longest = max(len(row["input_ids"]) for row in rows)
    padded = [row["input_ids"] + [0] * (longest - len(row["input_ids"])) for row in rows]
    mask = [[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in rows]
    return {"input_ids": torch.tensor(padded), "attention_mask": torch.tensor(mask),
            "labels": torch.tensor([row["label"] for row in rows])}


class RecordingTrainer(transformers.Trainer):
    """In the order of the examples, keeping the loss of every micro-batch exactly (logs are rounded)."""

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        # BertForSequenceClassification takes **kwargs but its loss ignores num_items_in_batch: without this, Trainer
        # would add up the micro-batches' means instead of averaging them.
        self.model_accepts_loss_kwargs = False
        self.losses = []
        self.norms = []

    def _get_train_sampler(self, *arguments, **keywords):
        return SequentialSampler(self.train_dataset)

    def training_step(self, *arguments, **keywords):
        loss = super().training_step(*arguments, **keywords)
        self.losses.append((self.state.global_step, float(loss)))
        return loss

    def _get_grad_norm(self, *arguments, **keywords):
        norm = super()._get_grad_norm(*arguments, **keywords)
        self.norms.append(float(norm) if norm is not None else None)
        return norm


def torch_optimizer(model, options):
    decayed = set(transformers.Trainer.get_decay_parameter_names(None, model))
    decay = options.get("weight_decay", 0.0) + options.get("l2_penalty", 0.0)
    groups = [{"params": [p for n, p in model.named_parameters() if n in decayed], "weight_decay": decay},
              {"params": [p for n, p in model.named_parameters() if n not in decayed], "weight_decay": 0.0}]
    keywords = {key: options[key] for key in ("momentum", "nesterov") if key in options}
    if "epsilon" in options:
        keywords["eps"] = options["epsilon"]
    name = {"adamw": "AdamW", "adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop"}[options["name"]]
    return getattr(torch.optim, name)(groups, lr=options["learning_rate"], **keywords)


def train(options, model, examples, collate):
    """What a case records of a run, and the weights it ends with."""
    optimizer = torch_optimizer(model, options["optimizer"])
    with tempfile.TemporaryDirectory() as output:
        arguments = transformers.TrainingArguments(
            output_dir=output, max_steps=STEPS, per_device_train_batch_size=BATCH_SIZE, use_cpu=True, report_to=[],
            gradient_accumulation_steps=options.get("accumulation", 1), save_strategy="no", disable_tqdm=True,
            logging_strategy="no", learning_rate=options["optimizer"]["learning_rate"],
            max_grad_norm=options.get("max_gradient_norm", 1.0), remove_unused_columns=False,
            lr_scheduler_type=("constant_with_warmup" if options["schedule"]["name"] == "constant"
                               else options["schedule"]["name"]),
            warmup_steps=options["schedule"]["warmup"], label_smoothing_factor=options.get("label_smoothing", 0.0))
        trainer = RecordingTrainer(model, arguments, train_dataset=examples, data_collator=collate,
                                   optimizers=(optimizer, None))
        trainer.train()
    losses = [0.0] * STEPS
    for step, loss in trainer.losses:
        losses[step] += loss
    record = {"training": {"max_steps": STEPS, "batch_size": BATCH_SIZE, "shuffle": False, **options},
              "losses": losses, "gradient_norms": trainer.norms}
    return record, {name: value.detach().contiguous() for name, value in model.named_parameters()}


def main():
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)  # sums in one order
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=16, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.2,
        num_labels=3)
    model_directory = output / "tiny_bert"
    shutil.rmtree(model_directory, ignore_errors=True)
    transformers.BertForSequenceClassification(config).save_pretrained(model_directory)
    examples = make_examples()
    cases = {}
    for name, options in CASES.items():
        model = transformers.BertForSequenceClassification.from_pretrained(model_directory)
        cases[name], weights = train(options, model, examples, collate)
        save_file(weights, output / f"{name}.safetensors", metadata={"format": "pt"})
    text = json.dumps({"examples": examples, "cases": cases}, separators=(",", ":"))
    (output / "cases.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
