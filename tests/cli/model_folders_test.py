"""Model folders as other tools and versions leave them."""

import json
import pathlib
import shutil
import tempfile
import unittest

import bad_input_case
import program
import tiny_model

ROWS = tiny_model.labelled_rows(24)
PAIRS = "a,b,label\nthe film,was good,good\nthe food,was bad,bad\n"


class ModelFolders(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="llmtool-model-folders-")
        self.addCleanup(directory.cleanup)
        self.folder = pathlib.Path(directory.name)
        self.model = tiny_model.write_tiny_model(self.folder / "model")
        bad_input_case.write_files(self.folder, {**bad_input_case.BASE_FILES, "pairs.csv": PAIRS})

    def run_program(self, *arguments, exit_code=0, stdin=b""):
        result = program.run(*arguments, folder=self.folder, stdin=stdin)
        self.assertEqual(result.returncode, exit_code, result.stderr.decode())
        return result.stdout.decode(), result.stderr.decode()

    def predictions(self, text):
        return self.run_program("predict", "model", "--input", "-", "--format", "text", stdin=text.encode())

    def change_config(self, **changes):
        file = self.model / "config.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))

    def write_weights(self, rename=lambda name: name, **extra):
        weights = tiny_model.random_weights(tiny_model.weight_shapes())
        renamed = {rename(name): value for name, value in weights.items()}
        renamed.update({name: ([2], bytes(8)) for name in extra.get("added", [])})
        (self.model / "model.safetensors").write_bytes(tiny_model.safetensors_bytes(renamed))


class Vocabulary(ModelFolders):
    def setUp(self):
        super().setUp()
        with open(self.model / "vocab.txt", "a", encoding="utf-8") as file:
            file.write("zebra\n")

    def test_a_token_without_an_embedding_is_an_error_only_where_it_occurs(self):
        answers, log = self.predictions("the film\n")
        self.assertIn("predicted_label", answers)
        self.assertIn("ids, but the model's word embedding has", log)
        _, log = self.run_program("predict", "model", "--input", "-", "--format", "text", stdin=b"the film\na zebra\n",
                                  exit_code=4)
        self.assertIn(":2: ", log)
        self.assertIn("the token 'zebra' has the id", log)

    def test_such_a_row_can_be_set_aside(self):
        answers, _ = self.run_program("predict", "model", "--input", "-", "--format", "text", "--rejects", "bad.csv",
                                      stdin=b"the film\na zebra\nthe food\n")
        self.assertEqual(answers.count("predicted_label"), 2)

    def test_training_and_eval_find_it_before_the_first_step(self):
        self.run_program("eval", "model", "--data", "train.csv")
        self.run_program("finetune", "run.yaml")
        with open(self.folder / "train.csv", "a", encoding="utf-8") as file:
            file.write("the zebra,good\n")
        _, log = self.run_program("eval", "model", "--data", "train.csv", exit_code=4)
        self.assertIn("train.csv:26: the token 'zebra'", log)
        _, log = self.run_program("finetune", "run.yaml", "--overwrite", exit_code=4)
        self.assertIn("train.csv:26: the token 'zebra'", log)

    def test_embed_reads_texts_without_it(self):
        answers, _ = self.run_program("embed", "model", "--input", "-", "--format", "text", stdin=b"the film\n")
        self.assertIn("embedding", answers)


