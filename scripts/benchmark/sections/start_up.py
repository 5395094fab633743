"""How long the small commands take."""
import json

import llmtool
from llmtool import LLMTOOL
from programs import run
from tables import summary, table

TITLE = "Start-up"
TIMES = 20


def measure(bench):
    config = bench.folder / "start_up.json"
    config.write_text(json.dumps(llmtool.finetune_config(bench.arguments.model, bench.all_rows)), encoding="utf-8")
    commands = {
        "--help": ["--help"],
        "finetune --help": ["finetune", "--help"],
        "config check": ["config", "check", config],
        "config show": ["config", "show", config],
        "tokenizer encode, one line": ["tokenizer", "encode", bench.arguments.model, "--input", "-"],
    }
    rows = []
    for label, command in commands.items():
        seconds = [run([LLMTOOL, *command], text="a quiet, lovely film\n").seconds for _ in range(TIMES + 1)][1:]
        rows.append([f"`llmtool {label}`", summary(seconds, 1e3)])
    return table(["command", "ms, median (smallest – largest)"], rows)
