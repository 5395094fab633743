#!/usr/bin/env python3
"""Golden orders for lib/llmtool/data: transformers' grouping by length.

Run: python scripts/reference/data_goldens.py tests/fixtures/data
Made with transformers 5.17.0 and torch 2.11.0. Writes group_by_length.json: lengths, batch size, the shuffled order that
get_length_grouped_indices draws, and the order it returns.
"""

import json
import pathlib
import sys

import torch
from transformers.trainer_pt_utils import get_length_grouped_indices


def make_case(num_examples, batch_size, longest, seed):
    lengths = torch.randint(1, longest + 1, (num_examples,), generator=torch.Generator().manual_seed(seed)).tolist()
    shuffled = torch.randperm(num_examples, generator=torch.Generator().manual_seed(seed + 1)).tolist()
    generator = torch.Generator().manual_seed(seed + 1)
    grouped = get_length_grouped_indices(lengths, batch_size, generator=generator)
    return {"batch_size": batch_size, "lengths": lengths, "shuffled": shuffled, "grouped": grouped}


def main():
    cases = [
        make_case(1, 4, 9, 1),
        make_case(7, 4, 9, 2),
        make_case(33, 2, 5, 3),
        make_case(200, 3, 40, 4),
        make_case(1000, 4, 64, 5),
    ]
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (output / "group_by_length.json").write_text("[\n" + text + "\n]\n")


if __name__ == "__main__":
    main()
