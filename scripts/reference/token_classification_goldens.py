#!/usr/bin/env python3
"""Golden values for token classification: training by transformers' Trainer, tags and entities by its models and pipeline.

Run:  python scripts/reference/token_classification_goldens.py tests/fixtures/token_classification
Made with torch 2.11.0, transformers 5.17.0 and seqeval 1.2.2.

tiny_bert/           a tiny random BERT that labels tokens, with its tokenizer
training.json        "sentences": words and tags; "cases": our options, loss and gradient norm of every step, with labels
                     laid on pieces as in the example script run_ner.py
<case>.safetensors   the weights after the last step
predictions.json     "words": sentences with gold tags and those of their first pieces, "figures": seqeval's;
                     "entities": words or running texts, with [start, end, label, score] by aggregation strategy
Texts that are longer than MAX_LENGTH are read in windows as the tokenizer cuts them (return_overflowing_tokens), and every
token is taken from the window where it has the most context; the pipeline's own methods make entities of the tokens.
"""

import json
import pathlib
import random
import sys
import warnings

import torch
import transformers
from safetensors.torch import save_file
from seqeval.metrics import accuracy_score, classification_report
from seqeval.scheme import IOB2

from golden_models import fresh, randomize
from training_goldens import ADAMW, train

MAX_LENGTH = 32
STRIDE = 8
LABELS = ["B-loc", "B-per", "I-loc", "I-per", "O"]
STRATEGIES = ["simple", "first", "average", "max"]
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
OTHER = list("שלוםعربي東京ñ.,!?-#@'") + ["é"]
CASES = {
    "first_piece": {"optimizer": ADAMW, "schedule": {"name": "linear", "warmup": 0.1}},
    "all_pieces": {"optimizer": {**ADAMW, "epsilon": 1e-4, "weight_decay": 0.1},
                   "schedule": {"name": "constant", "warmup": 0}},
    "sgd": {"optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
            "schedule": {"name": "linear", "warmup": 0}},
    "smoothed": {"optimizer": {**ADAMW, "epsilon": 1e-4}, "schedule": {"name": "linear", "warmup": 0},
                 "label_smoothing": 0.1},
}
FRAGMENTS = [
    "the", "big", "cab", "fade", "decade", "a", "x", "7", "#hash", "@you", "http://a.b/c", "it's", "...", "U.S.", "x-y", "?!",
    "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "e\u0301te\u0301", "na\u00efve", "\u00c9T\u00c9", "n\u0303", "\u05e9\u05dc\u05d5\u05dd",
    "\u0639\u0631\u0628\u064a", "\u6771\u4eac", "\u6771x\u4eac", "\u200b", "\u200e", "\ufeff", "\u0301", "\ufffd", "\uff0c",
    "\u0928\u093f\u092f\u0924\u093f", "\u1112\u1161\u11ab", "[SEP]", "[MASK]", "##ab", "z" * 120, "A" * 30, "\u0130x", "\ufb01n",
    "\u00a0", "\u3000", "\u00ad",
]


def write_model(folder):
    torch.manual_seed(3)
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *OTHER, "the", "big", "ca", "fa", "##b", "##de", "##ca"]
    tokens += ["##" + letter for letter in LETTERS if "##" + letter not in tokens]
    tokens = list(dict.fromkeys(tokens))
    tokenizer = transformers.BertTokenizer(vocab={token: number for number, token in enumerate(tokens)}, do_lower_case=True,
                                           model_max_length=MAX_LENGTH)
    tokenizer.save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(tokens), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=MAX_LENGTH, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        id2label=dict(enumerate(LABELS)), label2id={label: number for number, label in enumerate(LABELS)})
    model = randomize(transformers.BertForTokenClassification(config), seed=11)
    with torch.no_grad():  # far enough apart for all labels to be predicted
        model.classifier.weight.mul_(3)
    model.save_pretrained(folder)
    return transformers.AutoTokenizer.from_pretrained(folder), model


