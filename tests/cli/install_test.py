"""Programs load their libraries from where they belong, built or installed, wherever the caller stands."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import bad_input_case
import program
import tiny_model

BUILD = None
ELEMENTS = re.compile(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]")


def programs_in(*folders):
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.read_bytes()[:4] == b"\x7fELF":
                yield path


def library_folders(path):
    """Where the loader looks first; an empty element stands for the folder that the caller stands in."""
    table = subprocess.run(["readelf", "--dynamic", "--wide", path], capture_output=True, text=True, check=True).stdout
    return [folder for elements in ELEMENTS.findall(table) for folder in elements.split(":")]


class LibraryFolders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-install-"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def assert_beside_the_program_or_absolute(self, programs):
        for path in programs:
            for folder in library_folders(path):
                with self.subTest(program=path.name, folder=folder):
                    self.assertTrue(folder.startswith(("$ORIGIN", "/")), "libraries of the caller's folder are loaded")

    def test_of_what_is_built(self):
        programs = list(programs_in(BUILD / "bin", BUILD / "libexec/llmtool"))
        self.assertIn("llmtool-torch", [path.name for path in programs])
        self.assert_beside_the_program_or_absolute(programs)

    def test_of_what_is_installed_which_can_be_moved_and_installed_again(self):
        prefix = self.folder / "prefix"
        for _ in range(2):
            subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True, capture_output=True)
        programs = list(programs_in(prefix / "bin", prefix / "libexec/llmtool"))
        self.assertEqual([path.name for path in programs], ["llmtool", "llmtool-torch"])
        if any((prefix / "lib/llmtool").glob("libtorch_cpu*")):  # a CUDA build stays tied to its LibTorch
            for path in programs:
                self.assertTrue(all(folder.startswith("$ORIGIN/") for folder in library_folders(path)), library_folders(path))
        self.assert_beside_the_program_or_absolute(programs)
        moved = prefix.rename(self.folder / "moved")
        tiny_model.write_tiny_model(self.folder / "model")
        bad_input_case.write_files(self.folder, bad_input_case.BASE_FILES)
        result = subprocess.run([moved / "bin/llmtool", "predict", "model", "--input", "valid.csv"], cwd=self.folder,
                                env=program.environment(), capture_output=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr.decode())


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(2)).resolve()
    program.main()
