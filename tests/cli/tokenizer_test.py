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
    def test_special_tokens_in_brackets_are_taken_as_written(self):
        options = ("--special-tokens", "[E1]", "--special-tokens", "[A,B]", "--special-tokens", "<mask>")
        self.output("train", "--type", "bpe", "--input", "corpus/a.txt", "--vocab-size", 300, "--output", "marked", *options)
        vocabulary = json.loads((self.folder / "marked" / "vocab.json").read_text())
        self.assertEqual([vocabulary.get(token) for token in ("[E1]", "[A,B]", "<mask>")], [1, 2, 3])
        config = json.loads((self.folder / "marked" / "tokenizer_config.json").read_text())
        self.assertEqual(config["mask_token"], "<mask>")

    def test_both_kinds_write_what_hugging_face_and_llmtool_open(self):
        common = {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}
        for kind, files in (("wordpiece", {"vocab.txt"}), ("bpe", {"vocab.json", "merges.txt"})):
            self.assertEqual({path.name for path in (self.folder / kind).iterdir()}, common | files)
            ids = self.output("encode", kind, "--input", "corpus/a.txt")
            self.assertEqual(len(ids.splitlines()), 200)

    def test_unigram_says_nothing_but_what_llmtool_says(self):
        result = self.tokenizer("train", "--type", "unigram", "--input", "corpus/a.txt", "--vocab-size", 60, "--output", "unigram")
        self.assertEqual((result.returncode, result.stderr.decode()), (0, ""))
        self.assertEqual(len(self.output("encode", "unigram", "--input", "corpus/a.txt").splitlines()), 200)
        self.assertTrue((self.folder / "unigram" / "spiece.model").exists())

    def test_the_result_as_json(self):
        result = json.loads(self.output("train", "--input", "corpus/a.txt", "--vocab-size", 120, "--output", "small", "--json"))
        self.assertEqual((result["num_texts"], result["vocabulary_size"], result["type"]), (200, 120, "wordpiece"))

    def test_an_existing_folder_is_renewed_only_when_asked_and_only_when_it_is_a_tokenizer(self):
        arguments = ("train", "--input", "corpus/a.txt", "--vocab-size", 200, "--output")
        self.output(*arguments, "again")
        self.assert_refused(self.tokenizer(*arguments, "again"), 6, "exists already", "--overwrite")
        self.output(*arguments, "again", "--overwrite")
        (self.folder / "notes").mkdir()
        (self.folder / "notes/a.txt").write_text("mine")
        self.assert_refused(self.tokenizer(*arguments, "notes", "--overwrite"), 6, "something else")
        self.assert_refused(self.tokenizer(*arguments, "corpus", "--overwrite"), 2, "'corpus' holds --input")

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


class Checking(Tokenizers):
    def golden(self, *rows):
        (self.folder / "golden.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return ("verify", "wordpiece", "--golden", "golden.jsonl")

    def recorded(self, text):
        (self.folder / "one.txt").write_text(text + "\n")
        row = json.loads(self.output("encode", "wordpiece", "--input", "one.txt", "--json"))
        return {"text": text, "ids": row["ids"], "offsets": row["offsets"]}

    def test_equal_rows_are_counted(self):
        rows = [self.recorded("the film was good"), self.recorded("bad soup")]
        self.assertEqual(self.output(*self.golden(*rows)), "2 of 2 rows are equal\n")

    def test_what_differs_is_shown_and_ends_with_9(self):
        right, wrong, shifted = (self.recorded("the film was good") for _ in range(3))
        wrong["ids"][2] += 1
        shifted["offsets"][1] = [0, 1]
        result = self.tokenizer(*self.golden(right, wrong, shifted))
        self.assertEqual(result.returncode, 9, result.stderr.decode())
        lines = result.stdout.decode().splitlines()
        self.assertRegex(lines[0], r"^golden\.jsonl:2: ids differ at 2: expected .*; text 'the film was good'$")
        self.assertRegex(lines[1], r"^golden\.jsonl:3: offsets differ at 1: ")
        self.assertEqual(lines[2], "1 of 3 rows are equal")
        found = json.loads(self.tokenizer(*self.golden(right, wrong), "--json", "--show", 1).stdout)
        self.assertEqual((found["num_rows"], found["num_different"]), (2, 1))
        self.assertEqual(found["first_differences"][0]["line"], 2)

    def test_pairs_and_rows_without_special_tokens(self):
        words = [self.recorded(word) for word in ("good", "bad")]
        ids = words[0]["ids"] + words[1]["ids"][1:]
        self.output(*self.golden({"text": "good", "pair": "bad", "ids": ids}))
        self.output(*self.golden({"text": "good", "ids": words[0]["ids"][1:-1]}), "--no-special-tokens")

    def test_a_row_that_is_no_record_is_an_error_with_its_line(self):
        good = self.recorded("good")
        for row, word in (({"text": "x"}, "'ids'"), ({"text": 1, "ids": []}, "string"), ({"text": "x", "ids": ["a"]}, "whole numbers")):
            with self.subTest(row=row):
                self.assert_refused(self.tokenizer(*self.golden(good, row)), 4, "golden.jsonl:2", word)


class Describing(Tokenizers):
    def test_stats_count_tokens_words_and_what_is_unknown(self):
        (self.folder / "few.txt").write_text("the good film\nthe \u4f60\u597d film \u4f60\u597d\n")
        figures = json.loads(self.output("stats", "wordpiece", "--input", "few.txt", "--max-length", 6, "--json"))
        self.assertEqual((figures["num_texts"], figures["num_words"], figures["num_tokens"]), (2, 7, 9))
        self.assertEqual(figures["unknown_words"], [{"word": "\u4f60\u597d", "count": 2}])
        self.assertEqual((figures["num_unknown_tokens"], figures["num_overlong"]), (4, 1))
        self.assertAlmostEqual(figures["tokens_per_word"], 9 / 7)
        self.assertRegex(self.output("stats", "wordpiece", "--input", "few.txt"), r"(?m)^tokens per word +1\.2857$")

    def test_stats_of_bytes_know_everything(self):
        figures = json.loads(self.output("stats", "bpe", "--input", "corpus/a.txt", "--json"))
        self.assertEqual((figures["unknown_share"], figures["unknown_words"]), (0, []))

    def test_a_tokenizer_is_equal_to_itself_and_not_to_another(self):
        figures = json.loads(self.output("diff", "wordpiece", "wordpiece", "--input", "corpus/a.txt", "--json"))
        self.assertEqual((figures["equal_share"], figures["vocabulary"]["overlap"]), (1, 1))
        figures = json.loads(self.output("diff", "wordpiece", "bpe", "--input", "corpus/a.txt", "--show", 2, "--json"))
        self.assertEqual((figures["equal_share"], len(figures["first_differences"])), (0, 2))
        self.assertEqual(figures["first_differences"][0]["place"], "corpus/a.txt:1")
        self.assertRegex(self.output("diff", "wordpiece", "bpe", "--input", "corpus/a.txt"), r"(?m)^corpus/a\.txt:1: '")


if __name__ == "__main__":
    program.main()
