"""Opens a tokenizer llmtool saved with transformers, and compares its ids with the tokenizer it was loaded from.

    python scripts/reference/check_saved_tokenizer.py SAVED ORIGINAL

Written with transformers 5.17.0 and tokenizers 0.23.3. SAVED is a folder llmtool wrote, ORIGINAL the folder (with a
tokenizer.json) it had read. The strings are those of tests/fixtures/tokenizer/cases.jsonl.gz. Exits 1 on a difference.
"""

import gzip
import json
import pathlib
import sys

from tokenizers import Tokenizer
from transformers import AutoTokenizer


def differences(reference, opened, cases):
    for case in cases:
        expected = reference.encode(case["text"], case.get("pair")).ids
        given = opened(case["text"], case.get("pair"), truncation=False)["input_ids"]
        if expected != given:
            yield case


def main(saved, original):
    fixtures = pathlib.Path(__file__).parents[2] / "tests" / "fixtures" / "tokenizer"
    with gzip.open(fixtures / "cases.jsonl.gz", "rt", encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    reference = Tokenizer.from_file(str(pathlib.Path(original) / "tokenizer.json"))
    reference.no_truncation()
    reference.no_padding()
    opened = AutoTokenizer.from_pretrained(saved)
    different = list(differences(reference, opened, cases))
    print(f"{type(opened).__name__}: {len(cases) - len(different)} of {len(cases)} equal")
    for case in different[:5]:
        print("differs:", ascii(case["text"]), ascii(case.get("pair")))
    for role in ("pad", "unk", "cls", "sep", "mask"):
        print(f"  {role}: {getattr(opened, role + '_token')} {getattr(opened, role + '_token_id')}")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
