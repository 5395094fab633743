"""Tests of scripts/check_layers.py: each test builds a small tree with one violation and expects it to be named.

Usage: check_layers_test.py SOURCE_ROOT
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECKER = ""

TABLE = """# The modules

| module | what it is | may use | LibTorch |
|---|---|---|---|
| core | errors \\| json | – | no |
| config | reading | core | no |
| nn | layers | core | yes |
| commands | all verbs | all above | yes |
"""

CMAKE = {
    "core": "llmtool_module(core\n  SOURCES a.cpp)\n",
    "config": "llmtool_module(config\n  SOURCES a.cpp\n  USES core\n  LIBRARIES yaml-cpp)\n",
    "nn": "llmtool_module(nn SOURCES a.cpp OPTIONS_SOURCES options.cpp USES core LIBTORCH)\n",
    "commands": "llmtool_module(commands USES core config nn)\n",
}


class CheckLayers(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("lib/README.md", TABLE)
        for module, text in CMAKE.items():
            self.write(f"lib/llmtool/{module}/CMakeLists.txt", text)
        self.write("lib/llmtool/nn/options.cpp", '#include "llmtool/nn/options.h"\n')
        self.write("lib/llmtool/nn/options.h", '#include "llmtool/core/json.h"\n')
        self.write("lib/llmtool/core/json.h", "#include <string>\n")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run_checker(self):
        done = subprocess.run([sys.executable, CHECKER, str(self.root)], capture_output=True, text=True)
        return done.returncode, done.stdout.replace(str(self.root) + "/", "")

    def expect_violation(self, text):
        code, output = self.run_checker()
        self.assertEqual(output, text + "\n")
        self.assertEqual(code, 1)

    def expect_clean(self):
        self.assertEqual(self.run_checker(), (0, "the modules keep to lib/README.md\n"))

    def test_a_task_is_known_to_its_folder_and_the_tables_alone(self):
        row = "| tasks | problems | core | no |\n| commands"
        self.write("lib/README.md", TABLE.replace("| commands", row))
        self.write("lib/llmtool/tasks/CMakeLists.txt", "llmtool_module(tasks SOURCES a.cpp USES core)\n")
        known = '#include "llmtool/tasks/tagging/options.h"\nint kind = TaskKind::kTagging;\n'
        self.write("lib/llmtool/tasks/tagging/options.h", "")
        for place in ("lib/llmtool/tasks/task_table.h", "lib/llmtool/tasks/task_makers.cpp",
                      "lib/llmtool/tasks/tagging/task.cpp"):
            self.write(place, known)
        self.expect_clean()
        for place in ("lib/llmtool/tasks/run.cpp", "lib/llmtool/commands/a.cpp", "apps/llmtool/eval.cpp"):
            self.write(place, known)
            self.expect_violation(
                f"{place}:1: only the tables of tasks may include from the folder of a task\n"
                f"{place}:2: TaskKind::kTagging: only its folder and the tables of tasks name a task")
            self.write(place, "")
        self.write("lib/llmtool/tasks/task_table.h", known + """
