"""A row of the tables of bad inputs, and what every one of them must keep."""

import dataclasses
import fnmatch
import hashlib
import pathlib
import re
import shutil
import tempfile
import unittest
from typing import Callable, Optional

import program
import tiny_model

# Where each case starts: a config, data and a model with which everything works.
CONFIG = """task: classification
model: {from: model}
tokenizer: {max_length: 16}
data: {train: train.csv, validation: valid.csv}
training: {epochs: 1, batch_size: 8}
output_dir: out
"""
BASE_FILES = {
    "run.yaml": CONFIG,
    "train.csv": tiny_model.csv_text(tiny_model.labelled_rows(24)),
    "valid.csv": tiny_model.csv_text(tiny_model.labelled_rows(8, seed=8)),
}
SIGNS_OF_A_CRASH = (b"terminate called", b"what():", b"frame #", b"Exception raised from", b"Traceback", b"Segmentation")
ERROR_LINE = re.compile(r"^(?:\d\d:\d\d:\d\d )?error: ", re.MULTILINE)
MOST_PROCESSOR_SECONDS = 20


@dataclasses.dataclass
class Case:
    """`files` replace or join the base files; None removes one. `prepare(folder)` does what files cannot say and may
    return a function that undoes it, or raise unittest.SkipTest. `stdout` names a file to write standard output to.
    `kept` are patterns of files that may be left behind besides the log of a run."""

    name: str
    arguments: str
    exit_code: int
    message: list
    files: dict = dataclasses.field(default_factory=dict)
    prepare: Optional[Callable] = None
    stdin: bytes = b""
    stdout: Optional[str] = None
    kept: tuple = ()


def write_files(folder, files):
    for name, content in files.items():
        path = folder / name
        if content is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def snapshot(folder):
    """{path: hash} of every file. A folder counts only by what is in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def make_tests(cases):
    """A TestCase class with one test per row."""

    class BadInput(unittest.TestCase):
        maxDiff = None

        @classmethod
        def setUpClass(cls):
            cls.base = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-bad-input-"))
            tiny_model.write_tiny_model(cls.base / "model")
            write_files(cls.base, BASE_FILES)

        @classmethod
        def tearDownClass(cls):
            shutil.rmtree(cls.base)

        def check(self, case):
            with tempfile.TemporaryDirectory(prefix="llmtool-bad-input-") as name:
                folder = pathlib.Path(name) / "work"
                shutil.copytree(self.base, folder)
                write_files(folder, case.files)
                undo = case.prepare(folder) if case.prepare else None
                try:
                    self.run_case(case, folder)
                finally:
                    if undo:
                        undo()

        def run_case(self, case, folder):
            before = snapshot(folder)
            result = program.run_measured(case.arguments.split(), folder, case.stdin, case.stdout)
            text = result.stderr.decode("utf-8", "replace")
            shown = f"\n--- llmtool {case.arguments}\n--- exit code {result.returncode}\n{text}---"
            self.assertEqual(result.returncode, case.exit_code, shown)
            for sign in SIGNS_OF_A_CRASH:
                self.assertNotIn(sign, result.stderr, shown)
            self.assertEqual(result.stdout, b"", "standard output must stay empty" + shown)
            starts = [match.end() for match in ERROR_LINE.finditer(text)]
            self.assertEqual(len(starts), 1, "exactly one error is told, as the last thing" + shown)
            for fragment in case.message:
                self.assertIn(fragment, text[starts[0] :], shown)
            kept = (*case.kept, "out/run.log")
            left = {
                path: hash_
                for path, hash_ in snapshot(folder).items()
                if path in before or not any(fnmatch.fnmatch(path, pattern) for pattern in kept)
            }
            self.assertEqual(left, before, "no file is changed, left or lost" + shown)
            self.assertLess(result.processor_seconds, MOST_PROCESSOR_SECONDS, shown)

    names = set()
    for case in cases:
        method = "test " + case.name
        if method in names:
            raise ValueError(f"two cases are named {case.name!r}")
        names.add(method)
        setattr(BadInput, method, lambda self, case=case: self.check(case))
    return BadInput
