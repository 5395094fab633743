#!/usr/bin/env python3
"""Turns the rated snippets of hutto_ICWSM_2014 into CSV files with the columns text, label, rating.

Usage: prepare_demo_data.py SOURCE DESTINATION
SOURCE holds *_GroundTruth.txt (id, mean rating from -4 to 4, text; tab-separated). Written to DESTINATION:
movies_train.csv and movies_test.csv (85 : 15), and amazon.csv, news.csv, tweets.csv for evaluation out of domain.
The label is the sign of the rating: positive or negative; a rating of exactly 0 is left out. The place and the side of a
row follow from the SHA-256 of its text: the source is sorted by label, so its first rows would be a poor sample, and a
repeated text never stands on both sides.
movies_train.csv is written last: where it is, the set is complete.
"""
import csv
import hashlib
import html
import os
import pathlib
import sys

DOMAINS = {
    "amazonReviewSnippets": "amazon",
    "nytEditorialSnippets": "news",
    "tweets": "tweets",
}
TEST_SHARE = 0.15


def read_rows(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        fields = line.split("\t")
        if len(fields) != 3:
            sys.exit(f"error: {path}:{number}: expected 3 tab-separated fields, found {len(fields)}")
        rating = float(fields[1])
        text = html.unescape(fields[2].strip())
        if rating != 0 and text:
            yield text, "positive" if rating > 0 else "negative", f"{rating:.3f}"


def digest(row):
    return hashlib.sha256(row[0].encode("utf-8")).digest()


def is_test(row):
    return int.from_bytes(digest(row)[:8], "big") < TEST_SHARE * 2**64


# By the end of the digest: its beginning has decided the side.
def shuffled(rows):
    return sorted(rows, key=lambda row: digest(row)[::-1])


def write_rows(path, rows):
    temporary = path.with_suffix(".tmp")
    with open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["text", "label", "rating"])
        writer.writerows(rows)
    os.replace(temporary, path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, destination = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    destination.mkdir(parents=True, exist_ok=True)
    for name, short in DOMAINS.items():
        write_rows(destination / f"{short}.csv", shuffled(read_rows(source / f"{name}_GroundTruth.txt")))
    movies = shuffled(read_rows(source / "movieReviewSnippets_GroundTruth.txt"))
    write_rows(destination / "movies_test.csv", [row for row in movies if is_test(row)])
    write_rows(destination / "movies_train.csv", [row for row in movies if not is_test(row)])


if __name__ == "__main__":
    main()
