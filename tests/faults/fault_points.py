"""Makes the calls of a command fail one after the other, or kills it there, and judges what is left.

    fault_points.py PROGRAM INJECTOR [--scenario NAME …] [--actions errno,kill] [--points N] [--minutes N] [--jobs N]
    fault_points.py PROGRAM INJECTOR --scenario NAME --at N (--errno E | --signal S) --folder FOLDER

The second form repeats one point in a folder that stays."""

import argparse
import collections
import concurrent.futures
import dataclasses
import errno
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import scenarios

import program

NO_TRACING = 125
DOCUMENTED = {0, 2, 3, 4, 5, 6}
LONGEST_MESSAGE = 2000
# What may be wrong with each kind of call, tried in turn.
ERRORS = {
    "open": (errno.EACCES, errno.EMFILE, errno.EIO, errno.ENOSPC),
    "write": (errno.ENOSPC, errno.EIO, errno.EDQUOT),
    "fsync": (errno.EIO, errno.ENOSPC),
    "rename": (errno.EACCES, errno.EIO, errno.ENOSPC),
    "unlink": (errno.EACCES, errno.EIO),
    "mkdir": (errno.ENOSPC, errno.EACCES),
    "close": (errno.EIO, errno.ENOSPC),
    "truncate": (errno.ENOSPC, errno.EIO),
    "link": (errno.EPERM, errno.EIO),
    "flock": (errno.ENOLCK, errno.EOPNOTSUPP),
    "mmap": (errno.ENOMEM, errno.ENODEV),
    "chmod": (errno.EPERM, errno.EACCES),
}
# A failure of these that has no consequence must at least be told.
NEVER_SILENT = {"write", "fsync", "rename", "truncate"}
ERROR_LINE = re.compile(r"^(?:\d\d:\d\d:\d\d )?error: (.*)", re.MULTILINE)
CRASH = ("internal error", "filesystem error", "terminate called", "what():", "Exception raised from", "frame #")


@dataclasses.dataclass(frozen=True)
class Point:
    """`error` or `signal` at the `at`-th call."""

    at: int
    kind: str
    path: str
    error: int = 0
    signal: int = 0

    @property
    def action(self):
        return signal.Signals(self.signal).name if self.signal else errno.errorcode[self.error]


@dataclasses.dataclass
class Verdict:
    scenario: str
    point: Point
    problems: list


