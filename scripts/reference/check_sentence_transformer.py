#!/usr/bin/env python3
"""Opens a model folder with sentence-transformers and compares vectors that `llmtool embed` made with it.

    python scripts/reference/check_sentence_transformer.py MODEL VECTORS.jsonl [TOLERANCE]

VECTORS.jsonl: rows with "text" and "embedding". Exits 1 when a number differs by more than TOLERANCE (default 1e-5).
Written for sentence-transformers 6.0.1.
"""

import json
import sys

from sentence_transformers import SentenceTransformer


def main():
    tolerance = float(sys.argv[3]) if len(sys.argv) > 3 else 1e-5
    with open(sys.argv[2], encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    vectors = SentenceTransformer(sys.argv[1], device="cpu").encode([row["text"] for row in rows]).tolist()
    difference = max(abs(one - other) for row, vector in zip(rows, vectors, strict=True)
                     for one, other in zip(row["embedding"], vector, strict=True))
    print(f"{sys.argv[1]}: {len(rows)} vectors, largest difference {difference:.2g}")
    if not difference <= tolerance:
        sys.exit(1)


if __name__ == "__main__":
    main()
