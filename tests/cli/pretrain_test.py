"""Language models as a batch job meets them: train from scratch and from a checkpoint, stop and go on, evaluate."""

import json
import pathlib
import random
import shutil
import signal
import struct
import tempfile
import time
import unittest

import program
import tiny_model
from run_folder import hash_of, wait_for_line

BERT = (
    "{model_type: bert, hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 32, "
    "max_position_embeddings: 32, type_vocab_size: 2}"
)
GPT2 = "{model_type: gpt2, n_embd: 16, n_layer: 1, n_head: 2, n_positions: 32}"
CONFIG = """task: TASK
model: {config: MODEL}
tokenizer: {from: model, max_length: 24}
data: {train: "corpus/*.txt", validation: 0.2, document: blank_line}
training: {epochs: 3, batch_size: 4, optimizer: {name: adamw, learning_rate: 5e-3}, log_every: 1}
output_dir: runs/OUT
"""
LONG = ("--set", "training.max_steps=600", "--set", "evaluation.every=200")


def sentence(generator):
    return " ".join(generator.choice(tiny_model.WORDS) for _ in range(generator.randint(3, 9)))


def documents(seed, count):
    """Documents of two to five lines with an empty line between them."""
    generator = random.Random(seed)
    return "\n\n".join("\n".join(sentence(generator) for _ in range(generator.randint(2, 5))) for _ in range(count))


class RunFolder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-pretrain-"))
        tiny_model.write_tiny_model(cls.folder / "model")
        (cls.folder / "corpus").mkdir()
        for number in range(2):
            (cls.folder / "corpus" / f"{number}.txt").write_text(documents(number, 30) + "\n")
        (cls.folder / "held_out.txt").write_text(documents(5, 6) + "\n")
        for name, task, model in (("bert", "masked_lm", BERT), ("gpt2", "causal_lm", GPT2)):
            text = CONFIG.replace("TASK", task).replace("MODEL", model).replace("OUT", name)
            (cls.folder / f"{name}.yaml").write_text(text)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def pretrain(self, config, *arguments):
        return program.run("pretrain", config, *arguments, folder=self.folder)

    def evaluate(self, *arguments):
        result = program.run("eval", *arguments, "--json", folder=self.folder)
        self.assert_succeeds(result)
        return json.loads(result.stdout)

    def assert_succeeds(self, result):
        self.assertEqual(result.returncode, 0, result.stderr.decode())

    def assert_refused(self, result, exit_code, *words):
        text = result.stderr.decode()
        self.assertEqual(result.returncode, exit_code, text)
        for word in words:
            self.assertIn(word, text)


def word_embeddings(run):
    """Rows of floats, from model.safetensors."""
    content = (run / "model.safetensors").read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    tensor = json.loads(content[8:8 + size])["bert.embeddings.word_embeddings.weight"]
    begin, end = (8 + size + offset for offset in tensor["data_offsets"])
    width = tensor["shape"][1]
    values = struct.unpack(f"<{(end - begin) // 4}f", content[begin:end])
    return [values[start:start + width] for start in range(0, len(values), width)]


