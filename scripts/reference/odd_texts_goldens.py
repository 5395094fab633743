#!/usr/bin/env python3
"""Golden values for predictions over odd texts and pairs: scores by transformers' text-classification pipeline.

Run:  python scripts/reference/odd_texts_goldens.py tests/fixtures/odd_texts
Made with torch 2.11.0, transformers 5.17.0 and scikit-learn 1.9.1.

texts.jsonl.gz       rows of two texts (`text`, `other`), names of labels (`labels`) and numbers (those names, `number`)
bert/, roberta/      config.json and weights of tiny random models with three outputs and one; their tokenizers are
                     uncased and roberta of tests/fixtures/tokenizer
expected.json.gz     by case: its model and the problem_type of its config.json; "single" (`text` alone) and "pair" hold
                     the pipeline's scores row by row in the order of the labels, and scikit-learn's and scipy's figures

The pipeline applies what it does by itself: a sigmoid for several labels a text and for one output that is not said to be
a number, a softmax for one label a text, nothing for numbers. Texts are cut to the model's positions, the longer of two first.
Pairs are tokenised in batches, as by the example scripts and CrossEncoder: called with one text and an empty `text_pair`,
transformers' tokenizers take the second text for none.
"""

import gzip
import json
import pathlib
import random
import sys

import numpy as np
import torch
import transformers
from golden_models import fresh, randomize
from metrics_goldens import multi_label_figures, regression_case
from question_answering_goldens import ODD, REPOSITORY, words

LABELS = ["anger", "joy", "surprise"]
MAX_LENGTH = 64
NUM_ROWS = 560
MORE_ODD = [
    "\u200b\u200e\ufeff", "\u0007\u0001", "\u0000", "a\u0000b", "\u2028", "\r\n", "\u3000", "\ud7ff", "\U0010ffff", "\ue000\uf8ff",
    "e" + "\u0301" * 200, "\u0e01" * 90, "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f44d\U0001f3fd", "\u202eabc\u202c", "\u2066\u05d0 1 (a)\u2069",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643 123", "\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd", "\ufdfa", "\u1e9e\u0130\u0131\ufb03", "[MASK] [PAD] [UNK]", "<s> </s> <both>", "##ing", "x" * 120,
    "x" * 5000, "\n" * 300, " ".join("abcdefgh"), "\u00a0\u2009a\u2009\u00a0", "\\n \\u0041 \"'`", "{\"text\": null}", "\u0915\u094d\u0937", "\u1112\u1161\u11ab",
]
CASES = {
    "several_labels": ("bert", "multi_label_classification"),
    "several_numbers": ("bert", "regression"),
    "one_label": ("bert", "single_label_classification"),
    "one_number": ("roberta", "regression"),
    "sigmoid_of_one": ("roberta", None),
}


def odd_text(generator):
    kind = generator.randrange(8)
    if kind == 0:
        return generator.choice(ODD + MORE_ODD)
    if kind == 1:
        return chr(generator.choice([generator.randrange(32, 127), generator.randrange(0xa0, 0x3000),
                                     generator.randrange(0x3000, 0xd800), generator.randrange(0x1f300, 0x1f700)]))
    if kind < 5:
        return "".join(generator.choice([*ODD, *MORE_ODD[:20], words(generator, 1), words(generator, 1), " ", " "])
                       for _ in range(generator.randrange(2, 40)))
    return words(generator, generator.randrange(1, 90))


def texts(generator):
    both = ODD + MORE_ODD
    pairs = [(text, other) for text, other in zip(both, reversed(both))]
    pairs += [("", ""), ("", words(generator, 5)), (words(generator, 5), ""), ("\u200b", "\u200b"), (" ", "\u0301")]
    long = words(generator, 2000)
    pairs += [(long, ""), ("", long), (long, words(generator, 2000)), (words(generator, 3), long), (long, "x")]
    return pairs + [(odd_text(generator), odd_text(generator)) for _ in range(NUM_ROWS - len(pairs))]


def make_model(folder, name, vocabulary_size):
    sizes = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    if name == "bert":
        config = transformers.BertConfig(vocab_size=vocabulary_size, max_position_embeddings=MAX_LENGTH, **sizes, num_labels=3)
        config.id2label = dict(enumerate(LABELS))
        config.label2id = {label: number for number, label in enumerate(LABELS)}
        model = randomize(transformers.BertForSequenceClassification(config), 3)
        model.classifier.weight.data.mul_(4)  # scores far enough apart
    else:
        config = transformers.RobertaConfig(vocab_size=vocabulary_size, max_position_embeddings=MAX_LENGTH + 2, type_vocab_size=1,
                                            pad_token_id=1, **sizes, num_labels=1)
        model = randomize(transformers.RobertaForSequenceClassification(config), 4)
        model.classifier.out_proj.weight.data.mul_(4)
    model.save_pretrained(folder)
    return model


