#!/usr/bin/env python3
"""Trains a task with llmtool and with transformers' Trainer on the same data and settings, and prints both sides' figures.

Run:  python scripts/reference/task_comparison.py TASK LLMTOOL MODEL FOLDER SEED... [--set KEY=VALUE]... [--steps N]
TASK is goemotions, sick, wnut17 or xquad, LLMTOOL the built program, FOLDER the data set as it is published. For each
seed llmtool trains first and then transformers, with the same settings, in batches padded to their longest text. Prints a
line of JSON for each: side, seed, the figures on the held-out part, `seconds` of training, `tokens_per_second` of it
(special tokens, no padding), and `eval_seconds` for the held-out part (llmtool's whole process, transformers' evaluation
alone). With --steps each run has so many steps; --set changes llmtool's config alone.
"""

import argparse
import csv
import json
import pathlib
import subprocess
import tempfile
import time

import numpy as np
import transformers
from answer_goldens import judge
from question_answering_goldens import answer_tokens, search
from scipy import stats
from seqeval.metrics import accuracy_score, f1_score
from sklearn import metrics

EMOTIONS = ["admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
            "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy",
            "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral"]
LONGEST_ANSWER = 30


class Task:
    """Data, settings and figures of both sides."""

    epochs, batch_size, learning_rate, max_length = 3, 8, 5e-5, 128
    model_class = transformers.AutoModelForSequenceClassification

    def __init__(self, folder, model):
        self.folder = folder
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(model)

    def config(self):
        """What llmtool's config says besides what is common to all."""
        return {"tokenizer": {"max_length": self.max_length}, "data": self.data()}

    def collator(self):
        return transformers.DataCollatorWithPadding(self.tokenizer)

    def judge_output(self, output):
        return self.judge(output.predictions, output.label_ids)


