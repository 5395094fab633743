#!/usr/bin/env python3
"""Golden values for answer_scores in lib/llmtool/metrics. Python's standard library alone.

Run: python scripts/reference/answer_goldens.py tests/fixtures/metrics
Made with Python 3.11. Writes answers.json: what Python says of every code point (letters, lower case, white space,
punctuation); pairs of an answer and right answers with the figures that the rules of SQuAD's and MLQA's scripts give,
which are written anew here from what they are documented to do; and sets of questions with their figures and best
thresholds by the rules of SQuAD 2.0.
"""

import collections
import json
import pathlib
import random
import re
import string
import sys
import unicodedata

ARTICLES = {
    "squad": "a an the",
    "mlqa_en": "a an the",
    "mlqa_de": "ein eine einen einem eines einer der die das den dem des",
    "mlqa_es": "un una unos unas el la los las",
    "mlqa_vi": "của là cái chiếc những",
    "mlqa_ar": "",
    "mlqa_hi": "",
    "mlqa_zh": "",
}


def is_punctuation(character, rules):
    if character in string.punctuation:
        return True
    return rules != "squad" and unicodedata.category(character).startswith("P")


def words(text, rules):
    kept = "".join(character for character in text.lower() if not is_punctuation(character, rules))
    if rules == "mlqa_ar":
        kept = kept.replace("ال", " ")
    elif ARTICLES[rules]:
        kept = re.sub(r"\b(" + "|".join(ARTICLES[rules].split()) + r")\b", " ", kept)
    if rules == "mlqa_zh":
        kept = re.sub(r"([一-龥])", r" \1 ", kept)
    return kept.split()


