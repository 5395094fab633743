"""Tokenizing and reading on one core."""
from data import Rows
from programs import google_benchmark
from sections.generate import bpe_tokenizer
from tables import Row, alternate, comparison

TITLE = "Tokenizing and reading"


def our_rates(tokenizer, file):
    """Bytes a second by benchmark: encode, read_rows."""
    report = google_benchmark("llmtool_benchmarks", [tokenizer, file, Rows.TEXT], 1, 0.2)
    return {row["run_name"].removesuffix("/real_time"): row["bytes_per_second"] for row in report}


def their_rate(bench, tokenizer, file, column):
    """Bytes a second of the fastest call."""
    calls = bench.hugging_face.work("tokenize", tokenizer=str(tokenizer), file=str(file), column=column)
    return max(calls["bytes_per_second"].values())


def measure_sides(bench, tokenizer, file, column):
    """column: of a CSV file; None: lines of text."""
    sides = {"ours": lambda: our_rates(tokenizer, file)}
    if bench.hugging_face:
        sides["theirs"] = lambda: their_rate(bench, tokenizer, file, column)
    return alternate(bench.rounds, sides)


def row(label, figures):
    return Row(label, [rates["encode"] for rates in figures["ours"]], figures.get("theirs", []), 1e-6)


def measure(bench):
    wordpiece = measure_sides(bench, bench.arguments.model, bench.all_rows.path, Rows.TEXT)
    bpe = measure_sides(bench, bpe_tokenizer(bench), bench.excerpt("prose", 4_000_000), None)
    rows = [row("WordPiece, CSV rows, MB/s", wordpiece), row("byte-level BPE, lines of prose, MB/s", bpe),
            Row("reading CSV, MB/s", [rates["read_rows"] for rates in wordpiece["ours"]], [], 1e-6)]
    return ["One core, tokenizers that have seen no text before. Hugging Face: the fastest of encode, encode_batch and "
            "encode_batch_fast of the tokenizers library.", "", *comparison(rows)]
