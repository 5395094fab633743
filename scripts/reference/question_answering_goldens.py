#!/usr/bin/env python3
"""Golden values for question answering: windows, answers and figures over odd texts, and 20 steps of training.

Run:  python scripts/reference/question_answering_goldens.py tests/fixtures/question_answering
Made with torch 2.11.0, transformers 5.17.0 and tokenizers 0.23.3. The tokenizer is tests/fixtures/tokenizer/uncased.

model/                   a random BERT of transformers with a head for question answering
questions.jsonl.gz       questions in the columns of Hugging Face's data sets
expected.json            "settings"; a row for each question: the number of windows, the tokens of the first answer in
                         each, and the answers of SQuAD 1.1 and 2.0; the figures of both, and the best threshold
training/                a smaller model, its features, and losses and weights as in training_goldens.py

Windows are cut by the tokenizers library; a window is computed alone, so that nothing is padded. The figures of SQuAD
2.0 are those of transformers' squad_evaluate. Which tokens an answer has, how answers are found in the scores of all
windows and how those of SQuAD 1.1 are judged is written anew here from what Hugging Face's question-answering example
and SQuAD's script are documented to do.
"""

import collections
import gzip
import json
import pathlib
import random
import shutil
import sys

import numpy as np
import tokenizers
import torch
import transformers
from answer_goldens import judge
from golden_models import randomize
from safetensors.torch import save_file
from training_goldens import ADAMW, NUM_EXAMPLES, train
from transformers.data.metrics.squad_metrics import squad_evaluate

MAX_LENGTH, STRIDE, MAX_QUESTION, N_BEST, MAX_ANSWER = 40, 12, 16, 20, 9
THRESHOLD = 0.25
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

WORDS = """The a of to and in is was for on with as are water house garden letter winter river window station market
    bread coffee green yellow quickly never always between reading unbelievable Straße Mädchen élève naïve corazón żółć
    İstanbul Việt привет ёлка ΟΔΟΣ κόσμος 1,000 12:30 $5.99 U.S. mother-in-law can't 北京大学 今天天气很好 東京 세계 한국어
    שלום עולם بِالعالم كِتَاب नमस्ते สวัสดี \U0001f600 \U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301 a\u0308\u0323 x 7""".split()
ODD = ["", " ", "x", "\u00e9", "\U0001f600", "\u0301", "e\u0301\u0323", "\u200d", "\u200b\u200b\u200b", "\u202e\u05d0\u05d1\u05d2",
       "\u0627\u0644\u0633\u0644\u0627\u0645 \u0639\u0644\u064a\u0643\u0645", "\ufffd", "\u00ad\u00ad", "\t\n ", "\U0001f1e9\U0001f1ea", "\u2764\ufe0f \u2764",
       "[CLS] [SEP]", "\u4e2d", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "\u1100\u1161\u11a8", "0", "-", "\u00df", "\u0130"]


def words(generator, count):
    return " ".join(generator.choice(WORDS) for _ in range(count))


def context_of(generator, number):
    kind = number % 8
    if kind == 0:
        return generator.choice(ODD)
    if kind == 1:
        return "".join(generator.choice(ODD + WORDS + [" ", " "]) for _ in range(generator.randrange(2, 60)))
    return words(generator, generator.randrange(1, 70))


def question_of(generator, number):
    kind = number % 11
    if kind == 0:
        return generator.choice(ODD)
    if kind == 1:
        return "  \u00a0" + words(generator, generator.randrange(1, 12))
    if kind == 2:
        return words(generator, 30)
    return words(generator, generator.randrange(1, 8)) + "?"


def texts(generator):
    pairs = [(question_of(generator, number), context_of(generator, number)) for number in range(597)]
    pairs.append((words(generator, 6), words(generator, 2000)))
    pairs.append((words(generator, 2000), words(generator, 30)))
    pairs.append((words(generator, 5), " ".join(["x"] * 300)))
    return pairs


class Cutter:
    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def question(self, text):
        """At most MAX_QUESTION tokens: cut behind the last that fits, again where what is left has other tokens."""
        text = text.lstrip()
        for kept in range(MAX_QUESTION, 0, -1):
            encoding = self.tokenizer.encode(text)
            inside = [offset for offset, sequence in zip(encoding.offsets, encoding.sequence_ids) if sequence == 0]
            if len(inside) <= MAX_QUESTION:
                return text
            text = text[: inside[kept - 1][1]]
        return text

    def windows(self, question, context):
        question = self.question(question)
        self.tokenizer.enable_truncation(MAX_LENGTH, stride=STRIDE, strategy="only_second")
        first = self.tokenizer.encode(question, context)
        self.tokenizer.no_truncation()
        return [first, *first.overflowing]


