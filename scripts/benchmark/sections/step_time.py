"""Where the time of one training step goes: plain ATen operations beside our kernels."""
import statistics

import llmtool
from sections.finetune import BATCH
from tables import table

TITLE = "Where a training step's time goes"
KERNELS = {"reference": "training.kernels: reference", "auto": "training.kernels: auto"}


def profile(bench, rows, precision, kernels):
    config = llmtool.finetune_config(bench.arguments.model, rows, epochs=1, precision=precision, kernels=kernels)
    return llmtool.train("finetune", config, "--profile").results["profile"]


def medians_of_parts(profiles):
    """{(stage, kind of operation): ms}; the whole stage as (stage, "")."""
    values = {}
    for measured in profiles:
        stages = {}
        for part in measured["parts"]:
            values.setdefault((part["stage"], part["part"]), []).append(part["milliseconds"])
            stages[part["stage"]] = stages.get(part["stage"], 0.0) + part["milliseconds"]
        for stage, milliseconds in stages.items():
            values.setdefault((stage, ""), []).append(milliseconds)
    return {part: statistics.median(times) for part, times in values.items()}


def cells(milliseconds, step):
    return ["–", "–"] if milliseconds is None else [f"{milliseconds:,.1f}", f"{milliseconds / step:.1%}"]


def rows_of(profiles):
    """The stages in their order, each with its kinds of operations where it has several."""
    medians = [medians_of_parts(measured) for measured in profiles.values()]
    steps = [statistics.median(measured["milliseconds_per_step"] for measured in runs) for runs in profiles.values()]

    def row(label, part):
        return [label, *(cell for parts, step in zip(medians, steps) for cell in cells(parts.get(part), step))]

    rows = []
    for stage in dict.fromkeys(stage for parts in medians for stage, _ in parts):
        kinds = sorted({kind for parts in medians for known, kind in parts if known == stage and kind})
        rows.append(row(f"**{stage}**", (stage, "")))
        rows += [row(kind, (stage, kind)) for kind in kinds if len(kinds) > 1]
    return [*rows, ["**a step**", *(cell for step in steps for cell in cells(step, step))]]


def measure(bench):
    rows = bench.rows("step_time", bench.arguments.steps * BATCH)
    lines = []
    for precision in bench.precisions:
        if not bench.trains_in(precision):
            continue
        profiles = {kernels: [] for kernels in KERNELS}
        for _ in range(bench.rounds):
            for kernels in KERNELS:
                profiles[kernels].append(profile(bench, rows, precision, kernels))
        header = [f"demo model, {precision}"]
        for name in KERNELS.values():
            header += [f"`{name}`, ms", "share"]
        lines += table(header, rows_of(profiles))
    return [f"`--profile` of one pass over {rows.count:,} rows in batches of {BATCH}, means of all steps; the profile "
            "itself costs some percent. Without our kernels every operation is ATen's own.", "", *lines]
