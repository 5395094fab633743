#!/usr/bin/env python3
"""Golden values for tagged words: the entities seqeval finds in tags, and the figures it gives.

Run: python scripts/reference/entities_goldens.py tests/fixtures/metrics
Made with seqeval 1.2.2. Writes entities.json: cases of gold and predicted tags, legal or not, of a scheme (null: one that
the strict mode does not have), with the entities [type, first word, word behind the last] of every sentence and the figures
of seqeval's classification_report and accuracy_score.
"""

import json
import pathlib
import random
import sys
import warnings

from seqeval.metrics import accuracy_score, classification_report
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB1, IOB2, IOBES, Entities

SCHEMES = {"iob1": (IOB1, "BI"), "iob2": (IOB2, "BI"), "bioes": (IOBES, "BIES"), "io": (None, "I")}
TYPES = ["per", "loc-x", "misc"]


def random_tags(generator, letters, length, share):
    tags = [f"{generator.choice(letters)}-{generator.choice(TYPES)}" if generator.random() < share else "O"
            for _ in range(length)]
    for i in range(1, length):  # runs of one type, as texts have them
        if tags[i - 1] != "O" and generator.random() < 0.5:
            tags[i] = f"{generator.choice(letters)}-{tags[i - 1][2:]}"
    return tags


def changed(generator, tags, letters):
    return [tag if generator.random() < 0.8 else random_tags(generator, letters, 1, 0.6)[0] for tag in tags]


def default_entities(tags):
    return [[type_, first, last + 1] for type_, first, last in get_entities(tags)]


def strict_entities(tags, scheme):
    return [[entity.tag, entity.start, entity.end] for entity in Entities([tags], scheme).entities[0]]


def figures(gold, predicted, **keywords):
    report = classification_report(gold, predicted, output_dict=True, zero_division=0, digits=17, **keywords)
    return {name: {key: float(value) for key, value in row.items()} for name, row in report.items()}


def make_case(generator, name, gold, predicted):
    scheme = SCHEMES[name][0]
    case = {"scheme": name, "gold": gold, "predicted": predicted,
            "entities": {"gold": [default_entities(tags) for tags in gold],
                         "predicted": [default_entities(tags) for tags in predicted]},
            "figures": figures(gold, predicted), "accuracy": float(accuracy_score(gold, predicted))}
    if scheme is not None:
        case["strict_entities"] = {"gold": [strict_entities(tags, scheme) for tags in gold],
                                   "predicted": [strict_entities(tags, scheme) for tags in predicted]}
        if any(case["strict_entities"]["gold"]) or any(case["strict_entities"]["predicted"]):
            case["strict_figures"] = figures(gold, predicted, mode="strict", scheme=scheme)
    return case


def main():
    folder = pathlib.Path(sys.argv[1])
    warnings.filterwarnings("ignore")
    generator = random.Random(20250301)
    cases = []
    for name, (_, letters) in SCHEMES.items():
        for number in range(6):
            lengths = [generator.randrange(1, 14) for _ in range(12)]
            gold = [random_tags(generator, letters, length, 0.5) for length in lengths]
            predicted = [changed(generator, tags, letters) for tags in gold]
            if number == 4:
                predicted = [["O"] * length for length in lengths]
            if number == 5:
                gold = [random_tags(generator, letters, length, 0.1) for length in lengths]
            cases.append(make_case(generator, name, gold, predicted))
    (folder / "entities.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
