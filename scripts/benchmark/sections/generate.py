"""Greedy continuation with a model of GPT-2 small's shape."""
import json

import llmtool
from llmtool import LLMTOOL
from programs import run
from shapes import GPT2_SMALL
from tables import Row, alternate, comparison

TITLE = "Generation"
PROMPT = ("The house stood at the end of the road and nobody in the village could remember who had built it or when "
          "its windows had last been lit")
BATCH_SIZES = (1, 8)
SHORT, LONG = 16, 80  # new tokens; the difference leaves start-up and the prompt out


def bpe_tokenizer(bench):
    """A byte-level BPE tokenizer: the user's, or one trained on the corpus."""
    if bench.arguments.bpe_tokenizer:
        return bench.arguments.bpe_tokenizer
    folder = bench.folder / "bpe"
    if not folder.exists():
        run([LLMTOOL, "tokenizer", "train", "--type", "bpe", "--vocab-size", 50257, "--input", bench.arguments.corpus,
             "--output", folder])
    return folder


def our_seconds(bench, model, batch_size, tokens):
    prompts = bench.folder / "prompts.txt"
    prompts.write_text(f"{PROMPT}\n" * batch_size, encoding="utf-8")
    finished = run([LLMTOOL, "generate", model, "--input", prompts, "--max-new-tokens", tokens, "--batch-size",
                    batch_size, "--json", "--quiet"])
    written = [len(json.loads(line)["ids"]) for line in finished.output.splitlines()]
    if written != [tokens] * batch_size:
        raise ValueError(f"llmtool generate ended before {tokens} tokens: {written}")
    return finished.seconds


def our_rates(bench, model):
    return {size: size * (LONG - SHORT) / (our_seconds(bench, model, size, LONG) -
                                           our_seconds(bench, model, size, SHORT)) for size in BATCH_SIZES}


def their_rates(bench, model):
    rates = bench.hugging_face.work("generate", model=str(model), prompt=PROMPT, batch_sizes=BATCH_SIZES, short=SHORT,
                                    long=LONG)["tokens_per_second"]
    return {int(size): rate for size, rate in rates.items()}


def measure(bench):
    model = llmtool.random_model(bench.folder / "models/gpt2", "causal_lm", GPT2_SMALL, bpe_tokenizer(bench),
                                 bench.excerpt("lines", 20_000))
    sides = {"ours": lambda: our_rates(bench, model)}
    if bench.hugging_face:
        sides["theirs"] = lambda: their_rates(bench, model)
    rates = alternate(bench.rounds, sides)
    rows = [Row(f"batch of {size}, fp32, new tokens/s", [run[size] for run in rates["ours"]],
                [run[size] for run in rates.get("theirs", [])]) for size in BATCH_SIZES]
    vocabulary = json.loads((model / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    return [
        f"GPT-2 small's shape (12×768) with new weights and a vocabulary of {vocabulary:,}; greedy; the time {LONG} "
        f"new tokens take beyond {SHORT}, so that start-up and prompt are left out on both sides.",
        "", *comparison(rows)]
