"""A toy task, head, optimizer and verb are added to a copy of the sources where CONTRIBUTING.md says, and nowhere else.

Usage: additions_test.py SOURCE_ROOT BUILD_FOLDER [--whole] [unittest arguments]

The files that are edited are counted. The front end is linked with what the toys reach and asked for them; what needs LibTorch
is checked by the compiler alone. --whole builds both programs from the copy and trains the toy task with the toy optimizer.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from edits import EDITS
from rebuild import Rebuild, run

SOURCE = BUILD = WORK = pathlib.Path()
WHOLE = False
MOST_EDITED = {"a task": 2, "a head to a family": 1, "a class of head": 1, "an optimizer": 1, "a verb": 1}
TOYS = pathlib.Path(__file__).resolve().parent / "toys"
CONFIG = """task: toy_number
model: {from: model}
tokenizer: {max_length: 16}
data: {train: train.jsonl, label: size}
training: {epochs: 30, batch_size: 8, toy_scale: 2, optimizer: {name: toy, learning_rate: 2e-3}}
output_dir: runs/toy
"""


def add(text, place, lines):
    found = list(re.finditer(place, text, re.MULTILINE))
    if len(found) != 1:
        raise AssertionError(f"{place} stands {len(found)} times; the toys' edits (edits.py) need a new place")
    where = found[0].start(1) if found[0].groups() else found[0].start()
    return text[:where] + lines + text[where:]


def sources(root):
    folders = [path for name in ("lib", "apps") for path in (root / name).rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path for path in folders}


def make_copy(tree):
    shutil.rmtree(tree, ignore_errors=True)
    for name in ("lib", "apps", "cmake", "scripts", "docs"):
        shutil.copytree(SOURCE / name, tree / name)
    for name in ("CMakeLists.txt", "CMakePresets.json"):
        shutil.copy(SOURCE / name, tree)
    shutil.copytree(TOYS, tree, dirs_exist_ok=True)
    for files in EDITS.values():
        for name, edits in files.items():
            text = (tree / name).read_text()
            for place, lines in edits:
                text = add(text, place, lines)
            (tree / name).write_text(text)


def edited_by_the_lists():
    """{what is added: files that CONTRIBUTING.md says are edited for it}"""
    text = (SOURCE / "CONTRIBUTING.md").read_text().split("## How to add")[1].split("\n## ")[0]
    lists = {}
    for item in text.split("\n- ")[1:]:
        item = " ".join(item.split())
        edited = re.search(r"Edited: ((?:`[^`]+`(?: \([^)]*\))?(?:, | and )?)+)", item)
        lists[re.match(r"\*\*(.*?)\*\*", item).group(1)] = re.findall(r"`([^` ]+/[^` ]+)`", edited.group(1)) if edited else None
    return lists


class Additions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tree = WORK / "tree"
        make_copy(cls.tree)
        before, after = sources(SOURCE), sources(cls.tree)
        toys = {path.relative_to(TOYS).as_posix() for path in TOYS.rglob("*") if path.is_file()}
        assert set(after) == set(before) | toys
        cls.edited = {name for name in before if before[name].read_bytes() != after[name].read_bytes()}
        cls.toys = {name: after[name] for name in toys}
        cls.num_files = len(before), sum(name.endswith((".h", ".cpp")) for name in before)

    def test_only_the_files_that_the_lists_name_are_edited(self):
        self.assertEqual(self.edited, {name for files in EDITS.values() for name in files})
        lists = edited_by_the_lists()
        for what, files in EDITS.items():
            named = [name.replace("<name>", "bert") for name in lists[what]]
            self.assertEqual(sorted(named), sorted(files), f"how to add {what}, in CONTRIBUTING.md")
            self.assertLessEqual(len(files), MOST_EDITED[what], what)
        for what, files in lists.items():
            for name in files or []:
                self.assertTrue(list(SOURCE.glob(name.replace("<name>", "*"))), f"{what}: there is no {name}")

    def test_the_toys_keep_to_the_layers(self):
        self.assertIn("keep to", run(sys.executable, SOURCE / "scripts/check_layers.py", self.tree))

    def test_the_number_of_files_is_told(self):
        print("{} files in lib and apps, {} of them C++".format(*self.num_files), file=sys.stderr)

    def test_the_front_end_knows_the_toys(self):
        program = self.build_front_end()
        self.assertIn("\n  toy ", run(program, "--help"))
        self.assertEqual(run(program, "toy", "hello", "--times", "2"), "hello\nhello\n")
        self.assertIn("llmtool toy", run(program, "man"))
        folder = self.run_folder()
        run(program, "config", "check", "toy.yaml", folder=folder)
        for key, wrong in (("training.toy_scale", "0"), ("training.optimizer.momentum", "0.5")):
            refused = subprocess.run([program, "config", "check", "toy.yaml", "--set", f"{key}={wrong}"], cwd=folder,
                                     capture_output=True, text=True)
            self.assertEqual(refused.returncode, 3, refused.stderr)
            self.assertIn(key, refused.stderr)
        run(self.tree / "scripts/generate_docs.sh", program)
        for page, words in (("cli", "\n## llmtool toy\n"), ("config", ", toy_number"), ("config", "\ntraining.toy_scale: "),
                            ("config", ", rmsprop or toy; ")):
            self.assertTrue(words in (self.tree / f"docs/{page}.md").read_text(), f"{words} in docs/{page}.md")

    def build_front_end(self):
        rebuild = Rebuild(SOURCE, BUILD, self.tree, WORK)
        changed = {str(SOURCE / name) for name in self.edited}
        added = {self.toys["apps/llmtool/verbs/toy.cpp"]: ("apps/llmtool/verbs",),
                 self.toys["lib/llmtool/tasks/toy_number/options.cpp"]: ("lib/llmtool/tasks/*", "options.cpp")}
        program, count = rebuild.link("bin/llmtool", changed, added)
        print(f"{count} files compiled for the front end", file=sys.stderr)
        return program

    def test_what_needs_libtorch_compiles(self):
        rebuild = Rebuild(SOURCE, BUILD, self.tree, WORK)
        together = WORK / "together" / "toys.cpp"
        together.parent.mkdir(parents=True, exist_ok=True)
        units = [name for name in self.toys if name.endswith(".cpp") and name.startswith("lib/") and
                 not name.endswith(("options.cpp", "_range.cpp"))]
        units += ["lib/llmtool/tasks/task_makers.cpp", "lib/llmtool/models/registry.cpp"]
        together.write_text("".join(f'#include "{self.tree / name}"\n' for name in sorted(units)))
        rebuild.compile(rebuild.object_beside("lib/llmtool/tasks", "task_makers.cpp"), together, WORK / "none.o",
                        "-fsyntax-only", plain=False)
        rebuild.compile(rebuild.object_beside("lib/llmtool/optim/rules", "*_range.cpp"),
                        self.toys["lib/llmtool/optim/rules/toy_range.cpp"], WORK / "none.o", "-fsyntax-only", plain=False)

    def run_folder(self):
        sys.path.insert(0, str(SOURCE / "tests" / "cli"))
        import tiny_model
        folder = WORK / "run"
        shutil.rmtree(folder, ignore_errors=True)
        tiny_model.write_tiny_model(folder / "model")
        rows = [{"text": text, "size": 6 if label == "good" else 0} for text, label in tiny_model.labelled_rows(64)]
        (folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        (folder / "toy.yaml").write_text(CONFIG)
        return folder

    def test_the_toy_task_is_trained(self):
        if not WHOLE:
            self.skipTest("builds everything; asked for with --whole")
        build = self.tree / "build/release"  # as in the sources, for the compiler's cache
        run("cmake", "-G", "Ninja", "-S", self.tree, "-B", build, "-DCMAKE_BUILD_TYPE=Release", "-DLLMTOOL_BUILD_TESTS=OFF")
        run("ninja", "-C", build, "llmtool", "llmtool-torch")
        folder = self.run_folder()
        program = build / "bin/llmtool"
        run(program, "finetune", "toy.yaml", folder=folder)
        config = json.loads((folder / "runs/toy/config.json").read_text())
        self.assertEqual(config["architectures"], ["BertForToyNumber"])
        judged = json.loads(run(program, "eval", "runs/toy", "--data", "train.jsonl", "--label-column", "size", "--json",
                                folder=folder))
        print("loss of the trained toy:", judged["loss"], file=sys.stderr)
        self.assertLess(judged["loss"], 9.0)  # numbers of half the size are learned: 4.5 where all is right, 18 at first


if __name__ == "__main__":
    WHOLE = "--whole" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--whole"]
    SOURCE, BUILD = (pathlib.Path(sys.argv.pop(1)).resolve() for _ in range(2))
    WORK = BUILD / "tests" / "additions" / "work"
    unittest.main(verbosity=2)
