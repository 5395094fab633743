"""A classifier on many texts, in a plain loop over padded batches: less around it than Trainer.predict has."""
import time

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from rows import read_column


def predict(model, file, text, precision, sort_by_length, batch_size=64, max_length=128):
    """Rows a second, from texts to probabilities; loading is left out."""
    tokenizer = AutoTokenizer.from_pretrained(model)
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    classifier = AutoModelForSequenceClassification.from_pretrained(model, dtype=dtype, attn_implementation="sdpa")
    classifier.eval()
    texts = read_column(file, text)

    def probabilities(texts):
        encoded = tokenizer(texts, truncation=True, max_length=max_length)["input_ids"]
        order = list(range(len(texts)))
        if sort_by_length:
            order.sort(key=lambda row: -len(encoded[row]))
        results = [None] * len(texts)
        for start in range(0, len(order), batch_size):
            batch = order[start:start + batch_size]
            inputs = tokenizer.pad({"input_ids": [encoded[row] for row in batch]}, return_tensors="pt")
            for row, values in zip(batch, classifier(**inputs).logits.float().softmax(-1).tolist()):
                results[row] = values
        return results

    with torch.inference_mode():
        probabilities(texts[:2 * batch_size])
        started = time.perf_counter()
        probabilities(texts)
        return {"rows_per_second": len(texts) / (time.perf_counter() - started)}
