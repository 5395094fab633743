"""Runs the llmtool program for the tests: `python3 x_test.py PROGRAM [unittest arguments]`."""

import contextlib
import dataclasses
import os
import pathlib
import resource
import subprocess
import sys
import threading
import unittest

PROGRAM = None
TIME_LIMIT_SECONDS = 120  # A run takes half a second; a busy machine may need many times that, a hang never ends.


def environment(**changes):
    """The caller's environment without what would change output, one thread (enough for tiny models), and `changes`."""
    dropped = ("LLMTOOL_", "SLURM_", "NO_COLOR", "OMP_", "MKL_")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**variables, "LC_ALL": "C.UTF-8", "SLURM_CPUS_PER_TASK": "1", **changes}


def run(*arguments, folder=None, stdin=b"", stdout=subprocess.PIPE, **changes):
    """Completed process with stdout and stderr as bytes."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        cwd=folder,
        input=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment(**changes),
        timeout=TIME_LIMIT_SECONDS,
        check=False,
    )


@dataclasses.dataclass
class MeasuredResult:
    returncode: int
    stdout: bytes
    stderr: bytes
    processor_seconds: float


def run_measured(arguments, folder, stdin=b"", stdout=None):
    """Like run, with the processor time; `stdout` names a file such as /dev/full to write to instead of a pipe."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with contextlib.ExitStack() as files:
        output = files.enter_context(open(stdout, "wb")) if stdout else subprocess.PIPE
        result = run(*arguments, folder=folder, stdin=stdin, stdout=output)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return MeasuredResult(result.returncode, result.stdout or b"", result.stderr, seconds)


def start(*arguments, folder=None, **changes):
    """Process that runs on, with its standard error in a pipe."""
    return subprocess.Popen(
        [PROGRAM, *map(str, arguments)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(**changes),
    )


def serve_once(path, text):
    """Makes a named pipe through which its first reader gets `text`."""
    os.mkfifo(path)
    threading.Thread(target=path.write_text, args=(text,), daemon=True).start()


def main():
    global PROGRAM
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [TEST ...]; build llmtool first")
    # The module runs as __main__ when started directly; the tests import it as `program`.
    sys.modules["program"].PROGRAM = PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(module="__main__", verbosity=2)
