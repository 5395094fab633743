"""Rows of a CSV file."""
import csv


def read_rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_column(path, column):
    return [row[column] for row in read_rows(path)]
