#!/usr/bin/env python3
"""Embeddings of texts with the demo model: mean of the token vectors, at length 1, as sentence-transformers does it.

    python scripts/reference/embedding_goldens.py models/all-MiniLM-L6-v2 tests/fixtures/inference

Made with torch 2.11.0, transformers 5.17.0.
"""

import json
import sys
from pathlib import Path

import torch
import transformers

TEXTS = ["A warm and very funny film.", "", "naïve café — 東京", "word " * 300,
         "The committee will meet again on Thursday to decide whether the bridge can be reopened."]


def main():
    tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1])
    model = transformers.AutoModel.from_pretrained(sys.argv[1]).eval()
    rows = []
    for text in TEXTS:
        batch = tokenizer(text, return_tensors="pt", truncation=True, max_length=256)
        with torch.no_grad():
            hidden = model(**batch).last_hidden_state[0]
        embedding = torch.nn.functional.normalize(hidden.mean(0), dim=0)
        rows.append({"text": text, "embedding": [round(value, 7) for value in embedding.tolist()]})
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "embeddings.json").write_text(json.dumps(rows, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
