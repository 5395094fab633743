#!/usr/bin/env python3
"""Writes CSV files with other delimiters than the comma, and what pandas reads of them with the delimiter that the csv
module finds in the header.

Usage: delimiter_goldens.py tests/fixtures/formats
Versions: scripts/reference/requirements.txt (pandas 3.1.1).
"""
import csv
import json
import sys
from pathlib import Path

import pandas

ROWS = [["text", "label", "näme"], ["plain", "1", "x"], ["a, b; c|d\te", 'say "hi"', '"'], ["two\nlines", "1,5", ""],
        [" spaces ", "日本語 🎉", "2;5"], ['""', ",", "|"]]
FILES = {"semicolons.csv": ";", "tabs.csv": "\t", "bars.csv": "|", "commas.csv": ","}


def main():
    folder = Path(sys.argv[1])
    read = {}
    for name, delimiter in FILES.items():
        with open(folder / name, "w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(ROWS)
        found = csv.Sniffer().sniff(",".join(ROWS[0]).replace(",", delimiter), delimiters=",;\t|").delimiter
        table = pandas.read_csv(folder / name, sep=found, header=None, dtype=str, keep_default_na=False)
        read[name] = table.values.tolist()
    text = json.dumps(read, indent=1, ensure_ascii=False)
    (folder / "delimiters.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
