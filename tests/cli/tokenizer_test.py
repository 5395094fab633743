"""Tokenizers of one's own: trained from text, checked, described and compared."""

import gzip
import json
import pathlib
import random
import shutil
import tempfile
import unittest

import program
import tiny_model


def texts(seed, count):
    generator = random.Random(seed)
    return [" ".join(generator.choice(tiny_model.WORDS) for _ in range(generator.randint(3, 12))) for _ in range(count)]


class Tokenizers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-tokenizer-"))
        (cls.folder / "corpus").mkdir()
        lines = "\n".join(texts(1, 200)) + "\n"
        (cls.folder / "corpus" / "a.txt").write_text(lines)
        (cls.folder / "corpus" / "b.jsonl.gz").write_bytes(
            gzip.compress("".join(json.dumps({"text": text}) + "\n" for text in texts(2, 200)).encode())
        )
        for kind in ("wordpiece", "bpe"):
            result = cls.tokenizer("train", "--type", kind, "--input", "corpus/*", "--vocab-size", 400, "--output", kind)
            assert result.returncode == 0, result.stderr.decode()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def tokenizer(cls, *arguments, **changes):
        return program.run("tokenizer", *arguments, folder=cls.folder, **changes)

    def output(self, *arguments):
        result = self.tokenizer(*arguments)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result.stdout.decode()

    def assert_refused(self, result, exit_code, *words):
        text = result.stderr.decode()
        self.assertEqual(result.returncode, exit_code, text)
        for word in words:
            self.assertIn(word, text)


class Training(Tokenizers):
    def test_both_kinds_write_what_hugging_face_and_llmtool_open(self):
        common = {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}
        for kind, files in (("wordpiece", {"vocab.txt"}), ("bpe", {"vocab.json", "merges.txt"})):
            self.assertEqual({path.name for path in (self.folder / kind).iterdir()}, common | files)
            ids = self.output("encode", kind, "--input", "corpus/a.txt")
            self.assertEqual(len(ids.splitlines()), 200)

    def test_the_result_as_json(self):
        result = json.loads(self.output("train", "--input", "corpus/a.txt", "--vocab-size", 120, "--output", "small", "--json"))
        self.assertEqual((result["num_texts"], result["vocabulary_size"], result["type"]), (200, 120, "wordpiece"))

    def test_an_existing_folder_is_renewed_only_when_asked_and_only_when_it_is_a_tokenizer(self):
        arguments = ("train", "--input", "corpus/a.txt", "--vocab-size", 200, "--output")
        self.output(*arguments, "again")
        self.assert_refused(self.tokenizer(*arguments, "again"), 6, "exists already", "--overwrite")
        self.output(*arguments, "again", "--overwrite")
        self.assert_refused(self.tokenizer(*arguments, "corpus", "--overwrite"), 6, "something else")

    def test_wrong_input_leaves_nothing_behind(self):
        for arguments, exit_code, words in (
            (("--input", "none/*.txt"), 4, ["none/*.txt"]),
            (("--input", "corpus/b.jsonl.gz", "--text-column", "body"), 4, ["body", "text"]),
            (("--input", "corpus/a.txt", "--vocab-size", 9), 2, ["vocabulary size of 9"]),
            (("--input", "corpus/a.txt", "--type", "bpe", "--limit-alphabet", 9), 2, ["wordpiece"]),
        ):
            with self.subTest(arguments=arguments):
                self.assert_refused(self.tokenizer("train", "--output", "refused", *arguments), exit_code, *words)
                self.assertEqual(list(self.folder.glob("refused*")), [])

    def test_a_vocabulary_that_cannot_be_filled_is_a_warning(self):
        result = self.tokenizer("train", "--input", "corpus/a.txt", "--vocab-size", 5000, "--output", "unfilled")
        self.assert_refused(result, 0, "instead of 5000", "--min-frequency")


if __name__ == "__main__":
    program.main()
