"""Several labels a text, and numbers, as a batch job meets them: train, stop and go on, judge, predict, be refused."""

import csv
import json
import pathlib
import random
import shutil
import tempfile
import unittest

import program
import tiny_model

LABELS = ["good", "bad", "warm"]
MULTI_LABEL = """task: multi_label
model: {from: model}
tokenizer: {max_length: 16}
data: {train: train.jsonl, validation: valid.jsonl, test: test.jsonl, label: labels}
training: {epochs: 8, batch_size: 8, optimizer: {name: adamw, learning_rate: 2e-2}, log_every: 1}
evaluation: {threshold: tune}
output_dir: runs/labels
"""
REGRESSION = """task: regression
model: {from: model}
tokenizer: {max_length: 16}
data: {train: train.jsonl, validation: valid.jsonl, label: length}
training: {epochs: 8, batch_size: 8, optimizer: {name: adamw, learning_rate: 2e-2}, log_every: 1}
output_dir: runs/numbers
"""


def row(generator):
    """Its labels are the words among LABELS that stand in the text; its numbers are of the same kind."""
    words = [generator.choice(tiny_model.WORDS) for _ in range(4)]
    words += [label for label in LABELS if generator.random() < 0.4]
    generator.shuffle(words)
    labels = [label for label in LABELS if label in words]
    return {"text": " ".join(words), "labels": labels, "length": 100 * len(labels) + 7, "depth": -len(labels)}


