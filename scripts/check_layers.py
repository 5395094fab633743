#!/usr/bin/env python3
"""Checks that the modules under lib/ keep to the table in lib/README.md.

Usage: scripts/check_layers.py [ROOT]

The table says, per module, which others it may use and whether it may include LibTorch. Checked against it are every
#include in lib/llmtool and tests, every llmtool_module() call, that library code neither prints nor exits nor reads the
environment, that nothing but core/file_system.cpp calls functions of std::filesystem that throw, that nothing but its own
folder and the two tables of tasks knows a task, that no two types of a namespace have one name, wherever they are defined,
and that apps include the command line's parser in two files alone. Prints
one line per violation and exits 1 if there is any. Python 3 standard library only.
"""

import pathlib
import re
import sys

SOURCE_SUFFIXES = {".h", ".cpp", ".cu", ".cuh"}
PROJECT_INCLUDE = re.compile(r'^\s*#\s*include\s+"llmtool/([^/"]+)/([^"]+)"')
LIBTORCH_INCLUDE = re.compile(r'^\s*#\s*include\s+[<"](torch|ATen|c10)/')
PARSER_INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]CLI/')
# What only apps may do. `snprintf` and members named like these stay allowed.
FORBIDDEN = [
    (re.compile(r"\bstd::(cout|cerr|clog|cin)\b"), "library code does not print or read the terminal"),
    (re.compile(r"(?<![\w.>])(printf|vprintf|puts|putchar|perror)\s*\(|\b(stdout|stderr|stdin)\b"),
     "library code does not print or read the terminal"),
    (re.compile(r"(?<![\w.>])(getenv|secure_getenv|setenv|putenv)\s*\(|\benviron\b"), "only apps read the environment"),
    (re.compile(r"(?<![\w.>])(exit|_exit|_Exit|quick_exit|abort)\s*\("), "library code throws, it does not exit"),
    (re.compile(r"\bspdlog\b"), "library code reports through EventSink, not spdlog"),
    (re.compile(r"\bCLI::|\bargv\b"), "only apps know the command line"),
]
# Functions of std::filesystem throw errors of their own unless they are given a variable for the error.
FILE_SYSTEM_CALL = re.compile(
    r"\b(?:fs|filesystem)::((?:recursive_)?directory_iterator(?:\s+\w+)?|exists|is_\w+|file_size|(?:symlink_)?status|"
    r"remove(?:_all)?|rename|create_\w+|copy(?:_\w+)?|(?:weakly_)?canonical|absolute|relative|proximate|equivalent|"
    r"read_symlink|temp_directory_path|current_path|last_write_time|permissions|space|resize_file)\s*\(")