def answer_tokens(window, answer):
    """0 and 0 where the answer is not wholly in the window."""
    context = [token for token, sequence in enumerate(window.sequence_ids) if sequence == 1]
    if answer is None or not context:
        return [0, 0]
    begin, end = answer["start"], answer["start"] + len(answer["text"])
    first, last = context[0], context[-1]
    if window.offsets[first][0] > begin or window.offsets[last][1] < end:
        return [0, 0]
    start = max(t for t in context if all(window.offsets[s][0] <= begin for s in range(first, t + 1)))
    stop = min(t for t in context if all(window.offsets[s][1] >= end for s in range(t, last + 1)))
    return [start, stop]


def best(scores):
    return np.argsort(-scores, kind="stable")[:N_BEST].tolist()


def search(windows, scores, allows_null):
    spans, null_score = [], None
    for window, (start_scores, end_scores) in zip(windows, scores):
        null = start_scores[0] + end_scores[0]
        null_score = null if null_score is None or null < null_score else null_score
        for start in best(start_scores):
            for end in best(end_scores):
                inside = window.sequence_ids[start] == 1 and window.sequence_ids[end] == 1
                if inside and start <= end < start + MAX_ANSWER:
                    spans.append({"offsets": (window.offsets[start][0], window.offsets[end][1]),
                                  "score": start_scores[start] + end_scores[end]})
    null = {"offsets": (0, 0), "score": null_score}
    spans += [null] if allows_null else []
    spans = sorted(spans, key=lambda span: span["score"], reverse=True)[:N_BEST]
    if allows_null and all(span["offsets"] != (0, 0) for span in spans):
        spans.append(null)
    if spans:
        exponentials = np.exp(np.array([float(span["score"] - spans[0]["score"]) for span in spans]))
        for span, probability in zip(spans, exponentials / exponentials.sum()):
            span["probability"] = float(probability)
    return spans, null_score


def answer(spans, null_score, allows_null):
    """The best span and by how much saying nothing scores higher; None where there is no span."""
    candidates = [span for span in spans if not allows_null or span["offsets"][0] != span["offsets"][1]]
    if not candidates:
        return None, 0.0
    return candidates[0], float(null_score - candidates[0]["score"])


def record(context, windows, scores, allows_null):
    spans, null_score = search(windows, scores, allows_null)
    found, margin = answer(spans, null_score, allows_null)
    given = "" if found is None or (allows_null and margin > THRESHOLD) else context[slice(*found["offsets"])]
    return {"answer": given, "margin": margin, "found": "" if found is None else context[slice(*found["offsets"])],
            "spans": [[*span["offsets"], round(float(span["score"]), 5), round(span["probability"], 6)]
                      for span in spans[:3]],
            "num_spans": len(spans)}


