"""Fine-tuning as a batch job meets it: run, run again, change, start anew, stop and go on, watch on a terminal."""

import json
import math
import os
import pathlib
import pty
import re
import subprocess
import unittest

import bad_input_case
import program
from run_folder import CONFIG, RunFolder, hash_of

RUN_FILES = {
    "README.md",
    "all_results.json",
    "config.json",
    "eval_results.json",
    "llmtool.lock.json",
    "metrics.jsonl",
    "model.safetensors",
    "run.log",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "trainer_state.json",
    "vocab.txt",
}
LONG = ("--set", "training.max_steps=1200", "--set", "training.log_every=5", "--set", "evaluation.every=400")


class Finetuning(RunFolder):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.finetune()

    def test_leaves_the_documented_files(self):
        self.assert_succeeds(self.first)
        files = {path.name for path in (self.folder / "out").iterdir() if path.is_file()}
        events = {name for name in files if name.startswith("events.out.tfevents.")}
        self.assertEqual(len(events), 1)
        self.assertEqual(files - events, RUN_FILES)

    def test_prints_validation_and_test_figures(self):
        text = self.first.stdout.decode()
        for word in ("validation\n", "test\n", "accuracy", "macro_f1", "model out\n"):
            self.assertIn(word, text)

    def test_the_results_have_the_keys_of_hugging_face_and_its_own(self):
        results = json.loads((self.folder / "out" / "all_results.json").read_text())
        for key in (
            "train_loss train_runtime train_samples_per_second train_steps_per_second eval_loss eval_accuracy "
            "eval_macro_f1 test_accuracy train_tokens_per_second peak_memory_bytes epoch"
        ).split():
            self.assertIn(key, results)

    def test_the_log_tells_data_labels_and_head(self):
        log = self.first.stderr.decode()
        for words in ("24 rows of train.csv", "bad 12", "good 12", "head kept"):
            self.assertIn(words, log)

    def test_batches_by_tokens_make_as_many_steps_as_the_tokens_need(self):
        settings = ("training.tokens_per_batch=20", "training.group_by_length=true", "training.epochs=2")
        result = self.finetune(*(word for setting in settings for word in ("--set", setting)), "--set", "output_dir=by-tokens")
        self.assert_succeeds(result)
        num_tokens = int(re.search(r"24 rows of train.csv, (\d+) tokens", result.stderr.decode())[1])
        results = json.loads((self.folder / "by-tokens" / "all_results.json").read_text())
        self.assertEqual(results["train_steps"], 2 * math.ceil(num_tokens / 20))
        self.assertEqual(results["epoch"], 2.0)

    def test_run_again_it_says_that_the_run_is_finished(self):
        before = bad_input_case.snapshot(self.folder)
        again = self.finetune()
        self.assert_succeeds(again)
        self.assertIn(b"finished", again.stderr)
        self.assertEqual(again.stdout, b"model out\n")
        self.assertEqual(bad_input_case.snapshot(self.folder), before)

    def test_another_config_is_refused_with_the_difference(self):
        before = bad_input_case.snapshot(self.folder)
        refused = self.finetune("--set", "training.optimizer.learning_rate=1e-3")
        text = refused.stderr.decode()
        self.assertEqual(refused.returncode, 3, text)
        self.assertEqual(refused.stdout, b"")
        for words in ("out holds another run", "training.optimizer.learning_rate", "5e-5", "0.001", "--overwrite"):
            self.assertIn(words, text)
        self.assertEqual(bad_input_case.snapshot(self.folder), before)

    def test_a_config_refused_before_the_first_step_can_be_corrected_and_run(self):
        refused = self.finetune("--set", "output_dir=corrected", "--set", "training.class_weights={fine: 2}")
        self.assertEqual(refused.returncode, 3, refused.stderr.decode())
        self.assert_succeeds(self.finetune("--set", "output_dir=corrected"))

    def test_overwrite_starts_anew_and_the_result_is_printed_as_json(self):
        self.assert_succeeds(self.finetune("--set", "output_dir=anew"))
        old = hash_of(self.folder / "anew" / "model.safetensors")
        anew = self.finetune("--set", "output_dir=anew", "--set", "seed=7", "--overwrite", "--json")
        self.assert_succeeds(anew)
        self.assertIn("eval_accuracy", json.loads(anew.stdout))
        self.assertNotEqual(hash_of(self.folder / "anew" / "model.safetensors"), old)

    def test_equal_seeds_give_equal_weights(self):
        self.assert_succeeds(self.finetune("--set", "output_dir=twin"))
        self.assertEqual(
            hash_of(self.folder / "twin" / "model.safetensors"), hash_of(self.folder / "out" / "model.safetensors")
        )

    def test_a_config_is_read_from_a_pipe(self):
        for name, stdin in (("/dev/stdin", CONFIG.encode()), ("named", b"")):
            with self.subTest(config=name):
                if name == "named":
                    program.serve_once(self.folder / name, CONFIG)
                output = "pipe_" + pathlib.Path(name).name
                result = program.run("finetune", name, "--set", f"output_dir={output}", folder=self.folder, stdin=stdin)
                self.assert_succeeds(result)
                self.assertTrue((self.folder / output / "config.json").exists())

    def test_a_wrong_config_from_a_pipe_is_named(self):
        result = program.run("finetune", "/dev/stdin", folder=self.folder, stdin=CONFIG.encode() + b"sede: 1\n")
        self.assertEqual(result.returncode, 3, result.stderr.decode())
        self.assertIn("/dev/stdin:7:1: unknown key 'sede'", result.stderr.decode())

    def test_data_from_a_pipe_is_refused(self):
        rows = bad_input_case.BASE_FILES["train.csv"].encode()
        for field in ("data.train", "data.validation", "data.test"):
            with self.subTest(field=field):
                pipe = ("--set", f"{field}=/dev/stdin", "--set", "data.format=csv", "--set", "output_dir=piped_data")
                result = program.run("finetune", "run.yaml", *pipe, folder=self.folder, stdin=rows)
                text = result.stderr.decode()
                self.assertEqual(result.returncode, 4, text)
                self.assertIn(f"{field}: '/dev/stdin' can be read only once", text)
                self.assertFalse((self.folder / "piped_data").exists())

    def test_a_diverging_run_exits_with_7_and_leaves_no_model(self):
        rate = ("--set", "training.optimizer={name: sgd, learning_rate: 1000, l2_penalty: 1000}", "--set", "training.max_gradient_norm=0")
        result = self.finetune("--set", "output_dir=diverged", "--set", "training.epochs=200", *rate)
        text = result.stderr.decode()
        self.assertEqual(result.returncode, 7, text)
        self.assertRegex(text, r"error: .*step \d+")
        self.assertIn("learning_rate", text)
        self.assertFalse((self.folder / "diverged" / "config.json").exists())
        self.assertFalse((self.folder / "diverged" / "model.safetensors").exists())

    def test_log_data_shows_three_inputs_only_when_asked(self):
        shown = self.finetune("--set", "output_dir=shown", "--log-data", "--log-format", "json")
        self.assert_succeeds(shown)
        lines = [json.loads(line) for line in shown.stderr.splitlines()]
        self.assertEqual(sum("[CLS]" in line["message"] for line in lines), 3)
        self.assertNotIn(b"[CLS]", self.first.stderr)

    def test_quiet_prints_results_and_nothing_else(self):
        quiet = self.finetune("--set", "output_dir=quiet", "--quiet")
        self.assert_succeeds(quiet)
        self.assertEqual(quiet.stderr, b"")