NAME_OF_AN_ERROR = {"error", "ignored"}
FILE_SYSTEM_SOURCE = pathlib.PurePath("core", "file_system.cpp")
# What is special about a task stands in its folder; these have a row for each.
TASK_FOLDER_INCLUDE = re.compile(r'^\s*#\s*include\s+"llmtool/tasks/(\w+)/')
TASK_TABLES = {pathlib.PurePath("tasks", "task_table.h"), pathlib.PurePath("tasks", "task_makers.cpp")}
TASK_KIND = re.compile(r"\bTaskKind::k\w+")
TASK_NAME = re.compile(r'TaskKind::\w+, std::string_view\("(\w+)"\)')
TASK_OPTIONS = re.compile(r"^struct Task\w*Options \{\n((?:  \w+ \w+;\n)+)", re.MULTILINE)
# Heads are called as the tasks that Hugging Face has them for.
HEAD_NAMES = pathlib.PurePath("models", "head_options.h")
NAMESPACE_BEGIN = re.compile(r"^namespace ?([\w:]*) ?\{$")
NAMESPACE_END = re.compile(r"^\}  // namespace")
TYPE_DEFINITION = re.compile(r"^(?:struct|class|enum class|union) (\w+)(?: final)?(?: : [^;]*| \{.*)$")
COMMENT_OR_TEXT = re.compile(
    r'R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.DOTALL)


class Module:
    def __init__(self, name, may_use, libtorch, order):
        self.name = name
        self.may_use = may_use
        self.libtorch = libtorch
        self.order = order


def read_table(readme, problems):
    """Rows `| name | what | may use | LibTorch |`, lowest module first."""
    modules = {}
    for number, line in enumerate(readme.read_text(encoding="utf-8").splitlines(), start=1):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if not line.startswith("|") or len(cells) != 4 or cells[0] == "module" or set(cells[0]) <= {"-", ":", " "}:
            continue
        name, _, uses, libtorch = cells
        if uses == "all above":
            may_use = set(modules)
        else:
            may_use = {use.strip() for use in uses.split(",") if use.strip() not in ("", "–", "-")}
        # Naming only modules above is what keeps the table free of cycles.
        for use in sorted(may_use - set(modules)):
            problems.append(f"{readme}:{number}: {name} may use {use}, which is not in a row above it")
        if name in modules:
            problems.append(f"{readme}:{number}: {name} stands in the table twice")
        if libtorch not in ("yes", "no"):
            problems.append(f"{readme}:{number}: LibTorch is 'yes' or 'no', not '{libtorch}'")
        modules[name] = Module(name, may_use, libtorch == "yes", len(modules))
    if not modules:
        problems.append(f"{readme}: no module table found")
    return modules


def blank_comments_and_texts(source):
    """The source with comments and literals replaced, line breaks kept; include lines are not for this."""
    return COMMENT_OR_TEXT.sub(lambda match: "\n" * match.group(0).count("\n"), source)


def source_files(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in SOURCE_SUFFIXES)


def check_code(path, source, problems):
    for number, line in enumerate(blank_comments_and_texts(source).split("\n"), start=1):
        for pattern, reason in FORBIDDEN:
            found = pattern.search(line)
            if found:
                problems.append(f"{path}:{number}: {found.group(0).strip()}: {reason}")


def arguments_of_call(source, begin):
    """The arguments behind an opening bracket, split at commas that stand in no further brackets."""
    depth, arguments = 1, [""]
    for character in source[begin:]:
        depth += (character in "([{") - (character in ")]}")
        if depth == 0:
            break
        if character == "," and depth == 1:
            arguments.append("")
        else:
            arguments[-1] += character
    return [argument.strip() for argument in arguments]


def check_file_system_calls(path, problems):
    source = blank_comments_and_texts(path.read_text(encoding="utf-8"))
    for call in FILE_SYSTEM_CALL.finditer(source):
        arguments = arguments_of_call(source, call.end())
        is_end = "directory_iterator" in call.group(1) and arguments == [""]
        is_of_status = arguments == ["status"]
        if is_end or is_of_status or arguments[-1] in NAME_OF_AN_ERROR:
            continue
        number = source[: call.start()].count("\n") + 1
        problems.append(f"{path}:{number}: {call.group(0)}…): throws errors of its own; use llmtool/core/file_system.h")


def types_defined(source):
    """(name with its namespaces, line) of every type that a file defines for the whole program. clang-format keeps
    definitions at the line's beginning and names the namespace that a brace closes."""
    namespaces = []
    for number, line in enumerate(source.split("\n"), start=1):
        opened = NAMESPACE_BEGIN.match(line)
        if opened:
            namespaces.append(opened.group(1))
        elif NAMESPACE_END.match(line) and namespaces:
            namespaces.pop()
        definition = TYPE_DEFINITION.match(line)
        if definition and "" not in namespaces:
            yield "::".join([*namespaces, definition.group(1)]), number


def check_type_names(paths, problems):
    """Two types of one name are one type to the linker, whatever it takes for their functions and tables."""
    first = {}
    for path in paths:
        for name, number in types_defined(path.read_text(encoding="utf-8")):
            if name in first:
                problems.append(f"{path}:{number}: {name} is defined in {first[name]}, too; give one another name")
            first.setdefault(name, f"{path}:{number}")


def task_folder_of(path):
    """The folder of lib/llmtool/tasks a file lies in; "" elsewhere."""
    parts = path.parts
    place = len(parts) - parts[::-1].index("tasks") if "tasks" in parts else len(parts)
    return parts[place] if place < len(parts) - 1 else ""


def task_names(library):
    """What tells tasks apart elsewhere: their kinds, their names as texts, and their members in the structs of options."""
    table = library / "tasks" / "task_table.h"
    source = table.read_text(encoding="utf-8") if table.exists() else ""
    words = [rf'"{name}"' for name in TASK_NAME.findall(source)]
    for members in TASK_OPTIONS.findall(source):
        words += [rf"\btask\.{member.split()[1]}\b" for member in members.replace(";", "").splitlines()]
    return re.compile("|".join([TASK_KIND.pattern, *words]))


def check_tasks_are_unnamed(path, names, problems):
    place = pathlib.PurePath(*path.parts[-2:])
    if place in TASK_TABLES:
        return
    folder = task_folder_of(path)
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        include = TASK_FOLDER_INCLUDE.match(line)
        name = names.search(line) if not folder and place != HEAD_NAMES else None
        if include and include.group(1) != folder:
            problems.append(f"{path}:{number}: only the tables of tasks may include from the folder of a task")
        if name:
            problems.append(f"{path}:{number}: {name.group(0)}: only its folder and the tables of tasks name a task")


def check_library_file(path, module, modules, problems):
    source = path.read_text(encoding="utf-8")
    for number, line in enumerate(source.split("\n"), start=1):
        project = PROJECT_INCLUDE.match(line)
        if project and project.group(1) not in modules:
            problems.append(f"{path}:{number}: {project.group(1)} is not in the table of lib/README.md")
        elif project and project.group(1) != module.name and project.group(1) not in module.may_use:
            problems.append(f"{path}:{number}: {module.name} may not use {project.group(1)}")
        if LIBTORCH_INCLUDE.match(line) and not module.libtorch:
            problems.append(f"{path}:{number}: {module.name} may not include LibTorch")
    check_code(path, source, problems)
    if path.parts[-2:] != FILE_SYSTEM_SOURCE.parts:
        check_file_system_calls(path, problems)


def reaches_libtorch(path, library, seen):
    """Chain of files from `path` to one that includes LibTorch, or None."""
    if path in seen or not path.exists():
        return None
    seen.add(path)
    for line in path.read_text(encoding="utf-8").split("\n"):
        if LIBTORCH_INCLUDE.match(line):
            return [path]
        project = PROJECT_INCLUDE.match(line)
        if project:
            chain = reaches_libtorch(library / project.group(1) / project.group(2), library, seen)
            if chain:
                return [path] + chain
    return None


def cmake_calls(text, function):
    text = re.sub(r"#[^\n]*", "", text)
    for call in re.finditer(function + r"\s*\(([^)]*)\)", text):
        yield text[: call.start()].count("\n") + 1, call.group(1).split()


def arguments_after(words, keyword):
    if keyword not in words:
        return []
    keywords = {"SOURCES", "OPTIONS_SOURCES", "USES", "LIBRARIES", "LIBTORCH", "UNITY", "JSON"}
    taken = []
    for word in words[words.index(keyword) + 1:]:
        if word in keywords:
            break
        taken.append(word)
    return taken


def check_cmake(path, modules, library, problems):
    for number, words in cmake_calls(path.read_text(encoding="utf-8"), "llmtool_module"):
        name = words[0]
        if name not in modules:
            problems.append(f"{path}:{number}: {name} is not in the table of lib/README.md")
            continue
        for use in arguments_after(words, "USES"):
            if use not in modules[name].may_use:
                problems.append(f"{path}:{number}: {name} may not use {use}")
        if "LIBTORCH" in words and not modules[name].libtorch:
            problems.append(f"{path}:{number}: {name} may not link LibTorch")
        for source in arguments_after(words, "OPTIONS_SOURCES"):
            check_free_of_libtorch(path.parent / source, library, problems)


def check_free_of_libtorch(path, library, problems):
    chain = reaches_libtorch(path, library, set())
    if chain:
        way = " -> ".join(str(step) for step in chain)
        problems.append(f"{path}: the front end reads this without LibTorch, which it includes ({way})")


def check_test_file(path, module, modules, problems):
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        project = PROJECT_INCLUDE.match(line)
        if not project:
            continue
        used = modules.get(project.group(1))
        if used is None:
            problems.append(f"{path}:{number}: {project.group(1)} is not in the table of lib/README.md")
        elif used.order > module.order:
            problems.append(f"{path}:{number}: tests of {module.name} may not use {used.name}, a later row of the table")


def check_parser_use(path, problems):
    """Options are made of field lists; a verb that included the parser would also cost every build two seconds more."""
    if path.name in ("options.cpp", "command_line.cpp"):
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if PARSER_INCLUDE.match(line):
            problems.append(f"{path}:{number}: only options.cpp and command_line.cpp include the command line's parser")


def check(root):
    problems = []
    modules = read_table(root / "lib" / "README.md", problems)
    library = root / "lib" / "llmtool"
    names = task_names(library)
    for folder in sorted(path for path in library.iterdir() if path.is_dir()):
        if folder.name not in modules:
            problems.append(f"{folder}: not in the table of lib/README.md")
            continue
        for path in source_files(folder):
            check_library_file(path, modules[folder.name], modules, problems)
            check_tasks_are_unnamed(path, names, problems)
        for options in [*folder.glob("options.h"), *sorted(folder.glob("*/options.cpp"))]:
            check_free_of_libtorch(options, library, problems)
        for path in sorted(folder.rglob("CMakeLists.txt")):
            check_cmake(path, modules, library, problems)
        for path in source_files(root / "tests" / folder.name):
            check_test_file(path, modules[folder.name], modules, problems)
    for path in source_files(root / "apps"):
        check_file_system_calls(path, problems)
        check_tasks_are_unnamed(path, names, problems)
        check_parser_use(path, problems)
    check_type_names([*source_files(library), *source_files(root / "apps")], problems)
    for name in sorted(set(modules) - {path.name for path in library.iterdir()}):
        problems.append(f"{library / name}: in the table of lib/README.md, but there is no such folder")
    return problems


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    problems = check(root)
    for problem in problems:
        print(problem)
    if not problems:
        print("the modules keep to lib/README.md")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