class Types(ModelFolders):
    def setUp(self):
        super().setUp()
        self.change_config(type_vocab_size=1)
        shapes = tiny_model.weight_shapes({**tiny_model.CONFIG, "type_vocab_size": 1})
        weights = tiny_model.random_weights(shapes)
        (self.model / "model.safetensors").write_bytes(tiny_model.safetensors_bytes(weights))
        # Other classes than BERT's need the file.
        self.run_program("finetune", "run.yaml", "--set", "output_dir=made")
        shutil.copy(self.folder / "made/tokenizer.json", self.model)

    def set_class(self, name):
        (self.model / "tokenizer_config.json").write_text(
            json.dumps({"tokenizer_class": name, "do_lower_case": True, "model_max_length": 32})
        )

    def test_pairs_are_of_type_0_where_the_tokenizer_gives_no_types(self):
        for name in ("RobertaTokenizer", "XLMRobertaTokenizerFast", "PreTrainedTokenizerFast"):
            with self.subTest(name):
                self.set_class(name)
                columns = ("--text-column", "a", "--text-column", "b")
                answers, _ = self.run_program("predict", "model", "--input", "pairs.csv", *columns)
                self.assertIn("predicted_label", answers)
                self.run_program("eval", "model", "--data", "pairs.csv", *columns)

    def test_pairs_are_an_error_of_the_model_where_it_gives_them(self):
        self.set_class("BertTokenizer")
        self.predictions("the film\n")
        for verb in ("predict model --input pairs.csv", "eval model --data pairs.csv"):
            answers, log = self.run_program(*verb.split(), "--text-column", "a", "--text-column", "b", exit_code=5)
            self.assertEqual(answers, "")
            self.assertIn("gives tokens of type 1, but the model has embeddings for 1", log)
        self.run_program("finetune", "run.yaml", "--set", "data.train=pairs.csv", "--set", "data.validation=pairs.csv", "--set",
                         "data.text=[a, b]", exit_code=5)


class TwoTypes(ModelFolders):
    """The tiny model as it is, with tokenizers of other classes than BERT's."""

    PAIRS = ("--set", "data.train=pairs.csv", "--set", "data.validation=pairs.csv", "--set", "data.text=[a, b]")

    def finetuned(self, name, **config):
        """tokenizer_config.json of a run from a tokenizer that is not exactly BERT's."""
        self.run_program("finetune", "run.yaml", "--set", f"output_dir=made_{name}")
        tokenizer = json.loads((self.folder / f"made_{name}/tokenizer.json").read_text())
        tokenizer["normalizer"]["clean_text"] = False
        (self.model / "tokenizer.json").write_text(json.dumps(tokenizer))
        (self.model / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name, **config}))
        self.run_program("finetune", "run.yaml", *self.PAIRS, "--set", f"output_dir=run_{name}")
        return json.loads((self.folder / f"run_{name}/tokenizer_config.json").read_text())

    def test_what_is_saved_names_the_types_the_model_was_trained_with(self):
        for name, config, expected in (
            ("PreTrainedTokenizerFast", {}, ["input_ids", "token_type_ids", "attention_mask"]),
            ("AlbertTokenizer", {}, ["input_ids", "attention_mask"]),
            ("TokenizersBackend", {"model_input_names": ["input_ids", "token_type_ids"]}, ["input_ids", "token_type_ids"]),
        ):
            with self.subTest(name):
                saved = self.finetuned(name, **config)
                self.assertEqual(saved["tokenizer_class"], "PreTrainedTokenizerFast")
                self.assertEqual(saved["model_input_names"], expected)

    def test_a_folder_of_berts_own_class_needs_no_names(self):
        self.run_program("finetune", "run.yaml", *self.PAIRS, "--set", "output_dir=run")
        saved = json.loads((self.folder / "run/tokenizer_config.json").read_text())
        self.assertEqual(saved["tokenizer_class"], "BertTokenizer")
        self.assertNotIn("model_input_names", saved)


