"""Labelling and evaluating with the fine-tuned demo model."""
import llmtool
from ceiling import FORWARD, ceiling, classification_work
from data import Rows, measure_lengths
from llmtool import LLMTOOL
from programs import run
from shapes import read_shape
from tables import Row, alternate, comparison

TITLE = "Prediction and evaluation"
BATCH = 64
SMALL = 256  # rows of the run whose time is taken off: start-up


def command(bench, verb, model, rows, precision):
    options = ["--precision", precision] if llmtool.offers(verb, "--precision") else []
    if verb == "eval":
        return [LLMTOOL, "eval", model, "--data", rows.path, "--unknown-label", "skip", *options]
    return [LLMTOOL, "predict", model, "--input", rows.path, "--output", bench.folder / "predictions.jsonl", *options]


def rows_per_second(bench, verb, model, small, large, precision):
    """What the larger file takes beyond the smaller one."""
    seconds = {rows: run(command(bench, verb, model, rows, precision)).seconds for rows in (small, large)}
    return (large.count - small.count) / (seconds[large] - seconds[small])


def computes_in(verb, precision):
    return precision == "fp32" or llmtool.offers(verb, "--precision")


def measure_sides(bench, model, small, large, precision):
    sides = {verb: lambda verb=verb: rows_per_second(bench, verb, model, small, large, precision)
             for verb in ("predict", "eval") if computes_in(verb, precision)}
    if bench.hugging_face:
        for order in ("sorted", "unsorted"):
            sides[order] = lambda order=order: bench.hugging_face.work(
                "predict", model=str(model), file=large.path, text=Rows.TEXT, precision=precision,
                sort_by_length=order == "sorted")["rows_per_second"]
    return alternate(bench.rounds, sides)


def measure(bench):
    model = bench.folder / "models/classifier"
    llmtool.train_into(model, "finetune", llmtool.finetune_config(
        bench.arguments.model, bench.rows("brief", 32 * max(3, bench.arguments.steps // 2)), epochs=1))
    small, large = bench.rows("small", SMALL), bench.rows("large", SMALL + bench.arguments.rows)
    lengths = measure_lengths(model, large, 128)
    work = classification_work(read_shape(model), round(BATCH * lengths.mean), lengths.attended)
    rows = []
    for precision in bench.precisions:
        limit = ceiling(bench.rates, work, precision, FORWARD) / lengths.mean
        figures = measure_sides(bench, model, small, large, precision)
        for verb, order in (("predict", "sorted"), ("predict", "unsorted"), ("eval", "sorted")):
            rows.append(Row(f"{verb}, {precision}; Hugging Face {order}, rows/s", figures.get(verb, []),
                            figures.get(order, []), ceiling=limit))
    return [
        f"The demo model after a short fine-tuning, on {large.count - small.count:,} rows of {lengths.mean:.1f} "
        f"tokens. llmtool: from file to file, what {large.count:,} rows take beyond {small.count:,}, so that start-up is left "
        "out. Hugging Face: tokenizing and a plain loop over batches of 64 in one warm process, start-up, reading and "
        "writing left out; in the order of the file, or sorted by length. The ceiling counts every layer for every "
        "token.",
        "", *comparison(rows)]
