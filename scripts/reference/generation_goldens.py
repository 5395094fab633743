#!/usr/bin/env python3
"""Writes what transformers generates with the tiny GPT-2 models of families_goldens.py, and how it changes scores.

    python scripts/reference/generation_goldens.py tests/fixtures

Every prompt is continued alone: beside longer ones, transformers penalises padding ids as repetitions.
Made with torch 2.11.0, transformers 5.17.0, Python 3.11.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import GPT2LMHeadModel
from transformers.generation.logits_process import (RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper,
                                                    TopKLogitsWarper, TopPLogitsWarper)

PROMPTS = [[5, 17, 33], [90], [11, 12, 13, 14, 15, 16, 17, 18, 19], [3, 3, 7, 7, 101], [64, 2]]

# Name, model, options under transformers' names, end ids.
CASES = [
    ("greedy", "gpt2_causal_lm", dict(max_new_tokens=20), []),
    ("greedy to an end", "gpt2_causal_lm", dict(max_new_tokens=20), [73, 19]),
    ("greedy, odd sizes", "gpt2_odd_sizes", dict(max_new_tokens=24), []),
    ("repetition penalty", "gpt2_causal_lm", dict(max_new_tokens=20, repetition_penalty=1.4), []),
    ("repetition reward", "gpt2_odd_sizes", dict(max_new_tokens=16, repetition_penalty=0.7), []),
    ("beams", "gpt2_causal_lm", dict(max_new_tokens=16, num_beams=3), []),
    ("beams to an end", "gpt2_causal_lm", dict(max_new_tokens=16, num_beams=4), [46]),
    ("beams to one of three ends", "gpt2_odd_sizes", dict(max_new_tokens=16, num_beams=3), [93, 45, 17]),
    ("beams for long texts", "gpt2_odd_sizes", dict(max_new_tokens=16, num_beams=3, length_penalty=2.5), [93, 64]),
    ("beams for short texts", "gpt2_odd_sizes", dict(max_new_tokens=16, num_beams=5, length_penalty=-1.0), [93, 64]),
    ("beams without regard to length", "gpt2_causal_lm", dict(max_new_tokens=12, num_beams=2, length_penalty=0.0),
     [19, 40]),
    ("beams stopping early", "gpt2_odd_sizes", dict(max_new_tokens=16, num_beams=4, early_stopping=True), [93, 64, 45]),
    ("beams with repetition penalty", "gpt2_causal_lm",
     dict(max_new_tokens=14, num_beams=3, repetition_penalty=1.3), [118, 19]),
]


def continue_prompt(model, prompt, options, end_ids):
    output = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                            do_sample=False, eos_token_id=end_ids or None, pad_token_id=0, **options)[0]
    return output[len(prompt):].tolist()


def write_generations(root):
    cases = []
    for name, folder, options, end_ids in CASES:
        model = GPT2LMHeadModel.from_pretrained(root / "models" / folder).eval()
        model.generation_config.eos_token_id = None
        new_ids = [continue_prompt(model, prompt, options, end_ids) for prompt in PROMPTS]
        cases.append(dict(name=name, model=folder, options=options, end_ids=end_ids, prompts=PROMPTS,
                          new_ids=new_ids))
    return cases


def write_scores():
    """Scores before and after; what must not be drawn is null."""
    scores = torch.randn(1, 40, generator=torch.Generator().manual_seed(3)) * 2
    text = [3, 9, 9, 31]
    processors = {"repetition_penalty": RepetitionPenaltyLogitsProcessor, "temperature": TemperatureLogitsWarper,
                  "top_k": TopKLogitsWarper, "top_p": TopPLogitsWarper}
    changed = []
    for name, value in (("repetition_penalty", 1.7), ("repetition_penalty", 0.6), ("top_k", 7), ("top_k", 100),
                        ("top_p", 0.8), ("top_p", 0.05), ("top_p", 0.999)):
        after = processors[name](value)(torch.tensor([text]), scores.clone())[0].tolist()
        changed.append({"option": name, "value": value,
                        "scores": [None if score == float("-inf") else score for score in after]})
    return {"text": text, "scores": scores[0].tolist(), "changed": changed}


def main():
    root = Path(sys.argv[1])
    folder = root / "generation"
    folder.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(case) for case in write_generations(root))
    (folder / "cases.json").write_text(f"[{lines}]\n")
    (folder / "scores.json").write_text(json.dumps(write_scores()) + "\n")


if __name__ == "__main__":
    main()
