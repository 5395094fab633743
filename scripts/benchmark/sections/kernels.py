"""Our kernels beside plain ATen operations."""
import collections
import statistics

from programs import google_benchmark
from tables import table

TITLE = "Kernels"


def measure(bench):
    times = collections.defaultdict(list)
    unit = {"ns": 1e-6, "us": 1e-3, "ms": 1.0}
    for row in google_benchmark("llmtool_kernel_benchmarks", [], bench.rounds, 0.1):
        times[row["run_name"].removesuffix("/real_time")].append(row["real_time"] * unit[row["time_unit"]])
    medians = {name: statistics.median(values) for name, values in times.items()}
    rows = []
    for name, ours in medians.items():
        if "/reference" in name:
            continue
        reference = medians.get(name.replace("/kernel", "/reference"), None) if "/kernel" in name else None
        rows.append([name.replace("/kernel", ""), f"{ours:,.3f}", f"{reference:,.3f}" if reference else "–",
                     f"{reference / ours:.2f}" if reference else "–"])
    return ["fp32, all cores; sizes as tests/benchmarks explains them.", "",
            *table(["operation and sizes", "ms", "plain ATen, ms", "times faster"], rows)]
