"""Tagged words as a batch job meets them: train, resume, judge, tag files of every layout, gates."""

import json
import pathlib
import random
import shutil
import signal
import tempfile
import unittest

import program
import tiny_model
from run_folder import hash_of, wait_for_line

CONFIG = """task: token_classification
model: {from: model, dropout: 0, attention_dropout: 0}
tokenizer: {max_length: 16, stride: 4}
data: {train: train.conll, validation: valid.conll, test: valid.conll}
training: {epochs: 8, batch_size: 8, optimizer: {name: adamw, learning_rate: 3e-2}, log_every: 1}
output_dir: runs/tags
"""
THINGS = "film food room service plot soup story".split()
MOODS = "great good lovely bright warm bad dull cold awful grey slow".split()


def sentence(generator):
    """Words with tags that follow from the words: moods of one or two words, and things."""
    words = []
    for _ in range(generator.randrange(1, 5)):
        words += [("the", "O")] + [(generator.choice(MOODS), "B-mood")]
        if generator.random() < 0.4:
            words.append(("really", "I-mood"))
        words.append((generator.choice(THINGS), "B-thing"))
    return words


def conll(sentences, separator="\t"):
    return "".join("".join(word + separator + tag + "\n" for word, tag in words) + "\n" for words in sentences)


class RunFolder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-tags-"))
        tiny_model.write_tiny_model(cls.folder / "model")
        generator = random.Random(3)
        cls.sentences = [sentence(generator) for _ in range(80)]
        (cls.folder / "train.conll").write_text(conll(cls.sentences[:60]))
        (cls.folder / "valid.conll").write_text(conll(cls.sentences[60:], " "))
        (cls.folder / "tags.yaml").write_text(CONFIG)
        cls.run_folder = cls.train("tags")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def run_verb(cls, *arguments, **options):
        return program.run(*arguments, folder=cls.folder, **options)

    @classmethod
    def train(cls, name, *overrides):
        settings = [part for override in (f"output_dir=runs/{name}", *overrides) for part in ("--set", override)]
        result = cls.run_verb("finetune", "tags.yaml", *settings)
        if result.returncode != 0:
            raise AssertionError(result.stderr.decode())
        return cls.folder / "runs" / name

    def judge(self, model, data, *options):
        result = self.run_verb("eval", model, "--data", data, "--json", *options)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return json.loads(result.stdout)

    def predict(self, *arguments, **options):
        result = self.run_verb("predict", "runs/tags", "--input", *arguments, **options)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return result.stdout.decode()


