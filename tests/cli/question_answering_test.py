"""Question answering as a batch job meets it: SQuAD's JSON and rows, with and without answers, trained, judged, used."""

import json
import pathlib
import random
import shutil
import tempfile
import unittest

import program
import tiny_model

CONFIG = """task: question_answering
model: {from: model, dropout: 0, attention_dropout: 0}
tokenizer: {max_length: 24, stride: 6}
data: {train: [one.json, two.jsonl], validation: valid.json}
training: {epochs: 3, batch_size: 8, optimizer: {name: adamw, learning_rate: 1e-2}, log_every: 1}
evaluation: {every: epoch, max_answer_length: 4}
output_dir: runs/answers
"""


def question(generator, number, answerable=True):
    """The answer is the one "soup" of its context, which the tiny model can learn."""
    others = [word for word in tiny_model.WORDS if word != "soup"]
    words = [generator.choice(others) for _ in range(generator.randrange(3, 30))]
    words.insert(generator.randrange(len(words)), "soup")
    context = " ".join(words)
    answer = {"text": "soup", "answer_start": f" {context} ".index(" soup ")}
    return {"id": f"q{number}", "question": "what was it", "context": context, "answers": [answer] if answerable else []}


def squad(rows):
    paragraphs = [{"context": row["context"], "qas": [{k: row[k] for k in ("id", "question", "answers")}]} for row in rows]
    return json.dumps({"version": "1.1", "data": [{"title": "Made up", "paragraphs": paragraphs}]})


def jsonl(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


class RunFolder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="llmtool-answers-"))
        tiny_model.write_tiny_model(cls.folder / "model")
        generator = random.Random(3)
        rows = [question(generator, number) for number in range(60)]
        mixed = [question(generator, number, number % 3 > 0) for number in range(60)]
        (cls.folder / "one.json").write_text(squad(rows[:20]))
        (cls.folder / "two.jsonl").write_text(jsonl(rows[20:40]))
        (cls.folder / "valid.json").write_text(squad(rows[40:]))
        (cls.folder / "mixed.jsonl").write_text(jsonl(mixed[:40]))
        (cls.folder / "mixed_valid.jsonl").write_text(jsonl(mixed[40:]))
        (cls.folder / "run.yaml").write_text(CONFIG)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def run_verb(self, *arguments, exit_code=0, **options):
        result = program.run(*arguments, folder=self.folder, **options)
        self.assertEqual(result.returncode, exit_code, result.stderr.decode())
        return result

    def train(self, name, *overrides):
        settings = [part for override in (f"output_dir=runs/{name}", *overrides) for part in ("--set", override)]
        self.run_verb("finetune", "run.yaml", *settings)
        return self.folder / "runs" / name

    def train_mixed(self, name, *overrides):
        return self.train(name, "data.train=mixed.jsonl", "data.validation=mixed_valid.jsonl", *overrides)

    def json_of(self, *arguments):
        return json.loads(self.run_verb(*arguments, "--json").stdout)