class Sick(Task):
    epochs, batch_size, max_length = 2, 32, 64
    head = dict(num_labels=1, problem_type="regression")
    task, figures = "regression", ("pearson", "spearman", "mse")

    def data(self):
        return {"train": f"{self.folder}/train.tsv", "test": f"{self.folder}/trial.tsv",
                "text": ["sentence_A", "sentence_B"], "label": "relatedness_score", "standardize": False}

    def examples(self, part):
        rows = csv.DictReader(open(self.folder / f"{part}.tsv", encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE)
        return [dict(self.tokenizer(row["sentence_A"], row["sentence_B"], truncation=True, max_length=self.max_length),
                     labels=float(row["relatedness_score"])) for row in rows]

    def parts(self):
        return self.examples("train"), self.examples("trial")

    def judge(self, scores, gold):
        scores = scores.squeeze(-1)
        return {"pearson": stats.pearsonr(scores, gold)[0], "spearman": stats.spearmanr(scores, gold)[0],
                "mse": metrics.mean_squared_error(gold, scores)}


class GoEmotions(Task):
    epochs, batch_size, max_length = 2, 32, 64
    head = dict(num_labels=len(EMOTIONS), problem_type="multi_label_classification")
    task, figures = "multi_label", ("micro_f1", "macro_f1")

    def data(self):
        return {"train": f"{self.folder}/train.tsv", "test": f"{self.folder}/test.tsv", "header": False, "text": "0",
                "label": "1", "labels": EMOTIONS}

    def examples(self, part):
        rows = (line.rstrip("\n").split("\t") for line in open(self.folder / f"{part}.tsv", encoding="utf-8"))
        return [dict(self.tokenizer(text, truncation=True, max_length=self.max_length),
                     labels=[float(str(number) in ids.split(",")) for number in range(len(EMOTIONS))])
                for text, ids, _ in rows]

    def parts(self):
        return self.examples("train"), self.examples("test")

    def judge(self, scores, gold):
        return {f"{average}_f1": metrics.f1_score(gold, scores > 0, average=average, zero_division=0)
                for average in ("micro", "macro")}


class Wnut17(Task):
    model_class = transformers.AutoModelForTokenClassification
    task, figures = "token_classification", ("entity_f1", "tag_accuracy")

    def __init__(self, folder, model):
        super().__init__(folder, model)
        self.sentences = {part: self.read(folder / f"{part}.conll") for part in ("train", "dev")}
        self.labels = sorted({tag for _, tags in self.sentences["train"] for tag in tags})
        self.head = dict(id2label=dict(enumerate(self.labels)), label2id={label: i for i, label in enumerate(self.labels)})

    def config(self):
        return {"data": {"train": f"{self.folder}/train.conll", "test": f"{self.folder}/dev.conll"}}

    @staticmethod
    def read(path):
        blocks = path.read_text(encoding="utf-8").split("\n\n")
        rows = [[line.split("\t") for line in block.splitlines() if line.strip()] for block in blocks]
        return [([row[0] for row in block], [row[-1] for row in block]) for block in rows if block]

    def example(self, words, tags):
        encoding = self.tokenizer(words, is_split_into_words=True, truncation=True)
        numbers = encoding.word_ids()
        labels = [-100 if number is None or number == before else self.labels.index(tags[number])
                  for number, before in zip(numbers, [None, *numbers])]
        return dict(encoding, labels=labels)

    def parts(self):
        return [[self.example(*sentence) for sentence in self.sentences[part]] for part in ("train", "dev")]

    def collator(self):
        return transformers.DataCollatorForTokenClassification(self.tokenizer)

    def judge(self, scores, gold):
        chosen = scores.argmax(axis=2)
        tags = [[[self.labels[i] for i, label in zip(row, labels) if label != -100] for row, labels in zip(rows, gold)]
                for rows in (gold, chosen)]
        return {"entity_f1": f1_score(*tags), "tag_accuracy": accuracy_score(*tags)}


class Xquad(Task):
    epochs, batch_size, learning_rate, max_length, stride = 2, 12, 3e-5, 384, 128
    model_class, head = transformers.AutoModelForQuestionAnswering, {}
    task, figures = "question_answering", ("exact_match", "answer_f1")

    def config(self):
        return {"tokenizer": {"max_length": self.max_length, "stride": self.stride},
                "data": {"train": [f"{self.folder}/{language}.json" for language in ("de", "zh")],
                         "test": f"{self.folder}/en.json"}}

    def questions(self, *languages):
        for language in languages:
            for article in json.loads((self.folder / f"{language}.json").read_text(encoding="utf-8"))["data"]:
                for paragraph in article["paragraphs"]:
                    for question in paragraph["qas"]:
                        yield question["question"].lstrip(), paragraph["context"], question["answers"]

    def windows(self, question, context):
        cutter = self.tokenizer.backend_tokenizer
        cutter.no_padding()
        cutter.enable_truncation(self.max_length, stride=self.stride, strategy="only_second")
        first = cutter.encode(question, context)
        return [first, *first.overflowing]

    @staticmethod
    def feature(window, answer):
        start, end = answer_tokens(window, {"start": answer["answer_start"], "text": answer["text"]})
        return {"input_ids": window.ids, "token_type_ids": window.type_ids, "start_positions": start, "end_positions": end}

    def parts(self):
        training = [self.feature(window, answers[0]) for question, context, answers in self.questions("de", "zh")
                    for window in self.windows(question, context)]
        self.held_out = [(self.windows(question, context), context, answers)
                         for question, context, answers in self.questions("en")]
        return training, [self.feature(window, answers[0]) for windows, _, answers in self.held_out for window in windows]

    def judge(self, scores, _):
        rows, judged = iter(zip(*scores)), []
        for windows, context, answers in self.held_out:
            # Padding stands behind a window's own tokens.
            own = [[side[: len(window.ids)] for side in next(rows)] for window in windows]
            spans, _ = search(windows, own, False)
            found = context[slice(*spans[0]["offsets"])] if spans else ""
            judged.append(judge(found, [answer["text"] for answer in answers], "squad"))
        exact_match, answer_f1 = np.mean(judged, axis=0)
        return {"exact_match": exact_match, "answer_f1": answer_f1}


TASKS = {"goemotions": GoEmotions, "sick": Sick, "wnut17": Wnut17, "xquad": Xquad}


def run_llmtool(task, arguments, seed):
    training = {"epochs": task.epochs, "batch_size": task.batch_size,
                "optimizer": {"name": "adamw", "learning_rate": task.learning_rate},
                "schedule": {"name": "linear", "warmup": 0}}
    if arguments.steps:
        training["max_steps"] = arguments.steps
    with tempfile.TemporaryDirectory() as folder:
        config = {"task": task.task, "model": {"from": str(arguments.model)}, "training": training, "seed": seed,
                  "output_dir": f"{folder}/run", **task.config()}
        pathlib.Path(folder, "run.json").write_text(json.dumps(config))
        changes = [word for change in arguments.set for word in ("--set", change)]
        subprocess.run([arguments.llmtool, "finetune", f"{folder}/run.json", *changes], check=True, capture_output=True)
        results = json.loads(pathlib.Path(folder, "run/all_results.json").read_text())
        test = config["data"]["test"]
        started = time.perf_counter()
        subprocess.run([arguments.llmtool, "eval", f"{folder}/run", "--data", test], check=True, capture_output=True)
        eval_seconds = time.perf_counter() - started
    return {**{name: results["test_" + name] for name in task.figures}, "seconds": results["train_runtime"],
            "tokens_per_second": results["train_tokens_per_second"], "eval_seconds": eval_seconds}


class CountTokens:
    """A collator that counts what is not padding."""

    def __init__(self, collate):
        self.collate, self.count = collate, 0

    def __call__(self, rows):
        self.count += sum(len(row["input_ids"]) for row in rows)
        return self.collate(rows)


def run_transformers(task, arguments, seed):
    transformers.set_seed(seed)
    model = task.model_class.from_pretrained(arguments.model, **task.head)
    training, held_out = task.parts()
    collator = CountTokens(task.collator())
    with tempfile.TemporaryDirectory() as folder:
        settings = transformers.TrainingArguments(
            output_dir=folder, num_train_epochs=task.epochs, max_steps=arguments.steps or -1,
            per_device_train_batch_size=task.batch_size, per_device_eval_batch_size=64, learning_rate=task.learning_rate,
            seed=seed, save_strategy="no", report_to=[], disable_tqdm=True, use_cpu=True, bf16=arguments.bf16,
            logging_strategy="no")
        trainer = transformers.Trainer(model, settings, train_dataset=training, eval_dataset=held_out,
                                       compute_metrics=task.judge_output, data_collator=collator)
        trainer.remove_callback(transformers.PrinterCallback)
        seconds = trainer.train().metrics["train_runtime"]
        num_tokens = collator.count
        started = time.perf_counter()
        found = trainer.evaluate()
        eval_seconds = time.perf_counter() - started
    return {**{name: float(found["eval_" + name]) for name in task.figures}, "seconds": seconds,
            "tokens_per_second": num_tokens / seconds, "eval_seconds": eval_seconds}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("llmtool")
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("seeds", type=int, nargs="+")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--bf16", action="store_true", help="both sides in bf16, transformers under autocast")
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    if arguments.bf16:
        arguments.set.append("training.precision=bf16")
    task = TASKS[arguments.task](arguments.folder.resolve(), arguments.model)
    for seed in arguments.seeds:
        for side, run in (("llmtool", run_llmtool), ("transformers", run_transformers)):
            print(json.dumps({"task": arguments.task, "side": side, "seed": seed, **run(task, arguments, seed)}), flush=True)


if __name__ == "__main__":
    main()
