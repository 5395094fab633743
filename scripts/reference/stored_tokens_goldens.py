"""Writes tokenizer folders whose added tokens stand beside the vocabulary, and records what transformers makes of them.

    python scripts/reference/stored_tokens_goldens.py tests/fixtures/tokenizer [--number N] [--seed S]

Written with transformers 5.17.0 and tokenizers 0.23.3. Each folder is drawn at random: one of the trained tokenizers of
tests/fixtures/tokenizer, or a small vocab.txt, or a vocab.json with merges.txt, and beside it tokens in added_tokens.json,
special_tokens_map.json and tokenizer_config.json (added_tokens_decoder, additional_special_tokens, extra_special_tokens,
tokens with a role), with ids that follow the vocabulary. Folders that transformers refuses, or whose lists it does not
read, are left out: we refuse those too. The last rows are vocabularies with unusual white space.
Writes stored_tokens.json: a list of folders with their files, and the ids of each text and the added tokens.
"""

import argparse
import json
import pathlib
import random
import shutil
import tempfile

from transformers import AutoTokenizer

BASES = {"uncased": "BertTokenizer", "cased": "PreTrainedTokenizerFast", "byte-level": "PreTrainedTokenizerFast", "unigram": "PreTrainedTokenizerFast"}
SMALL = {"vocab.txt": "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nfilm\nwas\nf\n##ilm\n<\n>\ne\n##1\n1\n/\n"}
GPT2 = {
    "vocab.json": json.dumps({"<|endoftext|>": 0, "t": 1, "h": 2, "e": 3, "th": 4, "the": 5, "\u0120": 6, "<": 7, ">": 8, "1": 9, "/": 10, "\u0120the": 11}),
    "merges.txt": "#version: 0.2\nt h\nth e\n\u0120 the\n",
}
CONTENTS = ["<e1>", "</e1>", "Film", "the<", "<E1>", "<x y>", "é1"]
TEXTS = ["the <e1> film </e1> was", "the<e1>film</e1>", " <E1>  Film the< the", "THE <x y> é1 É1x", "[PAD] [MASK] <mask> <|endoftext|>", "hello world the"]
FLAGS = ("lstrip", "rstrip", "single_word", "normalized", "special")
EXTRA_KEYS = ("additional_special_tokens", "extra_special_tokens")


def drawn_object(draw, content):
    return {"content": content, **{flag: draw.random() < 0.4 for flag in FLAGS if draw.random() < 0.7}}


def draw_files(draw, size):
    """Settings files that list some of the contents, numbered as they will be."""
    contents = draw.sample(CONTENTS, draw.randint(1, 4))
    config, special_map, added = {}, {}, {}
    kind = draw.choice(["decoder", "added", "lists", "roles"])
    if kind == "decoder":
        config["added_tokens_decoder"] = {str(size + i): drawn_object(draw, content) for i, content in enumerate(contents)}
        if draw.random() < 0.5:
            special_map["additional_special_tokens"] = contents[:1]
        if draw.random() < 0.3:
            config["extra_special_tokens"] = contents[-1:]
    elif kind == "added":
        added = {content: size + i for i, content in enumerate(contents)}
        if draw.random() < 0.5:
            draw.choice([config, special_map])[draw.choice(EXTRA_KEYS)] = contents[:2]
    elif kind == "lists":
        target = draw.choice([config, special_map])
        target[draw.choice(EXTRA_KEYS)] = contents if draw.random() < 0.7 or target is special_map else {f"{i}_token": content for i, content in enumerate(contents)}
    else:
        for i, content in enumerate(contents):
            value = {**drawn_object(draw, content), **({"__type": "AddedToken"})} if draw.random() < 0.5 else content
            config[f"image{i}_token" if i else "pad_token"] = value
    files = {"tokenizer_config.json": config, "special_tokens_map.json": special_map, "added_tokens.json": added}
    return {name: content for name, content in files.items() if content}


def flags_of(token):
    return {"content": token.content, **{flag: getattr(token, flag) for flag in FLAGS}}


def answers(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return {
        "ids": [tokenizer(text)["input_ids"] for text in TEXTS],
        "added_tokens": [{"id": id_, **flags_of(token)} for id_, token in sorted(tokenizer.added_tokens_decoder.items())],
    }


def size_of(folder):
    return len(AutoTokenizer.from_pretrained(folder))


def write(folder, fixtures, row):
    if row["base"]:
        shutil.copy(fixtures / row["base"] / "tokenizer.json", folder)
    for name, content in row["files"].items():
        (pathlib.Path(folder) / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8", newline="")


def draw_row(draw, fixtures):
    base = draw.choice([*BASES, "small", "gpt2"])
    files = {"small": SMALL, "gpt2": GPT2}.get(base, {})
    start = {"tokenizer_class": {"small": "BertTokenizer", "gpt2": "GPT2Tokenizer"}.get(base) or BASES[base]}
    if base == "uncased":
        start["do_lower_case"] = True
    row = {"base": base if base in BASES else None, "files": {**files, "tokenizer_config.json": start}}
    with tempfile.TemporaryDirectory() as folder:
        write(folder, fixtures, row)
        drawn = draw_files(draw, size_of(folder))
    row["files"].update(drawn)
    row["files"]["tokenizer_config.json"] = {**start, **drawn.get("tokenizer_config.json", {})}
    return row


def listed(row):
    """All contents that any file lists."""
    found = set(row["files"].get("added_tokens.json", {}))
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        for key, value in row["files"].get(name, {}).items():
            if key == "added_tokens_decoder" or (key in EXTRA_KEYS and isinstance(value, dict)):
                values = list(value.values())
            elif key in EXTRA_KEYS:
                values = value
            else:
                values = [value] if key.endswith("_token") else []
            found.update(v if isinstance(v, str) else v["content"] for v in values)
    return found


def vocabulary_rows():
    """Lines that end with white space, Windows line ends, blank lines, a token twice, no newline at the end."""
    head = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
    texts = ["hello \nworld\nthe\n", "hello\u00a0\nworld\u3000\nthe\u2003 \t", "hello\r\nworld \r\nthe\r\n", "hello\n\n\nworld\nthe", "hello\nhello\nworld\nthe", "hello\u0085\nworld\u2028\nthe\u200b\n", " hello\nworld\nthe\n"]
    for text in texts:
        yield {"base": None, "files": {"vocab.txt": head + text, "tokenizer_config.json": {"tokenizer_class": "BertTokenizer"}}}
    for merges in ("t h\nth e", "#version: 0.2\r\nt h\r\nth e\r\n", "#version: 0.2\n#versions\nt h\n"):
        yield {"base": None, "files": {**GPT2, "merges.txt": merges, "tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer"}}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fixtures", type=pathlib.Path)
    parser.add_argument("--number", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=pathlib.Path)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    rows = []
    candidates = [*vocabulary_rows(), *(draw_row(draw, arguments.fixtures) for _ in range(arguments.number))]
    for row in candidates:
        with tempfile.TemporaryDirectory() as folder:
            write(folder, arguments.fixtures, row)
            try:
                row.update(answers(folder))
            except (TypeError, ValueError):
                continue
        if listed(row) <= {token["content"] for token in row["added_tokens"]}:
            rows.append(row)
    output = arguments.output or arguments.fixtures / "stored_tokens.json"
    output.write_text(json.dumps({"texts": TEXTS, "rows": rows}, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")



if __name__ == "__main__":
    main()
