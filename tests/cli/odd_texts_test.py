"""Scores and figures over hundreds of odd texts and pairs (empty, of one character, of 2,000 words, emoji, combining
marks, right to left, nothing that the tokenizer keeps) are those of transformers' pipeline, scikit-learn and scipy.

The goldens are made by scripts/reference/odd_texts_goldens.py.
"""

import gzip
import json
import pathlib
import shutil
import tempfile
import unittest

import program

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures"
TOKENIZERS = {"bert": "uncased", "roberta": "roberta"}
COLUMNS = {"single": ["text"], "pair": ["text", "other"]}


class OddTexts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-odd-texts-"))
        (cls.folder / "texts.jsonl").write_bytes(gzip.decompress((FIXTURES / "odd_texts/texts.jsonl.gz").read_bytes()))
        cls.golden = json.loads(gzip.decompress((FIXTURES / "odd_texts/expected.json.gz").read_bytes()))
        cls.labels = cls.golden["labels"]

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def run_verb(self, verb, model, columns, *arguments):
        text_columns = [word for column in columns for word in ("--text-column", column)]
        result = program.run(verb, model, *text_columns, *arguments, folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result.stdout.decode()

    def predict(self, model, columns, *arguments):
        """The rows that come out; other line breaks than \\n may stand in a text."""
        text = self.run_verb("predict", model, columns, "--input", "texts.jsonl", *arguments)
        return [json.loads(line) for line in text.removesuffix("\n").split("\n")]

    def write_model(self, case, **settings):
        """The folder of a case as Hugging Face has it, with further settings of its config.json."""
        golden = self.golden["cases"][case]
        folder = self.folder / case
        shutil.copytree(FIXTURES / "odd_texts" / golden["model"], folder, dirs_exist_ok=True)
        shutil.copy(FIXTURES / "tokenizer" / TOKENIZERS[golden["model"]] / "tokenizer.json", folder)
        config = json.loads((folder / "config.json").read_text()) | settings
        config.pop("problem_type", None)
        if golden["problem_type"]:
            config["problem_type"] = golden["problem_type"]
        (folder / "config.json").write_text(json.dumps(config))
        return folder

    def check_scores(self, case, model, scores_of):
        """`scores_of` gives the scores of a predicted row in the order of the labels."""
        for form, columns in COLUMNS.items():
            expected = self.golden["cases"][case][form]["scores"]
            self.assertGreater(len(expected), 500)
            for batch in ([], ["--batch-size", "3"]):
                for number, (row, gold) in enumerate(zip(self.predict(model, columns, *batch), expected, strict=True)):
                    for score, golden in zip(scores_of(row, gold), gold, strict=True):
                        self.assertAlmostEqual(score, golden, delta=1e-5, msg=f"{case}, {form}, row {number}")

    def check_figures(self, case, model, *label_columns):
        for form, columns in COLUMNS.items():
            given = [word for column in label_columns for word in ("--label-column", column)]
            found = json.loads(self.run_verb("eval", model, columns, "--data", "texts.jsonl", "--json", *given))
            for name, golden in self.golden["cases"][case][form]["figures"].items():
                self.assertAlmostEqual(found[name], golden, delta=1e-5, msg=f"{case}, {form}, {name}")

    def test_several_labels_a_text(self):
        def scores_of(row, gold):
            self.assertEqual(row["predicted_labels"], [label for label, score in zip(self.labels, gold) if score > 0.5])
            return [row["scores"][label] for label in self.labels]

        model = self.write_model("several_labels")
        self.check_scores("several_labels", model, scores_of)
        self.check_figures("several_labels", model, "labels")

    def test_one_label_a_text(self):
        def scores_of(row, gold):
            self.assertEqual(row["predicted_label"], self.labels[gold.index(max(gold))])
            return [row["scores"][label] for label in self.labels]

        self.check_scores("one_label", self.write_model("one_label"), scores_of)

    def test_several_numbers_a_text(self):
        model = self.write_model("several_numbers")
        self.check_scores("several_numbers", model, lambda row, _: [row["predicted_numbers"][label] for label in self.labels])
        self.check_figures("several_numbers", model, *self.labels)

    def test_a_number_a_text(self):
        model = self.write_model("one_number")
        self.check_scores("one_number", model, lambda row, _: [row["predicted_number"]])
        self.check_figures("one_number", model, "number")

    def test_a_reranker_that_asks_for_a_sigmoid(self):
        activation = {"activation_fn": "torch.nn.modules.activation.Sigmoid"}
        model = self.write_model("sigmoid_of_one", sentence_transformers=activation)
        self.check_scores("sigmoid_of_one", model, lambda row, _: [row["predicted_number"]])

    def test_a_pair_with_an_empty_second_text_is_a_pair(self):
        """Other than the pipeline, which calls the tokenizer for each pair alone: there the second text would be none."""
        model = self.write_model("several_numbers")
        single, pair = (self.predict(model, columns) for columns in COLUMNS.values())
        empty = [number for number, row in enumerate(pair) if row["other"] == ""]
        self.assertGreater(len(empty), 2)
        for number in empty:
            self.assertNotEqual(pair[number]["predicted_numbers"], single[number]["predicted_numbers"])

    def test_scores_of_one_output_are_as_they_are_where_nothing_else_is_asked_for(self):
        """Other than the pipeline, which puts a sigmoid on every head of one output that does not say regression."""
        expected = self.golden["cases"]["one_number"]["pair"]["scores"]
        rows = self.predict(self.write_model("sigmoid_of_one", sentence_transformers={}), COLUMNS["pair"])
        for row, gold in zip(rows, expected, strict=True):
            self.assertAlmostEqual(row["predicted_number"], gold[0], delta=1e-5)


if __name__ == "__main__":
    program.main()
