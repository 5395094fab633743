"""Puts the sections together; the file is written anew after each, so that what was measured is not lost."""
import sys
import time

import ceiling
from machine import describe_machine, load_average, shown


def progress(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def describe_settings(bench):
    arguments = bench.arguments
    lines = [f"model {shown(arguments.model)}, training data {shown(arguments.train)}, prose "
             f"{shown(arguments.corpus)}; {arguments.steps} steps, {arguments.rounds} rounds"]
    if bench.hugging_face:
        bf16 = ", in bf16 by the faster of autocast and bf16 weights" if "bf16" in bench.precisions else ""
        lines.append("Hugging Face at its best: batches padded to their longest text and grouped by length, fused "
                     f"AdamW, scaled-dot-product attention{bf16}")
    return lines


def introduction(facts):
    return [
        "# Benchmarks", "",
        "Written by `scripts/benchmark.sh`. Both sides run in turn on the same machine; figures are medians with the "
        "smallest and largest value of all rounds, ratios are of medians (above 1: llmtool has more). \"–\": not "
        "measured, or not to be had in this build.", "",
        *(f"- {fact}" for fact in facts), ""]


def rates_section(bench):
    if bench.rates.is_empty():
        return []
    return ["## Matrix products", "", *ceiling.EXPLANATION, "", *bench.rates.report()]


def write_report(bench, sections, output):
    facts = [*describe_machine(bench.hugging_face), *describe_settings(bench), f"load at the start: {load_average()}"]
    body = []
    output.parent.mkdir(parents=True, exist_ok=True)
    for name, section in sections.items():
        progress(f"measuring {name}")
        started = time.perf_counter()
        body += [f"## {section.TITLE}", "", *section.measure(bench)]
        refused = [f"this build does not train in {precision} here: {reason}"
                   for precision, reason in bench.refused_precisions.items()]
        facts_now = [*facts, f"load at the end: {load_average()}", *refused]
        output.write_text("\n".join([*introduction(facts_now), *body, *rates_section(bench)]), encoding="utf-8")
        progress(f"{name} took {time.perf_counter() - started:.0f} s")
    print(output.read_text(encoding="utf-8"))
