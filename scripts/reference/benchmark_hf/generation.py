"""Greedy continuation of texts with a causal language model."""
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def generate(model, prompt, batch_sizes, short, long):
    """Tokens a second by batch size: what `long` new tokens take beyond `short` ones."""
    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.pad_token = tokenizer.eos_token
    decoder = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32, attn_implementation="sdpa").eval()

    def seconds(inputs, tokens):
        started = time.perf_counter()
        decoder.generate(**inputs, max_new_tokens=tokens, min_new_tokens=tokens, do_sample=False,
                         pad_token_id=tokenizer.eos_token_id)
        return time.perf_counter() - started

    rates = {}
    with torch.inference_mode():
        for batch_size in batch_sizes:
            inputs = tokenizer([prompt] * batch_size, return_tensors="pt")
            seconds(inputs, 8)
            rates[str(batch_size)] = batch_size * (long - short) / (seconds(inputs, long) - seconds(inputs, short))
    return {"tokens_per_second": rates}
