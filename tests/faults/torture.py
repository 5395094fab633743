"""Runs that are killed, stopped, run twice, short of space and damaged; what each leaves is judged.

    torture.py PROGRAM INJECTOR PART … [--minutes N] [--seed N] [--jobs N]

Parts: faults kills signals disks pairs damage. `minutes` is for each part. Ends with a table; exit code 1 when something
was not as promised."""

import argparse
import collections
import concurrent.futures
import contextlib
import dataclasses
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import fault_points
import scenarios

import program

STOPPED = 75
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU)
NUM_KILLS = 77
NUM_PAIRS = 20
LONG = 40  # steps of a run that is met at random moments
MOST_SECONDS_TO_STOP = 5.0  # on a busy machine; a second alone


@dataclasses.dataclass
class Verdict:
    part: str
    kind: str
    what: str
    problems: list


class Part:
    """Folders to run in, and a time limit."""

    def __init__(self, folder, injector, arguments):
        self.folder = pathlib.Path(folder)
        self.injector = injector
        self.arguments = arguments
        self.random = random.Random(arguments.seed)
        self.deadline = time.monotonic() + 60 * arguments.minutes if arguments.minutes else None

    def is_over(self):
        return self.deadline is not None and time.monotonic() > self.deadline

    def each(self, work, items, jobs=None):
        """Verdicts of work(item) for all there is time for."""
        def attempt(item):
            return None if self.is_over() else work(item)

        with concurrent.futures.ThreadPoolExecutor(jobs or self.arguments.jobs) as pool:
            return [verdict for verdict in pool.map(attempt, items) if verdict]

    def laboratory(self, name, max_steps=4):
        laboratory = fault_points.Laboratory(self.injector, self.folder / name)
        shutil.rmtree(laboratory.inputs)
        laboratory.inputs.mkdir()
        scenarios.write_inputs(laboratory.inputs, max_steps)
        return laboratory


def start(scenario, folder):
    return subprocess.Popen(
        [program.PROGRAM, *scenario.arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=program.environment(),
    )


def finish(process):
    _, stderr = process.communicate(timeout=program.TIME_LIMIT_SECONDS)
    return stderr.decode("utf-8", "replace")


def told(text):
    return text.strip()[-300:]


def crash_signs(text):
    return [f"the message has {sign!r}: {told(text)}" for sign in fault_points.CRASH if sign in text]


def faults(part):
    """Every call of every command fails, and every command is killed at every call."""
    laboratory = part.laboratory("faults")
    verdicts = []
    for scenario in scenarios.SCENARIOS:
        laboratory.prepare(scenario)
        points = fault_points.all_points(laboratory.calls[scenario.name], ("errno", "kill"))
        part.random.shuffle(points)
        found = fault_points.try_points(laboratory, scenario, points, part.arguments.jobs, part.deadline)
        for verdict in found:
            point = verdict.point
            kind = f"{point.kind}, {'kill' if point.signal else 'failure'}"
            what = f"{scenario.name} --at {point.at} {'--signal 9' if point.signal else f'--errno {point.error}'} ({point.path})"
            verdicts.append(Verdict("faults", kind, what, verdict.problems))
    return verdicts


def timed(laboratory, scenario):
    """Seconds the scenario takes undisturbed."""
    folder = laboratory.fresh(scenario, "timed")
    begin = time.monotonic()
    finish(start(scenario, folder))
    shutil.rmtree(folder)
    return time.monotonic() - begin


def kills(part):
    """Killed at random moments, once or several times, and run again."""
    laboratory = part.laboratory("kills", LONG)
    chosen = [scenarios.find_scenario(name) for name in ("finetune", "overwrite", "pretrain", "predict", "tokenizer")]
    seconds = {}
    for scenario in chosen:
        laboratory.prepare(scenario)
        seconds[scenario.name] = timed(laboratory, scenario)

    def attempt(index):
        scenario = chosen[index % len(chosen)] if index % 2 else chosen[0]
        generator = random.Random(part.arguments.seed * 1000 + index)
        folder = laboratory.fresh(scenario, f"kill-{index}")
        problems = []
        moments = [generator.uniform(0, seconds[scenario.name]) for _ in range(generator.randint(1, 3))]
        for moment in moments:
            process = start(scenario, folder)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moment)
            process.kill()
            finish(process)
            problems += scenarios.damaged_checkpoints(folder)
            if scenario.is_made_once and not scenarios.output_hashes(scenario, folder)[scenario.outputs[0]] is None:
                break
        problems += laboratory.judge_second_run(scenario, folder)
        return Verdict("kills", scenario.name, f"{scenario.name} after {moments} s", problems)

    return part.each(attempt, range(NUM_KILLS))