class TokenClassification(RunFolder):
    def test_the_run_learns_and_leaves_a_model_card_and_figures(self):
        results = json.loads((self.run_folder / "all_results.json").read_text())
        self.assertGreater(results["eval_entity_f1"], 0.9)
        self.assertEqual(results["tag_scheme"], "iob2")
        self.assertEqual(results["train_sentences"], 60)
        config = json.loads((self.run_folder / "config.json").read_text())
        self.assertEqual(config["architectures"], ["BertForTokenClassification"])
        self.assertEqual(list(config["id2label"].values()), ["B-mood", "B-thing", "I-mood", "O"])
        card = (self.run_folder / "README.md").read_text()
        self.assertIn("pipeline_tag: token-classification", card)
        self.assertIn("Tags (iob2)", card)

    def test_eval_gives_the_figures_of_the_run_whatever_the_batch(self):
        results = json.loads((self.run_folder / "all_results.json").read_text())
        for size in ("1", "64"):
            judged = self.judge("runs/tags", "valid.conll", "--batch-size", size)
            for name in ("entity_f1", "strict_entity_macro_f1", "tag_accuracy", "loss"):
                self.assertAlmostEqual(judged[name], results["test_" + name], places=6)
        self.assertGreater(judged["num_windowed"], 0)
        self.assertEqual(set(judged["per_type"]), {"mood", "thing"})

    def test_stopped_by_a_signal_it_goes_on_to_equal_weights(self):
        long = ("training.max_steps=400", "evaluation.every=200", "model.dropout=0.1")
        straight = self.train("straight", *long)
        command = ["finetune", "tags.yaml", *(part for one in (*long, "output_dir=runs/interrupted") for part in ("--set", one))]
        stopped = program.start(*command, folder=self.folder)
        try:
            wait_for_line(self.folder / "runs" / "interrupted" / "metrics.jsonl", stopped)
            stopped.send_signal(signal.SIGTERM)
            _, log = stopped.communicate(timeout=program.TIME_LIMIT_SECONDS)
        finally:
            stopped.kill()
        self.assertEqual(stopped.returncode, 75, log.decode())
        resumed = self.run_verb(*command)
        self.assertEqual(resumed.returncode, 0, resumed.stderr.decode())
        self.assertIn("continuing from", resumed.stderr.decode())
        self.assertEqual(hash_of(self.folder / "runs" / "interrupted" / "model.safetensors"), hash_of(straight / "model.safetensors"))

    def test_a_gate_that_is_not_met_is_exit_code_9(self):
        met = self.run_verb("eval", "runs/tags", "--data", "valid.conll", "--require", "entity_f1>=0.5")
        self.assertEqual(met.returncode, 0, met.stderr.decode())
        unmet = self.run_verb("eval", "runs/tags", "--data", "valid.conll", "--require", "strict_entity_recall>=1.1")
        self.assertEqual(unmet.returncode, 9, unmet.stderr.decode())

    def test_columns_come_back_with_a_tag_for_every_word(self):
        text = "# a comment here\n-DOCSTART- -X-\n\nthe DT\ngood JJ\nfilm NN\n\n\n" + "warm JJ\nroom NN\n" * 40 + "\n# end of it\n"
        (self.folder / "words.txt").write_text(text)
        lines = self.predict("words.txt", "--format", "conll").splitlines()
        self.assertEqual([line for line in text.splitlines() if len(line.split()) != 2 or line.startswith("-")],
                         [line for line in lines if len(line.split()) != 3 or line.startswith("#")])
        self.assertEqual(len(lines), len(text.splitlines()))
        self.assertEqual(lines[3:6], ["the DT O", "good JJ B-mood", "film NN B-thing"])

    def test_tagged_columns_are_what_eval_judges(self):
        words = "".join(line.split(" ")[0] + "\n" if line else "\n" for line in (self.folder / "valid.conll").read_text().splitlines())
        (self.folder / "words.conll").write_text(words)
        self.predict("words.conll", "--output", "tagged.conll")
        judged = self.judge("runs/tags", "tagged.conll")
        self.assertEqual((judged["entity_f1"], judged["tag_accuracy"]), (1.0, 1.0))

    def test_entities_of_texts_have_places_in_the_text(self):
        text = "\u00c9 the good film, the awful soup"
        for how in ("simple", "first", "average", "max"):
            row = json.loads(self.predict("-", "--format", "text", "--aggregation", how, stdin=text.encode() + b"\n"))
            for entity in row["entities"]:
                self.assertEqual(text[entity["start"] : entity["end"]], entity["text"])
            self.assertEqual([(one["label"], one["text"]) for one in row["entities"] if one["text"] in ("good", "film", "awful", "soup")],
                             [("mood", "good"), ("thing", "film"), ("mood", "awful"), ("thing", "soup")])
            self.assertFalse(row["truncated"])

    def test_lists_of_words_get_the_entities_of_their_words(self):
        words = ["the", "good", "film"]
        row = json.loads(self.predict("-", "--format", "jsonl", "--text-column", "tokens", stdin=json.dumps({"tokens": words}).encode()))
        self.assertEqual([(one["start"], one["end"], one["label"]) for one in row["entities"]], [(4, 8, "mood"), (9, 13, "thing")])

    def test_every_layout_gives_the_same_model(self):
        def rows(sentences):
            for words in sentences:
                yield {"tokens": [word for word, _ in words], "tags": [tag for _, tag in words]}
        (self.folder / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows(self.sentences[:60])))
        (self.folder / "train.iob").write_text("-DOCSTART- X O\n\n" + "".join(
            "".join(f"{word} X {tag.replace('B-', 'I-')}\n" for word, tag in words) + "\n" for words in self.sentences[:60]))
        short = ("training.max_steps=3", "data.validation=null", "data.test=null")
        ours = (self.train("columns", *short) / "model.safetensors").read_bytes()
        self.assertEqual((self.train("lists", "data.train=train.jsonl", *short) / "model.safetensors").read_bytes(), ours)
        converted = self.train("iob1", "data.train=train.iob", "data.tag_scheme=iob2", *short)
        self.assertEqual((converted / "model.safetensors").read_bytes(), ours)

    def test_running_texts_with_entities_are_trained_and_judged(self):
        with open(self.folder / "texts.jsonl", "w") as file:
            for words in self.sentences:
                text, entities = "", []
                for word, tag in words:
                    if tag.startswith("B-"):
                        entities.append({"start": len(text), "end": len(text) + len(word), "label": tag[2:]})
                    elif tag.startswith("I-"):
                        entities[-1]["end"] = len(text) + len(word)
                    text += word + " "
                file.write(json.dumps({"text": text, "entities": entities}) + "\n")
        run = self.train("texts", "data.train=texts.jsonl", "data.validation=0.2", "data.test=null", "training.epochs=6")
        self.assertGreater(json.loads((run / "all_results.json").read_text())["eval_entity_f1"], 0.9)
        self.assertGreater(self.judge("runs/texts", "texts.jsonl")["entity_f1"], 0.9)
        self.assertGreater(self.judge("runs/texts", "valid.conll")["entity_f1"], 0.9)
        predicted = self.run_verb("predict", "runs/texts", "--input", "texts.jsonl", "--prefix", "found_")
        first = json.loads(predicted.stdout.splitlines()[0])
        self.assertEqual([(one["start"], one["end"], one["label"]) for one in first["found_entities"]],
                         [(one["start"], one["end"], one["label"]) for one in first["entities"]])

    def test_other_schemes_are_learned_and_decoded_legally(self):
        self.train("bioes", "data.tag_scheme=bioes", "training.epochs=1", "training.optimizer.learning_rate=1e-3",
                   "evaluation.viterbi=true", "data.label_all_pieces=true")
        judged = self.judge("runs/bioes", "valid.conll", "--viterbi", "--predictions", "tags.jsonl")
        self.assertEqual((judged["scheme_found"], judged["scheme"]), ("iob2", "bioes"))
        self.assertEqual(judged["entity_f1"], judged["strict_entity_f1"])
        for line in (self.folder / "tags.jsonl").read_text().splitlines():
            row = json.loads(line)
            self.assertEqual(len(row["words"]), len(row["predicted"]))
            for before, tag in zip(["O", *row["predicted"]], [*row["predicted"], "O"]):
                self.assertEqual(before[0] in "BI", tag[0] in "IE", (before, tag))

    def test_the_model_knows_the_scheme_of_its_tags(self):
        (self.folder / "open.conll").write_text("big B-x\nfilm I-x\nfood O\n\n" * 8)
        run = self.train("open", "data.train=open.conll", "data.validation=null", "data.test=null", "training.max_steps=1")
        config = json.loads((run / "config.json").read_text())
        self.assertEqual(config["tag_scheme"], "iob2")
        def tagged(scheme, exit_code=0):
            (run / "config.json").write_text(json.dumps({**config, "tag_scheme": scheme} if scheme else {
                key: value for key, value in config.items() if key != "tag_scheme"}))
            result = self.run_verb("predict", run, "--input", "-", "--format", "conll", "--viterbi", stdin=b"big\nfilm\nbig\n")
            self.assertEqual(result.returncode, exit_code, result.stderr.decode())
            return result
        self.assertNotIn("alike", tagged("iob2").stderr.decode())
        self.assertIn("the labels of the model are those of iob2 and of iob1 alike", tagged(None).stderr.decode())
        tags = [line.split("\t")[1] for line in tagged("iob1").stdout.decode().split("\n") if line]
        for before, tag in zip(["O", *tags], tags):
            self.assertTrue(tag != "B-x" or before != "O", tags)
        self.assertIn("config.json: tag_scheme is none of iob1, iob2, bioes, io", tagged("iobes", 5).stderr.decode())

    def test_illegal_tags_are_counted_and_repaired(self):
        (self.folder / "illegal.conll").write_text(conll(self.sentences[:20]) + "the\tO\nfilm\tI-mood\n")
        kept = self.train("kept", "data.train=illegal.conll", "training.max_steps=1")
        self.assertEqual(json.loads((kept / "all_results.json").read_text())["train_illegal_tags"], 1)
        self.assertIn("1 tags in 1 sentences break the scheme iob2", (kept / "run.log").read_text())
        repaired = self.train("repaired", "data.train=illegal.conll", "data.illegal_tags=repair", "training.max_steps=1")
        self.assertIn("they were repaired", (repaired / "run.log").read_text())

    def test_early_stopping_and_bf16(self):
        self.train("stopped", "training.precision=bf16", "evaluation.early_stopping={patience: 1}", "training.epochs=12")
        self.assertTrue((self.folder / "runs/stopped/config.json").exists())


if __name__ == "__main__":
    program.main()
