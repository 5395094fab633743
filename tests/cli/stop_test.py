"""Signals in every phase: what can go on is saved (75), what cannot ends as usual, and no temporary file stays."""

import errno
import json
import pathlib
import re
import signal
import subprocess
import sys
import time

import program
import tiny_model
from run_folder import RunFolder, hash_of, wait_for_line

FAILING_CALLS = None
ENDLESS = ("--set", "training.max_steps=1000000", "--set", "training.log_every=1", "--set", "evaluation.every=never")
ASKING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU)
CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT)


def wait_until(condition, process):
    deadline = time.monotonic() + program.TIME_LIMIT_SECONDS
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(process.stderr.read().decode() if process.poll() is not None else "too slow")
        time.sleep(0.002)


def holds_signals(process):
    """Whether the program has begun: it keeps signals waiting."""
    try:
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
            blocked = next(line for line in status if line.startswith("SigBlk:"))
    except OSError:
        return False
    return bool(int(blocked.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def is_pending(process, number):
    """Whether a signal was sent that the program has not taken yet."""
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
        pending = next(line for line in status if line.startswith("ShdPnd:"))
    return bool(int(pending.split()[1], 16) >> (number - 1) & 1)


def freeze(process):
    process.send_signal(signal.SIGSTOP)
    wait_until(lambda: "\nState:\tT" in pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8"), process)


def steps_logged(folder):
    return [json.loads(line)["step"] for line in (folder / "metrics.jsonl").read_text().splitlines()]


def temporaries_below(folder):
    return [str(path) for path in folder.rglob("*") if ".tmp-" in path.name or path.name == ".llmtool-in-use"]


class Stopping(RunFolder):
    def start(self, name, *arguments, **changes):
        return program.start("finetune", "run.yaml", *arguments, "--set", f"output_dir={name}", folder=self.folder, **changes)

    def start_training(self, name, **changes):
        process = self.start(name, *ENDLESS, **changes)
        wait_for_line(self.folder / name / "metrics.jsonl", process)
        return process

    def end(self, process, number):
        """Exit code, standard error and seconds after the signal."""
        begin = time.monotonic()
        process.send_signal(number)
        _, stderr = process.communicate(timeout=program.TIME_LIMIT_SECONDS)
        return process.returncode, stderr.decode(), time.monotonic() - begin

    def assert_stopped(self, name, process, number, words):
        returncode, text, _ = self.end(process, number)
        self.assertEqual(returncode, 75, text)
        self.assertIn(words, text)
        self.assertNotIn("error: ", text)
        self.assertEqual(temporaries_below(self.folder / name), [])

    def test_training_saves_at_each_signal_and_goes_on(self):
        for number in ASKING:
            with self.subTest(signal=number.name):
                name = f"trained-{number}"
                self.assert_stopped(name, self.start_training(name), number, "run the same command again to continue")
                self.assertTrue(list((self.folder / name).glob("checkpoint-*/MANIFEST.json")))

    def test_a_signal_at_the_start_is_heard(self):
        for number in ASKING:
            with self.subTest(signal=number.name):
                name = f"early-{number}"
                process = self.start(name)
                wait_until(lambda: holds_signals(process), process)
                self.assert_stopped(name, process, number, "stopped before training began; nothing is lost")

    def test_a_signal_while_data_are_read_is_heard(self):
        rows = tiny_model.csv_text(tiny_model.labelled_rows(200_000))
        (self.folder / "large.csv").write_text(rows)
        process = self.start("reading", "--set", "data.train=large.csv")
        wait_until(lambda: (self.folder / "reading/run.log").exists(), process)
        self.assert_stopped("reading", process, signal.SIGTERM, "stopped before training began; nothing is lost")
        self.assertEqual([path.name for path in (self.folder / "reading").iterdir()], ["run.log"])

    def test_a_signal_while_the_test_part_is_scored_is_heard(self):
        rows = tiny_model.csv_text(tiny_model.labelled_rows(60_000))
        (self.folder / "large_test.csv").write_text(rows)
        settings = ("--set", "data.test=large_test.csv", "--set", "training.max_steps=3")
        process = self.start("scored", *settings)
        state = self.folder / "scored/trainer_state.json"
        wait_until(lambda: state.exists() and json.loads(state.read_text())["global_step"] == 3, process)
        self.assert_stopped("scored", process, signal.SIGTERM, "run the same command again")
        self.assertFalse((self.folder / "scored/config.json").exists())
        self.assert_succeeds(self.finetune(*settings, "--set", "output_dir=scored"))
        self.assert_succeeds(self.finetune(*settings, "--set", "output_dir=straight"))
        for name in ("model.safetensors", "eval_results.json"):
            self.assertEqual(hash_of(self.folder / "scored" / name), hash_of(self.folder / "straight" / name), name)

    def test_a_training_stops_within_the_step_in_progress(self):
        (self.folder / "long_steps.csv").write_text(tiny_model.csv_text(tiny_model.labelled_rows(20_000)))
        for number in (signal.SIGTERM, signal.SIGUSR1):
            with self.subTest(signal=number.name):
                run = self.folder / f"within-{number}"
                settings = ("--set", "data.train=long_steps.csv", "--set", "training.accumulation=1000")
                process = self.start(run.name, *ENDLESS, *settings)
                wait_for_line(run / "metrics.jsonl", process)
                # Frozen, so that what it had done when the signal came is known however busy the machine is.
                freeze(process)
                num_steps = len(steps_logged(run))
                process.send_signal(number)
                process.send_signal(signal.SIGCONT)
                _, stderr = process.communicate(timeout=program.TIME_LIMIT_SECONDS)
                self.assertEqual(process.returncode, 75, stderr.decode())
                saved = json.loads((run / "trainer_state.json").read_text())["global_step"]
                self.assertIn(saved, (num_steps, num_steps + 1))
                self.assertIn(f"training stopped after step {saved} of", stderr.decode())
                self.assertEqual(len(steps_logged(run)), saved)

    def test_a_signal_while_the_validation_part_is_scored_is_heard(self):
        rows = tiny_model.csv_text(tiny_model.labelled_rows(60_000))
        (self.folder / "large_valid.csv").write_text(rows)
        process = self.start(
            "validated", "--set", "data.validation=large_valid.csv", "--set", "evaluation.every=2", "--set", "training.log_every=1"
        )
        run = self.folder / "validated"
        wait_until(lambda: (run / "metrics.jsonl").exists() and 2 in steps_logged(run), process)
        self.assert_stopped("validated", process, signal.SIGTERM, "training stopped after step 2 of 3; saved validated/checkpoint-2")
        self.assertNotIn("eval_", (run / "metrics.jsonl").read_text())
        self.assertNotIn("the best so far", (run / "run.log").read_text())

    def start_hanging(self, place, *command):
        """Runs up to the flush of a file whose path has `place` in it, and no further."""
        reached = self.folder / "hang-reached"
        reached.unlink(missing_ok=True)
        process = program.start(
            *command, folder=self.folder, LD_PRELOAD=FAILING_CALLS, FAILING_CALLS=f"unnamed={errno.EOPNOTSUPP}",
            HANG_AT=place, HANG_REACHED=str(reached),
        )
        wait_until(reached.exists, process)
        return process

    def test_a_second_interrupt_ends_a_training_at_once(self):
        for first, second in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT), (signal.SIGINT, signal.SIGINT)):
            with self.subTest(first=first.name, second=second.name):
                run = self.folder / f"forced-{first}-{second}"
                settings = (*ENDLESS, "--set", "checkpoint.every=2", "--set", f"output_dir={run.name}")
                # While the second checkpoint is written: what the first signal asks for can never end.
                process = self.start_hanging(".checkpoint-4.tmp-", "finetune", "run.yaml", *settings)
                process.send_signal(first)
                wait_until(lambda: not is_pending(process, first), process)
                self.assertTrue(temporaries_below(run))
                returncode, text, _ = self.end(process, second)
                self.assertEqual(returncode, -second, text)
                self.assertEqual([path.name for path in run.glob("*checkpoint-*")], ["checkpoint-2"])
                self.assertEqual([path for path in temporaries_below(run) if not path.endswith(".llmtool-in-use")], [])
                self.assert_succeeds(program.run("verify", run.name, folder=self.folder))
                process = self.start(run.name, *ENDLESS, "--set", "checkpoint.every=2")
                wait_until(lambda: "continuing from" in (run / "run.log").read_text(), process)
                self.assert_stopped(run.name, process, signal.SIGTERM, "run the same command again")

    def test_other_signals_do_not_force_the_end(self):
        name = "asked-often"
        settings = (*ENDLESS, "--set", f"output_dir={name}")
        process = self.start_hanging(f"{name}/.checkpoint-", "finetune", "run.yaml", *settings, "--set", "checkpoint.every=2")
        for number in (signal.SIGUSR1, signal.SIGHUP, signal.SIGUSR2, signal.SIGUSR1, signal.SIGTERM):
            process.send_signal(number)
            wait_until(lambda number=number: not is_pending(process, number), process)
        self.assertIsNone(process.poll())
        self.assertEqual(self.end(process, signal.SIGINT)[0], -signal.SIGINT)

    def test_a_finished_training_stops_while_its_model_is_written(self):
        for number in (signal.SIGTERM, signal.SIGUSR2):
            with self.subTest(signal=number.name):
                name = f"written-{number}"
                settings = ("run.yaml", "--set", f"output_dir={name}")
                process = self.start_hanging(f"{name}/.model.safetensors.tmp-", "finetune", *settings)
                self.assert_stopped(name, process, number, "run the same command again to finish")
                self.assertFalse((self.folder / name / "config.json").exists())
                self.assert_succeeds(program.run("finetune", *settings, folder=self.folder))
                self.assertEqual(json.loads(program.run("verify", name, "--json", folder=self.folder).stdout)["outcome"], "whole")

    def test_a_signal_while_a_corpus_is_tokenised_is_heard(self):
        (self.folder / "corpus.txt").write_text("a film was great\n\n" * 500)
        (self.folder / "corpus.yaml").write_text(
            "task: masked_lm\nmodel: {from: model}\ntokenizer: {max_length: 16}\n"
            "data: {train: corpus.txt, validation: 0.2, cache: cache}\ntraining: {max_steps: 2}\noutput_dir: corpus\n"
        )
        for number in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number.name):
                process = self.start_hanging("/cache/.", "pretrain", "corpus.yaml")
                self.assert_stopped("corpus", process, number, "stopped before training began; nothing is lost")
                self.assertEqual(list((self.folder / "cache").iterdir()), [])

    def test_other_verbs_end_while_they_write_and_leave_nothing(self):
        commands = {
            "converted": ("convert", "model", "into/converted"),
            "trained": ("tokenizer", "train", "--input", "train.csv", "--format", "csv", "--output", "into/trained"),
            "answers.csv": ("predict", "model", "--input", "train.csv", "--output", "into/answers.csv"),
            "vectors.npy": ("embed", "model", "--input", "train.csv", "--output", "into/vectors.npy"),
            "predictions.csv": ("eval", "model", "--data", "train.csv", "--predictions", "into/predictions.csv"),
        }
        (self.folder / "into").mkdir()
        for name, command in commands.items():
            for number in (signal.SIGINT, signal.SIGHUP):
                with self.subTest(output=name, signal=number.name):
                    process = self.start_hanging("/into/", *command)
                    returncode, text, _ = self.end(process, number)
                    self.assertEqual(returncode, -number, text)
                    self.assertNotIn("error: ", text)
                    self.assertEqual(list((self.folder / "into").iterdir()), [])

    def test_verbs_that_read_a_stream_do_not_wait_for_its_end(self):
        for command in (
            ("predict", "model", "--input", "-", "--format", "text"),
            ("embed", "model", "--input", "-", "--format", "text"),
            ("eval", "model", "--data", "-", "--format", "csv"),
            ("tokenizer", "encode", "model", "--input", "-", "--format", "text"),
        ):
            with self.subTest(command=command):
                process = subprocess.Popen(
                    [program.PROGRAM, *command], cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, env=program.environment(),
                )
                wait_until(lambda: holds_signals(process), process)
                process.stdin.write(b"text,label\n" + b"a film was great,good\n" * 500)
                process.stdin.flush()
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(timeout=program.TIME_LIMIT_SECONDS), -signal.SIGTERM)
                process.stdin.close()

    def test_ignored_signals_stay_ignored(self):
        for number in (signal.SIGHUP, signal.SIGINT):
            with self.subTest(signal=number.name):
                name = f"ignoring-{number}"
                process = subprocess.Popen(
                    [program.PROGRAM, "finetune", "run.yaml", *ENDLESS, "--set", f"output_dir={name}"],
                    cwd=self.folder,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=program.environment(),
                    preexec_fn=lambda number=number: signal.signal(number, signal.SIG_IGN),
                )
                metrics = self.folder / name / "metrics.jsonl"
                wait_for_line(metrics, process)
                process.send_signal(number)
                size = metrics.stat().st_size
                wait_until(lambda: metrics.stat().st_size > size + 2000, process)
                self.assert_stopped(name, process, signal.SIGTERM, "run the same command again to continue")

    def test_a_closed_terminal_does_not_end_a_training(self):
        process = self.start_training("unheard")
        process.stderr.close()
        process.stdout.close()
        metrics = self.folder / "unheard/metrics.jsonl"
        size = metrics.stat().st_size
        deadline = time.monotonic() + program.TIME_LIMIT_SECONDS
        while metrics.stat().st_size < size + 2000 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=program.TIME_LIMIT_SECONDS), 75)

    def test_without_a_checkpoint_the_signal_ends_it_and_nothing_stays(self):
        for changes in ({}, {"LD_PRELOAD": FAILING_CALLS, "FAILING_CALLS": f"unnamed={errno.EOPNOTSUPP}"}):
            for number in ASKING:
                with self.subTest(signal=number.name, **changes):
                    outputs = self.folder / f"outputs-{number}-{len(changes)}"
                    outputs.mkdir()
                    output = ("--output", f"{outputs.name}/left.jsonl")
                    process = subprocess.Popen(
                        [program.PROGRAM, "predict", "model", "--input", "-", "--format", "text", *output],
                        cwd=self.folder,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                        env=program.environment(**changes),
                    )
                    wait_until(lambda: holds_signals(process), process)
                    process.stdin.write(b"a film was great\n" * 500)
                    process.stdin.flush()
                    if changes:
                        wait_until(lambda: temporaries_below(outputs), process)
                    returncode, text, _ = self.end(process, number)
                    self.assertEqual(returncode, -number, text)
                    self.assertEqual(text, "")
                    self.assertEqual(list(outputs.iterdir()), [])

    def test_a_crash_is_reported_and_the_run_goes_on(self):
        for number in CRASHES:
            with self.subTest(signal=number.name):
                process = self.start_training(f"crashed-{number}")
                returncode, text, _ = self.end(process, number)
                self.assertEqual(returncode, 1, text)
                self.assertIn(f"internal error: llmtool finetune crashed with {number.name} (", text)
                self.assertRegex(text, r"last seen at: training \d+/1000000 steps\n")
                self.assertIn("Checkpoints are whole; the same command goes on from the newest.", text)
                self.assertIn("libexec/llmtool/llmtool-torch\n", text)
        log = self.folder / f"crashed-{signal.SIGABRT}/run.log"
        process = self.start(log.parent.name, *ENDLESS)
        wait_until(lambda: re.search(r"training data(.*\n)*.*training data(.*\n)*.* step \d", log.read_text()), process)
        self.assert_stopped(log.parent.name, process, signal.SIGTERM, "run the same command again")

    def test_a_core_dump_can_be_asked_for(self):
        process = self.start_training("dumped", LLMTOOL_CORE_DUMP="1")
        returncode, text, _ = self.end(process, signal.SIGSEGV)
        self.assertEqual(returncode, -signal.SIGSEGV, text)
        self.assertIn("crashed with SIGSEGV", text)
        for path in self.folder.glob("core*"):
            path.unlink()


if __name__ == "__main__":
    FAILING_CALLS = sys.argv.pop(2)
    program.main()
