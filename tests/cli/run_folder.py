"""A folder to train in, and what tests of training ask of it."""

import hashlib
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import bad_input_case
import program
import tiny_model

CONFIG = bad_input_case.CONFIG.replace("validation: valid.csv", "validation: valid.csv, test: valid.csv")


def hash_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class RunFolder(unittest.TestCase):
    """A folder with a config, data and the tiny model."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-finetune-"))
        tiny_model.write_tiny_model(cls.folder / "model")
        bad_input_case.write_files(cls.folder, {**bad_input_case.BASE_FILES, "run.yaml": CONFIG})

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def finetune(cls, *arguments):
        return program.run("finetune", "run.yaml", *arguments, folder=cls.folder)

    @classmethod
    def stop_after_a_line(cls, file, *command):
        """The finished process: sent SIGTERM when `file` had a line."""
        process = program.start(*command, folder=cls.folder)
        try:
            wait_for_line(file, process)
            process.send_signal(signal.SIGTERM)
            stdout, stderr = process.communicate(timeout=program.TIME_LIMIT_SECONDS)
        finally:
            process.kill()
        return subprocess.CompletedProcess(command, process.returncode, stdout, stderr)

    def assert_succeeds(self, result):
        self.assertEqual(result.returncode, 0, result.stderr.decode())


def wait_for_line(path, process):
    """Until `path` holds a line, which a run writes every few steps."""
    deadline = time.monotonic() + program.TIME_LIMIT_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if path.exists() and b"\n" in path.read_bytes():
            return
        time.sleep(0.005)
    raise AssertionError(f"no line in {path}: {process.stderr.read().decode() if process.poll() is not None else 'too slow'}")