def signals(part):
    """Every signal at calls all through a run, and in the middle of computing."""
    laboratory = part.laboratory("signals", LONG)
    training = [scenarios.find_scenario(name) for name in ("finetune", "pretrain")]
    other = [scenarios.find_scenario(name) for name in ("predict", "embed", "eval", "convert", "tokenizer")]
    items = []
    for scenario in training + other:
        laboratory.prepare(scenario)
        points = fault_points.all_points(laboratory.calls[scenario.name], ("kill",))
        for number in SIGNALS:
            for point in fault_points.spread(points, 24 if scenario.is_training else 6):
                items.append((scenario, dataclasses.replace(point, signal=number)))
    part.random.shuffle(items)

    def at_call(item):
        scenario, point = item
        folder = laboratory.fresh(scenario, f"{point.action}-{point.at}")
        result, _ = laboratory.run(scenario, folder, point)
        text = result.stderr.decode("utf-8", "replace")
        problems = crash_signs(text)
        # Before main begins, while the system loads libraries, nothing of the program can hear a signal.
        is_loading = ".so" in point.path or "ld.so.cache" in point.path
        is_training = scenario.is_training and not is_loading
        allowed = {0, STOPPED} if is_training else {0, STOPPED, 128 + point.signal}
        if result.returncode not in allowed:
            problems.append(f"exit code {result.returncode}: {told(text)}")
        problems += scenarios.damaged_checkpoints(folder)
        left = scenarios.temporaries(folder)
        if left:
            problems.append("it leaves " + ", ".join(left))
        problems += laboratory.judge_second_run(scenario, folder)
        if not problems:
            shutil.rmtree(folder)
        return Verdict("signals", f"{point.action}, {'training' if scenario.is_training else 'other verbs'}",
                       f"{scenario.name} --at {point.at} --signal {int(point.signal)} ({point.kind} {point.path})", problems)

    def at_moment(index):
        scenario = training[index % 2]
        number = SIGNALS[index % len(SIGNALS)]
        generator = random.Random(part.arguments.seed * 1000 + index)
        folder = laboratory.fresh(scenario, f"moment-{index}")
        process = start(scenario, folder)
        moment = generator.uniform(0.0, 2.0)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        sent = time.monotonic()
        process.send_signal(number)
        text = finish(process)
        problems = crash_signs(text)
        if process.returncode not in (0, STOPPED):
            problems.append(f"exit code {process.returncode}: {told(text)}")
        if time.monotonic() - sent > MOST_SECONDS_TO_STOP:
            problems.append(f"it took {time.monotonic() - sent:.1f} s to stop")
        problems += laboratory.judge_second_run(scenario, folder)
        return Verdict("signals", f"{number.name}, at random moments", f"{scenario.name}, {number.name} after {moment:.3f} s", problems)

    return part.each(at_call, items) + part.each(at_moment, range(60))


@contextlib.contextmanager
def small_disk(folder, kilobytes):
    """A file system of its own of that size; None where this user cannot mount one."""
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder], capture_output=True, check=False)
    try:
        yield None if mount.returncode else folder
    finally:
        if mount.returncode == 0:
            subprocess.run(["umount", "-l", folder], check=True)