class Names(ModelFolders):
    def test_weights_of_a_wrapper_are_read_and_written_without_it(self):
        expected, _ = self.predictions("the film\n")
        self.write_weights(lambda name: "module." + name)
        answers, _ = self.predictions("the film\n")
        self.assertEqual(answers, expected)
        report, log = self.run_program("convert", "model", "plain", "--json")
        self.assertEqual(json.loads(report)["weights"]["removed_prefix"], "module.")
        self.assertIn("prefix 'module.' taken off", log)

    def test_convert_and_training_pass_over_what_they_are_told(self):
        self.write_weights(added=["teacher.weight", "loss_fct.weight"])
        _, log = self.run_program("eval", "model", "--data", "train.csv", exit_code=5)
        self.assertIn("'teacher.weight'", log)
        self.assertIn("--ignore of llmtool convert", log)
        report, _ = self.run_program("convert", "model", "plain", "--ignore", "teach*", "--ignore", "*.none", "--json")
        self.assertEqual(json.loads(report)["weights"]["ignored"], ["teacher.weight", "loss_fct.weight"])
        self.run_program("eval", "plain", "--data", "train.csv")
        _, log = self.run_program("finetune", "run.yaml", "--set", "model.ignore=[teacher.*]")
        self.assertIn("passed over: 'teacher.weight', 'loss_fct.weight'", log)


class Folders(ModelFolders):
    def test_an_unfinished_run_names_its_checkpoint_and_how_to_go_on(self):
        self.run_program("finetune", "run.yaml", "--set", "checkpoint.every=1")
        shutil.copytree(self.folder / "out", self.folder / "stopped")
        (self.folder / "stopped/config.json").unlink()
        newest = max((self.folder / "stopped").glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))
        for verb in ("eval stopped --data train.csv", "predict stopped --input train.csv", "embed stopped --input train.csv"):
            _, log = self.run_program(*verb.split(), exit_code=5)
            self.assertIn("'stopped' is a run that has not finished", log)
            self.assertIn(f"'stopped/{newest.name}'", log)
            self.assertIn("llmtool finetune CONFIG", log)
        self.run_program("eval", f"stopped/{newest.name}", "--data", "train.csv")

    def test_an_adapter_is_refused_with_what_to_do(self):
        adapter = self.folder / "adapter"
        adapter.mkdir()
        (adapter / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "some/bert"}))
        (adapter / "adapter_model.safetensors").write_bytes(b"x")
        for verb in ("eval adapter --data train.csv", "predict adapter --input train.csv", "convert adapter plain"):
            _, log = self.run_program(*verb.split(), exit_code=5)
            self.assertIn("'adapter' is an adapter of PEFT", log)
            self.assertIn("'some/bert'", log)
            self.assertIn("merge_and_unload", log)

    def test_a_config_is_proposed_within_the_positions_of_the_model(self):
        text = "long,label\n" + "".join(f"{'the film was good ' * 200},{index % 2}\n" for index in range(8))
        (self.folder / "long.csv").write_text(text)
        families = {
            30: {"model_type": "roberta", "pad_token_id": 1},
            16: {"model_type": "gpt2", "n_positions": 16, "n_embd": 8, "n_layer": 1, "n_head": 2, "hidden_size": 8,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 16},
        }
        for expected, changes in families.items():
            with self.subTest(changes["model_type"]):
                self.change_config(**changes)
                yaml, _ = self.run_program("config", "init", "--data", "long.csv", "--model", "model")
                self.assertIn(f"max_length: {expected}", yaml)

    def test_new_labels_need_no_proper_old_ones(self):
        self.change_config(id2label={"0": 1, "3": 1})
        self.run_program("finetune", "run.yaml", "--set", "model.head=new")
        self.run_program("finetune", "run.yaml", "--overwrite", exit_code=5)

    def test_pipes_and_devices_are_refused_and_never_waited_for(self):
        refused = {"config.json": (5, "is a device, not a file"), "model.safetensors": (6, "it is a device or a pipe")}
        for name, (exit_code, words) in refused.items():
            with self.subTest(name):
                kept = (self.model / name).read_bytes()
                (self.model / name).unlink()
                (self.model / name).symlink_to("/dev/zero")
                _, log = self.run_program("eval", "model", "--data", "train.csv", exit_code=exit_code)
                self.assertIn(f"model/{name}: {words}", log)
                (self.model / name).unlink()
                (self.model / name).write_bytes(kept)


if __name__ == "__main__":
    program.main()
