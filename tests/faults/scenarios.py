"""Commands that read and write files, each with what it must leave, for the tests of failures and kills."""

import dataclasses
import hashlib
import json
import pathlib
import random
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import tiny_model  # noqa: E402

RUN_CONFIG = """task: classification
model: {from: model}
tokenizer: {max_length: 16}
data: {train: train.csv, validation: valid.csv, test: valid.csv}
training: {max_steps: MAX_STEPS, batch_size: 8, log_every: 1}
evaluation: {every: 2}
checkpoint: {every: 2, keep: 1}
output_dir: out
"""
PRETRAIN_CONFIG = """task: masked_lm
model: {config: {model_type: bert, hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2,
                 intermediate_size: 32, max_position_embeddings: 32, type_vocab_size: 2}}
tokenizer: {from: model, max_length: 24}
data: {train: corpus.txt, validation: 0.2, document: blank_line, cache: cache}
training: {max_steps: MAX_STEPS, batch_size: 8, log_every: 1}
evaluation: {every: 2}
checkpoint: {every: 2, keep: 1}
output_dir: out
"""
RUN_OUTPUTS = ("model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", "eval_results.json")


@dataclasses.dataclass(frozen=True)
class Scenario:
    """`outputs` are the files that must have the same bytes however often the work was interrupted; those of a run
    count once its `mark` is there, others whenever they are there themselves. `before` is a command that has been run
    before. `is_made_once`: the output may not exist when the command starts."""

    name: str
    arguments: tuple
    outputs: tuple
    mark: str = ""
    before: tuple = ()
    is_made_once: bool = False

    @property
    def is_training(self):
        return self.mark != ""


def run_scenario(name, *arguments, **more):
    return Scenario(name, arguments, tuple("out/" + file for file in RUN_OUTPUTS), "out/config.json", **more)


SCENARIOS = (
    run_scenario("finetune", "finetune", "run.yaml"),
    run_scenario("overwrite", "finetune", "run.yaml", "--overwrite", before=("finetune", "run.yaml", "--set", "seed=5")),
    run_scenario("pretrain", "pretrain", "pretrain.yaml"),
    Scenario("predict", ("predict", "model", "--input", "valid.csv", "--output", "answers.csv"), ("answers.csv",)),
    Scenario(
        "predict-rejects",
        ("predict", "model", "--input", "ragged.csv", "--output", "answers.jsonl.gz", "--rejects", "rejects.jsonl"),
        ("answers.jsonl.gz", "rejects.jsonl"),
    ),
    Scenario("embed", ("embed", "model", "--input", "valid.csv", "--output", "vectors.npy"), ("vectors.npy",)),
    Scenario(
        "convert",
        ("convert", "model", "half", "--dtype", "bf16"),
        ("half/model.safetensors", "half/config.json", "half/vocab.txt"),
        is_made_once=True,
    ),
    Scenario(
        "tokenizer",
        ("tokenizer", "train", "--input", "corpus.txt", "--vocab-size", "120", "--output", "ours"),
        ("ours/tokenizer.json", "ours/vocab.txt"),
        is_made_once=True,
    ),
    Scenario(
        "eval",
        ("eval", "model", "--data", "valid.csv", "--predictions", "predictions.csv"),
        ("predictions.csv",),
    ),
)


def find_scenario(name):
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


def write_inputs(folder, max_steps=4):
    """All that the scenarios read."""
    tiny_model.write_tiny_model(folder / "model")
    (folder / "train.csv").write_text(tiny_model.csv_text(tiny_model.labelled_rows(24)))
    (folder / "valid.csv").write_text(tiny_model.csv_text(tiny_model.labelled_rows(8, seed=8)))
    (folder / "ragged.csv").write_text(tiny_model.csv_text(tiny_model.labelled_rows(8, seed=9)) + "a,b,c\nthe film,good\n")
    (folder / "run.yaml").write_text(RUN_CONFIG.replace("MAX_STEPS", str(max_steps)))
    (folder / "pretrain.yaml").write_text(PRETRAIN_CONFIG.replace("MAX_STEPS", str(max_steps)))
    generator = random.Random(4)
    sentence = lambda: " ".join(generator.choice(tiny_model.WORDS) for _ in range(generator.randint(3, 9)))
    documents = ["\n".join(sentence() for _ in range(generator.randint(2, 5))) for _ in range(30)]
    (folder / "corpus.txt").write_text("\n\n".join(documents) + "\n")


def hash_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def output_hashes(scenario, folder):
    return {name: hash_of(folder / name) for name in scenario.outputs}


def remove_outputs(scenario, folder):
    for top in {pathlib.PurePath(name).parts[0] for name in scenario.outputs}:
        path = folder / top
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


TEMPORARY = re.compile(r"^\..*\.tmp|\.tmp-?\d*$|write-probe|-old$|^llmtool-[A-Za-z0-9]{6}$")


def temporaries(folder):
    """Files and folders under names that no finished work leaves."""
    return [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if TEMPORARY.search(path.name)]


def damaged_checkpoints(folder):
    """Complaints about checkpoint folders that are not as their manifest says."""
    problems = []
    for directory in sorted(folder.glob("out/checkpoint-*")):
        manifest = directory / "MANIFEST.json"
        if not manifest.is_file():
            problems.append(f"{directory.name} has no MANIFEST.json")
            continue
        for name, entry in json.loads(manifest.read_text())["files"].items():
            if hash_of(directory / name) != entry["sha256"]:
                problems.append(f"{directory.name}/{name} is not what MANIFEST.json says")
    return problems