def disks(part):
    """File systems of every size up to what the command needs."""
    laboratory = part.laboratory("disks")
    items = []
    for name in ("finetune", "pretrain", "predict", "convert", "tokenizer"):
        scenario = scenarios.find_scenario(name)
        laboratory.prepare(scenario)
        items += [(scenario, kilobytes) for kilobytes in [*range(56, 400, 8), *range(400, 1200, 64)]]
    part.random.shuffle(items)

    def attempt(item):
        scenario, kilobytes = item
        folder = laboratory.folder / f"{scenario.name}-disk-{kilobytes}"
        folder.mkdir()
        with small_disk(folder, 65536) as disk:
            if disk is None:
                return None
            shutil.copytree(laboratory.starts[scenario.name], folder, dirs_exist_ok=True)
            subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", folder], capture_output=True, check=False)
            process = start(scenario, folder)
            text = finish(process)
            problems = crash_signs(text)
            if process.returncode not in (0, 6):
                problems.append(f"exit code {process.returncode}: {told(text)}")
            if process.returncode == 6 and len(fault_points.ERROR_LINE.findall(text)) != 1:
                problems.append(f"not one error: {told(text)}")
            left = scenarios.temporaries(folder)
            if left:
                problems.append("it leaves " + ", ".join(left))
            problems += scenarios.damaged_checkpoints(folder)
            subprocess.run(["mount", "-o", "remount,size=65536k", folder], check=True)
            problems += laboratory.judge_second_run(scenario, folder)
        return Verdict("disks", scenario.name, f"{scenario.name} on {kilobytes} KiB", problems)

    return part.each(attempt, items)


def pairs(part):
    """Two at once in one folder, one a little later."""
    laboratory = part.laboratory("pairs", LONG)
    chosen = [scenarios.find_scenario(name) for name in ("finetune", "pretrain", "predict", "embed")]
    for scenario in chosen:
        laboratory.prepare(scenario)

    def attempt(index):
        scenario = chosen[index % len(chosen)]
        folder = laboratory.fresh(scenario, f"pair-{index}")
        first = start(scenario, folder)
        time.sleep(random.Random(part.arguments.seed * 1000 + index).choice((0, 0, 0.05, 0.5)))
        second = start(scenario, folder)
        texts = [finish(first), finish(second)]
        problems = [sign for text in texts for sign in crash_signs(text)]
        codes = sorted((first.returncode, second.returncode))
        if codes not in ([0, 0], [0, 6]) or (codes == [0, 6] and not any("in use" in text for text in texts)):
            problems.append(f"exit codes {codes}: {told(texts[0])} / {told(texts[1])}")
        found = scenarios.output_hashes(scenario, folder)
        if found != laboratory.expected[scenario.name]:
            problems.append("the output is another: " + fault_points.different(found, laboratory.expected[scenario.name]))
        left = scenarios.temporaries(folder)
        if left:
            problems.append("they leave " + ", ".join(left))
        return Verdict("pairs", scenario.name, f"two of {scenario.name}", problems)

    return part.each(attempt, range(NUM_PAIRS), jobs=1)


def flip_a_bit(path, generator):
    content = bytearray(path.read_bytes())
    content[generator.randrange(len(content))] ^= 1 << generator.randrange(8)
    path.write_bytes(content)


def replace_by_folder(path, _):
    path.unlink()
    path.mkdir()


def replace_by_link(path, _):
    path.unlink()
    path.symlink_to("/nonexistent/file")


DAMAGES = {
    "lost": lambda path, _: path.unlink(),
    "empty": lambda path, _: path.write_bytes(b""),
    "cut": lambda path, generator: path.write_bytes(path.read_bytes()[: generator.randrange(path.stat().st_size)]),
    "a bit": flip_a_bit,
    "more": lambda path, _: path.write_bytes(path.read_bytes() + b"more"),
    "zeros": lambda path, _: path.write_bytes(bytes(path.stat().st_size)),
    "a folder": replace_by_folder,
    "a link to nothing": replace_by_link,
}
# What a run writes for people and watchers, and never reads as what it is.
RECORDS = ("run.log", "metrics.jsonl", "events.out.tfevents", "README.md", ".llmtool-in-use")


