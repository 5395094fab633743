"""NaN and infinity in weights: outputs name the row where they show, what writes or trains weights names the tensor."""

import json
import pathlib
import shutil
import struct
import tempfile
import unittest

import program
import tiny_model

BERT = (
    "{model_type: bert, hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 32, "
    "max_position_embeddings: 32, type_vocab_size: 2}"
)
GPT2 = "{model_type: gpt2, n_embd: 16, n_layer: 1, n_head: 2, n_positions: 32}"
# Positions from here on have no finite vector: only long texts show it.
FIRST_BAD_POSITION = 12
LONG = "the good film was very good and the story was great and bright again with every friend"
ROWS = [("a good film", "good"), ("a bad film", "bad"), (LONG, "good"), ("great", "good")]


def poison(model, name, first_row, value=float("nan")):
    """Rows of a weight from `first_row` on get this value."""
    path = model / "model.safetensors"
    content = bytearray(path.read_bytes())
    size = struct.unpack_from("<Q", content)[0]
    tensor = json.loads(content[8 : 8 + size])[name]
    begin, end = (8 + size + offset for offset in tensor["data_offsets"])
    begin += first_row * (end - begin) // tensor["shape"][0]
    content[begin:end] = struct.pack("<f", value) * ((end - begin) // 4)
    path.write_bytes(content)


class NonFinite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-non-finite-"))
        tiny_model.write_tiny_model(cls.folder / "whole")
        shutil.copytree(cls.folder / "whole", cls.folder / "classifier")
        poison(cls.folder / "classifier", "bert.embeddings.position_embeddings.weight", FIRST_BAD_POSITION)
        (cls.folder / "rows.csv").write_text(tiny_model.csv_text(ROWS))
        (cls.folder / "texts.txt").write_text("".join(text + "\n" for text, _ in ROWS))
        (cls.folder / "masked.txt").write_text("".join(text + " [MASK]\n" for text, _ in ROWS))
        cls.pretrain("bert", "masked_lm", BERT, "bert.embeddings.position_embeddings.weight")
        cls.pretrain("gpt2", "causal_lm", GPT2, "transformer.wpe.weight")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def pretrain(cls, name, task, model, positions):
        config = f"task: {task}\nmodel: {{config: {model}}}\ntokenizer: {{from: whole, max_length: 24}}\n"
        config += f"data: {{train: texts.txt}}\ntraining: {{max_steps: 1, batch_size: 2}}\noutput_dir: {name}\n"
        (cls.folder / f"{name}.yaml").write_text(config)
        result = program.run("pretrain", f"{name}.yaml", folder=cls.folder)
        if result.returncode != 0:
            raise AssertionError(result.stderr.decode())
        poison(cls.folder / name, positions, FIRST_BAD_POSITION)

    def assert_fails(self, exit_code, *arguments, words):
        result = program.run(*arguments, folder=self.folder)
        text = result.stderr.decode()
        self.assertEqual(result.returncode, exit_code, text)
        for word in words:
            self.assertIn(word, text)
        self.assertNotIn("internal error", text)
        self.assertNotIn(b"NaN", result.stdout)
        return text

    def test_vectors_and_labels_name_the_row(self):
        for name in ("out.jsonl", "out.csv", "out.npy"):
            self.assert_fails(7, "embed", "classifier", "--input", "rows.csv", "--output", name, words=["rows.csv:4: ", "NaN"])
            self.assertFalse((self.folder / name).exists())
        self.assert_fails(7, "embed", "classifier", "--input", "texts.txt", words=["texts.txt:3: "])
        predict = ("predict", "classifier", "--input", "rows.csv", "--output", "out.csv", "--rejects", "rejects.csv")
        self.assert_fails(7, *predict, words=["rows.csv:4: ", "NaN"])
        self.assertFalse((self.folder / "out.csv").exists())
        self.assert_fails(7, "eval", "classifier", "--data", "rows.csv", "--predictions", "out.csv", words=["rows.csv:4: ", "NaN"])
        self.assertFalse((self.folder / "out.csv").exists())

    def test_language_models_name_the_text(self):
        self.assert_fails(7, "predict", "bert", "--fill-mask", "--input", "masked.txt", words=["masked.txt:3: ", "NaN"])
        evaluation = ("eval", "bert", "--data", "texts.txt", "--packing", "lines")
        self.assert_fails(7, *evaluation, "--pseudo-perplexity", words=["texts.txt:3: ", "NaN"])
        evaluation = ("eval", "gpt2", "--data", "texts.txt", "--packing", "lines")
        self.assert_fails(7, *evaluation, words=["texts.txt:3: ", "NaN"])

    def test_continuations_name_the_prompt(self):
        generate = ("generate", "gpt2", "--max-new-tokens", "2")
        self.assert_fails(7, *generate, "--input", "texts.txt", words=["texts.txt:3: ", "not finite"])
        self.assert_fails(7, *generate, "--prompt", "a", "--prompt", LONG, words=["prompt 2: ", "not finite"])

    def test_convert_and_training_name_the_weight(self):
        weight = "'bert.embeddings.position_embeddings.weight'"
        words = ["hold NaN or infinity", weight]
        self.assert_fails(5, "convert", "classifier", "out", words=[*words, "'classifier'"])
        self.assertFalse((self.folder / "out").exists())
        (self.folder / "run.yaml").write_text(
            "task: classification\nmodel: {from: classifier}\ndata: {train: rows.csv}\n"
            "training: {epochs: 1, batch_size: 2}\noutput_dir: run\n")
        text = self.assert_fails(5, "finetune", "run.yaml", words=words)
        self.assertNotIn("learning_rate", text)
        continued = ("pretrain", "bert.yaml", "--set", "model.config=null", "--set", "model.from=bert", "--set",
                     "tokenizer.from=bert", "--set", "output_dir=run")
        self.assert_fails(5, *continued, words=words)
        contrastive = ("task: contrastive\nmodel: {from: classifier}\ndata: {train: texts.txt, text: text}\n"
                       "training: {epochs: 1, batch_size: 2}\noutput_dir: run\n")
        (self.folder / "run.yaml").write_text(contrastive)
        self.assert_fails(5, "finetune", "run.yaml", words=["hold NaN or infinity", "position_embeddings.weight"])

    def test_infinity_counts_as_well(self):
        shutil.copytree(self.folder / "whole", self.folder / "infinite")
        poison(self.folder / "infinite", "classifier.bias", 1, float("-inf"))
        self.assert_fails(5, "convert", "infinite", "out", words=["hold NaN or infinity", "'classifier.bias'"])
        self.assert_fails(7, "predict", "infinite", "--input", "rows.csv", words=["rows.csv:2: "])


if __name__ == "__main__":
    program.main()
