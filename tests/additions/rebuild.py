"""Compiles a changed copy of the sources with the commands of a build that is there, and only what the changes reach."""

import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess


def run(*command, folder=None):
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{shlex.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Rebuild:
    """`tree` is the copy of `source`, `build` the folder of a Ninja build of `source`; what is made goes to `work`."""

    def __init__(self, source, build, tree, work):
        self.source, self.build, self.tree, self.work = source, build, tree, work
        # Ninja's own list, not compile_commands.json: with the cache of the compiler, which makes a second run short.
        entries = json.loads(run("ninja", "-t", "compdb", folder=build))
        commands = {entry["output"]: shlex.split(entry["command"]) for entry in entries if entry["output"].endswith(".o")}
        self.commands = {name: words for name, words in commands.items() if "-c" in words}
        self.dependencies = self.read_dependencies()

    def read_dependencies(self):
        """{object: files it was made of}"""
        found, name = {}, None
        for line in run("ninja", "-t", "deps", folder=self.build).splitlines():
            if line.startswith("    "):
                found[name].add(os.path.normpath(self.build / line.strip()))
            elif ":" in line:
                name = line.split(":")[0]
                found[name] = set()
        return found

    def source_of(self, name):
        """What an object is compiled from; of files that are compiled together the list of their includes."""
        words = self.commands[name]
        return pathlib.Path(words[words.index("-c") + 1])

    def sources_of(self, name):
        path = self.source_of(name)
        if "Unity" not in path.parts:
            return [str(path)]
        return re.findall(r'#include "([^"]+)"', path.read_text())

    def object_beside(self, folder, kind="*.cpp"):
        """Some object made of files in a folder of the sources: how a new file there is compiled."""
        for name in self.commands:
            if any(pathlib.PurePath(path).match(f"{self.source / folder}/{kind}") for path in self.sources_of(name)):
                return name
        raise AssertionError(f"no object is made of {folder}")

    def compile(self, like, path, target, *more, plain=True):
        """Compiles `path` as the object `like` was. `plain`: not optimised and without precompiled header, for code that is
        run once."""
        words, result, skipped = self.commands[like], [], 0
        for place, word in enumerate(words):
            if skipped > 0:
                skipped -= 1
            elif word in ("-MT", "-MF", "-o", "-c"):
                skipped = 1
            elif word == "-include" and plain:
                result += ["-include", self.without_precompiled(words[place + 1])]
                skipped = 1
            elif word not in ("-MD", *(["-Winvalid-pch"] if plain else [])):
                result.append(word.replace(f"-I{self.source}", f"-I{self.tree}"))
        if plain:
            result.append("-O0")
        target.parent.mkdir(parents=True, exist_ok=True)
        run(*result, *more, "-o", target, "-c", path, folder=self.build)
        return target

    def without_precompiled(self, header):
        copy = self.work / "headers" / header.replace("/", "_")
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(pathlib.Path(header).read_bytes())
        return str(copy)

    def recompile(self, name):
        path = self.source_of(name)
        if "Unity" in path.parts:
            together = self.work / "together" / name.replace("/", "_").replace(".o", "")
            together.parent.mkdir(parents=True, exist_ok=True)
            together.write_text(path.read_text().replace(str(self.source), str(self.tree)))
            path = together
        else:
            path = self.tree / path.relative_to(self.source)
        return self.compile(name, path, self.work / "objects" / name)

    def objects_of(self, archive):
        text = run("ninja", "-t", "query", archive, folder=self.build).split("outputs:")[0]
        return [line.strip() for line in text.splitlines() if line.strip().endswith(".o")]

    def link(self, program, changed, added):
        """`program` anew. `changed`: files that the copy has otherwise; `added`: {new file: folder of its like}."""
        *_, command = run("ninja", "-t", "commands", "-s", program, folder=self.build).strip().splitlines()
        words = [word for word in shlex.split(command) if word not in (":", "&&")]
        archives = {word: self.objects_of(word) for word in words if word.endswith(".a") and not word.startswith("/")}
        likes = {path: self.object_beside(*like) for path, like in added.items()}
        # What an object was made of may be unknown, as after a build that was broken off.
        reached = {name for names in archives.values() for name in names if self.dependencies.get(name, changed) & changed}
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            again = {name: pool.submit(self.recompile, name) for name in reached}
            new = {path: pool.submit(self.compile, like, path, self.work / "objects" / f"{path.stem}_{place}.o")
                   for place, (path, like) in enumerate(likes.items())}
            again = {name: made.result() for name, made in again.items()}
            new = {path: made.result() for path, made in new.items()}
        for archive, names in archives.items():
            own = [new[path] for path, like in likes.items() if like in names]
            if own or reached & set(names):
                renewed = self.work / archive.replace("/", "_")
                renewed.unlink(missing_ok=True)
                run("ar", "qcs", renewed, *own, *(again.get(name, name) for name in names), folder=self.build)
                words = [str(renewed) if word == archive else word for word in words]
        target = self.work / "bin" / pathlib.Path(program).name
        target.parent.mkdir(parents=True, exist_ok=True)
        words[words.index("-o") + 1] = str(target)
        run(*words, folder=self.build)
        return target, len(reached) + len(new)
