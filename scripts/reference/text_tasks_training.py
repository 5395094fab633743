#!/usr/bin/env python3
"""Trains transformers' sequence classifier on several labels a text or on numbers, to compare figures with.

Run:  python scripts/reference/text_tasks_training.py sick|goemotions MODEL TRAIN TEST EPOCHS SEED...
TRAIN and TEST are files of the data set as it is published. Prints a line of JSON for each seed: the loss and the figures
after so many epochs in batches of 32 with a learning rate of 5e-5 that falls to zero, texts of at most 64 tokens, and the
seconds of training.
"""

import csv
import json
import sys
import tempfile

import numpy as np
import transformers
from scipy import stats
from sklearn import metrics

NUM_EMOTIONS = 28


def read_sick(path):
    rows = csv.DictReader(open(path, encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [((row["sentence_A"], row["sentence_B"]), float(row["relatedness_score"])) for row in rows]


def read_goemotions(path):
    rows = (line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8"))
    return [((text,), [float(str(emotion) in ids.split(",")) for emotion in range(NUM_EMOTIONS)]) for text, ids, _ in rows]


def judge_sick(prediction):
    predicted = prediction.predictions.squeeze(-1)
    return {"pearson": stats.pearsonr(predicted, prediction.label_ids)[0],
            "spearman": stats.spearmanr(predicted, prediction.label_ids)[0],
            "mse": metrics.mean_squared_error(prediction.label_ids, predicted)}


def judge_goemotions(prediction):
    decided = (prediction.predictions > 0).astype(int)
    return {f"{average}_f1": metrics.f1_score(prediction.label_ids, decided, average=average, zero_division=0)
            for average in ("micro", "macro")}


TASKS = {"sick": (read_sick, judge_sick, dict(num_labels=1, problem_type="regression")),
         "goemotions": (read_goemotions, judge_goemotions,
                        dict(num_labels=NUM_EMOTIONS, problem_type="multi_label_classification"))}


def main():
    name, folder, train, test, epochs, *seeds = sys.argv[1:]
    read, judge, settings = TASKS[name]
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)

    def examples(path):
        return [dict(tokenizer(*texts, truncation=True, max_length=64), labels=target) for texts, target in read(path)]

    for seed in map(int, seeds):
        transformers.set_seed(seed)
        model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, **settings)
        with tempfile.TemporaryDirectory() as output:
            arguments = transformers.TrainingArguments(
                output_dir=output, num_train_epochs=float(epochs), per_device_train_batch_size=32, learning_rate=5e-5,
                seed=seed, save_strategy="no", report_to=[], disable_tqdm=True, use_cpu=True)
            trainer = transformers.Trainer(
                model, arguments, train_dataset=examples(train), eval_dataset=examples(test), compute_metrics=judge,
                data_collator=transformers.DataCollatorWithPadding(tokenizer))
            seconds = trainer.train().metrics["train_runtime"]
            found = trainer.evaluate()
        print(json.dumps({"seed": seed, "seconds": seconds,
                          **{key[5:]: float(value) for key, value in found.items() if key.startswith("eval_")}}), flush=True)


if __name__ == "__main__":
    main()
