"""Runs the program on bad inputs: `bad_input_test.py PROGRAM TABLE [unittest arguments]`.

Each row says what is given and which exit code and message must come; bad_input_case.py says what holds for all."""

import importlib
import sys

import bad_input_case
import program

if __name__ == "__main__":
    table = importlib.import_module(f"bad_{sys.argv.pop(2)}_cases")
    BadInput = bad_input_case.make_tests(table.CASES)
    program.main()
