"""Texts that both sides work on: drawn from the user's files by a fixed seed, so that every run takes the same."""
import csv
import dataclasses
import json
import random

from programs import PROGRAMS, run


@dataclasses.dataclass(frozen=True)
class Rows:
    """Labelled texts in a CSV file with the columns text and label."""
    path: str
    count: int

    TEXT = "text"
    LABEL = "label"


def read_labelled(path, text_column, label_column):
    with open(path, encoding="utf-8", newline="") as file:
        return [(row[text_column], row[label_column]) for row in csv.DictReader(file)]


def write_rows(path, labelled):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([Rows.TEXT, Rows.LABEL])
        writer.writerows(labelled)
    return Rows(str(path), len(labelled))


def draw(labelled, count):
    """`count` rows; where there are not as many, rows come again."""
    generator = random.Random(42)
    drawn = []
    while len(drawn) < count:
        drawn += generator.sample(labelled, min(len(labelled), count - len(drawn)))
    return drawn


def write_excerpt(source, path, size):
    """The first lines of a text, `size` bytes or a little more."""
    written = 0
    with open(source, "rb") as lines, open(path, "wb") as excerpt:
        for line in lines:
            written += excerpt.write(line)
            if written >= size:
                break
    return path


@dataclasses.dataclass(frozen=True)
class Lengths:
    """How long texts are in tokens."""
    mean: float
    attended: float  # mean over tokens of the tokens of their text: keys that a query sees


def measure_lengths(model, rows, max_length):
    output = run([PROGRAMS / "llmtool", "tokenizer", "encode", model, "--input", rows.path, "--column", Rows.TEXT,
                  "--max-length", max_length, "--json"]).output
    lengths = [len(json.loads(line)["ids"]) for line in output.splitlines()]
    return Lengths(sum(lengths) / len(lengths), sum(length**2 for length in lengths) / sum(lengths))
