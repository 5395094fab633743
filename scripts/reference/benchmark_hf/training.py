"""Trainer, as its own documentation sets it up for speed ("best") or as the example scripts do ("example").

best: batches padded to their longest text and grouped by length, AdamW in one fused pass. example: every text padded to
max_length, random batches. Precisions: fp32, autocast (bf16=True: fp32 weights, bf16 products), bf16 (weights, too).
"""
import os
import time

import torch
from transformers import (AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoTokenizer,
                          DataCollatorForLanguageModeling, DataCollatorWithPadding, Trainer, TrainerCallback,
                          TrainingArguments, default_data_collator, set_seed)

from rows import read_rows


def seconds_since_process_start():
    with open("/proc/self/stat", encoding="ascii") as file:
        started = int(file.read().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")


class StepTimes(TrainerCallback):
    """When the first step began and each one ended."""

    def __init__(self):
        self.ends = []
        self.ready_seconds = None
        self.first_step_seconds = None

    def on_step_begin(self, *arguments, **options):
        if self.ready_seconds is None:
            self.ready_seconds = seconds_since_process_start()

    def on_step_end(self, *arguments, **options):
        self.ends.append(time.perf_counter())
        if self.first_step_seconds is None:
            self.first_step_seconds = seconds_since_process_start()


class CountingTrainer(Trainer):
    """Counts the tokens of each step, padding left out."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.step_tokens = []

    def training_step(self, model, inputs, *arguments, **options):
        self.step_tokens.append(int(inputs["attention_mask"].sum()))
        return super().training_step(model, inputs, *arguments, **options)


def load(model_class, folder, precision, **options):
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    return model_class.from_pretrained(folder, dtype=dtype, attn_implementation="sdpa", **options)


def training_arguments(output, precision, recipe, batch_size, learning_rate, seed, **length):
    return TrainingArguments(
        output_dir=output, per_device_train_batch_size=batch_size, learning_rate=learning_rate, weight_decay=0.01,
        warmup_steps=0.1, lr_scheduler_type="linear", optim="adamw_torch_fused", bf16=precision == "autocast",
        train_sampling_strategy="group_by_length" if recipe == "best" else "random", save_strategy="no",
        eval_strategy="no", report_to=[], disable_tqdm=True, use_cpu=True, seed=seed, **length)


def train(trainer, times):
    """Tokens a second from the end of the first step to that of the last."""
    trainer.train()
    result = {"ready_seconds": times.ready_seconds, "first_step_seconds": times.first_step_seconds,
              "torch_threads": torch.get_num_threads()}
    if len(times.ends) > 1:
        result["tokens_per_second"] = sum(trainer.step_tokens[1:]) / (times.ends[-1] - times.ends[0])
    return result


def finetune(model, train_file, text, label, output, precision, recipe="best", batch_size=32, max_length=128,
             learning_rate=1e-4, seed=42, test_file=None, **length):
    set_seed(seed)
    rows = read_rows(train_file)
    names = sorted({row[label] for row in rows})
    ids = {name: index for index, name in enumerate(names)}
    tokenizer = AutoTokenizer.from_pretrained(model)
    padding = "max_length" if recipe == "example" else False

    def examples(rows):
        encoded = tokenizer([row[text] for row in rows], truncation=True, max_length=max_length, padding=padding)
        return [{**{key: values[i] for key, values in encoded.items()}, "labels": ids[row[label]]}
                for i, row in enumerate(rows)]

    times = StepTimes()
    trainer = CountingTrainer(
        model=load(AutoModelForSequenceClassification, model, precision, num_labels=len(names)),
        args=training_arguments(output, precision, recipe, batch_size, learning_rate, seed, **length),
        train_dataset=examples(rows), callbacks=[times],
        data_collator=default_data_collator if recipe == "example" else DataCollatorWithPadding(tokenizer))
    result = train(trainer, times)
    if test_file:
        predictions = trainer.predict(examples(read_rows(test_file)))
        result["accuracy"] = float((predictions.predictions.argmax(-1) == predictions.label_ids).mean())
    return result


def blocks(tokenizer, path, max_length):
    """The text in blocks of max_length tokens, as transformers' run_mlm.py makes them."""
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file.read().splitlines() if line.strip()]
    ids = [token for line in tokenizer(lines)["input_ids"] for token in line]
    return [{"input_ids": ids[start:start + max_length]} for start in range(0, len(ids) - max_length + 1, max_length)]


def pretrain(model, train_file, output, precision, batch_size=16, max_length=128, learning_rate=1e-4, seed=42,
             **length):
    set_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(model)
    times = StepTimes()
    trainer = CountingTrainer(
        model=load(AutoModelForMaskedLM, model, precision),
        args=training_arguments(output, precision, "blocks", batch_size, learning_rate, seed, **length),
        train_dataset=blocks(tokenizer, train_file, max_length), callbacks=[times],
        data_collator=DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15))
    return train(trainer, times)