class Pretraining(RunFolder):
    def test_a_masked_model_from_scratch_learns_and_says_what_it_is(self):
        self.assert_succeeds(self.pretrain("bert.yaml"))
        run = self.folder / "runs" / "bert"
        results = json.loads((run / "all_results.json").read_text())
        for key in ("train_loss", "eval_perplexity", "eval_unigram_perplexity", "eval_token_accuracy", "train_tokens_per_second"):
            self.assertGreater(results[key], 0, key)
        self.assertNotIn("eval_pair_accuracy", results)
        config = json.loads((run / "config.json").read_text())
        self.assertEqual(config["architectures"], ["BertForMaskedLM"])
        self.assertEqual(config["vocab_size"], len(tiny_model.vocabulary()))
        self.assertIn("pipeline_tag: fill-mask", (run / "README.md").read_text())

    def test_a_config_is_read_from_a_pipe(self):
        text = (self.folder / "gpt2.yaml").read_bytes()
        output = ("--set", "training.max_steps=2", "--set", "output_dir=runs/pipe")
        self.assert_succeeds(program.run("pretrain", "/dev/stdin", *output, folder=self.folder, stdin=text))
        result = program.run("finetune", "/dev/stdin", folder=self.folder, stdin=text)
        self.assert_refused(result, 3, "llmtool pretrain /dev/stdin")

    def test_sentence_pairs_have_a_loss_and_an_accuracy_of_their_own(self):
        result = self.pretrain("bert.yaml", "--set", "training.sentence_pairs=next_sentence", "--set", "output_dir=runs/pairs")
        self.assert_succeeds(result)
        run = self.folder / "runs" / "pairs"
        self.assertIn("eval_pair_accuracy", json.loads((run / "all_results.json").read_text()))
        self.assertEqual(json.loads((run / "config.json").read_text())["architectures"], ["BertForPreTraining"])
        first = json.loads((run / "metrics.jsonl").read_text().splitlines()[0])
        self.assertTrue({"loss_tokens", "loss_pairs"} <= set(first), first)
        self.assertIn("pair_accuracy", self.evaluate("runs/pairs", "--data", "held_out.txt"))

    def test_a_causal_model_is_trained_and_evaluated(self):
        self.assert_succeeds(self.pretrain("gpt2.yaml"))
        figures = {size: self.evaluate("runs/gpt2", "--data", "held_out.txt", "--batch-size", size) for size in (1, 64)}
        self.assertEqual(figures[1]["num_documents"], 6)
        self.assertAlmostEqual(figures[1]["perplexity"], figures[64]["perplexity"], places=4)
        self.assertGreater(figures[1]["bits_per_byte"], 0)
        more_context = self.evaluate("runs/gpt2", "--data", "held_out.txt", "--stride", "4")
        self.assertEqual(more_context["num_predicted_tokens"], figures[1]["num_tokens"] + 6 - 1)

    def test_a_model_is_evaluated_on_text_from_a_pipe(self):
        self.assert_succeeds(self.pretrain("gpt2.yaml", "--set", "training.max_steps=2", "--set", "output_dir=runs/piped"))
        text = (self.folder / "held_out.txt").read_text()
        program.serve_once(self.folder / "pipe.txt", text)
        arguments = ("--document", "blank_line", "--format", "text")
        figures = [self.evaluate("runs/piped", "--data", name, *arguments) for name in ("held_out.txt", "pipe.txt")]
        self.assertEqual(figures[0]["num_documents"], 6)
        self.assertEqual(figures[0]["perplexity"], figures[1]["perplexity"])

    def test_training_goes_on_from_a_checkpoint_of_another_head(self):
        again = ("--set", "model={from: model}", "--set", "tokenizer={max_length: 24}", "--set", "output_dir=runs/again")
        result = self.pretrain("bert.yaml", *again)
        self.assert_succeeds(result)
        self.assertIn(b"head new", result.stderr)

    def test_words_of_a_domain_become_tokens_of_their_own(self):
        (self.folder / "words.txt").write_text("soupish\nfilm\nwaiterly\nsoupish\n")
        from_checkpoint = ("--set", "model={from: model}", "--set", "tokenizer={max_length: 24, add_tokens: words.txt}")
        size = len(tiny_model.vocabulary())
        for name, model in (("words", from_checkpoint), ("words_scratch", ("--set", "tokenizer.add_tokens=words.txt"))):
            result = self.pretrain("bert.yaml", *model, "--set", "training.max_steps=2", "--set", f"output_dir=runs/{name}")
            self.assert_succeeds(result)
            run = self.folder / "runs" / name
            self.assertIn(b"2 words added, 1 were tokens already, 1 repeated", result.stderr)
            self.assertEqual(json.loads((run / "config.json").read_text())["vocab_size"], size + 2)
            encoded = program.run("tokenizer", "encode", run, "--input", "-", "--json", folder=self.folder, stdin=b"the waiterly soupish\n")
            self.assertEqual(json.loads(encoded.stdout)["ids"][2:4], [size + 1, size], encoded.stderr)
        classifier = self.folder / "classifier.csv"
        classifier.write_text("text,label\n" + "a soupish film,good\na bad room,bad\n" * 4)
        (self.folder / "classifier.yaml").write_text(
            "task: classification\nmodel: {from: runs/words}\ndata: {train: classifier.csv}\ntraining: {max_steps: 2}\noutput_dir: runs/after\n"
        )
        result = program.run("finetune", "classifier.yaml", folder=self.folder)
        self.assert_succeeds(result)
        self.assertEqual(json.loads((self.folder / "runs/after/config.json").read_text())["vocab_size"], size + 2)
        result = program.run("finetune", "classifier.yaml", "--set", "tokenizer.add_tokens=none.txt", "--overwrite", folder=self.folder)
        self.assert_refused(result, 6, "none.txt")

    def test_the_corpus_is_tokenised_once(self):
        for name in ("first", "second"):
            result = self.pretrain("gpt2.yaml", "--set", f"output_dir=shared/{name}")
            self.assert_succeeds(result)
        self.assertEqual(len(list((self.folder / "shared" / "corpora").iterdir())), 1)

    def test_damaged_tokens_are_made_anew(self):
        output = ("--set", "training.max_steps=2", "--set", "output_dir=damaged/a/")
        self.assert_succeeds(self.pretrain("gpt2.yaml", *output))
        [tokens] = (self.folder / "damaged" / "corpora").glob("*/tokens.bin")
        content = tokens.read_bytes()
        tokens.write_bytes(content[:100] + b"\xff\xff\xff\x7f" + content[104:])
        result = self.pretrain("gpt2.yaml", *output, "--overwrite")
        self.assert_succeeds(result)
        self.assertIn(b"is damaged (tokens.bin has changed); the text is tokenised anew", result.stderr)
        self.assertEqual(tokens.read_bytes(), content)

    def test_sentences_that_are_cut_or_left_out_are_counted(self):
        long = " ".join(["film"] * 30)
        (self.folder / "long.txt").write_text(f"{long}\n{long}\n\nthe film\nwas good\n\nalone\n")
        result = self.pretrain("bert.yaml", "--set", "training.sentence_pairs=next_sentence", "--set", "data.train=long.txt",
                               "--set", "data.validation=null", "--set", "training.max_steps=2", "--set", "output_dir=runs/long")
        self.assert_succeeds(result)
        self.assertIn(b"1 of 2 sequences are longer than 24 tokens", result.stderr)
        self.assertIn(b"1 of 3 documents have a single sentence", result.stderr)
        self.assertEqual(json.loads((self.folder / "runs/long/all_results.json").read_text())["num_truncated"], 1)

    def test_rows_without_a_word_begin_as_the_mean_when_a_word_is_added(self):
        spare = BERT.replace("{", f"{{vocab_size: {len(tiny_model.vocabulary()) + 8}, ")
        still = ("--set", "training.max_steps=1", "--set", "training.optimizer.learning_rate=0")
        self.assert_succeeds(self.pretrain("bert.yaml", "--set", f"model.config={spare}", *still, "--set", "output_dir=runs/spare"))
        (self.folder / "two.txt").write_text("soupish\nwaiterly\n")
        added = ("--set", "model={from: runs/spare}", "--set", "tokenizer={max_length: 24, add_tokens: two.txt}")
        self.assert_succeeds(self.pretrain("bert.yaml", *added, *still, "--set", "output_dir=runs/spare_added"))
        rows = word_embeddings(self.folder / "runs/spare_added")
        size = len(tiny_model.vocabulary())
        self.assertEqual(len(rows), size + 8)
        mean = [sum(row[k] for row in rows[:size]) / size for k in range(len(rows[0]))]
        for row in rows[size:size + 2]:
            for value, expected in zip(row, mean):
                self.assertAlmostEqual(value, expected, places=6)

    def test_pseudo_perplexity_hides_every_token_once(self):
        self.assert_succeeds(self.pretrain("bert.yaml", "--set", "output_dir=runs/pseudo"))
        figures = self.evaluate("runs/pseudo", "--data", "held_out.txt", "--pseudo-perplexity")
        self.assertEqual(figures["num_predicted_tokens"], figures["num_tokens"])
        self.assertEqual(figures["num_unknown_tokens"], 0)
        self.assertGreater(figures["pseudo_perplexity"], 1)
        (self.folder / "strange.txt").write_text("the film \u2603\n\u2603 \u2603 the\n")
        strange = self.evaluate("runs/pseudo", "--data", "strange.txt", "--pseudo-perplexity")
        self.assertEqual(strange["num_unknown_tokens"], 3)
        self.assertEqual(strange["num_predicted_tokens"], strange["num_tokens"] - 3)
        told = program.run("eval", "runs/pseudo", "--data", "strange.txt", "--pseudo-perplexity", folder=self.folder)
        self.assertIn("3 of 6 tokens stand for words the tokenizer does not know; none of them is predicted", told.stderr.decode())
        command = ("eval", "runs/pseudo", "--data", "held_out.txt")
        required = ("--require", "pseudo_perplexity<=1")
        self.assert_refused(program.run(*command, *required, folder=self.folder), 2, "needs --pseudo-perplexity")
        for requirement, exit_code, words in (
            ("pseudo_perplexity<=1e9", 0, ""),
            ("pseudo_perplexity<=1", 9, "pseudo_perplexity <= 1 is required, but it is"),
            ("perplexity<=1e9", 9, "this evaluation does not give it; it gives"),
        ):
            with self.subTest(requirement=requirement):
                result = program.run(*command, "--pseudo-perplexity", "--require", requirement, folder=self.folder)
                self.assert_refused(result, exit_code, words)

    def test_a_causal_model_continues_texts(self):
        self.assert_succeeds(self.pretrain("gpt2.yaml", "--set", "output_dir=runs/writer"))
        prompts = b"the film\nmy friend\nwe\n"
        search = ("generate", "runs/writer", "--max-new-tokens", "5")
        batch = program.run(*search, "--input", "-", "--batch-size", "2", folder=self.folder, stdin=prompts)
        self.assert_succeeds(batch)
        rows = [json.loads(line) for line in batch.stdout.splitlines()]
        self.assertEqual([row["prompt"] for row in rows], ["the film", "my friend", "we"])
        for row in rows:
            self.assertLessEqual(len(row["ids"]), 5)
        shown = program.run(*search, "--prompt", "the film", folder=self.folder)
        self.assertEqual(shown.stdout.decode(), "the film" + rows[0]["text"] + "\n")
        drawn = [program.run(*search, "--prompt", "we", "--temperature", "2", "--seed", seed, "--json", folder=self.folder).stdout for seed in (1, 1, 2)]
        self.assertEqual(drawn[0], drawn[1])
        self.assertNotEqual(drawn[0], drawn[2])
        beams = program.run(*search, "--prompt", "we", "--num-beams", "3", "--json", folder=self.folder)
        self.assertEqual(json.loads(beams.stdout)["prompt"], "we")
        self.assert_refused(program.run(*search, "--prompt", "we", "--num-beams", "3", "--top-k", "4", folder=self.folder), 2, "--num-beams")
        self.assert_refused(program.run(*search, "--prompt", "we", "--length-penalty", "2", folder=self.folder), 2, "--num-beams")
        self.assert_refused(program.run("generate", "runs/writer", folder=self.folder), 2, "--prompt TEXT or --input FILE")
        for option, value, words in (
            ("--top-k", "0", "0 is not a whole number from 1 to 16777216"),
            ("--temperature", "0", "0 is not a number from 0.001 to 1000.0"),
            ("--num-beams", "2000", "2000 is not a whole number from 1 to 1024"),
            ("--seed", "-1", "-1 is not a whole number from 0 on"),
            ("--stop", "", "the text to stop before is empty"),
        ):
            with self.subTest(option=option):
                refused = program.run(*search, "--prompt", "we", option, value, folder=self.folder)
                self.assert_refused(refused, 2, words)

    def test_settings_of_a_folder_are_obeyed_or_refused(self):
        self.assert_succeeds(self.pretrain("gpt2.yaml", "--set", "output_dir=runs/set"))
        stored = self.folder / "runs/set/generation_config.json"
        search = ("generate", "runs/set", "--prompt", "we", "--json")
        stored.write_text(json.dumps({"max_new_tokens": 3}))
        short = program.run(*search, folder=self.folder)
        self.assert_succeeds(short)
        self.assertLessEqual(len(json.loads(short.stdout)["ids"]), 3)
        stored.write_text(json.dumps({"no_repeat_ngram_size": 2}))
        refused = program.run(*search, folder=self.folder)
        self.assert_refused(refused, 5, "'no_repeat_ngram_size' is not supported")
        self.assert_succeeds(program.run(*search, "--ignore-generation-config", folder=self.folder))

    def test_a_masked_model_fills_in_masks(self):
        self.assert_succeeds(self.pretrain("bert.yaml", "--set", "output_dir=runs/filler"))
        result = program.run(
            "predict", "runs/filler", "--input", "-", "--format", "text", "--fill-mask", "--top-k", "2",
            folder=self.folder, stdin=b"the [MASK] was [MASK]\n",
        )
        self.assert_succeeds(result)
        fillers = json.loads(result.stdout)["fillers"]
        self.assertEqual([len(mask) for mask in fillers], [2, 2])
        self.assertGreaterEqual(fillers[0][0]["probability"], fillers[0][1]["probability"])

    def test_log_data_shows_what_is_hidden(self):
        shown = self.pretrain("bert.yaml", "--set", "output_dir=runs/shown", "--log-data")
        self.assert_succeeds(shown)
        self.assertIn(b"[MASK]", shown.stderr)


