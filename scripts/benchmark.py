#!/usr/bin/env python3
"""Measures llmtool, beside Hugging Face where it is installed, and writes a report in Markdown.

Usage: scripts/benchmark.sh [option…]; --help tells the options. Both sides run in turn (A B A B …), so that a machine
whose speed drifts slows both; the report gives medians with the smallest and largest value, and ratios of medians.
"""
import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
LLMTOOL = REPOSITORY / "build/release/bin/llmtool"
BENCHMARKS = REPOSITORY / "build/release/bin/llmtool_benchmarks"
HUGGING_FACE = REPOSITORY / "scripts/reference/benchmark_hf.py"


def parse_arguments():
    parser = argparse.ArgumentParser(description="Measure llmtool and, where installed, Hugging Face.")
    parser.add_argument("--model", default="models/all-MiniLM-L6-v2", help="checkpoint to fine-tune")
    parser.add_argument("--train", default="data/demo/movies_train.csv", help="CSV file to train on and tokenize")
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--label-column", default="label")
    parser.add_argument("--steps", type=int, default=60, help="training steps of one run")
    parser.add_argument("--rounds", type=int, default=3, help="training runs of each side")
    parser.add_argument("--python", help="python with transformers (default: none, own figures only)")
    parser.add_argument("--output", default="build/benchmark.md", help="the report")
    return parser.parse_args()


def run(command, **options):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=REPOSITORY, **options)
    if result.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))} ended with {result.returncode}:\n{result.stderr[-3000:]}")
    return result.stdout


def last_json_line(text):
    return json.loads(text.strip().splitlines()[-1])


def finetune_command(arguments, folder, steps):
    config = folder / "benchmark.json"
    config.write_text(json.dumps({
        "task": "classification",
        "model": {"from": arguments.model},
        "tokenizer": {"max_length": 128},
        "data": {"train": arguments.train, "text": arguments.text_column, "label": arguments.label_column},
        "training": {"max_steps": steps, "batch_size": 32, "precision": "fp32", "group_by_length": True, "log_every": 1,
                     "optimizer": {"name": "adamw", "learning_rate": 1e-4, "weight_decay": 0.01},
                     "schedule": {"name": "linear", "warmup": 0.1}},
        "output_dir": str(folder / "run"),
        "seed": 42,
    }), encoding="utf-8")
    return [str(LLMTOOL), "finetune", str(config), "--overwrite"]


def is_running(process):
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


# Waits until metrics.jsonl has its first complete line: the first optimizer step is done.
def seconds_to_first_step(process, metrics):
    started = time.perf_counter()
    while is_running(process) and not (metrics.exists() and "\n" in metrics.read_text(encoding="utf-8")):
        time.sleep(0.005)
    return time.perf_counter() - started


def finetune_llmtool(arguments):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with open(folder / "log", "w+", encoding="utf-8") as log:
            process = subprocess.Popen(finetune_command(arguments, folder, arguments.steps), cwd=REPOSITORY,
                                       stdout=subprocess.DEVNULL, stderr=log)
            first_step = seconds_to_first_step(process, folder / "run/metrics.jsonl")
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != 0:
                log.seek(0)
                sys.exit(f"error: llmtool finetune ended with {process.returncode}:\n{log.read()[-3000:]}")
        results = json.loads((folder / "run/all_results.json").read_text(encoding="utf-8"))
        return {"train_tokens_per_second": results["train_tokens_per_second"],
                "peak_memory_bytes": usage.ru_maxrss * 1024,
                "first_step_seconds": first_step}


def finetune_hugging_face(arguments):
    with tempfile.TemporaryDirectory() as folder:
        return last_json_line(run([arguments.python, HUGGING_FACE, "finetune", arguments.model, arguments.train,
                                   arguments.text_column, arguments.label_column, arguments.steps, folder]))


def measure_finetuning(arguments):
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        ours.append(finetune_llmtool(arguments))
        if arguments.python:
            theirs.append(finetune_hugging_face(arguments))
    return ours, theirs


def measure_programs(arguments):
    """Bytes a second of the row reader and the tokenizer, each on one core, from the Google Benchmark program."""
    report = json.loads(run([BENCHMARKS, "--benchmark_format=json", "--benchmark_repetitions=5", arguments.model,
                             arguments.train, arguments.text_column]))
    figures = {}
    for row in report["benchmarks"]:
        if row["run_type"] == "iteration":
            figures.setdefault(row["run_name"], []).append(row["bytes_per_second"])
    return figures


