"""Accuracy after the same whole training on both sides."""
import statistics

import data
import llmtool
from machine import shown
from tables import table

TITLE = "Accuracy"
FIRST_SEED = 42
EPOCHS = 3


def our_accuracy(bench, test, precision, seed):
    config = llmtool.finetune_config(bench.arguments.model, bench.all_rows, epochs=EPOCHS, precision=precision)
    config["seed"] = seed
    config["data"]["test"] = test.path
    return llmtool.train("finetune", config).results["test_accuracy"]


def their_accuracy(bench, test, precision, seed):
    rows = bench.all_rows
    run = bench.hugging_face.train(
        "finetune", model=str(bench.arguments.model), train_file=rows.path, text=rows.TEXT, label=rows.LABEL,
        precision="autocast" if precision == "bf16" else precision, num_train_epochs=EPOCHS, seed=seed,
        test_file=test.path)
    return run.results["accuracy"]


def cells(values):
    if not values:
        return ["–", "–"]
    return [f"{statistics.mean(values):.2%}", ", ".join(f"{value:.2%}" for value in values)]


def measure(bench):
    arguments = bench.arguments
    test = data.write_rows(bench.folder / "test.csv",
                           data.read_labelled(arguments.test, arguments.text_column, arguments.label_column))
    seeds = range(FIRST_SEED, FIRST_SEED + arguments.seeds)
    rows = []
    for precision in bench.precisions:
        ours, theirs = [], []
        for seed in seeds:
            if bench.trains_in(precision):
                ours.append(our_accuracy(bench, test, precision, seed))
            if bench.hugging_face:
                theirs.append(their_accuracy(bench, test, precision, seed))
        rows.append([precision, *cells(ours), *cells(theirs)])
    return [
        f"{EPOCHS} epochs of {bench.all_rows.count:,} rows, batches of 32 grouped by length, AdamW at 1e-4 with linear "
        f"decay and 10 % warm-up, seeds {', '.join(map(str, seeds))}; {test.count:,} test rows of "
        f"{shown(arguments.test)}. "
        "Hugging Face in bf16: autocast.", "",
        *table(["precision", "llmtool, mean", "seeds", "Hugging Face, mean", "seeds"], rows)]
