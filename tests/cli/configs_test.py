"""Every file in configs/ is a valid run config whose first lines hold the command that uses it."""

import pathlib
import unittest

import program

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = sorted(path.relative_to(ROOT) for path in (ROOT / "configs").rglob("*") if path.suffix in (".yaml", ".json"))


class ReadyConfigs(unittest.TestCase):
    def test_there_are_some(self):
        self.assertGreaterEqual(len(CONFIGS), 2)

    def test_each_passes_the_check(self):
        for config in CONFIGS:
            with self.subTest(config=str(config)):
                result = program.run("config", "check", config, folder=ROOT)
                self.assertEqual(result.stderr, b"")
                self.assertEqual((result.returncode, result.stdout.decode()), (0, f"{config}: ok\n"))

    def test_the_first_lines_hold_the_command(self):
        for config in CONFIGS:
            with self.subTest(config=str(config)):
                start = (ROOT / config).read_text(encoding="utf-8").splitlines()[:5]
                comments = "\n".join(line for line in start if line.startswith("#"))
                self.assertRegex(comments, rf"llmtool \w+ {config}\b")


if __name__ == "__main__":
    program.main()
