"""Signals in every phase: what can go on is saved (75), what cannot ends as usual, and no temporary file stays."""

import errno
import json
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
