"""How cost grows with rows, length, layers and threads; llmtool alone."""
import dataclasses
import statistics

import data
import llmtool
from llmtool import LLMTOOL
from programs import run
from tables import table

TITLE = "How cost grows"
STEPS = 8


@dataclasses.dataclass(frozen=True)
class Case:
    label: str
    model: str
    rows: data.Rows
    options: tuple = ()


def lengthened(labelled, times):
    """Texts `times` as long: every text with the following ones behind it."""
    return [(" ".join(labelled[(i + k) % len(labelled)][0] for k in range(times)), label)
            for i, (_, label) in enumerate(labelled)]


def cases(bench):
    texts = data.draw(bench.labelled, bench.arguments.rows // 4)
    many = [(f"{text} {copy}", label) for copy in range(10) for text, label in texts]
    rows = data.write_rows(bench.folder / "growth.csv", texts)
    model = bench.arguments.model
    small = {"model_type": "bert", "hidden_size": 384, "num_attention_heads": 12, "intermediate_size": 1536,
             "max_position_embeddings": 512, "type_vocab_size": 2}
    deep = llmtool.random_model(bench.folder / "models/deep", "masked_lm", {**small, "num_hidden_layers": 12}, model,
                                bench.excerpt("lines", 20_000))
    return [
        Case(f"demo model, {rows.count:,} rows", model, rows),
        Case("rows × 10", model, data.write_rows(bench.folder / "growth_rows.csv", many)),
        Case("length × 4", model, data.write_rows(bench.folder / "growth_length.csv", lengthened(texts, 4))),
        Case("layers × 2", deep, rows),
        Case("1 thread", model, rows, ("--threads", "1")),
    ]


def measure_case(bench, case, precision):
    steps = max(3, min(STEPS, bench.arguments.steps // 4))
    config = llmtool.finetune_config(case.model, case.rows, max_steps=steps, precision=precision)
    config["tokenizer"]["max_length"] = 512
    output = bench.folder / "growth"
    trained = llmtool.train_into(output, "finetune", config, *case.options)
    predicted = run([LLMTOOL, "predict", output, "--input", case.rows.path, "--output",
                     bench.folder / "predictions.jsonl", *case.options])
    return trained, predicted


def measure(bench):
    precision = "bf16" if "bf16" in bench.precisions and bench.trains_in("bf16") else "fp32"
    table_rows = []
    for case in cases(bench):
        lengths = data.measure_lengths(bench.arguments.model, case.rows, 512)
        results = [measure_case(bench, case, precision) for _ in range(max(1, bench.rounds - 1))]

        def median(figure):
            return statistics.median(figure(*result) for result in results)

        rate = median(lambda trained, _: trained.tokens_per_second)
        table_rows.append([
            case.label, f"{lengths.mean:.0f}", f"{rate:,.0f}", f"{1e3 * 32 * lengths.mean / rate:,.0f}",
            f"{median(lambda trained, _: trained.peak_memory_bytes) * 2.0**-30:.2f}",
            f"{median(lambda trained, _: trained.first_step_seconds):.2f}",
            f"{median(lambda _, predicted: predicted.seconds):.2f}",
            f"{median(lambda _, predicted: predicted.peak_memory_bytes) * 2.0**-30:.2f}"])
    return [f"llmtool alone; fine-tuning in {precision} with batches of 32, prediction in fp32 with its start-up.", "",
            *table(["case", "tokens a text", "training, tokens/s", "ms for 32 texts", "training, GiB",
                    "start to first step, s", "predict all rows, s", "predict, GiB"], table_rows)]
