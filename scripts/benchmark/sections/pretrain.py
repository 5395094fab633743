"""Masked-language-model pretraining of BERT-base's shape."""
import llmtool
from ceiling import Work
from machine import shown
from shapes import read_shape
from tables import comparison
from training_comparison import TrainingWork, compare

TITLE = "Masked-LM pretraining"
BATCH = 16
LENGTH = 128
MASKED = 0.15
BYTES_PER_TOKEN = 8  # more than prose has


def measure(bench):
    steps = max(3, bench.arguments.steps // 8)
    tokens = BATCH * LENGTH
    text = bench.excerpt("pretrain", (steps + 1) * tokens * BYTES_PER_TOKEN)
    model = bench.base_model
    shape = read_shape(model)

    def ours(precision):
        return llmtool.train("pretrain", llmtool.pretrain_config({"from": str(model)}, text, max_steps=steps,
                                                                 batch_size=BATCH, precision=precision))

    def theirs(precision, **request):
        return bench.hugging_face.train("pretrain", **{
            "model": str(model), "train_file": str(text), "precision": precision, "batch_size": BATCH,
            "max_length": LENGTH, "max_steps": steps, **request})

    products = shape.layer_products(tokens) + shape.masked_head_products(round(MASKED * tokens))
    batch = Work(tokens, products, shape.attention_operations(tokens, LENGTH))
    work = TrainingWork("BERT-base shape", batch, ours, theirs, trial_steps=3)
    compared = compare(bench, work, max(1, bench.rounds - 1))
    return [
        f"{steps} steps of {BATCH} sequences of {LENGTH} tokens, 15 % of them predicted, on "
        f"{shown(bench.arguments.corpus)}; vocabulary of the demo model. The first step is left out on both sides. "
        "The ceiling counts the head for the predicted tokens alone.",
        "", *comparison(compared.rows), *(f"- {note}" for note in compared.notes), ""]