def tokenizer_of(name):
    """The file's own, with the inputs that the family has; AutoTokenizer would take parts of roberta's for granted."""
    file = REPOSITORY / "tests/fixtures/tokenizer" / {"bert": "uncased", "roberta": "roberta"}[name] / "tokenizer.json"
    names = ["input_ids", "token_type_ids", "attention_mask"] if name == "bert" else ["input_ids", "attention_mask"]
    return transformers.PreTrainedTokenizerFast(tokenizer_file=str(file), pad_token="[PAD]", model_max_length=MAX_LENGTH,
                                                model_input_names=names)


class PairPipeline(transformers.TextClassificationPipeline):
    def preprocess(self, inputs, **keywords):
        if isinstance(inputs, str):
            return super().preprocess(inputs, **keywords)
        return self.tokenizer([inputs["text"]], [inputs["text_pair"]], return_tensors="pt", **keywords)


def scores_of(model, tokenizer, problem_type, inputs):
    model.config.problem_type = problem_type
    pipe = transformers.pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu",
                                 pipeline_class=PairPipeline)
    names = [model.config.id2label[output] for output in range(model.config.num_labels)]
    rows = []
    for one in inputs:
        found = pipe([one], top_k=None, truncation=True, max_length=MAX_LENGTH)[0]
        by_name = {score["label"]: score["score"] for score in found}
        rows.append([by_name[name] for name in names])
    return np.array(rows)


def is_clear(scores):
    """No label is given or left out by the last digits of a score."""
    top = np.sort(scores["one_label"])[:, ::-1]
    return (np.abs(scores["several_labels"] - 0.5).min(axis=1) > 1e-4) & (top[:, 0] - top[:, 1] > 1e-4)


def figures(name, gold, numbers, scores, several_numbers):
    if name == "several_labels":  # the numbers of the same model are its logits
        return multi_label_figures(gold, several_numbers.astype(np.float32), np.full(len(LABELS), 0.5))
    if name.endswith("number") or name.endswith("numbers"):
        return regression_case(name, numbers[:, : scores.shape[1]], scores)["figures"]
    return None


def main():
    root = fresh(pathlib.Path(sys.argv[1]))
    torch.set_num_threads(1)
    generator = random.Random(29)
    pairs = texts(generator)
    tokenizers = {name: tokenizer_of(name) for name in ("bert", "roberta")}
    models = {name: make_model(root / name, name, len(tokenizer)) for name, tokenizer in tokenizers.items()}
    forms = {"single": [text for text, _ in pairs], "pair": [{"text": text, "text_pair": other} for text, other in pairs]}
    scores = {form: {case: scores_of(models[name], tokenizers[name], problem_type, inputs)
                     for case, (name, problem_type) in CASES.items()} for form, inputs in forms.items()}
    clear = np.flatnonzero(is_clear(scores["single"]) & is_clear(scores["pair"]))
    assert len(clear) >= 540, len(clear)
    noise = np.random.default_rng(31)
    rows = []
    for row in clear:
        labels = [label for label, score in zip(LABELS, scores["single"]["several_labels"][row])
                  if (score > 0.5) != (noise.random() < 0.2)]
        numbers = scores["single"]["several_numbers"][row] + noise.normal(size=len(LABELS))
        number = scores["pair"]["one_number"][row, 0] + noise.normal()
        rows.append({"text": pairs[row][0], "other": pairs[row][1], "labels": labels,
                     **{label: round(float(value), 3) for label, value in zip(LABELS, numbers)},
                     "number": round(float(number), 3)})
    gold = np.array([[label in row["labels"] for label in LABELS] for row in rows]).astype(int)
    numbers = {"several_numbers": np.array([[row[label] for label in LABELS] for row in rows]),
               "one_number": np.array([[row["number"]] for row in rows])}
    cases = {}
    for case, (model, problem_type) in CASES.items():
        cases[case] = {"model": model, "problem_type": problem_type}
        for form in forms:
            found = scores[form][case][clear]
            cases[case][form] = {
                "scores": [[round(float(score), 7) for score in row] for row in found],
                "figures": figures(case, gold, numbers.get(case), found, scores[form]["several_numbers"][clear])}
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (root / "texts.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
    text = json.dumps({"max_length": MAX_LENGTH, "labels": LABELS, "cases": cases}, separators=(",", ":")) + "\n"
    (root / "expected.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    print(len(rows), "rows; shares of texts with each label:", gold.mean(axis=0))


if __name__ == "__main__":
    main()
