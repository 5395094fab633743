"""Vectors of texts as a batch job meets them: train them with and without counterparts, resume, use them, be refused."""

import json
import math
import pathlib
import random
import shutil
import tempfile
import unittest

import program
import tiny_model

CONFIG = """task: contrastive
model: {from: model}
tokenizer: {max_length: 16}
data: {train: pairs.jsonl, validation: 0.2, text: [text, positive]}
training: {epochs: 3, batch_size: 8, optimizer: {name: adamw, learning_rate: 1e-2}, log_every: 1}
output_dir: runs/pairs
"""


def row(generator):
    words = [generator.choice(tiny_model.WORDS) for _ in range(5)]
    return {"text": " ".join(words), "positive": " ".join(words[1:]), "negative": " ".join(reversed(words))}


class RunFolder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-contrastive-"))
        tiny_model.write_tiny_model(cls.folder / "model")
        generator = random.Random(1)
        rows = [row(generator) for _ in range(60)]
        (cls.folder / "pairs.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
        (cls.folder / "texts.txt").write_text("".join(one["text"] + "\n" for one in rows))
        (cls.folder / "pairs.yaml").write_text(CONFIG)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def run_verb(self, *arguments, **options):
        return program.run(*arguments, folder=self.folder, **options)

    def train(self, name, *overrides, verb="pretrain"):
        settings = [part for override in (f"output_dir=runs/{name}", *overrides) for part in ("--set", override)]
        result = self.run_verb(verb, "pairs.yaml", *settings)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return self.folder / "runs" / name, result

    def assert_refused(self, exit_code, *arguments, words=()):
        result = self.run_verb(*arguments)
        text = result.stderr.decode()
        self.assertEqual(result.returncode, exit_code, text)
        for word in words:
            self.assertIn(word, text)


class Contrastive(RunFolder):
    def test_the_ready_config_runs(self):
        config = pathlib.Path(__file__).resolve().parents[2] / "configs" / "pretrain" / "vectors.yaml"
        settings = ("model.from=model", "tokenizer.max_length=16", "data.train=pairs.jsonl", "training.max_steps=2")
        result = self.run_verb("pretrain", config, *(part for one in settings for part in ("--set", one)))
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        embedded = self.run_verb("embed", "runs/vectors", "--input", "texts.txt")
        self.assertEqual(len(embedded.stdout.splitlines()), 60, embedded.stderr.decode())

    def test_pairs_come_closer_and_the_run_says_so(self):
        run, _ = self.train("closer", "training.epochs=20", "model.dropout=0", "model.attention_dropout=0")
        results = json.loads((run / "all_results.json").read_text())
        self.assertGreater(results["eval_mean_reciprocal_rank"], 0.5)
        self.assertEqual(json.loads((run / "config.json").read_text())["architectures"], ["BertModel"])
        self.assertIn("pipeline_tag: sentence-similarity", (run / "README.md").read_text())

    def test_the_result_is_a_sentence_transformer_that_embed_uses(self):
        run, _ = self.train("cls", "training.contrastive.pooling=cls", "training.max_steps=2", verb="finetune")
        pooling = json.loads((run / "1_Pooling" / "config.json").read_text())
        self.assertTrue(pooling["pooling_mode_cls_token"])
        self.assertTrue((run / "modules.json").exists())
        texts = b'{"text": "the film was good"}\n'
        vectors = {}
        for options in ((), ("--pooling", "cls"), ("--pooling", "mean")):
            result = self.run_verb("embed", "runs/cls", "--input", "-", "--format", "jsonl", *options, stdin=texts)
            self.assertEqual(result.returncode, 0, result.stderr.decode())
            vectors[options[-1] if options else ""] = json.loads(result.stdout)["embedding"]
        self.assertEqual(vectors[""], vectors["cls"])
        self.assertNotEqual(vectors[""], vectors["mean"])
        self.assertTrue(math.isclose(sum(value * value for value in vectors[""]), 1.0, rel_tol=1e-5))

    def test_eval_gives_the_figures_of_training(self):
        run, _ = self.train("judged", "data.test=pairs.jsonl")
        expected = json.loads((run / "all_results.json").read_text())
        result = self.run_verb("eval", run, "--data", "pairs.jsonl", "--json")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        found = json.loads(result.stdout)
        for name in ("loss", "retrieval_accuracy", "mean_reciprocal_rank"):
            self.assertAlmostEqual(found[name], expected["test_" + name], delta=1e-5)
        self.assertEqual((found["num_examples"], found["num_candidates"]), (60, 60))
        required = self.run_verb("eval", run, "--data", "pairs.jsonl", "--require", "retrieval_accuracy>=1.01")
        self.assertEqual(required.returncode, 9, required.stderr.decode())

    def test_eval_of_pairs_with_scores_follows_the_cosines(self):
        run, _ = self.train("scored")
        rows = [json.loads(line) for line in (self.folder / "pairs.jsonl").read_text().splitlines()][:20]
        texts = self.folder / "both.txt"
        texts.write_text("".join(f"{row['text']}\n{row['positive']}\n" for row in rows))
        embedded = self.run_verb("embed", run, "--input", texts, "--normalize")
        self.assertEqual(embedded.returncode, 0, embedded.stderr.decode())
        vectors = [json.loads(line)["embedding"] for line in embedded.stdout.splitlines()]
        cosines = [sum(a * b for a, b in zip(*pair)) for pair in zip(vectors[::2], vectors[1::2])]
        for name, gold in (("same", cosines), ("reversed", [-cosine for cosine in cosines])):
            data = self.folder / f"{name}.csv"
            data.write_text("a,b,score\n" + "".join(f"{row['text']},{row['positive']},{score!r}\n" for row, score in zip(rows, gold)))
            result = self.run_verb("eval", run, "--data", data, "--text-column", "a", "--text-column", "b",
                                   "--label-column", "score", "--json")
            self.assertEqual(result.returncode, 0, result.stderr.decode())
            figures = json.loads(result.stdout)
            sign = 1 if name == "same" else -1
            self.assertAlmostEqual(figures["spearman_cosine"], sign, delta=2e-3)
            self.assertAlmostEqual(figures["pearson_cosine"], sign, delta=1e-6)

    def test_an_encoder_of_another_tool_is_judged_too(self):
        converted = self.run_verb("convert", "model", "bare", "--head", "none")
        self.assertEqual(converted.returncode, 0, converted.stderr.decode())
        result = self.run_verb("eval", "bare", "--data", "pairs.jsonl", "--text-column", "text", "--text-column",
                               "positive", "--json")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertEqual(json.loads(result.stdout)["num_candidates"], 60)
        self.assert_refused(2, "eval", "bare", "--data", "pairs.jsonl", words=["encoder of texts", "llmtool finetune"])

    def test_eval_refuses_what_says_nothing_about_an_encoder(self):
        run, _ = self.train("refusing")
        self.assert_refused(2, "eval", run, "--data", "pairs.jsonl", "--text-column", "text", words=["--text-column"])
        self.assert_refused(4, "eval", run, "--data", "-", "--format", "jsonl",
                            words=["only once", "a file first"])
        self.assert_refused(2, "eval", run, "--data", "pairs.jsonl", "--positive-label", "x",
                            words=["--positive-label", "encoder of texts"])
        self.assert_refused(4, "eval", run, "--data", "pairs.jsonl", "--label-column", "negative",
                            words=["pairs.jsonl:1", "'negative'", "is no number"])

    def test_texts_alone_and_hard_negatives_are_trained_on(self):
        run, _ = self.train("alone", "data.train=texts.txt", "data.text=text", "training.max_steps=3")
        self.assertTrue((run / "model.safetensors").exists())
        run, _ = self.train("negatives", "data.text=[text, positive, negative]", "training.max_steps=3")
        report = json.loads((run / "eval_results.json").read_text())["validation"]
        self.assertEqual(report["num_candidates"], 2 * report["num_examples"])

    def test_a_run_that_was_cut_short_ends_with_the_same_weights(self):
        whole, _ = self.train("whole", "checkpoint.every=4")
        half, _ = self.train("half", "checkpoint.every=4")
        for name in ("config.json", "model.safetensors", "all_results.json"):
            (half / name).unlink()
        last = max(half.glob("checkpoint-*"), key=lambda path: int(path.name.rsplit("-", 1)[1]))
        shutil.rmtree(last)
        self.train("half", "checkpoint.every=4")
        self.assertEqual((whole / "model.safetensors").read_bytes(), (half / "model.safetensors").read_bytes())

    def test_texts_that_are_all_the_same_are_warned_of(self):
        rows = [{"text": f"the film {word}", "positive": "a film", "same": "a film"} for word in tiny_model.WORDS[:8]]
        (self.folder / "same.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
        files = ("data.train=same.jsonl", "data.validation=null", "training.max_steps=1")
        for text, column in (("[text, positive]", "'positive'"), ("[positive, text]", "'positive'"), ("[same, positive]", "'same'"), ("same", "'same'")):
            with self.subTest(text=text):
                _, result = self.train(f"same{len(text)}{text[1]}", *files, f"data.text={text}")
                self.assertIn(f"training data: the column {column} has the same text in all 8 rows", result.stderr.decode())
        _, result = self.train("cut", *files, "data.text=text", "tokenizer.max_length=4")
        self.assertIn("the column 'text' has the same text", result.stderr.decode())
        _, result = self.train("told", *files, "data.text=text")
        self.assertNotIn("has the same text", result.stderr.decode())
        _, result = self.train("negatives_told", *files, "data.text=[same, positive, text]")
        self.assertNotIn("has the same text", result.stderr.decode())

    def test_what_has_no_part_in_it_is_refused(self):
        for override, word in (
            ("data.label=other", "data.label"),
            ("training.masking.probability=0.3", "training.masking"),
            ("training.contrastive.temperature=0", "training.contrastive.temperature"),
            ("data.text=[text, text]", "named twice"),
        ):
            self.assert_refused(3, "pretrain", "pairs.yaml", "--set", override, words=[word])
        missing = ("--set", "data.text=[text, nothing]")
        self.assert_refused(4, "pretrain", "pairs.yaml", *missing, words=["there is no column 'nothing'", "pairs.jsonl"])


if __name__ == "__main__":
    program.main()
