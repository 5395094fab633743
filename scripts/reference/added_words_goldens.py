"""Adds words to the tokenizers of tests/fixtures/tokenizer with transformers, and records what becomes of them.

    python scripts/reference/added_words_goldens.py tests/fixtures/tokenizer

Written with transformers 5.17.0 and tokenizers 0.23.3. Words the vocabulary has already are left out first, as users of
add_tokens do; no two are equal once normalised: the library would number both, of which only one is ever found, and we
add one. Writes added_words.json: for each tokenizer the words, the texts, and of the tokenizer saved and opened
again the section added_tokens and the ids and offsets of each text.
"""

import json
import pathlib
import sys
import tempfile

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

NAMES = ("uncased", "cased", "added", "components", "byte-level", "roberta")
WORDS = ["Metformin", "HbA1c", "the", "[MASK]", "", "Metformin", "metformin hydrochloride", "Übergröße", "κορτιζόνη", "糖尿病", "abc", "##xy", "a.b"]
TEXTS = [
    "Metformin and metformin HbA1c hba1c",
    "the unmetforminable, Metformins; METFORMIN hydrochloride metformin hydrochloride.",
    "übergröße Übergröße ÜBERGRÖSSE",
    "ΚΟΡΤΙΖΌΝΗ κορτιζόνη",
    " wordy 糖尿病糖尿病 [MASK] abcabc ##xy xy a.b A.B a . b",
    "Metformin",
    "",
]


def answers(folder):
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    known = tokenizer.get_vocab()
    tokenizer.add_tokens([word for word in WORDS if word not in known])
    with tempfile.TemporaryDirectory() as saved:
        tokenizer.save_pretrained(saved)
        path = str(pathlib.Path(saved) / "tokenizer.json")
        added = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["added_tokens"]
        opened = Tokenizer.from_file(path)
    encodings = [opened.encode(text) for text in TEXTS]
    return {
        "added_tokens": added,
        "ids": [encoding.ids for encoding in encodings],
        "offsets": [[position for offset in encoding.offsets for position in offset] for encoding in encodings],
    }


def main(fixtures):
    goldens = {"words": WORDS, "texts": TEXTS, "answers": {name: answers(fixtures / name) for name in NAMES}}
    (fixtures / "added_words.json").write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