class Interruption(RunFolder):
    """An uninterrupted run, watched on a terminal, and one that is stopped and continued."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shown, cls.status = on_terminal(cls.folder, "finetune", "run.yaml", *LONG, "--set", "output_dir=straight")

    def test_a_terminal_shows_a_bar_and_its_last_state_is_erased(self):
        self.assertEqual(self.status, 0, self.shown)
        self.assertIn("█", self.shown)
        self.assertRegex(self.shown, r"\rtraining  [█·]{24}  \d+/1200 steps")
        self.assertNotIn("█", self.shown.rsplit("\r", 1)[1])

    def test_stopped_by_a_signal_it_saves_and_goes_on_to_equal_weights(self):
        command = ("finetune", "run.yaml", *LONG, "--set", "output_dir=stopped")
        stopped = self.stop_after_a_line(self.folder / "stopped" / "metrics.jsonl", *command)
        self.assertEqual((stopped.returncode, stopped.stdout), (75, b""), stopped.stderr.decode())
        self.assertRegex(stopped.stderr.decode(), r"warning: .*run the same command")
        self.assertTrue(list((self.folder / "stopped").glob("checkpoint-*/MANIFEST.json")))
        self.assertFalse((self.folder / "stopped" / "config.json").exists())

        continued = program.run(*command, folder=self.folder)
        self.assert_succeeds(continued)
        self.assertRegex(continued.stderr.decode(), r"(continu|resum)")
        for name in ("model.safetensors", "config.json", "tokenizer.json"):
            self.assertEqual(hash_of(self.folder / "stopped" / name), hash_of(self.folder / "straight" / name), name)

    def test_a_time_limit_stops_it_as_a_signal_does(self):
        limit = ("--set", "training.time_limit=1s", "--set", "training.max_steps=1000000", "--set", "evaluation.every=never")
        stopped = program.run("finetune", "run.yaml", *limit, "--set", "output_dir=limited", folder=self.folder)
        self.assertEqual((stopped.returncode, stopped.stdout), (75, b""), stopped.stderr.decode())
        self.assertIn(b"run the same command again", stopped.stderr)
        self.assertTrue(list((self.folder / "limited").glob("checkpoint-*/MANIFEST.json")))


class Terminal(RunFolder):
    """Colours on a terminal, and none where they are not wanted."""

    def shown(self, **changes):
        text, status = on_terminal(self.folder, "eval", "model", "--data", "nowhere.csv", **changes)
        self.assertEqual(status, 6, text)
        self.assertIn("nowhere.csv", text)
        return text

    def test_an_error_is_coloured(self):
        self.assertIn("\x1b[", self.shown())

    def test_no_color_is_honoured(self):
        self.assertNotIn("\x1b", self.shown(NO_COLOR="1"))

    def test_a_dumb_terminal_gets_plain_text(self):
        self.assertNotIn("\x1b", self.shown(TERM="dumb"))

    def test_a_dumb_terminal_gets_no_bar(self):
        steps = ("--set", "training.max_steps=300", "--set", "evaluation.every=never", "--set", "output_dir=dumb")
        text, status = on_terminal(self.folder, "finetune", "run.yaml", *steps, TERM="dumb")
        self.assertEqual(status, 0, text)
        for sign in ("\x1b", "█"):
            self.assertNotIn(sign, text)


def on_terminal(folder, *arguments, **changes):
    """(What a terminal would show, exit status) of the program with its standard error on a pseudo-terminal."""
    reader, terminal = pty.openpty()
    process = subprocess.Popen(
        [program.PROGRAM, *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=terminal,
        env=program.environment(**{"TERM": "xterm-256color", **changes}),
    )
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(reader, 65536)
        except OSError:  # The last writer has gone.
            break
        if not piece:
            break
        shown += piece
    os.close(reader)
    return shown.decode("utf-8", "replace"), process.wait(timeout=program.TIME_LIMIT_SECONDS)


if __name__ == "__main__":
    program.main()
