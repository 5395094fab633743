#!/usr/bin/env python3
"""Measures llmtool, beside Hugging Face where it is installed, and writes a report in Markdown.

Usage: scripts/benchmark.sh [option…]; --help tells the options. Both sides run in turn (A B A B …), so that a machine
whose speed drifts slows both; the report gives medians with the smallest and largest value, and ratios of medians.
"""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile

from bench import Bench
from ceiling import GemmRates
from hugging_face import HuggingFace
from machine import processor_flags
from programs import PROGRAMS, REPOSITORY, ProgramError
from report import write_report
from sections import accuracy, finetune, generate, growth, kernels, predict, pretrain, start_up, step_time, tokenize

SECTIONS = {"finetune": finetune, "step_time": step_time, "pretrain": pretrain, "predict": predict,
            "generate": generate, "tokenize": tokenize, "start_up": start_up, "kernels": kernels, "growth": growth,
            "accuracy": accuracy}
PRECISIONS = ["bf16", "fp32"]
DEFAULT_SECTIONS = [name for name in SECTIONS if name != "accuracy"]


def default_precisions():
    return PRECISIONS if "avx512_bf16" in processor_flags() else ["fp32"]


def names(known):
    def parse(text):
        chosen = text.split(",")
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(f"there is no '{name}'; choose from {', '.join(known)}")
        return chosen
    return parse


def at_least(smallest):
    def parse(text):
        if not text.isdigit() or int(text) < smallest:
            raise argparse.ArgumentTypeError(f"'{text}' is not an integer from {smallest} on")
        return int(text)
    return parse


def parse_arguments():
    parser = argparse.ArgumentParser(prog="scripts/benchmark.sh",
                                     description="Measure llmtool and, where installed, Hugging Face.")
    parser.add_argument("--sections", type=names(SECTIONS), default=DEFAULT_SECTIONS,
                        help=f"comma-separated, of {', '.join(SECTIONS)} (default: all but accuracy)")
    parser.add_argument("--accuracy", action="store_true", help="also whole trainings on both sides; takes hours")
    parser.add_argument("--precisions", type=names(PRECISIONS), default=default_precisions(),
                        help="comma-separated (default: fp32, and bf16 where the processor computes it natively: "
                        "elsewhere it is slower on both sides)")
    parser.add_argument("--model", default="models/all-MiniLM-L6-v2", help="checkpoint to fine-tune")
    parser.add_argument("--train", default="data/demo/movies_train.csv", help="CSV file to train on")
    parser.add_argument("--test", default="data/demo/movies_test.csv", help="CSV file to judge accuracy on")
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--label-column", default="label")
    parser.add_argument("--corpus", default="data/corpus/kjv.txt", help="text file to pretrain on and to tokenize")
    parser.add_argument("--bpe-tokenizer", help="folder of a byte-level BPE tokenizer (default: trained on the corpus)")
    parser.add_argument("--steps", type=at_least(3), default=40,
                        help="training steps of one run with the demo model; larger models take a share of it")
    parser.add_argument("--rows", type=at_least(64), default=2048, help="rows to predict in one run")
    parser.add_argument("--rounds", type=at_least(1), default=3, help="runs of each side")
    parser.add_argument("--seeds", type=at_least(1), default=3, help="whole trainings of each side for the accuracy")
    parser.add_argument("--python", help="python with transformers (default: none, own figures only)")
    parser.add_argument("--output", default="docs/benchmarks.md", help="the report")
    arguments = parser.parse_args()
    if arguments.accuracy and "accuracy" not in arguments.sections:
        arguments.sections = [*arguments.sections, "accuracy"]
    return arguments


def check(arguments):
    """Whatever can be found missing before the first measurement."""
    for program in ("llmtool", "llmtool_benchmarks", "llmtool_gemm_benchmarks", "llmtool_kernel_benchmarks"):
        if not (PROGRAMS / program).exists():
            sys.exit(f"error: {PROGRAMS / program} is not built; run scripts/benchmark.sh")
    for path in (arguments.model, arguments.train, arguments.corpus):
        if not pathlib.Path(path).exists():
            sys.exit(f"error: there is no {path}")
    if "accuracy" in arguments.sections and not pathlib.Path(arguments.test).exists():
        sys.exit(f"error: there is no {arguments.test}")
    if arguments.python and not shutil.which(arguments.python):
        sys.exit(f"error: there is no program {arguments.python}")


def main():
    arguments = parse_arguments()
    os.chdir(REPOSITORY)
    check(arguments)
    hugging_face = HuggingFace(arguments.python) if arguments.python else None
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments, pathlib.Path(folder), hugging_face, GemmRates(repetitions=arguments.rounds))
        try:
            write_report(bench, {name: SECTIONS[name] for name in arguments.sections}, pathlib.Path(arguments.output))
        except ProgramError as error:
            sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
