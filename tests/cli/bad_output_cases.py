"""Where results cannot be written, and command lines that make no sense."""

import fcntl
import os
import subprocess
import unittest

import tiny_model
from bad_input_case import CONFIG, Case

FINETUNE = "finetune run.yaml"
# What a run that was cut off leaves, to be continued when there is space again.
UNFINISHED_RUN = ("out/llmtool.lock.json", "out/metrics.jsonl", "out/events.out.tfevents.*", "out/trainer_state.json")
PRETRAIN = "pretrain lm.yaml"
LANGUAGE_MODEL = "task: masked_lm\nmodel: {from: model}\ndata: {train: a.txt}\ntraining: {max_steps: 1}\noutput_dir: out\n"
PREDICT = "predict model --input train.csv --output "
EVAL = "eval model --data train.csv"


def hold_output_folder(folder):
    """Does what a run in progress does: holds the lock of output_dir."""
    (folder / "out").mkdir()
    lock = open(folder / "out" / ".llmtool-in-use", "w", encoding="utf-8")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock.close


def read_only(name):
    def prepare(folder):
        if os.geteuid() == 0:
            raise unittest.SkipTest("root may write anywhere; run as another user to test read-only folders")
        (folder / name).mkdir(exist_ok=True)
        (folder / name).chmod(0o555)
        return lambda: (folder / name).chmod(0o755)

    return prepare


def full_file_system(folder):
    """A file system of 16 KiB at out/: too small for a run."""
    (folder / "out").mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder / "out"], capture_output=True, check=False)
    if mount.returncode != 0:
        raise unittest.SkipTest("this user cannot mount a small file system: " + mount.stderr.decode().strip())
    return lambda: subprocess.run(["umount", folder / "out"], check=True)


def link_to_full_device(folder):
    """A link, so that a program that replaces its output file replaces only the link."""
    (folder / "full.csv").symlink_to("/dev/full")


def link_to_model(folder):
    (folder / "link").symlink_to("model")


def links_to_training_file(folder):
    (folder / "link.csv").symlink_to("train.csv")
    (folder / "hard.csv").hardlink_to(folder / "train.csv")


def linked_module(folder):
    """A model whose module lies elsewhere, by a link."""
    (folder / "dense").mkdir()
    (folder / "dense" / "config.json").write_text("{}")
    (folder / "model" / "2_Dense").symlink_to("../dense")


def run_folder(link="", target=""):
    """The folder of a run, with a link in place of one of its files."""

    def prepare(folder):
        (folder / "out").mkdir()
        (folder / "out" / "llmtool.lock.json").write_text("{}")
        if link:
            (folder / "out" / link).symlink_to(target)

    return prepare


def hard_link_in_run(folder):
    run_folder()(folder)
    (folder / "out" / "metrics.jsonl").hardlink_to(folder / "train.csv")


def output_in(place, *message, **changes):
    """A run whose output_dir is refused, whether it overwrites or not."""
    return Case(f"output folder {place}", f"{FINETUNE} --overwrite --set output_dir={place}", 3, [f"output_dir '{place}'", *message], **changes)


def cache_in(place, *message, **changes):
    return Case(f"cache {place}", f"{PRETRAIN} --set data.cache={place}", 3, [f"data.cache '{place}'", *message],
                {"lm.yaml": LANGUAGE_MODEL, "a.txt": "a film\n", **changes.pop("files", {})}, **changes)


def usage(name, arguments, *message):
    return Case(name, arguments, 2, list(message))


