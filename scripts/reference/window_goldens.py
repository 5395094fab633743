#!/usr/bin/env python3
"""Cuts texts, pairs and lists of words into windows with the tokenizers library.

    python scripts/reference/window_goldens.py tests/fixtures/tokenizer

Writes windows.jsonl: for each case the tokenizer's folder, the text, what stands before it or the words, the length and
stride, and the windows with their ids, type ids, offsets, sequence ids and word ids.
Versions the committed file was made with: tokenizers 0.23, Python 3.11.
"""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer

FOLDERS = ["cased", "roberta", "metaspace", "unigram"]
TEXTS = [
    "", "a", " ", "The old grey fox jumps over one lazy dog, then sleeps again in the sun.",
    "Ça coûte 3,50 € — vraiment ? 日本語のテキスト and e\u0301 \u0928\u093f\u092f\u0924\u093f \U0001f600\U0001f468\u200d\U0001f469",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd  two  spaces\tand\na line",
]
QUESTION = "Who sleeps?"
WORDS = [
    [], ["a"], ["The", "old", "grey", "fox", "jumps", "over", "the", "lazy", "dogs", "again", "and", "again"],
    ["Ça", "coûte", "3,50", "€", "\u200b", "日本語", "e\u0301", "\U0001f600", "", "unbelievably", "two words", "\u05e9\u05dc\u05d5\u05dd"],
]
LENGTHS = [(64, 0), (12, 0), (12, 3), (9, 4)]


def described(encoding):
    return [{"ids": part.ids, "type_ids": part.type_ids, "offsets": [place for offset in part.offsets for place in offset],
             "sequence_ids": [-1 if sequence is None else sequence for sequence in part.sequence_ids],
             "word_ids": [-1 if word is None else word for word in part.word_ids]}
            for part in [encoding, *encoding.overflowing]]


def cases(folder, tokenizer):
    for max_length, stride in LENGTHS:
        facts = {"tokenizer": folder, "max_length": max_length, "stride": stride}
        tokenizer.enable_truncation(max_length, stride=stride, strategy="only_first")
        for text in TEXTS:
            yield {**facts, "text": text, "windows": described(tokenizer.encode(text))}
        for words in WORDS:
            yield {**facts, "words": words, "windows": described(tokenizer.encode(words, is_pretokenized=True))}
        if max_length < 20:
            max_length += 12
        tokenizer.enable_truncation(max_length, stride=stride, strategy="only_second")
        for text in TEXTS:
            yield {**facts, "max_length": max_length, "text": text, "before": QUESTION,
                   "windows": described(tokenizer.encode(QUESTION, text))}


def main():
    root = Path(sys.argv[1])
    with open(root / "windows.jsonl", "w", encoding="utf-8") as file:
        for folder in FOLDERS:
            for case in cases(folder, Tokenizer.from_file(str(root / folder / "tokenizer.json"))):
                file.write(json.dumps(case, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