def random_tags(generator, length):
    tags = []
    for _ in range(length):
        before = tags[-1] if tags else "O"
        if before != "O" and generator.random() < 0.4:
            tags.append("I-" + before[2:])
        else:
            tags.append(generator.choice(["O", "O", "O", "B-per", "B-loc", "I-per"]))
    return tags


def training_examples(tokenizer, sentences, label_all):
    """As run_ner.py lays labels on pieces."""
    examples = []
    for sentence in sentences:
        encoding = tokenizer(sentence["tokens"], is_split_into_words=True)
        labels, before = [], None
        for word in encoding.word_ids():
            if word is None:
                labels.append(-100)
            elif word != before:
                labels.append(LABELS.index(sentence["tags"][word]))
            elif label_all:
                tag = sentence["tags"][word]
                inside = tag.replace("B-", "I-") if tag.startswith("B-") else tag
                labels.append(LABELS.index(inside if inside in LABELS else tag))
            else:
                labels.append(-100)
            before = word
        examples.append({**encoding, "labels": labels})
    return examples


def write_training(root, tokenizer):
    generator = random.Random(4)
    sentences = []
    for _ in range(32):
        words = [generator.choice(["the", "big", "cab", "fade", "decade", "x-y", "caf\u00e9", "a7", "\u200b", "\U0001f600"])
                 for _ in range(generator.randrange(2, 8))]
        sentences.append({"tokens": ["the", *words], "tags": random_tags(generator, len(words) + 1)})
    collate = transformers.DataCollatorForTokenClassification(tokenizer)
    cases = {}
    for name, options in CASES.items():
        model = transformers.BertForTokenClassification.from_pretrained(root / "tiny_bert")
        examples = training_examples(tokenizer, sentences, name == "all_pieces")
        cases[name], weights = train(options, model, examples, collate)
        cases[name]["label_all_pieces"] = name == "all_pieces"
        save_file(weights, root / f"{name}.safetensors", metadata={"format": "pt"})
    text = json.dumps({"sentences": sentences, "cases": cases}, separators=(",", ":"))
    (root / "training.json").write_text(text + "\n")


class Reader:
    """The tokens of a text or of words, each with its scores from the window where it has the most context."""

    def __init__(self, tokenizer, model, given):
        self.words = given if isinstance(given, list) else None
        self.text = given if self.words is None else " ".join(given)
        encoding = tokenizer(given, is_split_into_words=self.words is not None, truncation=True, max_length=MAX_LENGTH,
                             stride=STRIDE, return_overflowing_tokens=True, return_offsets_mapping=True,
                             return_special_tokens_mask=True)
        self.num_windows = len(encoding["input_ids"])
        step = MAX_LENGTH - 2 - STRIDE
        best = {}
        for number, ids in enumerate(encoding["input_ids"]):
            with torch.no_grad():
                logits = model(torch.tensor([ids])).logits[0]
            count = len(ids) - 2
            for token in range(count):
                left = token if number > 0 else len(ids) * 9
                right = count - 1 - token if number + 1 < self.num_windows else len(ids) * 9
                place = number * step + token
                if place not in best or min(left, right) > best[place][0]:
                    best[place] = (min(left, right), ids[token + 1], encoding["offset_mapping"][number][token + 1],
                                   encoding.word_ids(number)[token + 1], logits[token + 1])
        tokens = [best[place] for place in range(len(best))]
        self.ids = [token[1] for token in tokens]
        self.offsets = [token[2] for token in tokens]
        self.word_ids = [token[3] for token in tokens]
        self.logits = [token[4] for token in tokens]
        self.scores = [logits.softmax(-1).numpy() for logits in self.logits]

    def is_clear(self):
        """No label is chosen by the last bits of a score."""
        return all(float(top[0] - top[1]) > 1e-3 for top in (logits.topk(2).values for logits in self.logits))

    def tags(self):
        tags = ["O"] * len(self.words)
        for i in reversed(range(len(self.ids))):
            tags[self.word_ids[i]] = LABELS[int(self.logits[i].argmax())]
        return tags

    def entities(self, pipe, strategy):
        strategy = transformers.pipelines.token_classification.AggregationStrategy[strategy.upper()]
        places, place = [], 0
        for word in self.words or []:
            places.append((place, place + len(word)))
            place += len(word) + 1
        given = {"word_ids": self.word_ids, "word_to_chars_map": places} if self.words is not None else {}
        tokens = pipe.gather_pre_entities(self.text, self.ids, self.scores, self.offsets, [0] * len(self.ids), strategy, **given)
        return compact(one for one in pipe.aggregate(tokens, strategy) if one["entity_group"] != "O")


