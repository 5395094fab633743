"""embed on folders of the sentence-transformers library, and what becomes of such a folder in convert and contrastive."""

import json
import math
import pathlib
import shutil
import struct
import tempfile
import unittest

import program
import tiny_model

LIBRARY = "sentence_transformers.models."
TEXTS = '{"text": "the film was good"}\n{"text": "a cold room with my friend and every story"}\n'


def write_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def write_sentence_transformer(folder, *modules, settings=None, reading=None, place=""):
    """The tiny model with a list of modules behind its Transformer, which lies at `place`: (type, config, weights) each."""
    tiny_model.write_tiny_model(folder / place)
    rows = [{"idx": 0, "name": "0", "path": place, "type": LIBRARY + "Transformer"}]
    for number, (kind, config, weights) in enumerate(modules, 1):
        path = f"{number}_{kind}"
        rows.append({"idx": number, "name": str(number), "path": path, "type": LIBRARY + kind})
        if config is not None:
            write_json(folder / path / "config.json", config)
        if weights:
            (folder / path / "model.safetensors").write_bytes(tiny_model.safetensors_bytes(weights))
    write_json(folder / "modules.json", rows)
    if settings:
        write_json(folder / "config_sentence_transformers.json", settings)
    if reading:
        write_json(folder / place / "sentence_bert_config.json", reading)


def pooling(*modes, **options):
    return ("Pooling", {"embedding_dimension": 8, "pooling_mode": list(modes), **options}, None)


def dense(rows, columns):
    """y = x summed up in each row."""
    weights = {"linear.weight": ([rows, columns], struct.pack(f"<{rows * columns}f", *[0.5] * rows * columns))}
    config = {"in_features": columns, "out_features": rows, "bias": False, "activation_function": "torch.nn.modules.linear.Identity"}
    return ("Dense", config, weights)


NORMALIZE = ("Normalize", None, None)
PROMPTS = {"prompts": {"query": "very cold ", "passage": ""}, "default_prompt_name": "query", "similarity_fn_name": "dot"}


class Embed(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-embed-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "texts.jsonl").write_text(TEXTS)

    def run_verb(self, *arguments):
        return program.run(*arguments, folder=self.folder)

    def rows(self, model, *options, texts="texts.jsonl"):
        result = self.run_verb("embed", model, "--input", texts, *options)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        return [json.loads(line) for line in result.stdout.splitlines()]

    def vectors(self, model, *options, **files):
        return [row["embedding"] for row in self.rows(model, *options, **files)]

    def assert_close(self, left, right):
        for one, other in zip(left, right, strict=True):
            for value, expected in zip(one, other, strict=True):
                self.assertAlmostEqual(value, expected, places=5)

    def assert_refused(self, exit_code, *arguments, words=()):
        result = self.run_verb(*arguments)
        text = result.stderr.decode()
        self.assertEqual(result.returncode, exit_code, text)
        for word in words:
            self.assertIn(word, text)
        return text

    def write(self, name, *modules, **options):
        write_sentence_transformer(self.folder / name, *modules, **options)