class QuestionAnswering(RunFolder):
    def test_several_files_are_trained_on_and_eval_gives_the_figures_of_the_run(self):
        run = self.train("learned", "training.epochs=20")
        results = json.loads((run / "all_results.json").read_text())
        self.assertGreater(results["eval_answer_f1"], 0.5)
        self.assertEqual(json.loads((run / "config.json").read_text())["architectures"], ["BertForQuestionAnswering"])
        self.assertIn("pipeline_tag: question-answering", (run / "README.md").read_text())
        found = self.json_of("eval", run, "--data", "valid.json", "--predictions", "judged.jsonl")
        for name in ("loss", "exact_match", "answer_f1"):
            self.assertAlmostEqual(found[name], results["eval_" + name], delta=1e-5)
        self.assertNotIn("no_answer_accuracy", found)
        rows = [json.loads(line) for line in (self.folder / "judged.jsonl").read_text().splitlines()]
        self.assertAlmostEqual(sum(row["f1"] for row in rows) / len(rows), found["answer_f1"], delta=1e-9)
        self.assertEqual(rows[0]["id"], "q40")
        self.run_verb("eval", run, "--data", "valid.json", "--require", "answer_f1>=1.01", exit_code=9)

    def test_predict_answers_squad_rows_and_tables_alike(self):
        run = self.train("used")
        (self.folder / "table.csv").write_text("question,context\nwhat was it,the food was good\n")
        (self.folder / "rows.jsonl").write_text('{"q": "what was it", "c": "the food was good"}\n')
        (self.folder / "food.json").write_text(
            squad([{"id": "f", "question": "what was it", "context": "the food was good", "answers": []}]))
        by_input = [
            self.run_verb("predict", run, "--input", "table.csv", "--json"),
            self.run_verb("predict", run, "--input", "rows.jsonl", "--text-column", "q", "--text-column", "c"),
            self.run_verb("predict", run, "--input", "food.json"),
        ]
        rows = [json.loads(result.stdout) for result in by_input]
        for row in rows:
            start, end = row["predicted_start"], row["predicted_end"]
            self.assertEqual(row["predicted_answer"], "the food was good"[start:end])
            self.assertEqual(row["predicted_answer"], rows[0]["predicted_answer"])
            self.assertEqual(row["n_best"][0]["score"], row["predicted_score"])
        self.assertEqual(rows[2]["id"], "f")
        self.run_verb("predict", run, "--input", "-", "--format", "text", stdin=b"what was it\n", exit_code=2)

    def test_questions_without_an_answer_have_a_threshold_found_on_the_validation_data(self):
        run = self.train_mixed("mixed", "training.epochs=12")
        threshold = json.loads((run / "config.json").read_text())["null_score_diff_threshold"]
        report = json.loads((run / "eval_results.json").read_text())["validation"]
        self.assertEqual(report["null_threshold"], threshold)
        self.assertAlmostEqual(report["answer_f1"], report["best_answer_f1"], delta=1e-9)
        self.assertIn("null_score_diff_threshold", (run / "README.md").read_text())
        found = self.json_of("eval", run, "--data", "mixed_valid.jsonl")
        self.assertAlmostEqual(found["answer_f1"], report["answer_f1"], delta=1e-6)
        self.assertEqual(found["num_unanswerable"], 6)
        never = self.json_of("eval", run, "--data", "mixed_valid.jsonl", "--null-threshold", "-1000")
        self.assertEqual((never["no_answer_accuracy"], never["has_answer_exact_match"]), (1.0, 0.0))
        always = self.json_of("eval", run, "--data", "mixed_valid.jsonl", "--null-threshold", "1000")
        self.assertEqual(always["no_answer_accuracy"], 0.0)
        (self.folder / "food.jsonl").write_text(jsonl([{"question": "what was it", "context": "the food was good"}]))
        none = self.run_verb("predict", run, "--input", "food.jsonl", "--null-threshold", "-1000")
        self.assertEqual(json.loads(none.stdout)["predicted_answer"], "")
        fixed = self.train_mixed("fixed", "evaluation.null_threshold=0.5", "training.epochs=1")
        self.assertEqual(json.loads((fixed / "config.json").read_text())["null_score_diff_threshold"], 0.5)

    def test_every_checkpoint_has_the_threshold_of_its_own_weights(self):
        same_windows = ("tokenizer.stride=8", "evaluation.max_answer_length=30")  # as without the run's record
        run = self.train_mixed("saved", *same_windows, "training.epochs=2", "checkpoint={every: 3, keep: 20}")
        never = self.train_mixed("unjudged", *same_windows, "training.epochs=2", "checkpoint={every: 3, keep: 20}",
                                 "evaluation.every=never")
        checkpoints = [*run.glob("checkpoint-*"), *never.glob("checkpoint-*")]
        self.assertGreater(len(checkpoints), 6)
        for model in (*checkpoints, run, never):
            found = self.json_of("eval", model, "--data", "mixed_valid.jsonl")
            self.assertAlmostEqual(found["answer_f1"], found["best_answer_f1"], delta=1e-9, msg=str(model))

    def test_a_model_without_such_questions_is_warned_of_them(self):
        run = self.train("always", "training.epochs=1")
        result = self.run_verb("eval", run, "--data", "mixed_valid.jsonl", "--json")
        self.assertIn("30.0 % of the questions have no answer", result.stderr.decode())
        self.assertEqual(json.loads(result.stdout)["no_answer_accuracy"], 0.0)

    def test_a_run_that_was_cut_short_ends_with_the_same_files(self):
        whole = self.train_mixed("whole", "checkpoint.every=3")
        half = self.train_mixed("half", "checkpoint.every=3")
        for name in ("config.json", "model.safetensors", "all_results.json"):
            (half / name).unlink()
        last = max(half.glob("checkpoint-*"), key=lambda path: int(path.name.rsplit("-", 1)[1]))
        shutil.rmtree(last)
        self.train_mixed("half", "checkpoint.every=3")
        for name in ("config.json", "model.safetensors"):
            self.assertEqual((whole / name).read_bytes(), (half / name).read_bytes(), name)

    def test_early_stopping_and_bf16_and_a_share_for_validation(self):
        run = self.train("small", "training.precision=bf16", "evaluation.early_stopping.patience=1", "data.validation=0.3",
                         "evaluation.metric=exact_match", "evaluation.answer_rules=mlqa_de")
        results = json.loads((run / "all_results.json").read_text())
        self.assertEqual(results["precision"], "bf16")
        self.assertIn("eval_exact_match", results)

    def test_a_question_that_cannot_be_answered_is_named_by_its_id_or_set_aside(self):
        run = self.train("refusing", "training.epochs=1")
        rows = [{"id": "long", "question": "what was it " * 20, "context": "the food was good", "answers": []},
                {"id": "short", "question": "what was it", "context": "the food was good", "answers": []}]
        (self.folder / "some.json").write_text(squad(rows))
        refused = self.run_verb("predict", run, "--input", "some.json", exit_code=4).stderr.decode()
        self.assertIn("some.json: id 'long': the question has 120 tokens, which leaves no room", refused)
        answered = self.run_verb("predict", run, "--input", "some.json", "--rejects", "aside.jsonl")
        self.assertEqual(json.loads(answered.stdout)["id"], "short")
        aside = json.loads((self.folder / "aside.jsonl").read_text())
        self.assertEqual((aside["line"], json.loads(aside["raw"])["id"]), (None, "long"))

    def test_long_questions_are_cut_where_that_is_asked_for(self):
        rows = [{"question": "what was it " * 20, "context": "the food was good", "answers": []}]
        (self.folder / "long.jsonl").write_text(jsonl(rows))
        run = self.train("cut", "data.max_question_length=5", "training.epochs=1")
        self.assertEqual(self.json_of("eval", run, "--data", "long.jsonl")["num_truncated"], 1)
        row = json.loads(self.run_verb("predict", run, "--input", "long.jsonl").stdout)
        self.assertTrue(row["truncated"])


if __name__ == "__main__":
    program.main()
