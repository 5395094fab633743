"""Our side: configs for llmtool, and what its runs leave behind."""
import dataclasses
import json
import pathlib
import shutil
import tempfile
import time

from programs import PROGRAMS, ProgramError, run

LLMTOOL = PROGRAMS / "llmtool"


@dataclasses.dataclass(frozen=True)
class TrainingRun:
    """tokens_per_second is from the end of the first step to that of the last, None for a single step; ready_seconds
    and first_step_seconds from the start of the process to the beginning and the end of the first step."""
    tokens_per_second: float
    ready_seconds: float
    first_step_seconds: float
    peak_memory_bytes: int
    results: dict


def finetune_config(model, rows, **training):
    """The same settings as benchmark_hf's finetune."""
    return {
        "task": "classification",
        "model": {"from": str(model)},
        "tokenizer": {"max_length": 128},
        "data": {"train": rows.path, "text": rows.TEXT, "label": rows.LABEL},
        "training": {"batch_size": 32, "group_by_length": True, "log_every": 1, "schedule": {"warmup": 0.1},
                     "optimizer": {"name": "adamw", "learning_rate": 1e-4, "weight_decay": 0.01}, **training},
        "evaluation": {"every": "never"},
        "seed": 42,
    }


def pretrain_config(model, text_file, **training):
    """The same settings as benchmark_hf's pretrain. `model`: a section, {"from": folder} or {"config": …}."""
    return {
        "task": "masked_lm",
        "model": model,
        "tokenizer": {"max_length": 128},
        "data": {"train": str(text_file)},
        "training": {"batch_size": 16, "log_every": 1, "schedule": {"warmup": 0.1},
                     "optimizer": {"name": "adamw", "learning_rate": 1e-4, "weight_decay": 0.01}, **training},
        "evaluation": {"every": "never"},
        "seed": 42,
    }


class StepWatch:
    """Follows metrics.jsonl, made when data and model are ready: when each step ended and how fast it was."""

    def __init__(self, metrics):
        self._metrics = metrics
        self._started = time.perf_counter()
        self.ready = None
        self.ends = []

    def __call__(self):
        if not self._metrics.exists():
            return
        now = time.perf_counter() - self._started
        self.ready = now if self.ready is None else self.ready
        complete = self._metrics.read_bytes().count(b"\n")
        self.ends += [now] * (complete - len(self.ends))

    def tokens_per_second(self):
        """Mean of the steps' own rates, weighted by their times; the first step is left out."""
        self()
        rates = [json.loads(line)["tokens_per_second"] for line in self._metrics.read_text().splitlines()]
        times = [end - start for start, end in zip(self.ends, self.ends[1:])]
        if not times or sum(times) <= 0.0:
            return None
        return sum(rate * seconds for rate, seconds in zip(rates[1:], times)) / sum(times)


def train(verb, config, *options):
    """verb: finetune or pretrain. The run's folder is deleted afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        return train_into(pathlib.Path(folder) / "run", verb, config, *options)


def train_into(output, verb, config, *options):
    """The run's folder stays; what an earlier run left there goes."""
    output = pathlib.Path(output)
    shutil.rmtree(output, ignore_errors=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    file = output.parent / f"{output.name}.json"
    file.write_text(json.dumps({**config, "output_dir": str(output)}), encoding="utf-8")
    watch = StepWatch(output / "metrics.jsonl")
    finished = run([LLMTOOL, verb, file, *options], watch=watch)
    results = json.loads((output / "all_results.json").read_text(encoding="utf-8"))
    return TrainingRun(watch.tokens_per_second(), watch.ready, watch.ends[0], finished.peak_memory_bytes, results)


def offers(verb, option):
    """Whether this build has the option."""
    return option in run([LLMTOOL, verb, "--help"]).output


def knows_key(key):
    try:
        run([LLMTOOL, "config", "describe", key])
    except ProgramError:
        return False
    return True


def random_model(output, task, config, tokenizer, text_file):
    """A checkpoint of this shape with new weights, which both sides load: one step of pretraining on a few lines."""
    run_config = {**pretrain_config({"config": config}, text_file, max_steps=1), "task": task}
    run_config["training"]["batch_size"] = 1
    run_config["tokenizer"] = {"from": str(tokenizer), "max_length": 16}
    train_into(output, "pretrain", run_config)
    return output