def overlap(answer, gold):
    common = sum((collections.Counter(answer) & collections.Counter(gold)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(answer), common / len(gold)
    return (2 * precision * recall) / (precision + recall)


def judge(answer, golds, rules):
    """SQuAD 1.1: the best of the right answers."""
    answer, golds = words(answer, rules), [words(gold, rules) for gold in golds]
    return [float(max(answer == gold for gold in golds)), float(max(overlap(answer, gold) for gold in golds))]


def judge_or_none(answer, golds, rules):
    """SQuAD 2.0: right answers of which nothing is left do not count, and without any, none is right."""
    golds = [gold for gold in (words(gold, rules) for gold in golds) if gold] or [[]]
    answer = words(answer, rules)
    f1 = max(float(answer == gold) if not answer or not gold else overlap(answer, gold) for gold in golds)
    return [float(max(answer == gold for gold in golds)), f1]


def ranges(condition):
    found = []
    for code in range(0x110000):
        if not condition(chr(code)):
            continue
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


def characters():
    assigned = [code for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
    return {
        "skipped": ranges(lambda c: unicodedata.category(c) in ("Cn", "Cs")),
        "word": ranges(lambda c: re.match(r"\w", c) is not None),
        "space": ranges(str.isspace),
        "punctuation": ranges(lambda c: is_punctuation(c, "mlqa_en")),
        "lower": [[code, chr(code).lower()] for code in assigned if chr(code).lower() != chr(code)],
    }


PIECES = [
    "the", "The", "a", "an", "AN", "der", "Die", "DAS", "eines", "el", "Los", "una", "của", "Những", "những", "là",
    "ال", "الكتاب", "كتاب", "किताब", "東京", "北京市", "1990年", "黑豹队", "Σ", "ΟΔΟΣ", "ΟΔΟΣ.", "ΑΣ'Α", "İstanbul", "STRASSE",
    "Straße", "é", "é", "naïve", "\U0001f600", "👨\u200d👩\u200d👧", "x", "7", "3.14", "$5", "50%", "U.S.", "rock'n'roll",
    "—", "–the–", "„das“", "¿qué?", "。", "、", "《红楼梦》", "\u200f", "\u00a0", "\u2003", "\u0085", "\t", "  ", "_", "_the_", "the_",
    "ª", "Ⅳ", "ǅ", "ﬁ", "¼", "²", "\u0301", "́the", "theˈ", "no", "answer", "Paris", "in", "1066", "Norman", "Conquest",
]


def random_text(generator, most):
    separators = ["", " ", " ", " ", "-", ", "]
    text = ""
    for _ in range(generator.randrange(most + 1)):
        text += generator.choice(PIECES) + generator.choice(separators)
    return text


def changed(generator, text):
    pieces = text.split(" ")
    if pieces and generator.random() < 0.6:
        pieces.pop(generator.randrange(len(pieces)))
    if generator.random() < 0.5:
        pieces.insert(generator.randrange(len(pieces) + 1), generator.choice(PIECES))
    return " ".join(pieces)


def pairs(generator):
    cases = []
    rules = list(ARTICLES)
    for number in range(900):
        gold = [random_text(generator, 7) for _ in range(generator.choice([0, 1, 1, 1, 2, 3]))]
        answer = changed(generator, generator.choice(gold)) if gold and generator.random() < 0.8 else random_text(generator, 4)
        rule = rules[number % len(rules)]
        cases.append({"rules": rule, "answer": answer, "gold": gold, "words": words(answer, rule),
                      "any": judge(answer, gold, rule) if gold else None, "any_or_none": judge_or_none(answer, gold, rule)})
    long = " ".join(["word", "the", "x"] * 700)
    cases.append({"rules": "squad", "answer": long, "gold": [long + " y"], "words": words(long, "squad"),
                  "any": judge(long, [long + " y"], "squad"), "any_or_none": judge_or_none(long, [long + " y"], "squad")})
    return cases


def best_threshold(questions, figure):
    """Over every margin at which the answers given change, and none at all."""
    def mean(threshold):
        return sum(q["none"][figure] if q["margin"] > threshold else q["answer"][figure] for q in questions) / len(questions)
    margins = sorted({q["margin"] for q in questions})
    best, best_value = None, mean(float("-inf"))
    for margin in margins:
        if mean(margin) > best_value + 1e-12:
            best, best_value = margin, mean(margin)
    return {"value": best_value, "threshold": best}


def question_set(generator, size, ties):
    questions = []
    for _ in range(size):
        has_gold = generator.random() < 0.6
        f1 = generator.choice([0.0, 1.0, round(generator.random(), 2)]) if has_gold else 0.0
        margin = generator.gauss(-1.0 if has_gold else 1.0, 1.5)
        questions.append({"has_gold": has_gold, "answer": [float(f1 == 1.0), f1], "none": [float(not has_gold)] * 2,
                          "margin": round(margin) if ties else margin})
    return questions


def mean(values):
    return sum(values) / len(values) if values else None


def question_figures(questions, threshold):
    given = [(q["has_gold"], q["none"] if q["margin"] > threshold else q["answer"]) for q in questions]
    return {
        "exact_match": mean([a[0] for _, a in given]),
        "answer_f1": mean([a[1] for _, a in given]),
        "has_answer_exact_match": mean([a[0] for has, a in given if has]),
        "has_answer_f1": mean([a[1] for has, a in given if has]),
        "no_answer_accuracy": mean([a[0] for has, a in given if not has]),
    }


def question_sets(generator):
    sets = []
    for size, ties in [(1, False), (2, True), (50, False), (200, True), (300, False)]:
        questions = question_set(generator, size, ties)
        threshold = generator.choice([0.0, -0.5, 1.0])
        sets.append({"questions": questions, "threshold": threshold, "figures": question_figures(questions, threshold),
                     "best_exact": best_threshold(questions, 0), "best_f1": best_threshold(questions, 1)})
    return sets


def main():
    folder = pathlib.Path(sys.argv[1])
    generator = random.Random(11)
    content = {"characters": characters(), "pairs": pairs(generator), "sets": question_sets(generator)}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    (folder / "answers.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