CASES = [
    Case("output in use", FINETUNE, 6, ["the output folder out is in use by another run", "output_dir"], prepare=hold_output_folder),
    Case("output is a file", FINETUNE, 6, ["cannot create the folder out", "a file of that name is in the way"], {"out": "a file\n"}),
    Case("output below a file", FINETUNE + " --set output_dir=train.csv/out", 6, ["train.csv"]),
    Case("output folder with foreign files", FINETUNE, 6, ["holds files that no run of llmtool wrote (thesis.tex)"], {"out/thesis.tex": "x"}),
    Case("foreign files are not overwritten", FINETUNE + " --overwrite", 6, ["thesis.tex", "output_dir"], {"out/thesis.tex": "x"}),
    Case("output folder that is the model", FINETUNE + " --set output_dir=model", 2, ["output_dir 'model' is the same file as model.from 'model'"]),
    Case("output folder that holds the model", FINETUNE + " --overwrite --set output_dir=.", 2, ["output_dir '.' holds model.from 'model'"]),
    Case("output folder that is the model by a link", FINETUNE + " --overwrite --set output_dir=link", 2, ["model.from"], prepare=link_to_model),
    Case("output folder that holds the data", FINETUNE + " --overwrite --set data.train=out/train.csv", 2, ["output_dir 'out' holds data.train"], {"out/train.csv": "text,label\na,good\n"}),
    output_in("model/1_Pooling", "lies where model.from 'model' may have its own '1_Pooling'; choose another path"),
    output_in("model/2_Dense", "may have its own '2_Dense'", files={"model/2_Dense/config.json": "{}"}),
    output_in("model/onnx", "lies in 'onnx', which holds files of model.from 'model'", files={"model/onnx/model.onnx": "x"}),
    output_in("model/adapter/run", "lies in 'adapter', which holds files of model.from", files={"model/adapter/adapter.md": "x"}),
    output_in("model/checkpoint-3", "may have its own 'checkpoint-3'"),
    output_in("model/checkpoint-3/next", "may have its own 'checkpoint-3'"),
    output_in("model/pytorch_model.bin", "may have its own 'pytorch_model.bin'"),
    output_in("model/adapter_config.json", "model.from"),
    output_in("link/1_Pooling", "model.from 'model'", prepare=link_to_model),
    output_in("dense/run", "may have its own '2_Dense'", prepare=linked_module),
    output_in("out/checkpoint-9", "lies where the run in '", "may have its own 'checkpoint-9'", prepare=run_folder()),
    Case("output folder in the tokenizer", FINETUNE + " --set tokenizer.from=words --set output_dir=words/1_Pooling", 3, ["tokenizer.from 'words'"], {"words/vocab.txt": "a\n"}),
    cache_in("model", "is the folder of model.from 'model'"),
    cache_in("model/1_Pooling", "lies where model.from 'model' may have its own"),
    cache_in("model/onnx/cache", "which holds files of model.from", files={"model/onnx/model.onnx": "x"}),
    cache_in("link/2_Dense", "model.from 'model'", prepare=link_to_model),
    cache_in("out/config.json", "lies where output_dir 'out' has its own 'config.json'"),
    cache_in("out/checkpoint-1", "output_dir 'out'"),
    Case("output folder in the cache", PRETRAIN + " --set data.cache=c --set output_dir=c/read_once", 3, ["output_dir 'c/read_once' lies where data.cache 'c' has its own"], {"lm.yaml": LANGUAGE_MODEL, "a.txt": "a\n"}),
    Case("data in the cache", PRETRAIN + " --set data.cache=c --set data.train=c/*/a.txt", 3, ["data.train 'c/0123456789abcdef/a.txt' lies where data.cache 'c'"], {"lm.yaml": LANGUAGE_MODEL, "c/0123456789abcdef/a.txt": "a\n"}),
    Case("config among the files of its run", "finetune out/vocab.txt --overwrite", 3, ["the config 'out/vocab.txt' lies where output_dir 'out' has its own 'vocab.txt'"], {"out/vocab.txt": CONFIG, "out/llmtool.lock.json": "{}"}),
    Case("config in a checkpoint of its run", "finetune out/checkpoint-3/run.yaml --overwrite", 3, ["has its own 'checkpoint-3'"], {"out/checkpoint-3/run.yaml": CONFIG, "out/llmtool.lock.json": "{}"}),
    Case("words to add among the files of the run", FINETUNE + " --set tokenizer.add_tokens=out/vocab.txt", 3, ["tokenizer.add_tokens 'out/vocab.txt' lies where output_dir"], {"out/vocab.txt": "soup\n"}),
    Case("a link of the run to the data", FINETUNE, 2, ["output_dir 'out/metrics.jsonl' is the same file as data.train"], prepare=run_folder("metrics.jsonl", "../train.csv")),
    Case("a hard link of the run to the data", FINETUNE, 2, ["output_dir 'out/metrics.jsonl' is the same file as data.train"], prepare=hard_link_in_run),
    Case("a link of the run to the config", FINETUNE + " --overwrite", 2, ["output_dir 'out/README.md' is the same file as the config 'run.yaml'"], prepare=run_folder("README.md", "../run.yaml")),
    Case("a link of the run to the weights", FINETUNE, 2, ["output_dir 'out/model.safetensors' is a file of model.from 'model'"], prepare=run_folder("model.safetensors", "../model/model.safetensors")),
    Case("read-only output folder", FINETUNE, 6, ["out", "Permission denied"], prepare=read_only("out")),
    Case("output that cannot be created", FINETUNE + " --set output_dir=/proc/llmtool", 6, ["/proc/llmtool"]),
    Case("full disk during training", FINETUNE, 6, ["out", "No space left"], prepare=full_file_system, kept=UNFINISHED_RUN),
    Case("predictions to a full disk", PREDICT + "full.csv", 6, ["full", "No space left"], prepare=link_to_full_device),
    Case("predictions to a full standard output", "predict model --input train.csv", 6, ["standard output", "No space left"], stdout="/dev/full"),
    Case("eval to a full standard output", EVAL, 6, ["standard output", "No space left"], stdout="/dev/full"),
    Case("config to a full standard output", "config show run.yaml", 6, ["standard output", "No space left"], stdout="/dev/full"),
    Case("tokenizer to a full standard output", "tokenizer encode model --input train.csv --format csv", 6, ["standard output", "No space left"], stdout="/dev/full"),
    Case("help to a full standard output", "finetune --help", 6, ["standard output", "No space left"], stdout="/dev/full"),
    Case("predictions into a missing folder", PREDICT + "nowhere/predictions.csv", 6, ["nowhere"]),
    Case("predictions into a read-only folder", PREDICT + "locked/predictions.csv", 6, ["locked", "Permission denied"], prepare=read_only("locked")),
    Case("predictions onto a folder", PREDICT + "folder --output-format csv", 6, ["cannot write folder: Is a directory"], {"folder/x": "x"}),
    Case("predictions onto the input", "predict model --input train.csv --output train.csv", 2, ["train.csv", "--output"]),
    Case("rejects onto the output", PREDICT + "o.csv --rejects o.csv", 2, ["o.csv", "--rejects"]),
    Case("rejects onto the output spelt otherwise", PREDICT + "o.csv --rejects ./o.csv", 2, ["--rejects './o.csv' is the same file as --output 'o.csv'"]),
    Case("predictions onto a link to the input", PREDICT + "link.csv", 2, ["--output 'link.csv' is the same file as --input"], prepare=links_to_training_file),
    Case("predictions onto a hard link to the input", PREDICT + "hard.csv", 2, ["--output 'hard.csv' is the same file as --input"], prepare=links_to_training_file),
    Case("predictions into the model", PREDICT + "model/model.safetensors --output-format csv", 2, ["--output 'model/model.safetensors' lies in the model 'model'"]),
    Case("vectors into the model", "embed model --input train.csv --output model/v.npy", 2, ["lies in the model"]),
    Case("rejects into the model", PREDICT + "o.csv --rejects model/r.csv", 2, ["--rejects 'model/r.csv' lies in the model"]),
    Case("eval predictions onto the data", EVAL + " --predictions ./train.csv", 2, ["--predictions './train.csv' is the same file as --data"]),
    Case("eval predictions into the model", EVAL + " --predictions model/p.csv", 2, ["lies in the model"]),
    Case("converted model into the model", "convert model model/half", 2, ["the output 'model/half' lies in the model"]),
    Case("converted model onto the model", "convert model ./model/", 2, ["is the same as the model"]),
    Case("config into the model", "config init --data train.csv --model model --output model/run.yaml", 2, ["lies in --model"]),
    Case("config onto the data", "config init --data train.csv --model model --output ./train.csv", 2, ["is the same file as --data"]),
    Case("tokenizer onto its texts", "tokenizer train --input texts/a.txt --output texts --overwrite", 2, ["--output 'texts' holds --input"], {"texts/a.txt": "a\n"}),
    Case("a tab on the way to TSV", "predict model --input tab.csv --output o.tsv", 4, ["tab.csv:3: o.tsv: row 2", "the column 'text'", "--rejects"], {"tab.csv": "text\na\nb\tc\n"}),
    Case("predictions as text", PREDICT + "predictions.txt", 2, ["text", "csv, tsv or jsonl", "'predictions.txt'"]),
    Case("predictions of unknown extension", PREDICT + "predictions.out", 2, ["predictions.out", "--output-format"]),
    Case("rejects as TSV", PREDICT + "p.csv --rejects r.tsv", 2, ["r.tsv", ".csv or .jsonl"]),
    Case("eval predictions into a missing folder", EVAL + " --predictions nowhere/p.csv", 6, ["nowhere"]),
    Case(
        "column name that is taken",
        "predict model --input taken.csv --output predictions.csv",
        2,
        ["taken.csv", "'scores'", "--prefix"],
        {"taken.csv": "text,scores\na film,3\n"},
    ),
    Case(
        "key that is taken in a later row",
        "predict model --input taken.jsonl --output predictions.jsonl",
        4,
        ["taken.jsonl:2", "'predicted_label'", "--prefix"],
        {"taken.jsonl": '{"text": "a"}\n{"text": "b", "predicted_label": "x"}\n'},
    ),
    Case("CUDA of a build for the CPU", EVAL + " --device cuda", 8, ["--device cuda", "built for the CPU", "LLMTOOL_CUDA"]),
    Case("CUDA for finetune", FINETUNE + " --device cuda:1", 8, ["--device cuda:1"]),
    usage("unknown device", EVAL + " --device tpu", "--device 'tpu' is unknown", "cuda:N"),
    usage("device with a bad number", EVAL + " --device cuda:x", "'cuda:x'"),
    usage("no verb", "", "--help"),
    usage("unknown verb", "finetun run.yaml", "has no verb 'finetun'; did you mean finetune?"),
    usage("unknown option", EVAL + " --batchsize 3", "--batchsize", "llmtool eval --help"),
    usage("missing option", "eval model", "--data", "llmtool eval --help"),
    usage("missing positional", "finetune", "config", "llmtool finetune --help"),
    usage("one positional too many", "finetune run.yaml other.yaml", "other.yaml"),
    usage("option without its value", "eval model --data", "--data"),
    usage("number that is none", EVAL + " --batch-size many", "--batch-size", "many"),
    usage("number out of range", EVAL + " --batch-size 0", "--batch-size"),
    usage("threads out of range", EVAL + " --threads 0", "--threads"),
    usage("unknown format", EVAL + " --format xml", "--format", "csv"),
    usage("unknown log level", EVAL + " --log-level loud", "--log-level: loud not in {debug,info,warning,error}"),
    usage("log level by its number", EVAL + " --log-level 1", "--log-level: 1 not in {debug,info,warning,error}"),
    usage("unknown log format", EVAL + " --log-format xml", "--log-format: xml not in {text,json}"),
    usage("precision that is none of the choices", EVAL + " --precision fp16", "--precision: fp16 not in {auto,fp32,bf16}"),
    usage("length of rows out of range", EVAL + " --max-row-mib 0", "--max-row-mib: 0 is not a whole number from 1 to 1024"),
    usage("share out of range", "generate model --prompt a --top-p 1.5", "--top-p: 1.5 is not a number from 1e-06 to 1.0"),
    usage("most probable tokens without any", "generate model --prompt a --top-k 0", "--top-k: 0 is not a whole number from 1 to"),
    usage("option beside one that it excludes", "generate model --prompt a --input b", "--prompt excludes --input"),
    usage("option without one that it needs", "predict model --input - --top-k 3", "--top-k requires --fill-mask"),
    usage("unknown action", "config chek run.yaml", "chek", "check"),
    usage("unknown shell", "completion tcsh", "tcsh", "bash"),
    usage("requirement of an unknown metric", EVAL + " --require macro_f2>=0.5", "'macro_f2'", "macro_f1"),
    usage("requirement without a figure", EVAL + " --require accuracy", "--require 'accuracy'", "macro_f1>=0.8"),
    usage("positive label that is not there", EVAL + " --positive-label fine", "--positive-label 'fine'", "'bad' and 'good'"),
    usage("three text columns", EVAL + " --text-column a --text-column b --text-column c", "--text-column"),
    Case("unknown way to resume", FINETUNE + " --resume sometimes", 2, ["--resume", "auto"]),
]
