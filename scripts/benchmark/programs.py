"""Runs programs and measures them from outside."""
import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = REPOSITORY / "build/release/bin"


class ProgramError(Exception):
    """A program ended with an error; says what it wrote."""


@dataclasses.dataclass(frozen=True)
class Finished:
    output: str
    seconds: float
    peak_memory_bytes: int


def is_running(process):
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def run(command, text=None, watch=None, environment=None):
    """Runs a command in the repository; `watch`, when given, is called every few milliseconds while it runs."""
    command = [str(part) for part in command]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output, tempfile.TemporaryFile("w+b") as errors, \
            tempfile.TemporaryFile("w+", encoding="utf-8") as given:
        given.write(text or "")
        given.seek(0)
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=given, stdout=output, stderr=errors, cwd=REPOSITORY,
                                   env={**os.environ, **(environment or {})})
        while watch and is_running(process):
            watch()
            time.sleep(0.005)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            message = errors.read().decode("utf-8", "replace")[-3000:]
            raise ProgramError(f"{' '.join(command)} ended with {process.returncode}:\n{message}")
        output.seek(0)
        return Finished(output.read(), seconds, usage.ru_maxrss * 1024)


def google_benchmark(program, arguments, repetitions, minimum_seconds):
    """The rows of a Google Benchmark program's report, one a repetition, without what cannot be measured here."""
    report = run([PROGRAMS / program, "--benchmark_format=json", f"--benchmark_repetitions={repetitions}",
                  f"--benchmark_min_time={minimum_seconds}", *arguments]).output
    return [row for row in json.loads(report)["benchmarks"] if row["run_type"] == "iteration" and not row.get("error_occurred")]
