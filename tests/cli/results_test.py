"""eval and predict on a model folder as Hugging Face writes it."""

import csv
import gzip
import io
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

import bad_input_case
import program
import tiny_model

ROWS = tiny_model.labelled_rows(60)
EVAL_KEYS = (
    "accuracy macro_f1 micro_f1 weighted_f1 macro_recall macro_precision mcc log_loss roc_auc average_precision brier ece "
    "num_examples num_truncated per_class confusion_matrix"
).split()
ADDED = ["predicted_label", "predicted_score", "scores", "num_tokens", "truncated"]


class Results(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-results-"))
        tiny_model.write_tiny_model(cls.folder / "model")
        bad_input_case.write_files(cls.folder, {"rows.csv": tiny_model.csv_text(ROWS)})
        cls.predictions = [json.loads(line) for line in cls.output("predict", "model", "--input", "rows.csv", "--json").splitlines()]

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def output(cls, *arguments, stdin=b""):
        """Standard output of a command that succeeds."""
        result = program.run(*arguments, folder=cls.folder, stdin=stdin)
        if result.returncode != 0:
            raise AssertionError(f"exit code {result.returncode}: {result.stderr.decode()}")
        return result.stdout.decode()


class Evaluation(Results):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.json = json.loads(cls.output("eval", "model", "--data", "rows.csv", "--json"))

    def test_prints_figures_and_a_row_for_each_label(self):
        text = self.output("eval", "model", "--data", "rows.csv")
        self.assertIn("rows.csv: 60 examples", text)
        self.assertRegex(text, r"(?m)^  accuracy +\d\.\d{4}$")
        self.assertRegex(text, r"(?m)^  (bad|good) .* 30$")
        self.assertIn("gold \\ predicted", text)

    def test_json_is_one_object_with_the_documented_keys(self):
        for key in EVAL_KEYS:
            self.assertIn(key, self.json)
        self.assertEqual(self.json["num_examples"], 60)
        self.assertEqual(sum(map(sum, self.json["confusion_matrix"]["rows"])), 60)

    def test_agrees_with_predict(self):
        right = sum(row["predicted_label"] == label for row, (_, label) in zip(self.predictions, ROWS))
        self.assertAlmostEqual(self.json["accuracy"], right / 60, places=12)

    def test_figures_do_not_depend_on_batch_size_or_threads(self):
        other = json.loads(self.output("eval", "model", "--data", "rows.csv", "--json", "--batch-size", "1", "--threads", "2"))
        for key in EVAL_KEYS:
            if isinstance(self.json[key], float):
                self.assertAlmostEqual(other[key], self.json[key], places=6, msg=key)

    def test_an_unmet_requirement_exits_with_9_after_the_result(self):
        arguments = ("eval", "model", "--data", "rows.csv", "--json", "--require", "accuracy>=0", "--require", "macro_f1>=0.99")
        result = program.run(*arguments, folder=self.folder)
        self.assertEqual(result.returncode, 9, result.stderr.decode())
        self.assertEqual(json.loads(result.stdout)["accuracy"], self.json["accuracy"])
        self.assertIn("macro_f1 >= 0.99 is required, but it is", result.stderr.decode())
        self.assertNotIn("accuracy >= 0 is required", result.stderr.decode())

    def test_writes_predictions_with_gold_scores_and_loss(self):
        self.output("eval", "model", "--data", "rows.csv", "--predictions", "scored.csv")
        rows = list(csv.DictReader(io.StringIO((self.folder / "scored.csv").read_text())))
        self.assertEqual(len(rows), 60)
        self.assertEqual([row["gold"] for row in rows], [label for _, label in ROWS])
        self.assertEqual([row["predicted"] for row in rows], [row["predicted_label"] for row in self.predictions])
        self.assertGreater(float(rows[0]["loss"]), 0)

    def test_reads_compressed_tables_and_label_ids(self):
        ids = [(text, "1" if label == "good" else "0") for text, label in ROWS]
        (self.folder / "ids.csv.gz").write_bytes(gzip.compress(tiny_model.csv_text(ids).encode()))
        other = json.loads(self.output("eval", "model", "--data", "ids.csv.gz", "--json"))
        self.assertEqual(other["accuracy"], self.json["accuracy"])

    def test_reads_rows_from_a_pipe(self):
        rows = tiny_model.csv_text(ROWS)
        program.serve_once(self.folder / "pipe.csv", rows)
        piped = (self.output("eval", "model", "--data", "pipe.csv", "--json"),
                 self.output("eval", "model", "--data", "-", "--format", "csv", "--json", stdin=rows.encode()))
        for text in piped:
            self.assertEqual(json.loads(text)["accuracy"], self.json["accuracy"])


class Prediction(Results):
    def predict(self, name, content, *arguments):
        """Rows predicted for a file of this name, as text."""
        (self.folder / name).write_text(content)
        return self.output("predict", "model", "--input", name, *arguments)

    def labels(self):
        return [row["predicted_label"] for row in self.predictions]

    def test_keeps_order_and_columns_and_adds_its_own(self):
        self.assertEqual([(row["text"], row["label"]) for row in self.predictions], ROWS)
        self.assertEqual(list(self.predictions[0]), ["text", "label", *ADDED])

    def test_scores_are_probabilities_by_label_name(self):
        for row in self.predictions:
            self.assertEqual(list(row["scores"]), ["bad", "good"])
            self.assertAlmostEqual(sum(row["scores"].values()), 1, places=6)
            self.assertEqual(row["predicted_score"], max(row["scores"].values()))
            self.assertEqual(row["scores"][row["predicted_label"]], row["predicted_score"])

    def test_reads_rows_from_a_pipe(self):
        program.serve_once(self.folder / "pipe.csv", tiny_model.csv_text(ROWS))
        rows = self.output("predict", "model", "--input", "pipe.csv", "--json").splitlines()
        self.assertEqual([json.loads(row) for row in rows], self.predictions)

    def test_every_format_gives_the_same_labels(self):
        texts = [text for text, _ in ROWS]
        table = self.predict("in.csv", tiny_model.csv_text(ROWS))
        self.assertEqual([row["predicted_label"] for row in csv.DictReader(io.StringIO(table))], self.labels())
        table = self.predict("in.tsv", "text\n" + "\n".join(texts) + "\n")
        self.assertEqual([line.split("\t")[1] for line in table.splitlines()[1:]], self.labels())
        lines = self.predict("in.jsonl", "".join(json.dumps({"text": text}) + "\n" for text in texts))
        self.assertEqual([json.loads(line)["predicted_label"] for line in lines.splitlines()], self.labels())
        lines = self.predict("in.txt", "\n".join(texts))
        self.assertEqual([json.loads(line)["predicted_label"] for line in lines.splitlines()], self.labels())

    def test_a_pipe_of_plain_text_gives_one_line_for_each(self):
        lines = self.output("predict", "model", "--input", "-", "--format", "text", stdin=b"a lovely film\n").splitlines()
        self.assertEqual([json.loads(line)["text"] for line in lines], ["a lovely film"])

    def test_answers_while_the_pipe_stays_open(self):
        process = subprocess.Popen(
            [program.PROGRAM, "predict", "model", "--input", "-", "--format", "text"],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=program.environment(),
        )
        try:
            for text in ("a good film", "a bad room"):
                process.stdin.write(text.encode() + b"\n")
                process.stdin.flush()
                self.assertEqual(json.loads(process.stdout.readline())["text"], text)
            process.stdin.close()
            self.assertEqual(process.wait(timeout=program.TIME_LIMIT_SECONDS), 0)
        finally:
            process.kill()
            process.stdout.close()
            process.wait()

    def test_a_reader_that_goes_away_ends_it_quietly(self):
        (self.folder / "many.csv").write_text(tiny_model.csv_text(ROWS * 100))
        process = program.start("predict", "model", "--input", "many.csv", folder=self.folder)
        process.stdout.readline()
        process.stdout.close()
        log = process.stderr.read()
        process.stderr.close()
        self.assertIn(process.wait(timeout=program.TIME_LIMIT_SECONDS), (0, 6, -signal.SIGPIPE))
        for sign in bad_input_case.SIGNS_OF_A_CRASH:
            self.assertNotIn(sign, log)

    def test_batch_size_does_not_change_the_scores(self):
        lines = self.output("predict", "model", "--input", "rows.csv", "--json", "--batch-size", "7").splitlines()
        for line, row in zip(lines, self.predictions, strict=True):
            self.assertAlmostEqual(json.loads(line)["predicted_score"], row["predicted_score"], places=6)

    def test_bad_rows_go_to_the_rejects_and_the_rest_is_predicted(self):
        content = 'text,label\na good film,x\nragged\n"a\nbad film",y\n'
        lines = self.predict("bad.csv", content, "--rejects", "rejects.csv", "--json").splitlines()
        self.assertEqual([json.loads(line)["text"] for line in lines], ["a good film", "a\nbad film"])
        rejects = list(csv.DictReader(io.StringIO((self.folder / "rejects.csv").read_text())))
        self.assertEqual([(row["line"], row["raw"]) for row in rejects], [("3", "ragged")])
        self.assertIn("the header has 2", rejects[0]["reason"])

    def test_a_prefix_makes_room_for_a_column_of_the_same_name(self):
        row = json.loads(self.predict("taken.jsonl", '{"text": "a", "scores": 3}\n', "--prefix", "new_"))
        self.assertEqual(list(row), ["text", "scores", *("new_" + name for name in ADDED)])
        self.assertEqual(row["scores"], 3)

    def test_an_output_file_holds_what_standard_output_would(self):
        told = self.output("predict", "model", "--input", "rows.csv", "--output", "out.jsonl", "--json")
        lines = (self.folder / "out.jsonl").read_text().splitlines()
        self.assertEqual([json.loads(line) for line in lines], self.predictions)
        self.assertEqual(json.loads(told)["num_rows"], 60)

    def test_an_empty_text_is_kept(self):
        lines = self.predict("empty.jsonl", '{"text": ""}\n{"text": "good"}\n').splitlines()
        self.assertEqual([json.loads(line)["num_tokens"] for line in lines], [2, 3])

    def test_a_long_text_is_cut_and_marked(self):
        rows = [json.loads(line) for line in self.predict("long.txt", "good " * 50 + "\ngood\n").splitlines()]
        self.assertEqual([(row["num_tokens"], row["truncated"]) for row in rows], [(32, True), (3, False)])


class Embeddings(Results):
    def test_rows_get_a_vector_of_length_one(self):
        rows = [json.loads(line) for line in self.output("embed", "model", "--input", "rows.csv", "--json").splitlines()]
        self.assertEqual([row["text"] for row in rows], [text for text, _ in ROWS])
        for row in rows:
            self.assertEqual(len(row["embedding"]), 8)
            self.assertAlmostEqual(sum(value * value for value in row["embedding"]), 1, places=5)

    def test_a_matrix_has_a_row_for_each_text(self):
        self.output("embed", "model", "--input", "rows.csv", "--output", "rows.npy", "--pooling", "cls", "--no-normalize")
        content = (self.folder / "rows.npy").read_bytes()
        self.assertIn(b"'shape': (60, 8)", content[:128])
        self.assertEqual(len(content), 128 + 60 * 8 * 4)

    def test_the_text_format_cannot_hold_it(self):
        result = program.run("embed", "model", "--input", "rows.csv", "--output", "rows.txt", folder=self.folder)
        self.assertEqual(result.returncode, 2, result.stderr.decode())
        self.assertFalse((self.folder / "rows.txt").exists())

    def test_a_classifier_has_no_fillers(self):
        result = program.run("predict", "model", "--input", "rows.csv", "--fill-mask", folder=self.folder)
        self.assertEqual(result.returncode, 5, result.stderr.decode())
        self.assertEqual(result.stdout, b"")


if __name__ == "__main__":
    program.main()
