"""One piece of training on both sides, in every precision."""
import dataclasses
import statistics
import typing

from ceiling import TRAINING, Work, ceiling
from tables import Row, alternate

# Hugging Face's two ways to bf16: fp32 weights under autocast, or weights in bf16.
BF16_WAYS = {"autocast": "autocast", "bf16": "bf16 weights"}


@dataclasses.dataclass(frozen=True)
class TrainingWork:
    label: str
    batch: Work
    ours: typing.Callable  # precision -> TrainingRun
    theirs: typing.Callable  # precision, further arguments -> TrainingRun
    trial_steps: int
    least_batch: Work = None  # where an implementation may leave something out


@dataclasses.dataclass(frozen=True)
class Comparison:
    rows: list
    notes: list
    theirs_in_bf16: str  # their faster way


def rate(run):
    return run.tokens_per_second


def choose_bf16_way(work):
    rates = {way: rate(work.theirs(way, max_steps=work.trial_steps)) for way in BF16_WAYS}
    fastest = max(rates, key=rates.get)
    shown = ", ".join(f"{BF16_WAYS[way]} {value:,.0f}" for way, value in rates.items())
    return fastest, (f"{work.label}: Hugging Face in bf16 in a trial of {work.trial_steps} steps: {shown} tokens/s; "
                     f"{BF16_WAYS[fastest]} below.")


def least_work_note(bench, work):
    limits = ", ".join(f"{precision} {ceiling(bench.rates, work.least_batch, precision, TRAINING):,.0f}"
                       for precision in bench.precisions)
    return f"{work.label}: with the last layer for first tokens alone the ceiling would be {limits} tokens/s."


def measure_sides(bench, work, rounds, bf16_way):
    sides = {}
    for precision in bench.precisions:
        if bench.trains_in(precision):
            sides["ours", precision] = lambda precision=precision: work.ours(precision)
        if bench.hugging_face:
            way = bf16_way if precision == "bf16" else precision
            sides["theirs", precision] = lambda way=way: work.theirs(way)
    return alternate(rounds, sides)


def best_rates(runs, side):
    """The rates in the side's faster precision."""
    candidates = [[rate(run) for run in values] for (name, _), values in runs.items() if name == side]
    return max(candidates, key=statistics.median, default=[])


def compare(bench, work, rounds):
    bf16_way, notes = None, []
    if bench.hugging_face and "bf16" in bench.precisions:
        bf16_way, note = choose_bf16_way(work)
        notes.append(note)
    runs = measure_sides(bench, work, rounds, bf16_way)

    def figures(side, precision, figure):
        return [figure(run) for run in runs.get((side, precision), [])]

    rows = []
    for precision in bench.precisions:
        rows.append(Row(f"{work.label}, {precision}, tokens/s", figures("ours", precision, rate),
                        figures("theirs", precision, rate),
                        ceiling=ceiling(bench.rates, work.batch, precision, TRAINING)))
    if len(bench.precisions) > 1:
        rows.append(Row(f"{work.label}, each side's faster precision, tokens/s", best_rates(runs, "ours"),
                        best_rates(runs, "theirs")))
    for precision in bench.precisions:
        rows.append(Row(f"{work.label}, {precision}, peak memory, GiB",
                        figures("ours", precision, lambda run: run.peak_memory_bytes),
                        figures("theirs", precision, lambda run: run.peak_memory_bytes), 2.0**-30))
    if work.least_batch:
        notes.append(least_work_note(bench, work))
    return Comparison(rows, notes, bf16_way)