class Modules(Embed):
    def test_the_modules_are_obeyed_and_options_go_before_them(self):
        self.write("both", pooling("cls", "mean"))
        cls, mean = (self.vectors("both", "--pooling", mode) for mode in ("cls", "mean"))
        self.assert_close(self.vectors("both"), [one + other for one, other in zip(cls, mean)])
        self.write("dense", pooling("mean"), dense(2, 8), NORMALIZE)
        raw = [[sum(vector) / 2] * 2 for vector in mean]
        self.assert_close(self.vectors("dense", "--no-normalize"), raw)
        self.assert_close(self.vectors("dense"), [[math.copysign(0.5**0.5, value) for value in vector] for vector in raw])
        lengths = [math.hypot(*vector) for vector in self.vectors("both", "--normalize")]
        self.assertTrue(all(math.isclose(length, 1, rel_tol=1e-5) for length in lengths))

    def test_a_module_or_setting_that_is_not_supported_is_refused_by_name(self):
        self.write("lstm", pooling("mean"), ("LSTM", {}, None))
        self.assert_refused(5, "embed", "lstm", "--input", "texts.jsonl", words=["modules.json", "sentence_transformers.models.LSTM"])
        self.write("median", pooling("median"))
        self.assert_refused(5, "embed", "median", "--input", "texts.jsonl", words=["1_Pooling/config.json", "'median'"])
        self.write("task", pooling("mean"), reading={"transformer_task": "fill-mask"})
        self.assert_refused(5, "embed", "task", "--input", "texts.jsonl", words=["sentence_bert_config.json", "'transformer_task'"])

    def test_texts_are_cut_as_asked_then_as_the_module_says(self):
        self.write("short", pooling("mean"), reading={"max_seq_length": 5, "do_lower_case": True})
        self.assertEqual([row["num_tokens"] for row in self.rows("short")], [5, 5])
        self.assertEqual([row["num_tokens"] for row in self.rows("short", "--max-length", "6")], [6, 6])

    def test_help_tells_what_two_columns_give(self):
        self.assertIn("pairs, of which one vector is made", " ".join(self.run_verb("embed", "--help").stdout.decode().split()))


class Prompts(Embed):
    def setUp(self):
        super().setUp()
        self.write("prompted", pooling("mean"), settings=PROMPTS)
        (self.folder / "with_prompt.jsonl").write_text(TEXTS.replace('"text": "', '"text": "very cold '))

    def test_prompts_of_the_folder_and_given_ones(self):
        prompted = self.vectors("prompted", "--prompt", "", texts="with_prompt.jsonl")
        plain = self.vectors("prompted", "--prompt", "")
        self.assertNotEqual(plain, prompted)
        self.assert_close(self.vectors("prompted"), prompted)
        self.assert_close(self.vectors("prompted", "--prompt-name", "query"), prompted)
        self.assert_close(self.vectors("prompted", "--prompt-name", "passage"), plain)
        self.assert_close(self.vectors("prompted", "--prompt", "very cold "), prompted)

    def test_a_default_prompt_is_told_and_one_that_was_asked_for_is_not(self):
        told = "every text begins with the prompt 'very cold '"
        self.assertIn(told, self.run_verb("embed", "prompted", "--input", "texts.jsonl").stderr.decode())
        asked = self.run_verb("embed", "prompted", "--input", "texts.jsonl", "--prompt-name", "query")
        self.assertNotIn("begins with", asked.stderr.decode())

    def test_what_cannot_be_meant_is_refused(self):
        embed = ("embed", "prompted", "--input", "texts.jsonl")
        self.assert_refused(2, *embed, "--prompt-name", "question", words=["'question'", "'query', 'passage'", "--prompt"])
        self.assert_refused(2, *embed, "--prompt", "a ", "--prompt-name", "query", words=["--prompt"])
        for prefix in ("query: ", "query:", "Represent this sentence "):
            self.assert_refused(2, *embed, "--prefix", prefix, words=[f"--prefix '{prefix}'", "--prompt puts a text before"])
        self.assertIn("e_embedding", self.rows("prompted", "--prefix", "e_")[0])


