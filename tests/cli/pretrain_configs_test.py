"""The ready pretraining configs, small: with tokenizers trained by the commands in their first lines, language models on
text made here end well below the unigram baseline."""

import csv
import json
import pathlib
import random
import re
import shlex
import shutil
import tempfile
import unittest

import program

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs" / "pretrain"
# Who does what with what, and where: each word of a sentence follows from the others.
SCENES = [line.split() for line in """
    baker kneads dough kitchen
    farmer ploughs earth field
    miller grinds wheat valley
    sailor mends canvas harbour
    smith hammers iron forge
    weaver threads wool cottage
    fisher casts nets river
    painter mixes colours studio
    teacher reads letters school
    gardener waters roses courtyard
    shepherd counts lambs mountain
    carpenter planes boards workshop
""".strip().splitlines()]
TIMES = ("morning", "evening", "winter", "summer")
NUM_DOCUMENTS, LINES_PER_DOCUMENT = 150, 10
VOCABULARY = ("--vocab-size", "300")
TRAINING = ("training.max_steps=300", "training.batch_size=16", "tokenizer.max_length=32", "evaluation.every=300")
# Perplexity on the validation texts, as a share of what the frequencies of tokens alone give. Equal texts on equal
# machines: what is measured is far below.
MOST_OF_UNIGRAM = 0.5


def sentence(generator):
    who, does, what, where = generator.choice(SCENES)
    return f"Every {generator.choice(TIMES)} the {who} {does} {what} in the {where}."


class ReadyPretraining(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-pretrain-configs-"))
        generator = random.Random(20260101)
        documents = [[sentence(generator) for _ in range(LINES_PER_DOCUMENT)] for _ in range(NUM_DOCUMENTS)]
        (cls.folder / "data" / "corpus").mkdir(parents=True)
        corpus = "\n\n".join("\n".join(document) for document in documents)
        (cls.folder / "data" / "corpus" / "kjv.txt").write_text(corpus + "\n", encoding="utf-8")
        (cls.folder / "data" / "demo").mkdir()
        with open(cls.folder / "data" / "demo" / "movies_train.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["text"], *([line] for document in documents for line in document)])

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def run_program(self, *arguments):
        result = program.run(*arguments, folder=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr.decode())

    def train_tokenizer(self, config):
        command = re.search(r"# +llmtool (tokenizer train .*)", config.read_text(encoding="utf-8")).group(1)
        arguments = shlex.split(command)
        at = arguments.index("--vocab-size")
        arguments[at : at + 2] = VOCABULARY
        self.run_program(*arguments)

    def pretrain(self, name, *settings):
        overrides = [word for setting in (*TRAINING, *settings) for word in ("--set", setting)]
        self.run_program("pretrain", CONFIGS / name, *overrides)
        results = json.loads((self.folder / "runs" / pathlib.Path(name).stem / "all_results.json").read_text())
        share = results["eval_perplexity"] / results["eval_unigram_perplexity"]
        self.assertLess(share, MOST_OF_UNIGRAM, results)

    def test_a_causal_model_from_scratch(self):
        self.train_tokenizer(CONFIGS / "gpt2_tiny.yaml")
        self.pretrain("gpt2_tiny.yaml", "model.config.n_embd=64", "model.config.n_positions=32")

    def test_a_masked_model_from_scratch_and_then_on_text_of_a_domain(self):
        self.train_tokenizer(CONFIGS / "bert_tiny.yaml")
        small = ("model.config.hidden_size=64", "model.config.intermediate_size=256", "model.config.max_position_embeddings=32")
        self.pretrain("bert_tiny.yaml", *small)
        self.pretrain("domain.yaml", "model.from=runs/bert_tiny")


if __name__ == "__main__":
    program.main()