def tokenize_hugging_face(arguments):
    command = [arguments.python, HUGGING_FACE, "tokenize", arguments.model, arguments.train, arguments.text_column]
    return [last_json_line(run(command))["bytes_per_second"] for _ in range(arguments.rounds)]


def measure_start_up(arguments):
    with tempfile.TemporaryDirectory() as name:
        config = finetune_command(arguments, pathlib.Path(name), 1)[2]
        commands = {
            "--help": [LLMTOOL, "--help"],
            "finetune --help": [LLMTOOL, "finetune", "--help"],
            "config check": [LLMTOOL, "config", "check", config],
            "config show": [LLMTOOL, "config", "show", config],
            "tokenizer encode, one line": [LLMTOOL, "tokenizer", "encode", arguments.model, "--input", "-"],
        }
        return {label: [time_once(command) for _ in range(21)][1:] for label, command in commands.items()}


def time_once(command):
    started = time.perf_counter()
    run(command, input="a quiet, lovely film\n")
    return time.perf_counter() - started


def first_match(pattern, text):
    match = re.search(pattern, text, re.MULTILINE)
    return match.group(1).strip() if match else "unknown"


def describe_machine(arguments):
    memory = int(first_match(r"^MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text(encoding="utf-8")))
    lines = [
        f"processor: {first_match(r'^model name.*: (.*)', pathlib.Path('/proc/cpuinfo').read_text(encoding='utf-8'))}, "
        f"{len(os.sched_getaffinity(0))} cores, {memory / 2**20:.0f} GiB",
        f"system: {platform.platform()}",
        f"load before the start: {os.getloadavg()[0]:.2f}",
        f"llmtool: {run([LLMTOOL, '--version']).strip()}, commit {run(['git', 'describe', '--always', '--dirty']).strip()}",
        f"model: {arguments.model}; data: {arguments.train}; {arguments.steps} steps, {arguments.rounds} rounds",
    ]
    if arguments.python:
        versions = ("import torch, transformers, tokenizers; print(f'torch {torch.__version__}, transformers '"
                    " f'{transformers.__version__}, tokenizers {tokenizers.__version__}')")
        lines.append(f"Hugging Face: {run([arguments.python, '-c', versions]).strip()}")
    return lines


def summary(values, scale):
    low, high = min(values) * scale, max(values) * scale
    return f"{statistics.median(values) * scale:,.4g} ({low:,.4g} – {high:,.4g})"


def comparison(label, ours, theirs, scale=1.0):
    if not theirs:
        return f"| {label} | {summary(ours, scale)} | – | – |"
    ratio = statistics.median(ours) / statistics.median(theirs)
    return f"| {label} | {summary(ours, scale)} | {summary(theirs, scale)} | {ratio:.2f} |"


def training_rows(ours, theirs):
    def row(label, key, scale=1.0):
        return comparison(label, [run[key] for run in ours], [run[key] for run in theirs], scale)

    return [
        row("fine-tuning, fp32, real tokens/s", "train_tokens_per_second"),
        row("fine-tuning, peak memory, GiB", "peak_memory_bytes", 2.0**-30),
        row("start to first step, s", "first_step_seconds"),
    ]


def write_report(arguments):
    machine = describe_machine(arguments)
    start_up = measure_start_up(arguments)
    programs = measure_programs(arguments)
    hf_tokenizer = tokenize_hugging_face(arguments) if arguments.python else []
    rows = training_rows(*measure_finetuning(arguments))
    rows.append(comparison("tokenizing on one core, MB/s", programs["encode"], hf_tokenizer, 1e-6))
    rows.append(comparison("reading CSV on one core, MB/s", programs["read_rows"], [], 1e-6))
    rows += [comparison(f"`llmtool {label}`, ms", times, [], 1e3) for label, times in start_up.items()]
    report = ["# Benchmark", "", *(f"- {line}" for line in machine), "",
              "| median (smallest – largest) | llmtool | Hugging Face | ratio |", "|---|---|---|---|", *rows, ""]
    output = REPOSITORY / arguments.output
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text("\n".join(report), encoding="utf-8")
    print("\n".join(report))


def main():
    arguments = parse_arguments()
    for program in (LLMTOOL, BENCHMARKS):
        if not program.exists():
            sys.exit(f"error: {program} is not built; run scripts/benchmark.sh")
    if arguments.python and not shutil.which(arguments.python):
        sys.exit(f"error: there is no program {arguments.python}")
    write_report(arguments)


if __name__ == "__main__":
    main()