class WithoutList(Embed):
    """Folders of the library's Transformer that no modules.json leads to."""

    def setUp(self):
        super().setUp()
        self.write("model", pooling("mean"), settings=PROMPTS, reading={"max_seq_length": 5, "do_lower_case": True})
        (self.folder / "model" / "modules.json").unlink()
        shutil.rmtree(self.folder / "model" / "1_Pooling")

    def test_settings_count_for_nothing_as_in_the_library_and_are_named(self):
        tiny_model.write_tiny_model(self.folder / "plain")
        self.assertEqual(self.rows("model"), self.rows("plain"))
        log = self.run_verb("embed", "model", "--input", "texts.jsonl").stderr.decode()
        self.assertIn("model/sentence_bert_config.json: what it says of 'max_seq_length', 'do_lower_case' counts for nothing without "
                      "a modules.json, as in sentence-transformers", log)
        self.assertIn("model/config_sentence_transformers.json: what it says of 'default_prompt_name' counts for nothing", log)
        log = self.run_verb("embed", "plain", "--input", "texts.jsonl").stderr.decode()
        self.assertNotIn("counts for nothing", log)

    def test_options_work_as_beside_a_list(self):
        self.assertEqual(self.vectors("model", "--prompt-name", "query"), self.vectors("model", "--prompt", "very cold "))
        self.assertNotEqual(self.vectors("model", "--prompt-name", "query"), self.vectors("model"))
        self.assert_refused(2, "embed", "model", "--input", "texts.jsonl", "--prompt-name", "question", words=["'question'", "'query'"])

    def test_damaged_settings_are_refused(self):
        for name in ("sentence_bert_config.json", "config_sentence_transformers.json"):
            for content in ("", "{", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"):
                with self.subTest(name=name, content=content):
                    path = self.folder / "model" / name
                    kept = path.read_text()
                    path.write_text(content)
                    self.assert_refused(5, "embed", "model", "--input", "texts.jsonl", words=[f"model/{name}"])
                    path.write_text(kept)

    def test_convert_takes_them_along(self):
        shutil.move(self.folder / "model" / "sentence_bert_config.json", self.folder / "model" / "sentence_roberta_config.json")
        self.assertEqual(self.run_verb("convert", "model", "out", "--head", "none").returncode, 0)
        for name in ("sentence_roberta_config.json", "config_sentence_transformers.json"):
            self.assertEqual((self.folder / "out" / name).read_text(), (self.folder / "model" / name).read_text())


class Convert(Embed):
    def test_modules_go_along_and_the_vectors_stay(self):
        modules = (pooling("cls", "mean"), dense(3, 16), NORMALIZE)
        self.write("apart", *modules, settings=PROMPTS, reading={"max_seq_length": 5}, place="encoder")
        result = self.run_verb("convert", "apart", "whole", "--head", "none")
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertTrue((self.folder / "whole" / "config.json").exists())
        self.assertEqual(json.loads((self.folder / "whole" / "modules.json").read_text())[0]["path"], "")
        self.assertEqual(self.vectors("whole"), self.vectors("apart"))
        self.assertEqual([row["num_tokens"] for row in self.rows("whole")], [5, 5])

    def test_what_would_be_lost_is_refused(self):
        self.write("custom", pooling("mean"), NORMALIZE)
        modules = self.folder / "custom" / "modules.json"
        modules.write_text(modules.read_text().replace(LIBRARY + "Normalize", "custom_code.Scaling"))
        self.assert_refused(5, "convert", "custom", "out", "--head", "none", words=["'custom_code.Scaling'", "would be lost"])
        self.assertFalse((self.folder / "out").exists())


class Contrastive(Embed):
    def setUp(self):
        super().setUp()
        rows = [{"text": text, "positive": text.split(" ", 1)[1]} for text, _ in tiny_model.labelled_rows(24)]
        (self.folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def config(self, **values):
        content = {"task": "contrastive", "model": {"from": "model"}, "output_dir": "run",
                   "data": {"train": "pairs.jsonl", "text": ["text", "positive"]},
                   "training": {"max_steps": 2, "batch_size": 8}}
        for key, value in values.items():
            section, name = key.split("_", 1)
            content[section][name] = value
        (self.folder / "run.yaml").write_text(json.dumps(content))
        return "finetune", "run.yaml"

    def test_a_run_keeps_pooling_length_case_prompts_and_what_has_no_normalisation(self):
        self.write("model", pooling("max", include_prompt=False), settings=PROMPTS,
                   reading={"max_seq_length": 6, "do_lower_case": True})
        result = self.run_verb(*self.config())
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertIn("the prompt 'query', which model puts before texts by default, is kept", result.stderr.decode())
        read = lambda name: json.loads((self.folder / "run" / name).read_text())
        self.assertTrue(read("1_Pooling/config.json")["pooling_mode_max_tokens"])
        self.assertFalse(read("1_Pooling/config.json")["include_prompt"])
        self.assertEqual(read("sentence_bert_config.json")["max_seq_length"], 6)
        self.assertEqual(read("config_sentence_transformers.json"), PROMPTS)
        self.assertEqual(len(read("modules.json")), 2)
        self.assertIn("Lowercase", (self.folder / "run" / "tokenizer.json").read_text())
        self.assertEqual([row["num_tokens"] for row in self.rows("run", "--prompt", "")], [6, 6])

    def test_a_run_from_a_folder_without_list_names_what_it_passes_over_and_keeps_the_prompts(self):
        self.write("model", pooling("mean"), settings=PROMPTS, reading={"max_seq_length": 6})
        (self.folder / "model" / "modules.json").unlink()
        result = self.run_verb(*self.config())
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        self.assertIn("'max_seq_length' counts for nothing without a modules.json", result.stderr.decode())
        read = lambda name: json.loads((self.folder / "run" / name).read_text())
        self.assertEqual(read("sentence_bert_config.json")["max_seq_length"], 32)
        self.assertEqual(read("config_sentence_transformers.json"), {"prompts": PROMPTS["prompts"], "similarity_fn_name": "dot"})
        self.assertNotIn("counts for nothing", self.run_verb("embed", "run", "--input", "texts.jsonl").stderr.decode())

    def test_what_a_run_would_lose_is_refused(self):
        for modules, words in (((pooling("mean"), dense(2, 8)), ["Dense' would be lost"]),
                               ((pooling("cls", "mean"),), ["'cls', 'mean' together", "training.contrastive.pooling"]),
                               ((pooling("mean"), NORMALIZE, pooling("mean")), ["would be lost"])):
            self.write("model", *modules)
            self.assert_refused(5, *self.config(), words=words)
            shutil.rmtree(self.folder / "model")
        self.write("model", pooling("cls", "mean"))
        self.assertEqual(self.run_verb(*self.config(training_contrastive={"pooling": "mean"})).returncode, 0)
        for name in ("model", "run"):
            shutil.rmtree(self.folder / name)
        self.write("model", pooling("mean"), place="encoder")
        self.assert_refused(5, *self.config(), words=["modules.json", "llmtool convert"])

    def test_runs_that_cannot_learn_are_refused(self):
        self.write("model", pooling("mean"), NORMALIZE)
        self.assert_refused(3, *self.config(training_batch_size=1), words=["training.batch_size", "no others to be told from"])
        self.assert_refused(3, *self.config(training_tokens_per_batch=4), words=["training.tokens_per_batch", "raise it"])
        lines = (self.folder / "pairs.jsonl").read_text().splitlines()
        (self.folder / "one.jsonl").write_text(lines[0] + "\n")
        self.assert_refused(4, *self.config(data_train="one.jsonl"), words=["data.train", "one.jsonl", "one row"])
        # A last batch of one row is in order, and hard negatives are others.
        (self.folder / "nine.jsonl").write_text("\n".join(lines[:9]) + "\n")
        (self.folder / "hard.jsonl").write_text(json.dumps({**json.loads(lines[0]), "negative": "a bad film"}) + "\n")
        for changes in ({"data_train": "nine.jsonl"},
                        {"data_train": "hard.jsonl", "data_text": ["text", "positive", "negative"], "training_batch_size": 1}):
            result = self.run_verb(*self.config(**changes), "--overwrite")
            self.assertEqual(result.returncode, 0, result.stderr.decode())


if __name__ == "__main__":
    program.main()