std::pair{TaskKind::kTagging, std::string_view("tagging")},
struct TaskEvalOptions {
  TaggingEvalOptions tags;
};
""")
        self.write("lib/llmtool/tasks/tagging/task.cpp", 'bool is_own = name == "tagging" && options.task.tags.any;\n')
        self.expect_clean()
        for code in ('if (name == "tagging")', "options.task.tags.any"):
            self.write("apps/llmtool/eval.cpp", code + "\n")
            self.expect_violation('apps/llmtool/eval.cpp:1: %s: only its folder and the tables of tasks name a task' %
                                  ("task.tags" if "tags" in code else '"tagging"'))

    def test_a_tree_that_keeps_the_rules_passes(self):
        self.write("lib/llmtool/commands/a.cpp", '#include "llmtool/nn/a.h"\n#include "llmtool/config/a.h"\n')
        self.write("lib/llmtool/nn/a.h", "#include <ATen/ATen.h>\n")
        self.write("tests/config/a_test.cpp", '#include "llmtool/core/a.h"\n')
        self.expect_clean()

    def test_an_include_of_a_module_not_allowed(self):
        self.write("lib/llmtool/core/a.cpp", '\n#include "llmtool/config/node.h"\n')
        self.expect_violation("lib/llmtool/core/a.cpp:2: core may not use config")

    def test_an_include_between_siblings(self):
        self.write("lib/llmtool/nn/a.cu", '#  include "llmtool/config/node.h"\n')
        self.expect_violation("lib/llmtool/nn/a.cu:1: nn may not use config")

    def test_an_include_of_an_unknown_module(self):
        self.write("lib/llmtool/nn/a.cpp", '#include "llmtool/ghost/a.h"\n')
        self.expect_violation("lib/llmtool/nn/a.cpp:1: ghost is not in the table of lib/README.md")

    def test_uses_that_the_table_does_not_allow(self):
        self.write("lib/llmtool/nn/CMakeLists.txt", "llmtool_module(nn\n  SOURCES a.cpp\n  USES core config\n  LIBTORCH)\n")
        self.expect_violation("lib/llmtool/nn/CMakeLists.txt:1: nn may not use config")

    def test_linking_libtorch_where_it_is_not_allowed(self):
        self.write("lib/llmtool/config/CMakeLists.txt", "llmtool_module(config USES core LIBTORCH)\n")
        self.expect_violation("lib/llmtool/config/CMakeLists.txt:1: config may not link LibTorch")

    def test_including_libtorch_where_it_is_not_allowed(self):
        for header in ("torch/torch.h", "ATen/ATen.h", "c10/util/Exception.h"):
            self.write("lib/llmtool/config/a.h", f"#include <{header}>\n")
            self.expect_violation("lib/llmtool/config/a.h:1: config may not include LibTorch")

    def test_options_that_reach_libtorch_through_another_header(self):
        self.write("lib/llmtool/nn/options.h", '#include "llmtool/nn/layer.h"\n')
        self.write("lib/llmtool/nn/layer.h", "#include <ATen/ATen.h>\n")
        code, output = self.run_checker()
        self.assertEqual(code, 1)
        self.assertIn("lib/llmtool/nn/options.h: the front end reads this without LibTorch", output)
        self.assertIn("lib/llmtool/nn/options.cpp: the front end reads this without LibTorch", output)

    def test_a_table_with_a_cycle(self):
        self.write("lib/README.md", TABLE.replace("| errors \\| json | – |", "| errors \\| json | config |"))
        self.expect_violation("lib/README.md:5: core may use config, which is not in a row above it")

    def test_a_folder_that_is_not_in_the_table(self):
        self.write("lib/llmtool/extra/a.h", "\n")
        self.expect_violation("lib/llmtool/extra: not in the table of lib/README.md")

    def test_a_module_without_a_folder(self):
        self.write("lib/README.md", TABLE + "| tasks | problems | core | yes |\n")
        self.expect_violation("lib/llmtool/tasks: in the table of lib/README.md, but there is no such folder")

    def test_a_missing_table(self):
        self.write("lib/README.md", "# Nothing\n")
        code, output = self.run_checker()
        self.assertEqual(code, 1)
        self.assertIn("no module table found", output)

    def test_what_library_code_may_not_do(self):
        for code in ("std::cout << 1;", "std::cerr << 1;", 'std::printf("x");', 'printf("x");', 'fprintf(stderr, "x");',
                     'std::getenv("HOME");', "std::exit(1);", "exit(1);", "abort();", 'spdlog::info("x");',
                     "CLI::App app;", "argv[1];"):
            self.write("lib/llmtool/core/a.cpp", f"void f() {{\n  {code}\n}}\n")
            status, output = self.run_checker()
            self.assertEqual(status, 1, code)
            self.assertIn("lib/llmtool/core/a.cpp:2: ", output)

    def test_comments_texts_and_longer_names_are_no_violation(self):
        self.write("lib/llmtool/core/a.cpp", """// never std::cout, printf( or exit(