def damage(part):
    """Every damage of every file of a run that was stopped, and of one that is finished."""
    laboratory = part.laboratory("damage", LONG)
    scenario = scenarios.find_scenario("finetune")
    laboratory.prepare(scenario)
    points = fault_points.all_points(laboratory.calls[scenario.name], ("kill",))
    renames = [point for point in points if point.kind == "rename" and "checkpoint-" in point.path]
    stopped = laboratory.fresh(scenario, "stopped")
    laboratory.run(scenario, stopped, dataclasses.replace(renames[len(renames) // 2], signal=signal.SIGTERM))
    finished = laboratory.fresh(scenario, "finished")
    laboratory.run(scenario, finished)
    items = []
    for state, folder in (("stopped", stopped), ("finished", finished)):
        for path in sorted(folder.glob("out/**/*")):
            if path.is_file() and path.stat().st_size > 0:
                items += [(state, folder, path.relative_to(folder), kind) for kind in DAMAGES]
    part.random.shuffle(items)

    def attempt(item):
        state, original, name, kind = item
        folder = laboratory.folder / f"{state}-{str(name).replace('/', '-')}-{kind.replace(' ', '-')}"
        shutil.copytree(original, folder, symlinks=True)
        before = (folder / name).read_bytes()
        DAMAGES[kind](folder / name, random.Random(part.arguments.seed))
        process = start(scenario, folder)
        text = finish(process)
        problems = crash_signs(text)
        if process.returncode not in fault_points.DOCUMENTED:
            problems.append(f"exit code {process.returncode}: {told(text)}")
        is_record = any(name.name.startswith(record) for record in RECORDS)
        found = scenarios.output_hashes(scenario, folder)
        # Without the best checkpoint so far the best is chosen among those that follow, and the run says so.
        is_told = "the best is chosen among those from here on" in text
        if process.returncode == 0 and found != laboratory.expected[scenario.name] and not (is_record or is_told):
            problems.append("exit code 0, but another model: " + fault_points.different(found, laboratory.expected[scenario.name]))
        if process.returncode != 0 and not fault_points.ERROR_LINE.search(text):
            problems.append("no error is told: " + told(text))
        if process.returncode != 0 and (folder / name).is_file() and (folder / name).read_bytes() == before:
            problems.append("it is refused although the file was made whole")
        if not problems:
            shutil.rmtree(folder)
        return Verdict("damage", f"{state} run, {kind}", f"{name}: {kind}", problems)

    return part.each(attempt, items)


PARTS = {"faults": faults, "kills": kills, "signals": signals, "disks": disks, "pairs": pairs, "damage": damage}


def print_problems(verdicts):
    for verdict in verdicts:
        if verdict.problems:
            print(f"{verdict.part}: {verdict.what}")
            for problem in verdict.problems:
                print("    " + problem)


def print_table(verdicts):
    table = collections.defaultdict(lambda: [0, 0])
    for verdict in verdicts:
        row = table[verdict.part, verdict.kind]
        row[0] += 1
        row[1] += not verdict.problems
    print("| what | kind | tried | as promised |\n|---|---|---|---|")
    for (part, kind), (tried, promised) in sorted(table.items()):
        print(f"| {part} | {kind} | {tried:,} | {promised:,} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("injector")
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    program.PROGRAM = str(pathlib.Path(arguments.program).resolve())
    injector = str(pathlib.Path(arguments.injector).resolve())
    verdicts = []
    for name in arguments.parts:
        with tempfile.TemporaryDirectory(prefix="llmtool-torture-") as folder:
            found = PARTS[name](Part(folder, injector, arguments))
        print_problems(found)
        sys.stdout.flush()
        verdicts += found
    print_table(verdicts)
    sys.exit(1 if any(verdict.problems for verdict in verdicts) else 0)


if __name__ == "__main__":
    main()
