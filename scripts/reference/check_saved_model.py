#!/usr/bin/env python3
"""Opens a model folder that llmtool saved with the transformers class it names, and compares a classifier's
probabilities.

    python scripts/reference/check_saved_model.py MODEL [PREDICTIONS.jsonl [TOLERANCE]]

PREDICTIONS.jsonl: rows with "text" (and "text_pair" for pairs) and "scores" by label name, as `llmtool predict` writes
them for an input with these columns. Exits 1 when a weight is missing, unexpected or misshaped, or a probability
differs by more than TOLERANCE (default 1e-4). Written for torch 2.11.0, transformers 5.17.0, tokenizers 0.23.3.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer


def open_model(folder):
    architecture = json.loads((folder / "config.json").read_text(encoding="utf-8"))["architectures"][0]
    model, info = getattr(transformers, architecture).from_pretrained(folder, output_loading_info=True)
    problems = {key: sorted(map(str, found)) for key, found in info.items() if found}
    if problems:
        sys.exit(f"{folder}: transformers reports {problems}")
    return model.eval()


def largest_difference(model, tokenizer, row):
    text = (row["text"], row["text_pair"]) if "text_pair" in row else (row["text"],)
    encoding = tokenizer.encode(*text)
    inputs = {"input_ids": torch.tensor([encoding.ids])}
    if getattr(model.config, "type_vocab_size", 0) > 1:
        inputs["token_type_ids"] = torch.tensor([encoding.type_ids])
    with torch.no_grad():
        logits = model(**inputs).logits
    expected = logits[0].softmax(0)
    return max(abs(expected[index].item() - row["scores"][label]) for index, label in model.config.id2label.items())


def main():
    folder = Path(sys.argv[1])
    model = open_model(folder)
    if len(sys.argv) < 3:
        print(f"{folder} opens as {type(model).__name__}")
        return
    predictions = Path(sys.argv[2])
    tolerance = float(sys.argv[3]) if len(sys.argv) > 3 else 1e-4
    # The saved truncation is part of the model; padding would only cost time.
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    rows = [json.loads(line) for line in predictions.read_text(encoding="utf-8").splitlines() if line]
    worst = max(largest_difference(model, tokenizer, row) for row in rows)
    print(f"{len(rows)} rows, largest difference of a probability {worst:.2e}")
    sys.exit(0 if worst <= tolerance else 1)


if __name__ == "__main__":
    main()
