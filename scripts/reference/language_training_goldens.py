#!/usr/bin/env python3
"""Golden values for pretraining: 20 steps of transformers' Trainer on tiny random language models.

Run:  python scripts/reference/language_training_goldens.py tests/fixtures/language_training
Made with torch 2.11.0 and transformers 5.17.0.

<case>/model/             the model the case starts from, as save_pretrained writes it (dropout 0)
<case>/case.json          "examples": token ids with what is predicted of them; "training", "losses" and
                          "gradient_norms" as in training_goldens.py
<case>/after.safetensors  the weights after the last step
An example's "input_ids" are those the model sees (hidden tokens replaced); "positions" and "targets" say which states
must predict which tokens; sentence pairs have "token_type_ids" and "pair_label".
"""
import json
import pathlib
import shutil
import sys

import torch
import transformers
from safetensors.torch import save_file
from training_goldens import ADAMW, NUM_EXAMPLES, train

CLS, SEP, MASK, FIRST_WORD, VOCABULARY_SIZE = 2, 3, 4, 5, 40
TRAINING = {"optimizer": {**ADAMW, "weight_decay": 0.01}, "schedule": {"name": "linear", "warmup": 2}}


def random_ids(generator, length):
    return torch.randint(FIRST_WORD, VOCABULARY_SIZE, (length,), generator=generator).tolist()


def hide(generator, example):
    """Hides about a third of the words, at least one."""
    ids = example["input_ids"]
    words = [place for place, token in enumerate(ids) if token >= FIRST_WORD]
    positions = [place for place in words if torch.rand(1, generator=generator) < 0.3] or words[:1]
    example["positions"], example["targets"] = positions, [ids[place] for place in positions]
    for place in positions:
        ids[place] = MASK
    return example


def masked_examples(generator):
    return [hide(generator, {"input_ids": [CLS, *random_ids(generator, 3 + number % 9), SEP]})
            for number in range(NUM_EXAMPLES)]


def pair_examples(generator):
    examples = []
    for number in range(NUM_EXAMPLES):
        first, second = random_ids(generator, 2 + number % 4), random_ids(generator, 2 + number % 5)
        examples.append(hide(generator, {
            "input_ids": [CLS, *first, SEP, *second, SEP],
            "token_type_ids": [0] * (len(first) + 2) + [1] * (len(second) + 1), "pair_label": number % 3 % 2}))
    return examples


def causal_examples(generator):
    examples = []
    for number in range(NUM_EXAMPLES):
        ids = random_ids(generator, 3 + number % 9)
        examples.append({"input_ids": ids, "positions": list(range(len(ids) - 1)), "targets": ids[1:]})
    return examples


def collate(rows, is_causal=False):
    longest = max(len(row["input_ids"]) for row in rows)

    def padded(values, filler):
        return torch.tensor([row + [filler] * (longest - len(row)) for row in values])

    labels = torch.full((len(rows), longest), -100)
    for number, row in enumerate(rows):
        for place, target in zip(row["positions"], row["targets"]):
            labels[number, place + is_causal] = target  # GPT-2 shifts its labels itself
    batch = {"input_ids": padded([row["input_ids"] for row in rows], 0), "labels": labels,
             "attention_mask": padded([[1] * len(row["input_ids"]) for row in rows], 0)}
    if "pair_label" in rows[0]:
        batch["token_type_ids"] = padded([row["token_type_ids"] for row in rows], 0)
        batch["next_sentence_label"] = torch.tensor([row["pair_label"] for row in rows])
    return batch


def collate_causal(rows):
    return collate(rows, is_causal=True)


def bert_config():
    return transformers.BertConfig(
        vocab_size=VOCABULARY_SIZE, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=16, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.2)


def gpt2_config():
    return transformers.GPT2Config(
        vocab_size=VOCABULARY_SIZE, n_embd=16, n_layer=2, n_head=2, n_positions=16, resid_pdrop=0.0, embd_pdrop=0.0,
        attn_pdrop=0.0, initializer_range=0.2, bos_token_id=0, eos_token_id=0)


CASES = {
    "bert_masked_lm": (transformers.BertForMaskedLM, bert_config, masked_examples, collate),
    "bert_pretraining": (transformers.BertForPreTraining, bert_config, pair_examples, collate),
    "gpt2_causal_lm": (transformers.GPT2LMHeadModel, gpt2_config, causal_examples, collate_causal),
}


def main():
    output = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)  # sums in one order
    for name, (model_class, make_config, make_examples, make_batch) in CASES.items():
        torch.manual_seed(1)
        folder = output / name
        shutil.rmtree(folder, ignore_errors=True)
        model_class(make_config()).save_pretrained(folder / "model")
        (folder / "model" / "generation_config.json").unlink(missing_ok=True)
        examples = make_examples(torch.Generator().manual_seed(7))
        record, weights = train(TRAINING, model_class.from_pretrained(folder / "model"), examples, make_batch)
        (folder / "case.json").write_text(json.dumps({"examples": examples, **record}, separators=(",", ":")) + "\n")
        save_file(weights, folder / "after.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
