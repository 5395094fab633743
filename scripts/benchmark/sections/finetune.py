"""Fine-tuning a classifier: the demo model and a model of BERT-base's shape."""
import llmtool
from ceiling import classification_work, least_classification_work
from data import measure_lengths
from shapes import read_shape
from tables import Row, alternate, comparison
from training_comparison import TrainingWork, compare

TITLE = "Fine-tuning"
BATCH = 32


def finetuning(bench, label, model, rows):
    """One pass over the rows."""
    lengths = measure_lengths(bench.arguments.model, rows, 128)
    shape = read_shape(model)
    tokens = round(BATCH * lengths.mean)

    def ours(precision, **training):
        return llmtool.train("finetune", llmtool.finetune_config(model, rows, **{
            "epochs": 1, "precision": precision, **training}))

    def theirs(precision, **request):
        return bench.hugging_face.train("finetune", **{
            "model": str(model), "train_file": rows.path, "text": rows.TEXT, "label": rows.LABEL,
            "precision": precision, "num_train_epochs": 1, **request})

    return TrainingWork(label, classification_work(shape, tokens, lengths.attended), ours, theirs,
                        trial_steps=max(3, rows.count // BATCH // 4),
                        least_batch=least_classification_work(shape, tokens, lengths.attended))


def start_rows(bench, precision, theirs_in_bf16):
    """From the start of the process to the beginning and the end of the first step, with the whole file."""
    work = finetuning(bench, "start", bench.arguments.model, bench.all_rows)
    way = theirs_in_bf16 if precision == "bf16" else precision
    sides = {"ours": lambda: work.ours(precision, max_steps=1)}
    if bench.hugging_face:
        sides["theirs"] = lambda: work.theirs(way, max_steps=1)
    runs = alternate(bench.rounds, sides)

    def row(moment, seconds):
        return Row(f"start to {moment} of the first step, {bench.all_rows.count:,} rows, {precision}, s",
                   [seconds(run) for run in runs["ours"]], [seconds(run) for run in runs.get("theirs", [])])

    return [row("the beginning", lambda run: run.ready_seconds), row("the end", lambda run: run.first_step_seconds)]


def reference_rows(bench, work):
    """The plain ATen path, where this build can switch its kernels off."""
    if not llmtool.knows_key("training.kernels"):
        return []
    return [Row(f"{work.label}, {precision}, training.kernels: reference, tokens/s",
                [work.ours(precision, kernels="reference").tokens_per_second])
            for precision in bench.precisions if bench.trains_in(precision)]


def example_row(work, steps):
    """As transformers' example script sets it up, once."""
    run = work.theirs("fp32", recipe="example", num_train_epochs=3, max_steps=steps)
    return Row(f"{work.label}, the example script's way (fp32, padded to 128, random batches), once, tokens/s", [],
               [run.tokens_per_second])


def measure(bench):
    steps = bench.arguments.steps
    base_steps = max(3, steps // 5)
    demo_rows, base_rows = bench.rows("demo", steps * BATCH), bench.rows("base", base_steps * BATCH)
    demo = finetuning(bench, "demo model", bench.arguments.model, demo_rows)
    compared = compare(bench, demo, bench.rounds)
    rows = compared.rows + reference_rows(bench, demo)
    if bench.hugging_face:
        rows.append(example_row(demo, max(2, steps // 10)))
    start_precision = "bf16" if "bf16" in bench.precisions and bench.trains_in("bf16") else "fp32"
    rows += start_rows(bench, start_precision, compared.theirs_in_bf16)
    base = finetuning(bench, "BERT-base shape", bench.base_model, base_rows)
    base_compared = compare(bench, base, bench.rounds)
    notes = [*compared.notes, *base_compared.notes]
    return [
        f"Both sides pass once over the same rows ({demo_rows.count:,} for the demo model, {base_rows.count:,} for "
        f"BERT-base's shape), in batches of {BATCH} grouped by length, at most 128 tokens, AdamW. Tokens are real "
        "ones, padding left out; the first step is left out on both sides, as are evaluation and saving. Mean batch: "
        f"{demo.batch.tokens} tokens. The ceiling counts every layer for every token; work that leaves some out can "
        "pass it.",
        "", *comparison(rows + base_compared.rows), *(f"- {note}" for note in notes), ""]