class Interruption(RunFolder):
    def test_stopped_by_a_signal_it_goes_on_to_equal_weights(self):
        self.assert_succeeds(self.pretrain("bert.yaml", *LONG, "--set", "output_dir=runs/straight"))
        command = ("pretrain", "bert.yaml", *LONG, "--set", "output_dir=runs/stopped")
        stopped = program.start(*command, folder=self.folder)
        try:
            wait_for_line(self.folder / "runs" / "stopped" / "metrics.jsonl", stopped)
            stopped.send_signal(signal.SIGTERM)
            _, log = stopped.communicate(timeout=program.TIME_LIMIT_SECONDS)
        finally:
            stopped.kill()
        self.assertEqual(stopped.returncode, 75, log.decode())
        self.assert_succeeds(program.run(*command, folder=self.folder))
        weights = [hash_of(self.folder / "runs" / name / "model.safetensors") for name in ("straight", "stopped")]
        self.assertEqual(weights[0], weights[1])


    def test_stopped_while_text_is_tokenised_it_leaves_nothing_half_done(self):
        with open(self.folder / "big.txt", "w", encoding="utf-8") as file:
            for number in range(40):
                file.write((documents(number, 400) + "\n\n") * 40)
        command = ("pretrain", "gpt2.yaml", "--set", "data.train=big.txt", "--set", "output_dir=big/run")
        stopped = program.start(*command, folder=self.folder)
        try:
            cache = self.folder / "big" / "corpora"
            deadline = time.monotonic() + program.TIME_LIMIT_SECONDS
            while not list(cache.glob("*tmp*")) and stopped.poll() is None and time.monotonic() < deadline:
                time.sleep(0.005)
            stopped.send_signal(signal.SIGTERM)
            _, log = stopped.communicate(timeout=program.TIME_LIMIT_SECONDS)
        finally:
            stopped.kill()
        self.assertEqual(stopped.returncode, 75, log.decode())
        self.assertIn(b"stopped before training began", log)
        self.assertEqual(list(cache.iterdir()), [])
        self.assertEqual([path.name for path in (self.folder / "big" / "run").iterdir()], ["run.log"])


    def test_what_a_killed_tokenisation_left_goes(self):
        with open(self.folder / "long.txt", "w", encoding="utf-8") as file:
            for number in range(40):
                file.write((documents(number, 400) + "\n\n") * 40)
        killed = program.start("pretrain", "gpt2.yaml", "--set", "data.train=long.txt", "--set", "output_dir=kill/run", folder=self.folder)
        cache = self.folder / "kill" / "corpora"
        deadline = time.monotonic() + program.TIME_LIMIT_SECONDS
        while not list(cache.glob("*tmp*")) and killed.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        killed.kill()
        killed.communicate()
        self.assertEqual(len(list(cache.glob(".*.tmp-*"))), 1)
        other = ("--set", "training.max_steps=2", "--set", "output_dir=kill/other")
        self.assert_succeeds(program.run("pretrain", "gpt2.yaml", *other, folder=self.folder))
        self.assertEqual(list(cache.glob(".*.tmp-*")), [])