/* std::cerr
   getenv( */
const char* text = "call exit(1) or printf(x)";
const char* raw = R"(std::cout exit(1))";
int a = std::snprintf(buffer, 8, "%d", 1) + std::fprintf(file, "%d", 1);
void f() { loop.exit(1); on_exit(2); }
""")
        self.expect_clean()

    def test_functions_of_the_file_system_that_throw(self):
        for code in ("fs::exists(path);", "std::filesystem::remove_all(folder / name(1, 2));", "fs::create_directories(path);",
                     "for (const auto& entry : fs::directory_iterator(path)) use(entry);"):
            for name in ("lib/llmtool/core/a.cpp", "apps/llmtool/a.cpp"):
                self.write(name, f"void f() {{\n  {code}\n}}\n")
                status, output = self.run_checker()
                self.assertEqual(status, 1, code)
                self.assertIn(f"{name}:2: ", output)
                self.assertIn("use llmtool/core/file_system.h", output)
                self.write(name, "")

    def test_functions_of_the_file_system_that_return_their_error(self):
        code = """void f() {
  fs::remove_all(folder / name(1, 2), ignored);
  if (fs::exists(status)) return;
  fs::directory_iterator entry(folder, error);
  entry == fs::directory_iterator();
  const fs::path path(name);
}
"""
        self.write("lib/llmtool/core/a.cpp", code)
        self.write("lib/llmtool/core/file_system.cpp", "bool f() { return fs::exists(path); }\n")
        self.expect_clean()

    def test_the_parser_of_the_command_line_is_known_to_two_files(self):
        for name in ("options.cpp", "command_line.cpp"):
            self.write(f"apps/llmtool/{name}", "#include <CLI/CLI.hpp>\n")
        self.expect_clean()
        self.write("apps/llmtool/verbs/a.cpp", "\n#include <CLI/App.hpp>\n")
        self.expect_violation("apps/llmtool/verbs/a.cpp:2: only options.cpp and command_line.cpp include the command line's parser")

    def test_two_types_of_one_name(self):
        self.write("lib/llmtool/core/model.h", "namespace llmtool {\n\nclass Model {\n};\n\n}  // namespace llmtool\n")
        self.write("lib/llmtool/nn/model.h", "namespace llmtool {\n\nclass Model : public Base {\n};\n\n}  // namespace llmtool\n")
        self.expect_violation("lib/llmtool/nn/model.h:3: llmtool::Model is defined in lib/llmtool/core/model.h:3, too; give one another name")

    def test_types_of_one_name_in_other_namespaces_or_within_a_file(self):
        for module, namespace in (("core", "llmtool"), ("config", "llmtool::app"), ("nn", "llmtool")):
            inner = ("namespace {\n\n", "}  // namespace\n\n") if module == "nn" else ("", "")
            self.write(f"lib/llmtool/{module}/part.cpp",
                       f"namespace {namespace} {{\n{inner[0]}struct Part {{\n}};\n\n{inner[1]}}}  // namespace {namespace}\n")
        self.write("lib/llmtool/nn/part.h", "namespace llmtool {\n\nstruct Part;\n\n}  // namespace llmtool\n")
        self.expect_clean()

    def test_a_test_that_uses_a_later_module(self):
        self.write("tests/config/a_test.cpp", '#include "llmtool/nn/a.h"\n')
        self.expect_violation("tests/config/a_test.cpp:1: tests of config may not use nn, a later row of the table")


if __name__ == "__main__":
    CHECKER = str(pathlib.Path(sys.argv.pop(1)) / "scripts" / "check_layers.py")
    unittest.main()
