"""Training in another number type and without the kernels: what changes and what does not."""

import json
import pathlib
import struct
import unittest

import program
from run_folder import RunFolder, hash_of

HAS_NATIVE_BF16 = "avx512_bf16" in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
NO_DROPOUT = ("--set", "model.dropout=0", "--set", "model.attention_dropout=0", "--set", "model.classifier_dropout=0")


def tensor_types(path):
    """The number types in a safetensors file."""
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    return {tensor["dtype"] for name, tensor in header.items() if name != "__metadata__"}


class Precision(RunFolder):
    def train(self, name, *arguments):
        self.assert_succeeds(self.finetune("--set", f"output_dir={name}", *arguments))
        return json.loads((self.folder / name / "all_results.json").read_text(encoding="utf-8"))

    def test_fp32_unless_asked(self):
        self.assertEqual(self.train("default")["precision"], "fp32")

    def test_auto_follows_the_processor_and_is_stored(self):
        expected = "bf16" if HAS_NATIVE_BF16 else "fp32"
        self.assertEqual(self.train("auto", "--set", "training.precision=auto")["precision"], expected)
        lock = (self.folder / "auto" / "llmtool.lock.json").read_text(encoding="utf-8")
        self.assertIn(f'"precision": "{expected}"', lock)

    @unittest.skipIf(HAS_NATIVE_BF16, "this processor computes bf16")
    def test_bf16_is_refused_where_it_would_be_slow(self):
        refused = self.finetune("--set", "training.precision=bf16", "--set", "output_dir=refused")
        self.assertEqual(refused.returncode, 3, refused.stderr.decode())
        self.assertIn("no bf16 arithmetic", refused.stderr.decode())

    @unittest.skipUnless(HAS_NATIVE_BF16, "this processor does not compute bf16")
    def test_bf16_loses_nearly_the_same_and_saves_fp32(self):
        fp32 = self.train("fp32", *NO_DROPOUT)
        bf16 = self.train("bf16", *NO_DROPOUT, "--set", "training.precision=bf16")
        self.assertNotEqual(bf16["train_loss"], fp32["train_loss"])
        self.assertAlmostEqual(bf16["train_loss"], fp32["train_loss"], delta=0.02 * fp32["train_loss"])
        self.assertEqual(tensor_types(self.folder / "bf16" / "model.safetensors"), {"F32"})

    @unittest.skipUnless(HAS_NATIVE_BF16, "this processor does not compute bf16")
    def test_a_stopped_bf16_run_goes_on_to_equal_weights(self):
        steps = ("--set", "training.max_steps=1200", "--set", "training.log_every=5", "--set", "evaluation.every=never")
        options = (*steps, "--set", "training.precision=bf16")
        self.train("straight", *options)
        command = ("finetune", "run.yaml", *options, "--set", "output_dir=stopped")
        stopped = self.stop_after_a_line(self.folder / "stopped" / "metrics.jsonl", *command)
        self.assertEqual(stopped.returncode, 75, stopped.stderr.decode())
        self.train("stopped", *options)
        self.assertEqual(*(hash_of(self.folder / name / "model.safetensors") for name in ("stopped", "straight")))

    def test_answers_name_the_precision_they_were_computed_in(self):
        self.train("judged")
        expected = "bf16" if HAS_NATIVE_BF16 else "fp32"
        for options, precision in (((), "fp32"), (("--precision", "auto"), expected)):
            evaluated = program.run("eval", "judged", "--data", "valid.csv", "--json", *options, folder=self.folder)
            self.assert_succeeds(evaluated)
            self.assertEqual(json.loads(evaluated.stdout)["computed_in"], precision)
            for verb in ("predict", "embed"):
                answered = program.run(verb, "judged", "--input", "valid.csv", "--output", f"{verb}.jsonl", "--json",
                                       *options, folder=self.folder)
                self.assert_succeeds(answered)
                self.assertEqual(json.loads(answered.stdout)["computed_in"], precision)

    @unittest.skipIf(HAS_NATIVE_BF16, "this processor computes bf16")
    def test_answers_in_bf16_are_refused_where_they_would_be_slow(self):
        self.train("refusing")
        for command in (("eval", "refusing", "--data", "valid.csv"), ("predict", "refusing", "--input", "valid.csv"),
                        ("embed", "refusing", "--input", "valid.csv")):
            refused = program.run(*command, "--precision", "bf16", folder=self.folder)
            self.assertEqual(refused.returncode, 2, refused.stderr.decode())
            self.assertIn("--precision bf16: this processor has no bf16 arithmetic", refused.stderr.decode())
            self.assertEqual(refused.stdout, b"")

    def test_the_reference_loses_the_same_without_kernels(self):
        fast = self.train("fast", *NO_DROPOUT)
        plain = self.train("plain", *NO_DROPOUT, "--set", "training.kernels=reference")
        self.assertAlmostEqual(fast["train_loss"], plain["train_loss"], delta=1e-5)

    def test_the_profile_accounts_for_the_step(self):
        result = self.finetune("--set", "output_dir=profiled", "--profile")
        self.assert_succeeds(result)
        self.assertIn("where the time of a training step goes (mean of 3 steps)", result.stdout.decode())
        results = json.loads((self.folder / "profiled" / "all_results.json").read_text(encoding="utf-8"))
        parts = results["profile"]["parts"]
        self.assertEqual({part["stage"] for part in parts}, {"data", "forward", "backward", "gradient norm", "update"})
        total = sum(part["milliseconds"] for part in parts)
        self.assertAlmostEqual(total, results["profile"]["milliseconds_per_step"], places=6)
        self.assertAlmostEqual(sum(part["share"] for part in parts), 1.0, places=6)


if __name__ == "__main__":
    program.main()
