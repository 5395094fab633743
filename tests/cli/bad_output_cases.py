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
    usage("unknown log level", EVAL + " --log-level loud", "--log-level", "debug"),
    usage("unknown action", "config chek run.yaml", "chek", "check"),
    usage("unknown shell", "completion tcsh", "tcsh", "bash"),
    usage("requirement of an unknown metric", EVAL + " --require macro_f2>=0.5", "'macro_f2'", "macro_f1"),
    usage("requirement without a figure", EVAL + " --require accuracy", "--require 'accuracy'", "macro_f1>=0.8"),
    usage("positive label that is not there", EVAL + " --positive-label fine", "--positive-label 'fine'", "'bad' and 'good'"),
    usage("three text columns", EVAL + " --text-column a --text-column b --text-column c", "--text-column"),
    Case("unknown way to resume", FINETUNE + " --resume sometimes", 2, ["--resume", "auto"]),
]
