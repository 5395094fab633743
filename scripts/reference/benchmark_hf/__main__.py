#!/usr/bin/env python3
"""The Hugging Face side of scripts/benchmark: does one piece of work in a process of its own, prints one JSON object.

Usage: python scripts/reference/benchmark_hf WORK REQUEST
WORK is finetune, pretrain, predict, generate or tokenize; REQUEST a JSON object: the keyword arguments of the function
of that name. Versions: scripts/reference/requirements.txt (torch 2.11.0, transformers 5.17.0, tokenizers 0.23.3).
"""
import importlib
import json
import os
import sys

MODULES = {"finetune": "training", "pretrain": "training", "predict": "prediction", "generate": "generation",
           "tokenize": "tokenizing"}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in MODULES:
        sys.exit(__doc__)
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")
    work = getattr(importlib.import_module(MODULES[sys.argv[1]]), sys.argv[1])
    print(json.dumps(work(**json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()
