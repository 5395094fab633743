"""What users' tables hold: numbers, labels, delimiters, columns and control characters, in every format."""

import csv
import io
import json
import os
import pathlib
import pty
import shutil
import subprocess
import tempfile
import unittest

import bad_input_case
import program
import tiny_model

ROWS = tiny_model.labelled_rows(24)
NUMBERS = {"id": "100000000000000000000", "price": "1.10", "e": "1E5", "zero": "-0", "p": "0.1000", "huge": "1e999", "nan": "NaN", "inf": "-Infinity"}


class DataFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-data-files-"))
        tiny_model.write_tiny_model(cls.folder / "model")
        bad_input_case.write_files(cls.folder, bad_input_case.BASE_FILES)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def write(self, name, content):
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def run_llmtool(self, *arguments):
        result = program.run(*arguments, folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result

    def evaluate(self, model, name, content, *arguments):
        """The result of eval, and its log."""
        result = self.run_llmtool("eval", model, "--data", self.write(name, content), "--json", *arguments)
        return json.loads(result.stdout), result.stderr.decode()

    def model_with_labels(self, name, *labels):
        """The tiny model, its two labels named otherwise."""
        folder = self.folder / name
        if not folder.exists():
            shutil.copytree(self.folder / "model", folder)
            config = json.loads((folder / "config.json").read_text())
            config["id2label"] = {str(index): label for index, label in enumerate(labels)}
            config["label2id"] = {label: index for index, label in enumerate(labels)}
            (folder / "config.json").write_text(json.dumps(config))
        return name


class Numbers(DataFiles):
    LINE = '{"z": [' + ", ".join(NUMBERS.values()) + '], "text": "a good film", "n\\u00e9": {"deep": {"x": 1.10}}, ' + ", ".join(
        f'"{name}": {number}' for name, number in NUMBERS.items()) + "}\n"

    def test_keep_their_digits_and_order_in_jsonl(self):
        line = self.run_llmtool("predict", "model", "--input", self.write("n.jsonl", self.LINE)).stdout.decode()
        start = '{"z":[' + ",".join(NUMBERS.values()) + '],"text":"a good film","né":{"deep":{"x":1.10}},' + ",".join(
            f'"{name}":{number}' for name, number in NUMBERS.items())
        self.assertTrue(line.startswith(start), line)

    def test_keep_their_digits_in_tables_and_rejects(self):
        self.write("n.jsonl", self.LINE + self.LINE.replace('"a good film"', "1.10"))
        self.run_llmtool("predict", "model", "--input", "n.jsonl", "--output", "n.csv", "--rejects", "r.jsonl")
        row = next(csv.DictReader(io.StringIO((self.folder / "n.csv").read_text())))
        for name, number in NUMBERS.items():
            self.assertEqual(row[name], number)
        self.assertEqual(row["z"], "[" + ",".join(NUMBERS.values()) + "]")
        rejected = json.loads((self.folder / "r.jsonl").read_text())
        self.assertEqual(rejected["line"], 2)
        self.assertIn('"text":1.10', rejected["raw"])
        self.assertIn('"id":100000000000000000000', rejected["raw"])
        self.assertNotIn("1.10", rejected["reason"])


class Labels(DataFiles):
    def test_numbers_are_compared_by_value_in_every_format(self):
        halves = self.model_with_labels("halves", "1.0", "2.0")
        for name, content in (
            ("one.csv", "text,label\na film,1\na room,1\n"),
            ("one.tsv", "text\tlabel\na film\t01\na room\t1e0\n"),
            ("one.jsonl", '{"text":"a film","label":1}\n{"text":"a room","label":"1.00"}\n'),
        ):
            with self.subTest(name):
                result, log = self.evaluate(halves, name, content)
                self.assertEqual([row["support"] for row in result["per_class"].values()], [2, 0])
                self.assertFalse(result["labels_are_ids"])
                self.assertNotIn("as ids", log)

    def test_ids_are_said_to_be_ids(self):
        result, log = self.evaluate("model", "ids.csv", "text,label\na film,1\na room,0\n")
        self.assertTrue(result["labels_are_ids"])
        self.assertIn("the labels of ids.csv are whole numbers and were taken as ids: 0 is 'bad', 1 is 'good'", log)
        self.assertEqual([row["support"] for row in result["per_class"].values()], [1, 1])

    def test_names_with_numbers_are_no_ids(self):
        stars = self.model_with_labels("stars", "1 star", "2 stars")
        result = program.run("eval", stars, "--data", self.write("s.csv", "text,label\na,1\nb,1\n"), folder=self.folder)
        self.assertEqual(result.returncode, 4)
        self.assertIn("the names have numbers of their own ('1 star'); write the names", result.stderr.decode())

    def test_rows_without_label_can_be_left_out_in_every_format(self):
        for name, content, count in (
            ("gap.csv", "text,label\na,good\nb,\nc,bad\nd,  \n", 2),
            ("gap.tsv", "text\tlabel\na\tgood\nb\t\nc\tbad\n", 1),
            ("gap.jsonl", '{"text":"a","label":"good"}\n{"text":"b","label":null}\n{"text":"c"}\n{"text":"d","label":NaN}\n', 3),
        ):
            with self.subTest(name):
                result, _ = self.evaluate("model", name, content, "--unknown-label", "skip")
                self.assertEqual(result["num_skipped"], count)
                refused = program.run("eval", "model", "--data", name, folder=self.folder)
                self.assertEqual(refused.returncode, 4)
                self.assertIn("is empty; leave such rows out with data.unknown_label: skip", refused.stderr.decode())

    def test_training_keeps_a_head_whose_numbers_are_written_otherwise(self):
        self.model_with_labels("halves", "1.0", "2.0")
        numbers = [(text, "2" if label == "good" else "1") for text, label in ROWS]
        self.write("numbers.csv", tiny_model.csv_text(numbers + [("nothing", "")]))
        self.run_llmtool("finetune", "run.yaml", "--set", "model.from=halves", "--set", "data.train=numbers.csv", "--set",
                         "data.validation=numbers.csv", "--set", "data.unknown_label=skip", "--set", "output_dir=by_value",
                         "--set", "evaluation.metric=loss")
        config = json.loads((self.folder / "by_value" / "config.json").read_text())
        self.assertEqual(config["id2label"], {"0": "1.0", "1": "2.0"})
        self.assertEqual(json.loads((self.folder / "by_value" / "all_results.json").read_text())["eval_samples"], 24)

    def test_doubtful_labels_are_told_in_training_and_by_eval(self):
        rows = ROWS + [("a film", "Bad"), ("text", "label"), ("a room", "0,13,15")]
        table = io.StringIO()
        csv.writer(table).writerows([("text", "label"), *rows])
        self.write("doubt.csv", table.getvalue())
        log = self.run_llmtool("finetune", "run.yaml", "--set", "data.train=doubt.csv", "--set", "output_dir=doubt").stderr.decode()
        model = self.model_with_labels("doubtful", "neg", "Neg")
        _, eval_log = self.evaluate(model, "doubt_eval.csv", "text,label\na,neg\nb,Neg\n")
        for text in ("'Bad' and 'bad'", "the name of the label column", "'0,13,15' is a list of numbers"):
            self.assertIn(text, log)
        self.assertIn("'neg' and 'Neg'", eval_log)


class Tables(DataFiles):
    def test_every_delimiter_gives_the_same_figures(self):
        expected, _ = self.evaluate("model", "comma.csv", tiny_model.csv_text(ROWS))
        for name, delimiter in ((";", ";"), ("tab", "\t"), ("|", "|")):
            for choice in (("--delimiter", name), ()):
                with self.subTest(name, choice=choice):
                    result, _ = self.evaluate("model", "other.csv", tiny_model.csv_text(ROWS).replace(",", delimiter), *choice)
                    self.assertEqual(result["accuracy"], expected["accuracy"])
        self.write("train_bar.csv", tiny_model.csv_text(ROWS).replace(",", "|"))
        self.run_llmtool("finetune", "run.yaml", "--set", "data.train=train_bar.csv", "--set", "data.delimiter=auto", "--set",
                         "output_dir=bar")

    def test_columns_without_name_and_of_the_same_name_pass_through(self):
        self.write("columns.csv", ",text,note,note,\n0,a good film,x,y,z\n")
        row = json.loads(self.run_llmtool("predict", "model", "--input", "columns.csv", "--json").stdout)
        self.assertEqual(list(row)[:5], ["column_1", "text", "note", "note_2", "column_5"])
        self.assertEqual(list(row.values())[:5], ["0", "a good film", "x", "y", "z"])
        asked = program.run("predict", "model", "--input", "columns.csv", "--text-column", "note", folder=self.folder)
        self.assertEqual(asked.returncode, 4)
        self.assertIn("the header names the column 'note' more than once", asked.stderr.decode())
        self.run_llmtool("predict", "model", "--input", "columns.csv", "--text-column", "note_2")

    def test_a_wrong_text_column_is_told_in_sentences(self):
        result = program.run("predict", "model", "--input", self.write("w.csv", "review\na\n"), folder=self.folder)
        self.assertIn("the columns are 'review', with ',' between them (data.delimiter, --delimiter); --text-column names another",
                      result.stderr.decode())

    def test_rejects_get_what_the_output_cannot_hold_and_the_first_row(self):
        self.write("first.jsonl", '{"other": 1}\n{broken\n{"text": "a"}\n{"text": "a\\tb", "text2": ""}\n')
        self.run_llmtool("predict", "model", "--input", "first.jsonl", "--output", "first.tsv", "--rejects", "first_r.csv")
        rejects = list(csv.DictReader(io.StringIO((self.folder / "first_r.csv").read_text())))
        self.assertEqual(sorted(row["line"] for row in rejects), ["1", "2", "3", "4"][:len(rejects)])
        self.write("tab.csv", "text\na\nb\tc\nd\n")
        told = self.run_llmtool("predict", "model", "--input", "tab.csv", "--output", "tab.tsv", "--rejects", "tab_r.csv", "--json")
        self.assertEqual([json.loads(told.stdout)[key] for key in ("num_rows", "num_rejected")], [2, 1])
        rejects = list(csv.DictReader(io.StringIO((self.folder / "tab_r.csv").read_text())))
        self.assertEqual([(row["line"], json.loads(row["raw"])) for row in rejects], [("3", {"text": "b\tc"})])
        self.assertIn("contains a tab", rejects[0]["reason"])

    def test_rejects_of_a_file_of_bad_rows_alone(self):
        self.write("bad.jsonl", "{broken\n")
        told = self.run_llmtool("predict", "model", "--input", "bad.jsonl", "--output", "bad_o.jsonl", "--rejects", "bad_r.jsonl", "--json")
        self.assertEqual(json.loads(told.stdout)["num_rejected"], 1)
        self.assertIn("bad.jsonl:1:", json.loads((self.folder / "bad_r.jsonl").read_text())["reason"])


class Messages(DataFiles):
    def test_do_not_grow_with_the_input(self):
        big = "x" * 2_000_000
        for name, content in (("header.csv", big + "," + big + "\n1,2\n"), ("value.jsonl", '{"text": ' + big + "}\n"),
                              ("key.jsonl", '{"' + big + '": 1, "' + big + '": 2}\n'), ("row.csv", f'text,label\n"{big}" y,1\n')):
            with self.subTest(name):
                result = program.run("eval", "model", "--data", self.write(name, content), folder=self.folder)
                self.assertEqual(result.returncode, 4)
                self.assertLess(len(result.stderr), 2000)

    def test_control_characters_never_arrive_raw(self):
        name = "evil\x1b[31m\u202e.csv"
        table = "text,label\na,go\x1b]0;od\x07\nb,\u009b31m\u202ex\n"
        for arguments in (("--log-format", "json"), ()):
            result = program.run("eval", "model", "--data", self.write(name, table), *arguments, folder=self.folder)
            self.assertEqual(result.returncode, 4)
            text = result.stderr.decode()
            for hidden in "\x1b\x07\u202e\u009b":
                self.assertNotIn(hidden, text)
            self.assertIn("u202e", text)
            if arguments:
                json.loads(text.splitlines()[-1])

    def test_a_terminal_gets_no_control_characters_and_a_pipe_the_text_itself(self):
        self.write("c.csv", "text\na \x1b[31mred\u202e film\n")
        command = ("predict", "model", "--input", "c.csv")
        self.assertIn("\x1b[31mred\u202e", self.run_llmtool(*command).stdout.decode())
        master, slave = pty.openpty()
        subprocess.run([program.PROGRAM, *command], cwd=self.folder, stdout=slave, stderr=subprocess.DEVNULL,
                       env=program.environment(), check=True, timeout=program.TIME_LIMIT_SECONDS)
        os.close(slave)
        shown = os.read(master, 65536).decode()
        os.close(master)
        self.assertNotIn("\x1b", shown)
        self.assertIn("\\x1b[31mred\\u202e", shown)



if __name__ == "__main__":
    program.main()
