#!/usr/bin/env python3
"""Golden values for lib/llmtool/metrics, computed by scikit-learn.

Run: python scripts/reference/metrics_goldens.py tests/fixtures/metrics
Made with scikit-learn 1.9.1 and numpy 2. Writes classification.json: cases of logits (float32), gold classes and the
figures scikit-learn gives for softmax(logits) in float64; similarity.json: cosines, gold scores and the correlations
scipy 1.17.1 gives; multi_label.json: logits, labels and thresholds; regression.json: numbers of one or several targets. null = the library warns that the figure is ill-defined.
"""

import json
import math
import pathlib
import sys
import warnings

import numpy as np
from scipy import stats
from sklearn import metrics
from sklearn.exceptions import UndefinedMetricWarning


def or_none(function, *arguments, **keywords):
    """The value, or None where scikit-learn says that it is ill-defined."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UndefinedMetricWarning)
        warnings.filterwarnings("error", message="No positive class found")
        try:
            return float(function(*arguments, **keywords))
        except (UndefinedMetricWarning, UserWarning, ValueError):
            return None


def expected_calibration_error(gold, probabilities, num_bins=15):
    """Guo et al. 2017, as their published code: bins (low, high] of the top probability."""
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    error = 0.0
    for low, high in zip(np.arange(num_bins) / num_bins, np.arange(1, num_bins + 1) / num_bins):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            accuracy = (predicted[inside] == gold[inside]).mean()
            error += abs(accuracy - confidence[inside].mean()) * inside.mean()
    return float(error)


def expected_figures(gold, logits, positive):
    num_classes = logits.shape[1]
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    # Rounded once: equal logits in another order must give equal probabilities, or tied scores would be torn apart.
    probabilities = shifted / np.array([[math.fsum(row)] for row in shifted])
    predicted = logits.argmax(axis=1)
    classes = np.arange(num_classes)
    one_hot = np.eye(num_classes)[gold]
    figures = {
        "accuracy": metrics.accuracy_score(gold, predicted),
        "mcc": metrics.matthews_corrcoef(gold, predicted),
        "log_loss": metrics.log_loss(gold, probabilities, labels=classes),
        "brier": metrics.brier_score_loss(gold, probabilities, labels=classes),
        "ece": expected_calibration_error(gold, probabilities),
        "micro_f1": metrics.f1_score(gold, predicted, average="micro"),
    }
    for average in ("macro", "weighted"):
        for name in ("precision", "recall", "f1"):
            score = getattr(metrics, f"{name}_score")
            figures[f"{average}_{name}"] = score(gold, predicted, average=average, zero_division=0)
    if num_classes == 2:
        for name in ("precision", "recall", "f1"):
            score = getattr(metrics, f"{name}_score")
            figures[name] = or_none(score, gold == positive, predicted == positive)
        figures["roc_auc"] = or_none(metrics.roc_auc_score, gold == positive, probabilities[:, positive])
        figures["average_precision"] = or_none(
            metrics.average_precision_score, gold == positive, probabilities[:, positive])
    else:
        areas = [or_none(metrics.roc_auc_score, one_hot[:, k], probabilities[:, k]) for k in classes]
        precisions = [or_none(metrics.average_precision_score, one_hot[:, k], probabilities[:, k]) for k in classes]
        figures["roc_auc"] = None if None in areas or np.isnan(areas).any() else float(np.mean(areas))
        figures["average_precision"] = None if None in precisions else float(np.mean(precisions))
        if set(gold) == set(classes):
            direct = metrics.roc_auc_score(gold, probabilities, multi_class="ovr", average="macro")
            assert abs(direct - figures["roc_auc"]) < 1e-12
    figures = {name: None if value is None or np.isnan(value) else float(value) for name, value in figures.items()}
    per_class = []
    for k in classes:
        per_class.append({
            "precision": or_none(metrics.precision_score, gold == k, predicted == k),
            "recall": or_none(metrics.recall_score, gold == k, predicted == k),
            "f1": or_none(metrics.f1_score, gold == k, predicted == k),
            "support": int((gold == k).sum()),
        })
    confusion = metrics.confusion_matrix(gold, predicted, labels=classes).tolist()
    return figures, per_class, confusion


def make_case(name, gold, logits, positive=1):
    logits = np.asarray(logits, dtype=np.float32)
    gold = np.asarray(gold)
    figures, per_class, confusion = expected_figures(gold, logits, positive)
    return {
        "name": name,
        "positive_label": positive,
        "gold": gold.tolist(),
        "logits": [[float(value) for value in row] for row in logits],
        "figures": figures,
        "per_class": per_class,
        "confusion_matrix": confusion,
    }


def random_case(name, generator, num_examples, num_classes, signal, gold_classes=None, decimals=None, positive=1):
    gold = generator.choice(gold_classes if gold_classes is not None else num_classes, size=num_examples)
    logits = generator.normal(size=(num_examples, num_classes)) * 1.5
    logits[np.arange(num_examples), gold] += signal
    if decimals is not None:
        logits = np.round(logits, decimals)
    return make_case(name, gold, logits, positive)


def correlation(function, cosines, gold):
    with warnings.catch_warnings():
        warnings.simplefilter("error", stats.ConstantInputWarning)
        try:
            value = float(function(cosines, gold).statistic)
            return None if math.isnan(value) else value
        except (stats.ConstantInputWarning, ValueError):
            return None


def similarity_case(name, cosines, gold):
    cosines, gold = np.asarray(cosines, dtype=float), np.asarray(gold, dtype=float)
    return {"name": name, "cosines": cosines.tolist(), "gold": gold.tolist(),
            "spearman": correlation(stats.spearmanr, cosines, gold),
            "pearson": correlation(stats.pearsonr, cosines, gold)}


def similarity_cases():
    generator = np.random.default_rng(7)
    gold = np.round(generator.uniform(1, 5, size=120), 1)
    near = np.clip(gold / 5 + generator.normal(size=120) * 0.2, -1, 1)
    return [
        similarity_case("scores with ties", near, gold),
        similarity_case("cosines with ties", np.round(near, 1), gold),
        similarity_case("unrelated", generator.uniform(-1, 1, size=50), generator.uniform(1, 5, size=50)),
        similarity_case("the other way round", -near, gold),
        similarity_case("far from zero", near * 1e-3 + 0.999, gold + 1e6),
        similarity_case("two pairs", [0.1, 0.9], [1, 2]),
        similarity_case("one pair", [0.1], [1]),
        similarity_case("equal cosines", [0.5, 0.5, 0.5], [1, 2, 3]),
        similarity_case("equal scores", [0.1, 0.5, 0.4], [3, 3, 3]),
        similarity_case("no pairs", [], []),
    ]


def multi_label_figures(gold, logits, thresholds):
    probabilities = 1 / (1 + np.exp(-logits.astype(np.float64)))
    predicted = (probabilities > thresholds).astype(int)
    scores = logits.astype(np.float64)
    figures = {"subset_accuracy": metrics.accuracy_score(gold, predicted),
               "hamming_loss": metrics.hamming_loss(gold, predicted),
               "ranking_loss": metrics.label_ranking_loss(gold, scores),
               "lrap": metrics.label_ranking_average_precision_score(gold, scores),
               "coverage_error": metrics.coverage_error(gold, scores)}
    for name in ("precision", "recall", "f1"):
        score = getattr(metrics, f"{name}_score")
        figures[f"micro_{name}"] = or_none(score, gold, predicted, average="micro")
        figures[f"weighted_{name}"] = (score(gold, predicted, average="weighted", zero_division=0)
                                       if gold.any() else None)
        for average in ("macro", "samples"):
            figures[f"{average}_{name}"] = score(gold, predicted, average=average, zero_division=0)
    figures["micro_jaccard"] = or_none(metrics.jaccard_score, gold, predicted, average="micro")
    for average in ("macro", "samples"):
        figures[f"{average}_jaccard"] = metrics.jaccard_score(gold, predicted, average=average, zero_division=0)
    for name, area in (("roc_auc", metrics.roc_auc_score), ("average_precision", metrics.average_precision_score)):
        areas = [or_none(area, gold[:, k], scores[:, k]) for k in range(gold.shape[1])]
        figures[f"macro_{name}"] = None if None in areas or np.isnan(areas).any() else float(np.mean(areas))
        figures[f"micro_{name}"] = or_none(area, gold.ravel(), scores.ravel())
    return {name: None if value is None or np.isnan(value) else float(value) for name, value in figures.items()}


def multi_label_case(name, gold, logits, thresholds=None):
    gold, logits = np.asarray(gold), np.asarray(logits, dtype=np.float32)
    thresholds = np.full(gold.shape[1], 0.5) if thresholds is None else np.asarray(thresholds)
    return {"name": name, "gold": [np.flatnonzero(row).tolist() for row in gold],
            "logits": [[float(value) for value in row] for row in logits], "thresholds": thresholds.tolist(),
            "figures": multi_label_figures(gold, logits, thresholds)}


def random_multi_label_case(name, generator, shape, share, decimals=None, thresholds=None, absent=()):
    gold = (generator.uniform(size=shape) < share).astype(int)
    gold[:, list(absent)] = 0
    logits = generator.normal(size=shape) * 1.5 + 2.0 * gold - 1.0
    return multi_label_case(name, gold, np.round(logits, 4 if decimals is None else decimals), thresholds)


def multi_label_cases():
    generator = np.random.default_rng(11)
    return [
        random_multi_label_case("five labels", generator, (500, 5), 0.3),
        random_multi_label_case("thresholds of their own", generator, (120, 4), 0.3, thresholds=[0.2, 0.5, 0.7, 0.35]),
        random_multi_label_case("many tied scores", generator, (150, 4), 0.4, decimals=0),
        random_multi_label_case("rare labels, most examples have none", generator, (200, 6), 0.03),
        random_multi_label_case("a label without gold examples", generator, (80, 4), 0.3, absent=[2]),
        multi_label_case("nothing is predicted", [[1, 0], [0, 1]], [[-1, -2], [-3, -1]]),
        multi_label_case("no example has a label", [[0, 0], [0, 0]], [[-1, 2], [-3, -1]]),
        multi_label_case("every label everywhere", [[1, 1], [1, 1]], [[1, 2], [3, -1]]),
        multi_label_case("exactly at the threshold", [[1, 0], [0, 1]], [[0, 0], [0, 1]]),
    ]


def regression_case(name, gold, predicted):
    gold, predicted = np.asarray(gold, dtype=float), np.asarray(predicted, dtype=float)
    pairs = list(zip(gold.T, predicted.T))

    def mean(function):
        values = [function(*pair) for pair in pairs]
        return None if any(value is None or np.isnan(value) for value in values) else float(np.mean(values))

    return {"name": name, "gold": gold.tolist(), "predicted": predicted.tolist(), "figures": {
        "mse": metrics.mean_squared_error(gold, predicted),
        "rmse": float(metrics.root_mean_squared_error(gold, predicted)),
        "mae": metrics.mean_absolute_error(gold, predicted),
        # Of equal gold numbers scikit-learn gives 0 or 1 without a warning.
        "r2": mean(lambda one, other: None if len(set(one)) < 2 else or_none(metrics.r2_score, one, other)),
        "pearson": mean(lambda one, other: correlation(stats.pearsonr, other, one)),
        "spearman": mean(lambda one, other: correlation(stats.spearmanr, other, one)),
        "kendall": mean(lambda one, other: correlation(stats.kendalltau, other, one))}}


def regression_cases():
    generator = np.random.default_rng(13)
    gold = np.round(generator.uniform(1, 5, size=(500, 1)), 1)
    several = generator.normal(size=(90, 3)) * [1, 10, 100]
    return [
        regression_case("one target with ties", gold, np.round(gold + generator.normal(size=gold.shape), 4)),
        regression_case("ties on both sides", gold[:100], np.round(gold[:100] + generator.normal(size=(100, 1)))),
        regression_case("three targets", several, several + generator.normal(size=several.shape)),
        regression_case("far from zero", gold[:60] + 1e6, gold[:60] + 1e6 + 0.1),
        regression_case("equal gold numbers", [[2], [2], [2]], [[1], [2], [3]]),
        regression_case("equal predictions", [[1], [2], [3]], [[2], [2], [2]]),
        regression_case("one example", [[1]], [[2]]),
    ]


def main():
    generator = np.random.default_rng(20240501)
    cases = [
        random_case("two labels", generator, 200, 2, 1.5),
        random_case("two labels, the first is positive", generator, 200, 2, 1.0, positive=0),
        random_case("two labels with many tied scores", generator, 150, 2, 1.0, decimals=0),
        random_case("three labels", generator, 150, 3, 1.0),
        random_case("three labels with many tied scores", generator, 150, 3, 1.0, decimals=0),
        random_case("seventy-seven labels", generator, 600, 77, 3.0),
        random_case("one label has no gold examples", generator, 100, 4, 1.0, gold_classes=[0, 1, 3]),
        make_case("a label neither in gold nor predicted", [0, 1, 0, 1], [[2, 1, -9], [0, 1, -9], [1, 2, -9], [0, 3, -9]]),
        make_case("a label never predicted", [0, 1, 2, 2], [[2, 1, 0], [1, 2, 0], [3, 1, 0], [0, 1, -1]]),
        make_case("only one answer for two labels", [0, 1, 0, 1], [[2, 1], [3, 1], [1, 0.5], [4, 1]]),
        make_case("only one gold label of two", [1, 1, 1], [[0, 1], [1, 0], [0, 2]]),
        make_case("only the other gold label", [0, 0, 0], [[2, 1], [1, 0], [1, 0]]),
        make_case("sure mistakes are clipped", [0, 1, 1, 0], [[0, 900], [60, 0], [0, 50], [3, 0]]),
        make_case("exact ties", [0, 1, 2, 0], [[1, 1, 1], [0, 2, 2], [0, 1, 1], [5, 5, 0]]),
        make_case("one example", [1], [[0.5, 1.5]]),
    ]
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    text = ",\n".join(json.dumps(case) for case in cases)
    (output / "classification.json").write_text("[\n" + text + "\n]\n")
    for name, made in (("similarity", similarity_cases()), ("multi_label", multi_label_cases()),
                       ("regression", regression_cases())):
        text = ",\n".join(json.dumps(case) for case in made)
        (output / f"{name}.json").write_text("[\n" + text + "\n]\n")


if __name__ == "__main__":
    main()