class TextTasks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-text-tasks-"))
        tiny_model.write_tiny_model(cls.folder / "model")
        generator = random.Random(3)
        cls.rows = {name: [row(generator) for _ in range(count)] for name, count in (("train", 80), ("valid", 40), ("test", 40))}
        for name, rows in cls.rows.items():
            (cls.folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
        (cls.folder / "labels.yaml").write_text(MULTI_LABEL)
        (cls.folder / "numbers.yaml").write_text(REGRESSION)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def run_verb(self, *arguments, **options):
        return program.run(*arguments, folder=self.folder, **options)

    def succeed(self, *arguments, **options):
        result = self.run_verb(*arguments, **options)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result.stdout.decode()

    def train(self, config, name, *overrides):
        settings = [part for override in (f"output_dir=runs/{name}", *overrides) for part in ("--set", override)]
        self.succeed("finetune", config, *settings)
        return self.folder / "runs" / name

    def assert_refused(self, exit_code, *arguments, words=()):
        result = self.run_verb(*arguments)
        text = result.stderr.decode()
        self.assertEqual(result.returncode, exit_code, text)
        for word in words:
            self.assertIn(word, text)

    def test_thresholds_are_tuned_kept_and_used(self):
        run = self.train("labels.yaml", "tuned")
        config = json.loads((run / "config.json").read_text())
        self.assertEqual(config["problem_type"], "multi_label_classification")
        self.assertEqual(sorted(config["thresholds"]), sorted(LABELS))
        results = json.loads((run / "all_results.json").read_text())
        self.assertGreater(results["eval_micro_f1"], 0.7)
        judged = json.loads(self.succeed("eval", run, "--data", "test.jsonl", "--json", "--predictions", "judged.jsonl"))
        self.assertAlmostEqual(judged["micro_f1"], results["test_micro_f1"], places=9)
        self.assertEqual(judged["thresholds"], config["thresholds"])
        predicted = [json.loads(line) for line in self.succeed("predict", run, "--input", "test.jsonl").splitlines()]
        for one, checked in zip(predicted, (self.folder / "judged.jsonl").read_text().splitlines()):
            above = [label for label, score in one["scores"].items() if score > config["thresholds"][label]]
            self.assertEqual(one["predicted_labels"], above)
            self.assertEqual(json.loads(checked)["predicted"], above)
        card = (run / "README.md").read_text()
        self.assertIn("| `warm` | ", card)

    def test_a_threshold_can_be_asked_for(self):
        run = self.train("labels.yaml", "fixed", "evaluation.threshold=0.25", "training.max_steps=4")
        self.assertEqual(set(json.loads((run / "config.json").read_text())["thresholds"].values()), {0.25})
        lines = self.succeed("predict", run, "--input", "test.jsonl", "--threshold", "0").splitlines()
        self.assertTrue(all(sorted(json.loads(line)["predicted_labels"]) == sorted(LABELS) for line in lines))
        self.assertEqual(self.run_verb("eval", run, "--data", "test.jsonl", "--require", "micro_f1>=1.5").returncode, 9)

    def test_columns_of_zero_and_one_and_separated_names_are_the_same_labels(self):
        with open(self.folder / "columns.csv", "w", newline="") as columns, open(self.folder / "names.csv", "w", newline="") as names:
            writers = csv.writer(columns), csv.writer(names)
            writers[0].writerow(["text", *LABELS])
            writers[1].writerow(["text", "labels"])
            for one in self.rows["train"]:
                writers[0].writerow([one["text"], *(int(label in one["labels"]) for label in LABELS)])
                writers[1].writerow([one["text"], " | ".join(one["labels"])])
        settings = ["data.validation=null", "data.test=null", "evaluation.threshold=0.5", "training.max_steps=3"]
        by_columns = self.train("labels.yaml", "columns", "data.train=columns.csv", f"data.label=[{','.join(LABELS)}]", *settings)
        by_names = self.train("labels.yaml", "names", "data.train=names.csv", "data.label_separator=|",
                              f"data.labels=[{','.join(LABELS)}]", *settings)
        self.assertEqual((by_columns / "model.safetensors").read_bytes(), (by_names / "model.safetensors").read_bytes())
        self.assertEqual(self.succeed("eval", by_columns, "--data", "columns.csv", "--json").split('"seconds"')[0],
                         self.succeed("eval", by_names, "--data", "names.csv", "--json").split('"seconds"')[0])

    def test_a_stopped_run_of_several_labels_goes_on_to_the_same_model(self):
        whole = self.train("labels.yaml", "whole", "checkpoint.every=7")
        part = self.train("labels.yaml", "part", "checkpoint.every=7", "training.max_steps=80")
        for checkpoint in part.glob("checkpoint-*"):
            if int(checkpoint.name.split("-")[1]) > 40:
                shutil.rmtree(checkpoint)
        for name in ("config.json", "all_results.json", "README.md"):
            (part / name).unlink(missing_ok=True)
        result = self.run_verb("finetune", "labels.yaml", "--set", "output_dir=runs/part", "--set",
                               "checkpoint.every=7", "--set", "training.max_steps=80")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertEqual((whole / "model.safetensors").read_bytes(), (part / "model.safetensors").read_bytes())
        self.assertEqual((whole / "config.json").read_bytes(), (part / "config.json").read_bytes())

    def test_numbers_are_learned_and_told_in_their_own_unit(self):
        run = self.train("numbers.yaml", "numbers", "data.standardize=true", "training.epochs=20")
        config = json.loads((run / "config.json").read_text())
        self.assertEqual((config["problem_type"], config["id2label"]), ("regression", {"0": "length"}))
        lengths = [one["length"] for one in self.rows["train"]]
        self.assertAlmostEqual(config["target_mean"][0], sum(lengths) / len(lengths), places=9)
        judged = json.loads(self.succeed("eval", run, "--data", "test.jsonl", "--json"))
        self.assertGreater(judged["pearson"], 0.7)
        predicted = [json.loads(line)["predicted_number"] for line in self.succeed("predict", run, "--input", "test.jsonl").splitlines()]
        errors = [(one["length"] - number) ** 2 for one, number in zip(self.rows["test"], predicted)]
        self.assertAlmostEqual(judged["mse"], sum(errors) / len(errors), places=6)

    def test_several_numbers_and_every_loss(self):
        for loss in ("mse", "mae", "huber"):
            run = self.train("numbers.yaml", loss, "data.label=[length,depth]", "data.standardize=true",
                             f"training.regression_loss={loss}", "training.epochs=20", "training.optimizer.learning_rate=1e-2")
            judged = json.loads(self.succeed("eval", run, "--data", "test.jsonl", "--json"))
            self.assertGreater(judged["spearman"], 0.4, loss)
            self.assertEqual(list(judged["per_target"]), ["length", "depth"])
            line = self.succeed("predict", run, "--input", "test.jsonl").splitlines()[0]
            self.assertEqual(list(json.loads(line)["predicted_numbers"]), ["length", "depth"])

    def test_a_head_of_one_output_is_kept_when_trained_on(self):
        first = self.train("numbers.yaml", "first")
        config = json.loads((first / "config.json").read_text())
        del config["problem_type"]
        config["id2label"] = {"0": "LABEL_0"}
        config["label2id"] = {"LABEL_0": 0}
        reranker = self.folder / "reranker"
        shutil.copytree(first, reranker, ignore=shutil.ignore_patterns("llmtool.lock.json", "checkpoint-*", "README.md"))
        (reranker / "config.json").write_text(json.dumps(config))
        plain = [json.loads(line)["predicted_number"] for line in self.succeed("predict", reranker, "--input", "test.jsonl").splitlines()]
        config["sentence_transformers"] = {"activation_fn": "torch.nn.modules.activation.Sigmoid"}
        (reranker / "config.json").write_text(json.dumps(config))
        squashed = [json.loads(line)["predicted_number"] for line in self.succeed("predict", reranker, "--input", "test.jsonl").splitlines()]
        self.assertTrue(all(0 <= number <= 1 for number in squashed))
        self.assertEqual(sorted(range(40), key=plain.__getitem__)[0], sorted(range(40), key=squashed.__getitem__)[0])
        config["sentence_transformers"] = {"activation_fn": "torch.nn.modules.activation.Tanh"}
        (reranker / "config.json").write_text(json.dumps(config))
        self.assert_refused(5, "predict", "reranker", "--input", "test.jsonl", words=["Tanh", "Identity and Sigmoid"])
        del config["sentence_transformers"]
        (reranker / "config.json").write_text(json.dumps(config))
        result = self.run_verb("finetune", "numbers.yaml", "--set", "model.from=reranker", "--set", "output_dir=runs/further")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertIn("head kept", result.stderr.decode())

    def test_what_has_no_part_in_a_task_is_refused(self):
        labels = self.train("labels.yaml", "plain", "training.max_steps=2")
        numbers = self.train("numbers.yaml", "plain_numbers", "training.max_steps=2")
        self.assert_refused(2, "predict", numbers, "--input", "test.jsonl", "--threshold", "0.5",
                            words=["--threshold has no meaning", "model of regression"])
        self.assert_refused(2, "eval", labels, "--data", "test.jsonl", "--positive-label", "good",
                            words=["--positive-label has no meaning"])
        self.assert_refused(2, "eval", numbers, "--data", "test.jsonl", "--label-column", "length", "--label-column", "depth",
                            words=["predicts 1 numbers a text", "2 columns are named"])


if __name__ == "__main__":
    program.main()
