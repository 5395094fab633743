#!/usr/bin/env python3
"""The Hugging Face side of scripts/benchmark.py; prints one JSON object.

Usage: benchmark_hf.py finetune MODEL CSV TEXT_COLUMN LABEL_COLUMN STEPS OUTPUT
       benchmark_hf.py tokenize MODEL CSV TEXT_COLUMN
Versions: scripts/reference/requirements.txt (torch 2.11.0, transformers 5.17.0, tokenizers 0.23.3).
finetune: HF Trainer in fp32 with batches of 32 padded to their longest text and grouped by length, AdamW 1e-4, at most
128 tokens, no evaluation, nothing saved. tokenize: `tokenizers` on one core over every text of the file.
"""
import csv
import json
import os
import resource
import sys
import time


def seconds_since_process_start():
    with open("/proc/self/stat") as file:
        started = int(file.read().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")


def read_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def finetune(model_folder, path, text_column, label_column, steps, output):
    import torch
    from transformers import (AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer,
                              TrainerCallback, TrainingArguments, set_seed)

    set_seed(42)
    rows = read_rows(path)
    names = sorted({row[label_column] for row in rows})
    ids = {name: index for index, name in enumerate(names)}
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    encoded = tokenizer([row[text_column] for row in rows], truncation=True, max_length=128)
    examples = [
        {"input_ids": encoded["input_ids"][i], "attention_mask": encoded["attention_mask"][i],
         "token_type_ids": encoded["token_type_ids"][i], "labels": ids[row[label_column]]}
        for i, row in enumerate(rows)
    ]
    measured = {"tokens": 0, "first_step_seconds": None}

    class CountingTrainer(Trainer):
        def training_step(self, model, inputs, *arguments, **options):
            measured["tokens"] += int(inputs["attention_mask"].sum())
            return super().training_step(model, inputs, *arguments, **options)

    class FirstStep(TrainerCallback):
        def on_step_end(self, *arguments, **options):
            if measured["first_step_seconds"] is None:
                measured["first_step_seconds"] = seconds_since_process_start()

    trainer = CountingTrainer(
        model=AutoModelForSequenceClassification.from_pretrained(model_folder, num_labels=len(names)),
        args=TrainingArguments(
            output_dir=output, max_steps=steps, per_device_train_batch_size=32, learning_rate=1e-4, weight_decay=0.01,
            warmup_steps=max(1, steps // 10), lr_scheduler_type="linear", train_sampling_strategy="group_by_length",
            save_strategy="no", eval_strategy="no", report_to=[], disable_tqdm=True, use_cpu=True, seed=42),
        train_dataset=examples, data_collator=DataCollatorWithPadding(tokenizer), callbacks=[FirstStep()])
    started = time.perf_counter()
    trainer.train()
    elapsed = time.perf_counter() - started
    return {
        "train_tokens_per_second": measured["tokens"] / elapsed,
        "first_step_seconds": measured["first_step_seconds"],
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "torch_threads": torch.get_num_threads(),
    }


def tokenize(model_folder, path, text_column):
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(model_folder, "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    texts = [row[text_column] for row in read_rows(path)]
    size = sum(len(text.encode("utf-8")) for text in texts)
    started = time.perf_counter()
    for text in texts:
        tokenizer.encode(text)
    return {"bytes_per_second": size / (time.perf_counter() - started)}


def main():
    if len(sys.argv) == 8 and sys.argv[1] == "finetune":
        result = finetune(*sys.argv[2:6], int(sys.argv[6]), sys.argv[7])
    elif len(sys.argv) == 5 and sys.argv[1] == "tokenize":
        result = tokenize(*sys.argv[2:])
    else:
        sys.exit(__doc__)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
