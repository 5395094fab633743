"""What needs no LibTorch: help, config, tokenizer, completion and manual."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import bad_input_case
import program
import tiny_model

VERBS = ("finetune", "eval", "predict", "config", "tokenizer", "env", "completion", "man")
ACTIONS = {"config": ("show", "check", "describe", "schema", "init", "diff"), "tokenizer": ("encode", "decode", "train", "verify", "stats", "diff")}


class FrontEnd(unittest.TestCase):
    def setUp(self):
        name = tempfile.mkdtemp(prefix="llmtool-front-end-")
        self.addCleanup(shutil.rmtree, name)
        self.folder = pathlib.Path(name)
        tiny_model.write_tiny_model(self.folder / "model")
        bad_input_case.write_files(self.folder, bad_input_case.BASE_FILES)

    def output(self, *arguments, stdin=""):
        """Standard output of a command that succeeds."""
        result = program.run(*arguments, folder=self.folder, stdin=stdin.encode())
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result.stdout.decode()


class Help(FrontEnd):
    def test_names_every_verb_and_exit_code(self):
        text = self.output("--help")
        for verb in VERBS:
            self.assertRegex(text, rf"(?m)^  {verb}\s+\S")
        for code in ("2 usage", "3 config", "4 data", "75 stopped"):
            self.assertIn(code, text)

    def test_every_verb_and_action_has_an_example(self):
        for verb in VERBS:
            for action in ((), *((name,) for name in ACTIONS.get(verb, ()))):
                with self.subTest(verb=verb, action=action):
                    self.assertIn("Example:\n  ", self.output(verb, *action, "--help"))

    def test_examples_name_only_options_that_exist(self):
        for verb in VERBS:
            text = self.output(verb, "--help")
            example = text.split("Example:\n")[1]
            for option in re.findall(r"(?<!\S)--[a-z-]+", example):
                with self.subTest(verb=verb, option=option):
                    words = re.search(rf"llmtool {verb} (\w+)", example) if verb in ACTIONS else None
                    options = self.output(verb, words.group(1), "--help") if words else text
                    self.assertIn(option, options.split("Example:\n")[0])

    def test_an_empty_text_to_stop_before_is_refused(self):
        result = program.run("generate", "model", "--prompt", "a", "--stop", "", folder=self.folder)
        self.assertEqual(result.returncode, 2)
        self.assertIn("--stop: the text to stop before is empty", result.stderr.decode())

    def test_version_is_one_line(self):
        self.assertRegex(self.output("--version"), r"^llmtool \d+\.\d+\.\d+\n$")

    @unittest.skipUnless(shutil.which("ldd"), "ldd is not installed")
    def test_the_front_end_does_not_load_libtorch(self):
        libraries = subprocess.run(["ldd", program.PROGRAM], capture_output=True, text=True, check=True).stdout
        self.assertIn("libc.so", libraries)
        for name in ("torch", "libc10", "gomp"):
            self.assertNotIn(name, libraries)


class Completion(FrontEnd):
    @unittest.skipUnless(shutil.which("bash"), "bash is not installed")
    def test_the_bash_script_is_valid_and_completes_verbs(self):
        script = self.folder / "completion.bash"
        script.write_text(self.output("completion", "bash"))
        subprocess.run(["bash", "-n", script], check=True)
        function = re.search(r"complete .*-F (\w+)", script.read_text()).group(1)
        command = f"source {script}; COMP_WORDS=(llmtool fin); COMP_CWORD=1; {function} llmtool fin llmtool; echo ${{COMPREPLY[@]}}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.split(), ["finetune"])

    @unittest.skipUnless(shutil.which("groff") or shutil.which("man"), "neither man nor groff is installed")
    def test_the_manual_page_is_formatted_without_complaint(self):
        page = self.folder / "llmtool.1"
        page.write_text(self.output("man"))
        tool = ["groff", "-man", "-Tutf8", "-ww"] if shutil.which("groff") else ["man", "--warnings", "-l"]
        done = subprocess.run([*tool, page], capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        self.assertIn("finetune", done.stdout)

    def test_the_manual_page_names_every_verb(self):
        page = self.output("man").replace("\\-", "-")
        for word in (*VERBS, "--threads", "EXIT STATUS"):
            self.assertIn(word, page)


class ConfigVerb(FrontEnd):
    def test_check_says_ok(self):
        self.assertEqual(self.output("config", "check", "run.yaml"), "run.yaml: ok\n")

    def test_check_tells_a_missing_key_once(self):
        (self.folder / "run.yaml").write_text("task: classification\nmodel: {from: model}\n")
        result = program.run("config", "check", "run.yaml", folder=self.folder)
        self.assertEqual(result.returncode, 3)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr.decode())
        self.assertIn(b"error: run.yaml: data.train: this key is required: Training file", result.stderr)

    def test_check_as_json(self):
        self.assertEqual(json.loads(self.output("config", "check", "run.yaml", "--json"))["valid"], True)

    def test_show_names_values_and_where_they_come_from(self):
        text = self.output("config", "show", "run.yaml", "--set", "training.epochs=2.5")
        self.assertRegex(text, r"epochs: 2\.5\s+# --set")
        self.assertRegex(text, r"max_length: 16\s+# run\.yaml:3")
        self.assertRegex(text, r"seed: 42\s+# default")

    def test_what_show_prints_is_a_config_without_difference(self):
        (self.folder / "shown.yaml").write_text(self.output("config", "show", "run.yaml"))
        self.assertEqual(self.output("config", "diff", "run.yaml", "shown.yaml"), "")
        (self.folder / "shown.json").write_text(self.output("config", "show", "run.yaml", "--json"))
        self.assertEqual(self.output("config", "diff", "run.yaml", "shown.json"), "")

    def test_diff_names_what_differs(self):
        changed = bad_input_case.CONFIG.replace("batch_size: 8", "batch_size: 16")
        (self.folder / "other.yaml").write_text(changed)
        self.assertRegex(self.output("config", "diff", "run.yaml", "other.yaml"), r"^training\.batch_size.*8.*16\n$")
        differences = json.loads(self.output("config", "diff", "run.yaml", "other.yaml", "--json"))["differences"]
        self.assertEqual(differences, [{"path": "training.batch_size", "left": 8, "right": 16}])

    def test_describe_explains_one_key_or_all(self):
        text = self.output("config", "describe", "training.optimizer.learning_rate")
        self.assertRegex(text, r"^training\.optimizer\.learning_rate: a number.*default 5e-5\n +\S")
        self.assertIn("evaluation.early_stopping.patience", self.output("config", "describe"))

    def test_the_schema_knows_every_section(self):
        schema = json.loads(self.output("config", "schema"))
        sections = {"task", "model", "tokenizer", "data", "training", "evaluation", "checkpoint", "output_dir", "seed"}
        self.assertEqual(set(schema["properties"]), sections)
        self.assertFalse(schema["additionalProperties"])

    def test_init_proposes_a_config_that_passes_the_check(self):
        rows = [f"{label}\t{text}" for text, label in tiny_model.labelled_rows(30)]
        (self.folder / "remarks.tsv").write_text("category\tremark\n" + "\n".join(rows) + "\n")
        self.output("config", "init", "--data", "remarks.tsv", "--model", "model", "--output", "new.yaml")
        self.assertEqual(self.output("config", "check", "new.yaml"), "new.yaml: ok\n")
        text = (self.folder / "new.yaml").read_text()
        self.assertRegex(text, r"(?m)^\s+text: remark\b")
        self.assertRegex(text, r"(?m)^\s+label: category\b")
        self.assertIn("#", text)

    def test_init_tells_tasks_by_their_labels(self):
        files = {
            "numbers.csv": ("regression", "text,score\nbad,1.5\ngood,4\nfair,3\n"),
            "grades.csv": ("classification", "text,score\nbad,1\ngood,4\nfair,1\n"),
            "words.csv": ("classification", "text,score\nbad,1.5\ngood,high\nfair,1.5\n"),
            "lists.jsonl": ("multi_label", '{"text": "a", "labels": ["x", "y"]}\n{"text": "b", "labels": []}\n'),
        }
        for number, (name, (task, content)) in enumerate(files.items()):
            (self.folder / name).write_text(content)
            self.output("config", "init", "--data", name, "--model", "model", "--output", f"told{number}.yaml")
            self.assertEqual(self.output("config", "check", f"told{number}.yaml"), f"told{number}.yaml: ok\n")
            self.assertIn(f"task: {task}\n", (self.folder / f"told{number}.yaml").read_text(), name)

    def test_init_knows_the_tasks_whose_data_has_a_layout_of_its_own(self):
        files = {
            "words.conll": ("token_classification", "the O\nfilm B-thing\n"),
            "lists.jsonl": ("token_classification", '{"id": 1, "tokens": ["a"], "ner_tags": [0]}\n'),
            "spans.jsonl": ("token_classification", '{"text": "a", "entities": []}\n'),
            "answers.jsonl": ("question_answering", '{"id": "a", "context": "a", "question": "b", "answers": []}\n'),
            "squad.json": ("question_answering", '{"data": [{"paragraphs": [{"context": "a", "qas": [{"id": "a", "question": "b"}]}]}]}'),
        }
        for number, (name, (task, content)) in enumerate(files.items()):
            (self.folder / name).write_text(content)
            self.output("config", "init", "--data", name, "--model", "model", "--output", f"new{number}.yaml")
            self.assertEqual(self.output("config", "check", f"new{number}.yaml"), f"new{number}.yaml: ok\n")
            self.assertIn(f"task: {task}\n", (self.folder / f"new{number}.yaml").read_text(), name)


class TokenizerVerb(FrontEnd):
    TEXT = "The film was lovely!"

    def test_encodes_a_stream_and_decodes_it_again(self):
        ids = self.output("tokenizer", "encode", "model", "--input", "-", stdin=self.TEXT + "\nbad\n")
        self.assertEqual(len(ids.splitlines()), 2)
        text = self.output("tokenizer", "decode", "model", "--input", "-", "--no-special-tokens", stdin=ids)
        self.assertEqual(text.splitlines(), ["the film was lovely!", "bad"])

    def test_encodes_as_json_with_offsets_in_code_points(self):
        line = json.loads(self.output("tokenizer", "encode", "model", "--input", "-", "--json", stdin="É good\n"))
        self.assertEqual(line["tokens"], ["[CLS]", "e", "good", "[SEP]"])
        self.assertEqual(line["offsets"], [[0, 0], [0, 1], [2, 6], [0, 0]])
        self.assertEqual((line["type_ids"], line["truncated"], len(line["ids"])), ([0, 0, 0, 0], False, 4))

    def test_encodes_a_column_of_a_table(self):
        lines = self.output("tokenizer", "encode", "model", "--input", "train.csv").splitlines()
        self.assertEqual(len(lines), 24)


if __name__ == "__main__":
    program.main()