class Laboratory:
    """Runs scenarios in folders of their own, all copied from the same inputs."""

    def __init__(self, injector, folder):
        self.injector = injector
        self.folder = pathlib.Path(folder)
        self.inputs = self.folder / "inputs"
        self.inputs.mkdir(parents=True)
        scenarios.write_inputs(self.inputs)
        self.starts, self.expected, self.calls = {}, {}, {}

    def prepare(self, scenario):
        """Where the scenario starts, what it leaves undisturbed, and which calls it makes."""
        start = self.folder / ("start-" + scenario.name)
        shutil.copytree(self.inputs, start)
        if scenario.before:
            result = program.run(*scenario.before, folder=start)
            assert result.returncode == 0, result.stderr.decode()
        self.starts[scenario.name] = start
        folder = self.fresh(scenario, "undisturbed")
        result, calls = self.run(scenario, folder)
        if result.returncode == NO_TRACING:
            sys.stderr.write(result.stderr.decode())
            sys.exit(NO_TRACING)
        assert result.returncode == 0, result.stderr.decode()
        self.expected[scenario.name] = scenarios.output_hashes(scenario, folder)
        assert None not in self.expected[scenario.name].values(), self.expected
        self.calls[scenario.name] = calls
        shutil.rmtree(folder)

    def fresh(self, scenario, name):
        folder = self.folder / f"{scenario.name}-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.starts[scenario.name], folder)
        return folder

    def run(self, scenario, folder, point=None):
        """The result of the command and its calls as (kind, path)."""
        log = folder.parent / (folder.name + ".calls")
        command = [self.injector, "--below", folder, "--log", log]
        if point:
            command += ["--at", point.at, *(("--signal", point.signal) if point.signal else ("--errno", point.error))]
        temporary = folder.parent / (folder.name + ".tmpdir")
        temporary.mkdir(exist_ok=True)
        result = subprocess.run(
            [*map(str, command), "--", program.PROGRAM, *scenario.arguments],
            cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False,
            env=program.environment(TMPDIR=str(temporary), LLMTOOL_CACHE=str(temporary)),
            timeout=program.TIME_LIMIT_SECONDS,
        )
        calls = [tuple(line.split(" ", 2)[1:]) for line in log.read_text(errors="replace").splitlines()]
        log.unlink()
        shutil.rmtree(temporary)
        return result, calls

    def try_point(self, scenario, point, folder=None):
        folder = folder or self.fresh(scenario, f"{point.action}-{point.at}")
        problems = []
        result, _ = self.run(scenario, folder, point)
        problems += self.judge_end(scenario, point, result)
        problems += self.judge_files(scenario, point, folder, result.returncode)
        problems += self.judge_second_run(scenario, folder)
        if not problems:
            shutil.rmtree(folder)
        return Verdict(scenario.name, point, problems)

    def judge_end(self, scenario, point, result):
        text = result.stderr.decode("utf-8", "replace")
        if point.signal:
            return [] if result.returncode == 128 + point.signal else [f"a kill left exit code {result.returncode}"]
        problems = []
        if result.returncode not in DOCUMENTED:
            problems.append(f"exit code {result.returncode}: {text.strip()[-300:]}")
        problems += [f"the message has {sign!r}: {text.strip()[-300:]}" for sign in CRASH if sign in text]
        messages = ERROR_LINE.findall(text)
        if result.returncode != 0:
            if len(messages) != 1:
                problems.append(f"{len(messages)} errors are told: {text.strip()[-300:]}")
            elif len(messages[0]) > LONGEST_MESSAGE or any(ord(letter) < 32 for letter in messages[0]):
                problems.append(f"a message of {len(messages[0])} characters or with control characters")
        elif point.kind in NEVER_SILENT and "warning:" not in text:
            problems.append("it passed unheard")
        return problems

    def judge_files(self, scenario, point, folder, exit_code):
        problems = scenarios.damaged_checkpoints(folder)
        left = scenarios.temporaries(folder)
        # A file whose removal failed may stay until the next run.
        if left and not point.signal and point.kind != "unlink":
            problems.append("it leaves " + ", ".join(left))
        found = scenarios.output_hashes(scenario, folder)
        expected = self.expected[scenario.name]
        old = scenarios.output_hashes(scenario, self.starts[scenario.name])
        if exit_code == 0 and found != expected:
            problems.append("exit code 0, but the output is not that of an undisturbed run: " + different(found, expected))
        finished = not scenario.mark or (folder / scenario.mark).exists()
        for name, hash_ in found.items():
            if finished and hash_ is not None and hash_ not in (expected[name], old[name]):
                problems.append(f"{name} is there, but not whole")
        return problems

    def judge_second_run(self, scenario, folder):
        if scenario.is_made_once and scenarios.output_hashes(scenario, folder) == self.expected[scenario.name]:
            return []
        result = subprocess.run(
            [program.PROGRAM, *scenario.arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
            check=False, env=program.environment(), timeout=program.TIME_LIMIT_SECONDS,
        )
        if result.returncode != 0:
            return [f"run again: exit code {result.returncode}: {result.stderr.decode().strip()[-300:]}"]
        problems = ["run again: " + problem for problem in scenarios.damaged_checkpoints(folder)]
        left = scenarios.temporaries(folder)
        if left:
            problems.append("run again, there is still " + ", ".join(left))
        found = scenarios.output_hashes(scenario, folder)
        if found != self.expected[scenario.name]:
            problems.append("run again, the output is another: " + different(found, self.expected[scenario.name]))
        return problems


def different(found, expected):
    return ", ".join(name for name in expected if found[name] != expected[name])


def all_points(calls, actions):
    points = []
    for at, (kind, path) in enumerate(calls, start=1):
        choices = ERRORS[kind]
        if "errno" in actions:
            points.append(Point(at, kind, path, error=choices[at % len(choices)]))
        if "kill" in actions:
            points.append(Point(at, kind, path, signal=signal.SIGKILL))
    return points


def spread(points, count):
    """`count` of them, in equal distances."""
    if count is None or len(points) <= count:
        return points
    return [points[(2 * i + 1) * len(points) // (2 * count)] for i in range(count)]


def try_points(laboratory, scenario, points, jobs=1, deadline=None):
    """Verdicts on as many points as there is time for, in the order of the points."""
    def attempt(point):
        if deadline and time.monotonic() > deadline:
            return None
        return laboratory.try_point(scenario, point)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        return [verdict for verdict in pool.map(attempt, points) if verdict]


def print_table(verdicts):
    """Tried and as promised, per kind of call and action."""
    table = collections.defaultdict(lambda: [0, 0])
    for verdict in verdicts:
        row = table[verdict.point.kind, "kill" if verdict.point.signal else "fails"]
        row[0] += 1
        row[1] += not verdict.problems
    print(f"{'call':10} {'what':6} {'tried':>6} {'as promised':>12}")
    for (kind, what), (tried, promised) in sorted(table.items()):
        print(f"{kind:10} {what:6} {tried:6} {promised:12}")


def print_problems(verdicts):
    for verdict in verdicts:
        if verdict.problems:
            point = verdict.point
            action = f"--signal {int(point.signal)}" if point.signal else f"--errno {point.error}"
            print(f"{verdict.scenario} --at {point.at} {action}: {point.kind} {pathlib.Path(point.path).name} {point.action}")
            for problem in verdict.problems:
                print("    " + problem)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("injector")
    parser.add_argument("--scenario", action="append")
    parser.add_argument("--actions", default="errno,kill")
    parser.add_argument("--points", type=int)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--at", type=int)
    parser.add_argument("--errno", type=int, default=0)
    parser.add_argument("--signal", type=int, default=0)
    parser.add_argument("--folder")
    arguments = parser.parse_args()
    program.PROGRAM = str(pathlib.Path(arguments.program).resolve())
    deadline = time.monotonic() + 60 * arguments.minutes if arguments.minutes else None
    chosen = [s for s in scenarios.SCENARIOS if not arguments.scenario or s.name in arguments.scenario]
    with tempfile.TemporaryDirectory(prefix="llmtool-faults-") as name:
        laboratory = Laboratory(str(pathlib.Path(arguments.injector).resolve()), arguments.folder or name)
        verdicts = []
        for scenario in chosen:
            laboratory.prepare(scenario)
            calls = laboratory.calls[scenario.name]
            if arguments.at:
                kind, path = calls[arguments.at - 1]
                points = [Point(arguments.at, kind, path, arguments.errno, arguments.signal)]
            else:
                points = spread(all_points(calls, arguments.actions.split(",")), arguments.points)
            verdicts += try_points(laboratory, scenario, points, arguments.jobs, deadline)
        print_problems(verdicts)
        print_table(verdicts)
        sys.exit(1 if any(verdict.problems for verdict in verdicts) else 0)


if __name__ == "__main__":
    main()