def compact(entities):
    return [[one["start"], one["end"], one["entity_group"], round(float(one["score"]), 6)] for one in entities]


def check_same(entities, others):
    assert [one[:3] for one in entities] == [one[:3] for one in others], (entities, others)
    assert all(abs(one[3] - other[3]) < 3e-6 for one, other in zip(entities, others)), (entities, others)


def random_words(generator, length):
    return [generator.choice(FRAGMENTS) for _ in range(length)]


def random_text(generator):
    text = ""
    for fragment in random_words(generator, generator.randrange(1, 14)):
        text += fragment + generator.choice([" ", " ", " ", "", "  ", "\t", "\n", "\u00a0", ", "])
    return text


def inputs(generator):
    yield from ["", " ", "a", "\u200b", "\U0001f600", "\u0301", "\u200b\u200e\ufeff", "\n\n", "?", "\u6771"]
    yield from [[], [""], ["a"], ["\u200b"], ["", "\u200b", "\ufeff"], ["two words", "a"], ["\U0001f600"]]
    yield " ".join(random_words(generator, 2000))
    yield random_words(generator, 2000)
    for _ in range(260):
        yield random_text(generator)
        yield random_words(generator, generator.randrange(1, 40))


def figures(gold, predicted, **keywords):
    report = classification_report(gold, predicted, output_dict=True, zero_division=0, **keywords)
    return {name: {key: float(value) for key, value in row.items()} for name, row in report.items()}


def write_predictions(root, tokenizer, model):
    warnings.filterwarnings("ignore")
    generator = random.Random(8)
    pipe = transformers.pipeline("token-classification", model=model, tokenizer=tokenizer, device="cpu")
    entities, sentences = [], []
    for given in inputs(generator):
        reader = Reader(tokenizer, model, given)
        if not reader.is_clear():
            continue
        number = len(entities)
        row = {"input": given}
        for strategy in STRATEGIES if number < 24 else [STRATEGIES[number % 4]]:
            row[strategy] = reader.entities(pipe, strategy)
            if reader.num_windows == 1 and reader.words is None and reader.ids:
                check_same(row[strategy], compact(pipe(given, aggregation_strategy=strategy)))
        entities.append(row)
        if reader.words:
            sentences.append({"words": given, "gold": random_tags(generator, len(given)), "tags": reader.tags()})
    gold, tags = [row["gold"] for row in sentences], [row["tags"] for row in sentences]
    facts = {"max_length": MAX_LENGTH, "stride": STRIDE, "entities": entities, "words": sentences,
             "figures": figures(gold, tags), "strict_figures": figures(gold, tags, mode="strict", scheme=IOB2),
             "accuracy": float(accuracy_score(gold, tags))}
    (root / "predictions.json").write_text(json.dumps(facts, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(len(entities), "inputs,", len(sentences), "of them words with tags")


def main():
    root = fresh(pathlib.Path(sys.argv[1]))
    torch.set_num_threads(1)  # sums in one order
    tokenizer, model = write_model(root / "tiny_bert")
    write_training(root, tokenizer)
    write_predictions(root, tokenizer, model)


if __name__ == "__main__":
    main()
