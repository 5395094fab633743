#!/usr/bin/env python3
"""Token types that transformers' AutoTokenizer gives a pair, by what a model folder's files say.

    python scripts/reference/pair_types_goldens.py tests/fixtures/inference/pair_types

Writes two tiny tokenizers, `albert` as AlbertTokenizer saves it and `bert`, and `expected.json`: the keys of
tokenizer_config.json and the model's type in a folder, and the types AutoTokenizer gives there; null: none, which
models take for type 0 everywhere. Made with transformers 5.17.0.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import transformers

from golden_models import fresh
from sentence_transformers_goldens import write_transformer

PAIR = ("the cat", "a dog")
WITH = ["input_ids", "token_type_ids", "attention_mask"]
WITHOUT = ["input_ids", "attention_mask"]


def write_albert(folder):
    tokens = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]", "▁the", "▁cat", "▁a", "▁dog", "▁"]
    transformers.AlbertTokenizer(vocab=[(token, -float(number)) for number, token in enumerate(tokens)]).save_pretrained(folder)


def cases():
    for named in ("AlbertTokenizer", "AlbertTokenizerFast", "PreTrainedTokenizerFast", "TokenizersBackend", None):
        for names in (None, WITH, WITHOUT):
            yield "albert", "albert", named, names
    for named in ("BertTokenizer", "BertTokenizerFast", "DistilBertTokenizerFast", "PreTrainedTokenizerFast", "TokenizersBackend", None):
        for names in (None, WITH, WITHOUT):
            yield "bert", "bert", named, names


def config_of(original, named, names):
    config = {key: value for key, value in original.items() if key not in ("tokenizer_class", "model_input_names")}
    if named:
        config["tokenizer_class"] = named
    if names:
        config["model_input_names"] = names
    return config


def types_of(tokenizer, model_type, named, names):
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        shutil.copy(tokenizer / "tokenizer.json", folder)
        original = json.loads((tokenizer / "tokenizer_config.json").read_text())
        (folder / "tokenizer_config.json").write_text(json.dumps(config_of(original, named, names)))
        (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
        return transformers.AutoTokenizer.from_pretrained(folder)(*PAIR).get("token_type_ids")


def main():
    root = fresh(Path(sys.argv[1]))
    write_albert(root / "albert")
    with tempfile.TemporaryDirectory() as directory:
        write_transformer(Path(directory))
        (root / "bert").mkdir()
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(Path(directory) / name, root / "bert")
    rows = [{"tokenizer": tokenizer, "model_type": model_type, "tokenizer_class": named, "model_input_names": names,
             "types": types_of(root / tokenizer, model_type, named, names)} for tokenizer, model_type, named, names in cases()]
    lines = ",\n".join(json.dumps(row) for row in rows)
    (root / "expected.json").write_text(f'{{"pair": {json.dumps(PAIR)}, "rows": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
