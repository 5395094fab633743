"""The ceiling: how many tokens a second the matrix products alone would allow."""
import collections
import dataclasses
import statistics

from programs import google_benchmark
from tables import table

EXPLANATION = [
    "A ceiling is what the matrix products alone would allow. Counted is what the work needs for real tokens: every "
    "linear layer for every token, attention's two products over the tokens of the same text, and in training both "
    "gradients of each, which cost as much again, twice. Softmax, LayerNorm, activation, dropout, the optimizer, "
    "embeddings, pooler and classifier count nothing. The rate of each product is the best that LibTorch's ways of "
    "computing it reach at its shape, on all cores, in the same run: at::linear, at::mm, and oneDNN's linear through "
    "the dispatcher."]

FORWARD = ("forward",)
TRAINING = ("forward", "input_gradient", "weight_gradient")


class GemmRates:
    """Operations a second by shape, precision and pass, measured when first asked for."""

    def __init__(self, repetitions):
        self._repetitions = repetitions
        self._best = {}  # {(shape, precision, pass): (operations a second, way)}

    def is_empty(self):
        return not self._best

    def best(self, product, precision, which):
        shape = f"{product.rows}x{product.inputs}x{product.outputs}"
        if (shape, precision, which) not in self._best:
            self._measure(shape, precision)
        return self._best[shape, precision, which]

    def _measure(self, shape, precision):
        rates = collections.defaultdict(list)
        for row in google_benchmark("llmtool_gemm_benchmarks", [f"--benchmark_filter=/{precision}/", shape],
                                    self._repetitions, 0.05):
            rates[tuple(row["run_name"].split("/")[:4])].append(row["flops"])
        for (_, _, which, way), values in rates.items():
            key = (shape, precision, which)
            self._best[key] = max(self._best.get(key, (0.0, "")), (statistics.median(values), way))

    def report(self):
        rows = [[shape, precision, which.replace("_", " "), f"{rate * 1e-9:,.0f}", way]
                for (shape, precision, which), (rate, way) in self._best.items()]
        return table(["rows × inputs × outputs", "precision", "pass", "GFLOP/s", "fastest way"], rows)


@dataclasses.dataclass(frozen=True)
class Work:
    """What a batch of tokens needs, forward: matrix products, and operations of attention."""
    tokens: float
    products: list
    attention_operations: float


def classification_work(shape, tokens, attended):
    """Every layer for every token, as a plain encoder computes it."""
    return Work(tokens, shape.layer_products(tokens), shape.attention_operations(tokens, attended))


def least_classification_work(shape, tokens, attended):
    """What a classifier of the first token cannot do without."""
    attention = shape.attention_operations(tokens, attended) * (shape.layers - 1) / shape.layers
    return Work(tokens, shape.first_token_products(tokens), attention)


def ceiling(rates, work, precision, passes):
    """Tokens a second when products and attention run at the measured rates and nothing else takes time."""
    operations = seconds = 0.0
    for product in work.products:
        for which in passes:
            amount = 2.0 * product.rows * product.inputs * product.outputs * product.count
            operations += amount
            seconds += amount / rates.best(product, precision, which)[0]
    # Attention at the mean rate of the others.
    seconds += work.attention_operations * len(passes) * seconds / operations
    return work.tokens / seconds