class Refusals(RunFolder):
    def test_a_refused_run_with_overwrite_keeps_the_model_that_is_there(self):
        output = ("--set", "training.max_steps=2", "--set", "output_dir=runs/kept")
        self.assert_succeeds(self.pretrain("gpt2.yaml", *output))
        weights = hash_of(self.folder / "runs/kept/model.safetensors")
        for wrong, exit_code in (("data.test=typo.txt", 6), ("tokenizer.max_length=999", 5)):
            self.assert_refused(self.pretrain("gpt2.yaml", *output, "--overwrite", "--set", wrong), exit_code)
        self.assertEqual(hash_of(self.folder / "runs/kept/model.safetensors"), weights)
        self.assert_succeeds(self.pretrain("gpt2.yaml", *output, "--overwrite", "--set", "seed=7"))
        self.assertNotEqual(hash_of(self.folder / "runs/kept/model.safetensors"), weights)

    def test_a_tokenizer_exchanged_since_the_model_was_trained(self):
        self.assert_succeeds(self.pretrain("bert.yaml", "--set", "training.max_steps=2", "--set", "output_dir=runs/parent"))
        for name in ("vocab.txt", "tokenizer.json"):
            file = self.folder / "runs/parent" / name
            file.write_text(file.read_text().replace("film", "food_").replace("food_", "filmy"))
        again = ("bert.yaml", "--set", "model={from: runs/parent}", "--set", "training.max_steps=2", "--set", "output_dir=runs/child")
        other = ("--set", "tokenizer={max_length: 24}")
        self.assert_refused(self.pretrain(*again, *other), 3, "not the one its model was trained with", "tokenizer.allow_other")
        self.assert_succeeds(self.pretrain(*again, "--set", "tokenizer={max_length: 24, allow_other: true}"))

    def test_options_without_a_part_in_sentence_pairs(self):
        pairs = ("--set", "training.sentence_pairs=next_sentence")
        for option in ("data.packing=lines", "data.stride=8"):
            self.assert_refused(self.pretrain("bert.yaml", *pairs, "--set", option), 3, option.split("=")[0], "sentence_pairs")
        self.assert_succeeds(self.pretrain("bert.yaml", *pairs, "--set", "training.max_steps=2", "--set", "output_dir=runs/no_stride"))
        result = program.run("eval", "runs/no_stride", "--data", "held_out.txt", "--stride", "4", folder=self.folder)
        self.assert_refused(result, 2, "--stride", "pairs of sentences")

    def test_text_of_which_nothing_can_be_predicted(self):
        (self.folder / "control.txt").write_bytes(b"\x01\x02\n\x03\n")
        nothing = ("--set", "data.train=control.txt", "--set", "data.validation=null")
        self.assert_refused(self.pretrain("bert.yaml", *nothing), 4, "control.txt", "makes no token")
        self.assert_refused(self.pretrain("gpt2.yaml", "--set", "tokenizer.max_length=1"), 3, "tokenizer.max_length 1")

    def test_an_objective_the_family_cannot_have(self):
        result = self.pretrain("bert.yaml", "--set", f"model.config={GPT2}")
        self.assert_refused(result, 5, "gpt2 is a causal language model", "task: causal_lm")

    def test_a_corpus_without_text(self):
        (self.folder / "empty.txt").write_text("\n \n\n")
        result = self.pretrain("gpt2.yaml", "--set", "data.train=empty.txt", "--set", "data.validation=null")
        self.assert_refused(result, 4, "empty.txt", "there is no text")

    def test_a_corpus_from_a_pipe(self):
        arguments = ("--set", "data.train=/dev/stdin", "--set", "data.format=text", "--set", "output_dir=runs/piped_corpus")
        result = program.run("pretrain", "gpt2.yaml", *arguments, folder=self.folder, stdin=b"the film was good")
        self.assert_refused(result, 4, "data.train: '/dev/stdin' can be read only once", "write it to a file")

    def test_a_pattern_that_names_no_file(self):
        self.assert_refused(self.pretrain("gpt2.yaml", "--set", "data.train=corpus/*.csv"), 4, "corpus/*.csv")

    def test_a_vocabulary_smaller_than_the_tokenizer(self):
        model = BERT.replace("{", "{vocab_size: 20, ")
        self.assert_refused(self.pretrain("bert.yaml", "--set", f"model.config={model}"), 5, "ids", "20")

    def test_a_model_from_scratch_without_a_size(self):
        model = BERT.replace("max_position_embeddings: 32, ", "")
        result = self.pretrain("bert.yaml", "--set", f"model.config={model}")
        self.assert_refused(result, 5, "model.config: 'max_position_embeddings' is missing; give it")

    def test_the_verb_of_another_task(self):
        self.assert_refused(program.run("finetune", "bert.yaml", folder=self.folder), 3, "llmtool pretrain bert.yaml")

    def test_a_field_of_another_task(self):
        self.assert_refused(self.pretrain("gpt2.yaml", "--set", "training.masking={unit: word}"), 3, "training.masking", "masked_lm")
        self.assert_refused(self.pretrain("bert.yaml", "--set", "data.label=kind"), 3, "data.label", "classification")

    def test_a_mask_that_the_tokenizer_lacks(self):
        folder = self.folder / "unmasked"
        shutil.copytree(self.folder / "model", folder)
        for name in ("tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "tokenizer.json"):
            if (folder / name).exists():
                (folder / name).write_text((folder / name).read_text().replace("[MASK]", "[HIDE]"))
        self.assert_refused(self.pretrain("bert.yaml", "--set", "tokenizer.from=unmasked"), 3, "mask token")

    def test_an_option_of_the_other_kind_of_model(self):
        result = program.run("eval", "model", "--data", "held_out.txt", "--stride", "4", folder=self.folder)
        self.assert_refused(result, 2, "--stride", "classifier")


if __name__ == "__main__":
    program.main()