def gold_answers(generator, context, found):
    """Right answers such that some answers of the model are right, some in part, and some questions have none."""
    kind = generator.random()
    if kind < 0.25 or not context:
        return []
    begin = generator.randrange(len(context))
    if kind < 0.75 and found and found in context:
        begin = max(0, context.index(found) - generator.choice([0, 0, 0, 4, 9]))
        text = context[begin: begin + len(found) + generator.choice([0, 0, 5, 20])]
    else:
        text = context[begin: begin + generator.randrange(1, 25)]
    answers = [{"text": text, "start": begin}]
    if generator.random() < 0.3:
        answers.append({"text": context[: max(1, len(context) // 3)], "start": 0})
    return answers


def mean(values):
    return float(np.mean(values)) if values else None


def figures(rows, golds):
    Example = collections.namedtuple("Example", "qas_id answers")
    examples = [Example(number, [{"text": text} for text in gold]) for number, gold in enumerate(golds)]
    squad_2 = squad_evaluate(examples, {number: row["squad_2"]["answer"] for number, row in enumerate(rows)})
    best = squad_evaluate(examples, {number: row["squad_2"]["found"] for number, row in enumerate(rows)},
                          {number: row["squad_2"]["margin"] for number, row in enumerate(rows)})
    squad_1 = [judge(row["squad_1"]["answer"], gold, "squad") for row, gold in zip(rows, golds) if gold]
    return {
        "squad_1": {"exact_match": mean([j[0] for j in squad_1]), "answer_f1": mean([j[1] for j in squad_1])},
        "squad_2": {
            "exact_match": squad_2["exact"] / 100, "answer_f1": squad_2["f1"] / 100,
            "has_answer_exact_match": squad_2["HasAns_exact"] / 100, "has_answer_f1": squad_2["HasAns_f1"] / 100,
            "no_answer_accuracy": squad_2["NoAns_exact"] / 100,
            "best_exact_match": best["best_exact"] / 100, "best_answer_f1": best["best_f1"] / 100,
        },
        "best_threshold": best["best_f1_thresh"],
    }


def loss_of(scores, tokens):
    total = 0.0
    for values, token in zip(scores, tokens):
        values = values.astype(np.float64)
        total += np.log(np.exp(values - values.max()).sum()) + values.max() - values[token]
    return total / 2


def make_model(folder, tokenizer_file):
    config = transformers.BertConfig(
        vocab_size=3000, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=48, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model = randomize(transformers.BertForQuestionAnswering(config), 3)
    model.save_pretrained(folder)
    shutil.copy(tokenizer_file, folder / "tokenizer.json")
    return model


@torch.no_grad()
def scores_of(model, window):
    output = model(input_ids=torch.tensor([window.ids]), token_type_ids=torch.tensor([window.type_ids]))
    return output.start_logits[0].numpy(), output.end_logits[0].numpy()


def write_answers(output):
    tokenizer_file = REPOSITORY / "tests/fixtures/tokenizer/uncased/tokenizer.json"
    model = make_model(output / "model", tokenizer_file)
    cutter = Cutter(tokenizers.Tokenizer.from_file(str(tokenizer_file)))
    generator = random.Random(17)
    questions, rows, golds, losses = [], [], [], []
    for number, (question, context) in enumerate(texts(generator)):
        windows = cutter.windows(question, context)
        scores = [scores_of(model, window) for window in windows]
        row = {f"squad_{version}": record(context, windows, scores, version == 2) for version in (1, 2)}
        answers = gold_answers(generator, context, row["squad_2"]["found"])
        tokens = [answer_tokens(window, answers[0] if answers else None) for window in windows]
        losses += [loss_of(score, token) for score, token in zip(scores, tokens)]
        row |= {"num_windows": len(windows), "tokens": tokens[:8], "last_ids": windows[-1].ids[-6:]}
        rows.append(row)
        golds.append([a["text"] for a in answers])
        questions.append({"id": f"q{number}", "question": question, "context": context,
                          "answers": {"text": [a["text"] for a in answers],
                                      "answer_start": [a["start"] for a in answers]}})
    settings = {"max_length": MAX_LENGTH, "stride": STRIDE, "max_question_length": MAX_QUESTION, "n_best": N_BEST,
                "max_answer_length": MAX_ANSWER, "null_threshold": THRESHOLD}
    lines = "".join(json.dumps(question, ensure_ascii=False) + "\n" for question in questions)
    (output / "questions.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
    expected = {"settings": settings, "figures": figures(rows, golds), "loss": float(np.mean(losses)), "rows": rows}
    text = json.dumps(expected, ensure_ascii=False, separators=(",", ":"))
    (output / "expected.json").write_text(text + "\n", encoding="utf-8")


def training_features():
    """Features of a batch are equally long, so that nothing is padded."""
    generator = torch.Generator().manual_seed(9)
    features = []
    for number in range(NUM_EXAMPLES):
        length = 6 + number // 4
        ids = [2, *torch.randint(5, 40, (length - 2,), generator=generator).tolist(), 3]
        start = int(torch.randint(0, length, (1,), generator=generator)) if number % 5 else 0
        end = int(torch.randint(start, length, (1,), generator=generator)) if number % 5 else 0
        features.append({"input_ids": ids, "token_type_ids": [0] * 3 + [1] * (length - 3), "answer_tokens": [start, end]})
    return features


def collate(rows):
    return {"input_ids": torch.tensor([row["input_ids"] for row in rows]),
            "token_type_ids": torch.tensor([row["token_type_ids"] for row in rows]),
            "start_positions": torch.tensor([row["answer_tokens"][0] for row in rows]),
            "end_positions": torch.tensor([row["answer_tokens"][1] for row in rows])}


def write_training(folder):
    torch.manual_seed(1)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=16, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.2)
    transformers.BertForQuestionAnswering(config).save_pretrained(folder / "model")
    features = training_features()
    # What shifts all tokens alike (the bias of the head, that of the last normalisation) has no part in a softmax over
    # them: its gradient is rounding noise, which a small epsilon would scale up to whole steps.
    options = {"optimizer": {**ADAMW, "weight_decay": 0.01, "epsilon": 1e-4},
               "schedule": {"name": "linear", "warmup": 2}}
    model = transformers.BertForQuestionAnswering.from_pretrained(folder / "model")
    case, weights = train(options, model, features, collate)
    (folder / "case.json").write_text(json.dumps({"examples": features, **case}, separators=(",", ":")) + "\n")
    save_file(weights, folder / "after.safetensors", metadata={"format": "pt"})


def main():
    output = pathlib.Path(sys.argv[1])
    shutil.rmtree(output, ignore_errors=True)
    (output / "training").mkdir(parents=True)
    torch.set_num_threads(1)  # sums in one order
    write_answers(output)
    write_training(output / "training")


if __name__ == "__main__":
    main()
