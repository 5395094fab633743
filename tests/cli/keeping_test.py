"""Nothing of users' is lost and nothing is left lying about: outputs, run folders, what is in them and around them."""

import errno
import fcntl
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys

import program
from run_folder import RunFolder, hash_of

FAILING_CALLS = None


def failing(**calls):
    """Environment in which these calls fail with these errors."""
    return {
        "LD_PRELOAD": FAILING_CALLS,
        "FAILING_CALLS": " ".join(f"{name}={number}" for name, number in calls.items()),
    }


def temporaries_below(folder):
    return [str(path) for path in folder.rglob("*") if ".tmp-" in path.name or path.name == ".llmtool-in-use"]


class Outputs(RunFolder):
    def predict(self, output, **changes):
        return program.run("predict", "model", "--input", "train.csv", "--output", output, folder=self.folder, **changes)

    def test_a_dangling_link_is_followed(self):
        (self.folder / "link.csv").symlink_to("made.csv")
        self.assert_succeeds(self.predict("link.csv"))
        self.assertTrue((self.folder / "link.csv").is_symlink())
        self.assertFalse((self.folder / "made.csv").is_symlink())
        self.assertTrue((self.folder / "made.csv").exists())

    def test_standard_input_from_the_output_is_refused(self):
        before = (self.folder / "train.csv").read_bytes()
        for arguments in (
            ("predict", "model", "--input", "-", "--format", "csv", "--output", "train.csv"),
            ("eval", "model", "--data", "-", "--format", "csv", "--predictions", "train.csv"),
        ):
            with self.subTest(arguments=arguments), open(self.folder / "train.csv", "rb") as stream:
                result = subprocess.run([program.PROGRAM, *arguments], cwd=self.folder, stdin=stream, capture_output=True)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn(b"is the same file as", result.stderr)
                self.assertEqual((self.folder / "train.csv").read_bytes(), before)

    def test_a_file_that_the_model_has_by_a_link_is_no_output(self):
        (self.folder / "model/model.safetensors").rename(self.folder / "blob")
        (self.folder / "model/model.safetensors").symlink_to("../blob")
        before = (self.folder / "blob").read_bytes()
        result = program.run("predict", "model", "--input", "train.csv", "--output", "blob", "--output-format", "csv", folder=self.folder)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn(b"is a file of", result.stderr)
        self.assertEqual((self.folder / "blob").read_bytes(), before)

    def test_the_log_of_a_run_is_added_to_no_other_file(self):
        before = (self.folder / "train.csv").read_bytes()
        for name, make in (("linked", os.symlink), ("hard", os.link)):
            with self.subTest(name):
                (self.folder / name).mkdir()
                make(self.folder / "train.csv", self.folder / name / "run.log")
                result = self.finetune("--set", f"output_dir={name}")
                self.assertEqual(result.returncode, 6, result.stderr)
                self.assertIn(b"run.log is a link", result.stderr)
                self.assertEqual((self.folder / "train.csv").read_bytes(), before)

    def test_a_replaced_output_keeps_its_permissions_and_owner(self):
        output = self.folder / "private.csv"
        output.write_text("old")
        output.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(output, 12345, 54321)
        for changes in ({}, failing(unnamed=errno.EOPNOTSUPP), failing(linkat=errno.EPERM)):
            self.assert_succeeds(self.predict("private.csv", **changes))
            self.assertEqual(output.stat().st_mode & 0o7777, 0o600)
            if os.geteuid() == 0:
                self.assertEqual((output.stat().st_uid, output.stat().st_gid), (12345, 54321))

    def test_file_systems_without_unnamed_files_or_links_get_the_same_output(self):
        self.assert_succeeds(self.predict("usual.csv"))
        for number, changes in enumerate((failing(unnamed=errno.EOPNOTSUPP), failing(linkat=errno.EPERM))):
            for _ in range(2):  # made, then replaced
                self.assert_succeeds(self.predict(f"{number}.csv", **changes))
                self.assertEqual(hash_of(self.folder / f"{number}.csv"), hash_of(self.folder / "usual.csv"))
        self.assertEqual(temporaries_below(self.folder), [])

    def test_a_folder_that_cannot_be_flushed_to_disk_is_told(self):
        result = self.predict("unsynced.csv", **failing(sync_folder=errno.EIO))
        self.assertEqual(result.returncode, 6, result.stderr.decode())
        self.assertIn(b"cannot flush to disk the folder", result.stderr)
        self.assert_succeeds(self.predict("unsynced.csv", **failing(sync_folder=errno.EINVAL)))

    def test_the_limit_of_file_sizes_is_an_error_with_advice(self):
        result = subprocess.run(
            [program.PROGRAM, "embed", "model", "--input", "train.csv", "--output", "large.jsonl"],
            cwd=self.folder,
            capture_output=True,
            env=program.environment(),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
            check=False,
        )
        self.assertEqual(result.returncode, 6, result.stderr.decode())
        self.assertIn(b"File too large; raise the limit for the size of a file", result.stderr)
        self.assertFalse((self.folder / "large.jsonl").exists())

    def test_a_reader_that_leaves_ends_the_program_as_usual(self):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe:
            result = program.run("predict", "model", "--input", "train.csv", folder=self.folder, stdout=pipe)
        self.assertEqual((result.returncode, result.stderr), (-signal.SIGPIPE, b""))

    def test_closed_standard_streams_are_nobodys(self):
        def close_streams():
            for descriptor in (0, 1, 2):
                os.close(descriptor)

        process = subprocess.Popen(
            [program.PROGRAM, "finetune", "run.yaml", "--log-level", "debug", "--set", "output_dir=closed"],
            cwd=self.folder,
            env=program.environment(),
            preexec_fn=close_streams,
        )
        self.assertEqual(process.wait(timeout=program.TIME_LIMIT_SECONDS), 0)
        for line in (self.folder / "closed/metrics.jsonl").read_text().splitlines():
            self.assertIn("step", json.loads(line))


class Paths(RunFolder):
    """What cannot be looked at is said in one line, whatever asks."""

    def assert_told(self, words, *command):
        result = program.run(*command, folder=self.folder)
        text = result.stderr.decode()
        self.assertEqual(result.returncode, 6, text)
        self.assertIn(words, text)
        self.assertNotIn("filesystem error", text)

    def commands(self, path):
        return [
            ("predict", path, "--input", "train.csv"),
            ("eval", path, "--data", "train.csv"),
            ("embed", path, "--input", "train.csv"),
            ("convert", path, "out-of-it"),
            ("convert", "model", path + "/converted"),
            ("tokenizer", "encode", path, "--input", "train.csv", "--format", "csv"),
            ("tokenizer", "train", "--input", "train.csv", "--output", path + "/tokenizer"),
            ("config", "init", "--data", "train.csv", "--model", path),
            ("config", "init", "--data", "train.csv", "--model", "model", "--output", path + "/a.yaml"),
            ("finetune", "run.yaml", "--set", f"model.from={path}"),
            ("finetune", "run.yaml", "--set", f"output_dir={path}/run"),
            ("finetune", path + "/run.yaml"),
            ("verify", path),
        ]

    def test_a_loop_of_links(self):
        (self.folder / "loop").symlink_to("loop")
        for command in self.commands("loop/below"):
            with self.subTest(command=command):
                self.assert_told("Too many levels of symbolic links", *command)

    def test_a_name_that_is_too_long(self):
        for command in self.commands("n" * 300):
            with self.subTest(command=command):
                self.assert_told("File name too long", *command)

    def test_a_folder_that_is_not_permitted(self):
        if os.geteuid() == 0:
            self.skipTest("root may look everywhere; run as another user to test closed folders")
        closed = self.folder / "closed"
        (closed / "below").mkdir(parents=True)
        closed.chmod(0)
        try:
            for command in self.commands("closed/below"):
                with self.subTest(command=command):
                    self.assert_told("Permission denied", *command)
        finally:
            closed.chmod(0o755)


class Stages(RunFolder):
    """Runs and caches within the folder of a model take nothing from it."""

    def tearDown(self):
        for name in ("stage", "stages", "corpora", "refused"):
            shutil.rmtree(self.folder / "model" / name, ignore_errors=True)

    def assert_model_kept(self, *commands):
        files = [path for path in (self.folder / "model").rglob("*") if path.is_file()]
        before = {path: hash_of(path) for path in files}
        for command in commands:
            self.assert_succeeds(program.run(*command, folder=self.folder))
        self.assertEqual({path: hash_of(path) for path in files}, before)

    def test_a_stage_in_the_folder_of_the_one_before(self):
        def finetune(output, model, *more):
            return ("finetune", "run.yaml", "--set", f"output_dir={output}", "--set", f"model.from={model}", *more)

        (self.folder / "model/stages").mkdir()
        self.assert_model_kept(
            finetune("model/stage", "model"),
            finetune("model/stage", "model", "--overwrite", "--set", "seed=1"),
            finetune("model/stages/first", "model"),
            finetune("model/stage/next", "model/stage"),
            finetune("model/stage/next/last", "model/stage/checkpoint-3"),
        )

    def test_a_stage_that_was_refused_can_be_corrected(self):
        refused = self.finetune("--set", "output_dir=model/refused", "--set", "training.class_weights={fine: 2}")
        self.assertEqual(refused.returncode, 3, refused.stderr)
        self.assertTrue((self.folder / "model/refused/run.log").exists())
        self.assert_succeeds(self.finetune("--set", "output_dir=model/refused"))

    def test_a_config_in_the_folder_of_its_run_stays(self):
        self.assert_succeeds(self.finetune("--set", "output_dir=archived"))
        config = self.folder / "archived/run.yaml"
        config.write_text((self.folder / "run.yaml").read_text().replace("output_dir: out", "output_dir: archived"))
        before = hash_of(config)
        for arguments in ((), ("--overwrite", "--set", "seed=3")):
            self.assert_succeeds(program.run("finetune", config, *arguments, folder=self.folder))
        self.assertEqual(hash_of(config), before)

    def language_model(self):
        (self.folder / "a.txt").write_text("a film\nthe room\n" * 4)
        (self.folder / "lm.yaml").write_text(
            "task: masked_lm\nmodel: {from: model}\ntokenizer: {max_length: 16}\ndata: {train: a.txt}\n"
            "training: {max_steps: 1, batch_size: 2}\noutput_dir: lm\n"
        )

    def test_a_new_cache_in_the_folder_of_the_model(self):
        self.language_model()
        pretrain = ("pretrain", "lm.yaml", "--set", "data.cache=model/corpora")
        self.assert_model_kept(pretrain, (*pretrain, "--overwrite", "--set", "seed=1"))

    def test_a_folder_that_is_no_tokenised_text_is_not_replaced(self):
        self.language_model()
        pretrain = ("pretrain", "lm.yaml", "--set", "data.cache=cache", "--set", "output_dir=cached")
        self.assert_succeeds(program.run(*pretrain, folder=self.folder))
        [made] = (self.folder / "cache").iterdir()
        shutil.rmtree(made)
        made.mkdir()
        (made / "mine.txt").write_text("mine")
        refused = program.run(*pretrain, "--overwrite", folder=self.folder)
        self.assertEqual(refused.returncode, 6, refused.stderr)
        self.assertIn(b"holds files that llmtool did not write (mine.txt)", refused.stderr)
        self.assertEqual((made / "mine.txt").read_text(), "mine")


class RunFolders(RunFolder):
    def finished(self, name):
        self.assert_succeeds(self.finetune("--set", f"output_dir={name}"))
        return self.folder / name

    def again(self, name, *arguments, **changes):
        return program.run("finetune", "run.yaml", "--set", f"output_dir={name}", *arguments, folder=self.folder, **changes)

    def test_leftovers_of_killed_runs_go_and_files_of_users_stay(self):
        run = self.finished("swept")
        leftovers = (".model.safetensors.tmp-1", ".checkpoint-3.tmp-12345678-99999/part", ".write-probe.tmp-7", ".llmtool.lock.json.tmp-1")
        kept = ("notes.txt", ".notes.txt.tmp-1", ".hidden", ".checkpoint-mine.tmp-1")
        for name in (*leftovers, *kept):
            (run / name).parent.mkdir(exist_ok=True)
            (run / name).write_text("x")
        self.assert_succeeds(self.again("swept"))
        for name in leftovers:
            self.assertFalse((run / name.split("/")[0]).exists(), name)
        for name in kept:
            self.assertTrue((run / name).exists(), name)

    def test_an_interrupted_overwrite_can_be_run_again(self):
        run = self.finished("overwritten")
        (run / "notes.txt").write_text("mine")
        for name in ("checkpoint-anything", "checkpoint-500"):
            (run / name).mkdir()
            (run / name / "optimizer.pt").write_text("another tool's")
        # As far as a run gets that is killed between removing the old files and writing its record.
        for path in run.iterdir():
            if path.name.startswith("checkpoint-3") or path.name in ("config.json", "model.safetensors", "trainer_state.json"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.assert_succeeds(self.again("overwritten", "--overwrite", "--set", "seed=5"))
        self.assertEqual((run / "notes.txt").read_text(), "mine")
        for name in ("checkpoint-anything", "checkpoint-500"):
            self.assertTrue((run / name / "optimizer.pt").exists(), name)

    def test_the_record_outlives_what_overwrite_removes(self):
        run = self.finished("ordered")
        # The folder of a run that was killed at each moment of clearing: the record is always there.
        (run / "config.json").unlink()
        (run / "notes.txt").write_text("mine")
        for path in run.iterdir():
            if path.name not in ("notes.txt", "llmtool.lock.json"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.assert_succeeds(self.again("ordered", "--overwrite", "--set", "seed=5"))

    def test_a_file_system_without_locks_is_told_and_used(self):
        for number in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL):
            with self.subTest(error=errno.errorcode[number]):
                by_record = self.again(f"record-{number}", **failing(flock=number))
                self.assert_succeeds(by_record)
                self.assertNotIn(b"cannot be locked", by_record.stderr)
                unlocked = self.again(f"unlocked-{number}", **failing(flock=number, record_lock=number))
                self.assert_succeeds(unlocked)
                self.assertIn(f"unlocked-{number} cannot be locked ({os.strerror(number)})", unlocked.stderr.decode())

    def test_a_lock_by_record_keeps_others_out(self):
        (self.folder / "held").mkdir()
        with open(self.folder / "held/.llmtool-in-use", "w", encoding="utf-8") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX)
            refused = self.again("held", **failing(flock=errno.ENOLCK))
        self.assertEqual(refused.returncode, 6, refused.stderr.decode())
        self.assertIn(b"held is in use by another run", refused.stderr)


class Verification(RunFolder):
    SETTINGS = ("--set", "checkpoint.every=2", "--set", "checkpoint.keep=3")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        assert cls.finetune(*cls.SETTINGS).returncode == 0

    def setUp(self):
        shutil.rmtree(self.folder / "run", ignore_errors=True)
        shutil.copytree(self.folder / "out", self.folder / "run")

    def verify(self, *arguments, folder="run"):
        return program.run("verify", folder, *arguments, folder=self.folder)

    def again(self, *arguments):
        return program.run("finetune", "run.yaml", *self.SETTINGS, "--set", "output_dir=run", *arguments, folder=self.folder)

    def change_record(self, change, is_of_earlier_version=False):
        """`change` gets the content; its checksum fits again, or is left out as earlier versions did."""
        record = self.folder / "run/llmtool.lock.json"
        content = json.loads(record.read_text())
        del content["sha256_of_record"]
        change(content)
        if not is_of_earlier_version:
            rest = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
            content["sha256_of_record"] = hashlib.sha256(rest.encode()).hexdigest()
        record.write_text(json.dumps(content))

    def assert_outcome(self, outcome, exit_code, *words):
        result = self.verify("--json")
        text = result.stderr.decode()
        self.assertEqual(result.returncode, exit_code, text)
        content = json.loads(result.stdout)
        self.assertEqual((content["outcome"], content["whole"]), (outcome, outcome == "whole"))
        self.assertIn(f"run is {outcome}\n", self.verify().stdout.decode())
        for word in words:
            self.assertIn(word, text)
        return self.states(result)

    def states(self, result):
        return {entry["file"]: entry["state"] for entry in json.loads(result.stdout)["files"]}

    def change(self, name):
        path = self.folder / "run" / name
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

    def test_a_whole_run_is_ok(self):
        result = self.verify("--json")
        self.assert_succeeds(result)
        self.assertTrue(json.loads(result.stdout)["whole"])
        states = self.states(result)
        for name in ("config.json", "model.safetensors", "tokenizer.json", "all_results.json", "README.md", "metrics.jsonl"):
            self.assertEqual(states[name], "ok")
        self.assertTrue(any(name.startswith("checkpoint-") and name.endswith("/optimizer.safetensors") for name in states))
        self.assertIn("ok         model.safetensors\n", self.verify().stdout.decode())
        self.assertEqual([name for name, state in states.items() if state != "ok"], ["run.log"])

    def test_every_file_that_changes_is_named(self):
        changeable = ("README.md", "events.")
        for name, _ in sorted(self.states(self.verify("--json")).items()):
            if name == "run.log":
                continue
            self.setUp()
            self.change(name)
            with self.subTest(file=name):
                result = self.verify("--json")
                expected = "changed" if name.startswith(changeable) else "damaged"
                self.assertEqual(self.states(result)[name], expected)
                self.assertEqual(result.returncode, 0 if expected == "changed" else 5)
                if expected == "damaged" and "/" not in name:
                    again = self.again()
                    if name != "config.json":
                        self.assertEqual(again.returncode, 5, again.stderr.decode())
                        self.assertIn(name, again.stderr.decode())

    def test_missing_files_are_named_and_added_ones_too(self):
        (self.folder / "run/model.safetensors").unlink()
        (self.folder / "run/notes.txt").write_text("mine")
        result = self.verify()
        self.assertEqual(result.returncode, 5)
        self.assertIn("missing    model.safetensors\n", result.stdout.decode())
        self.assertIn("unchecked  notes.txt: no hash of it is recorded\n", result.stdout.decode())
        self.assertRegex(result.stderr.decode(), r"error: run: 1 of \d+ files are damaged or missing")

    def test_a_damaged_run_is_finished_anew_from_its_checkpoints(self):
        for name in ("model.safetensors", "all_results.json", "trainer_state.json", "vocab.txt"):
            for damage in (self.change, lambda name: (self.folder / "run" / name).unlink()):
                self.setUp()
                damage(name)
                with self.subTest(file=name):
                    refused = self.again()
                    self.assertEqual(refused.returncode, 5)
                    advice = "remove config.json and run the same command again, which makes the files anew from checkpoint-3"
                    self.assertIn(advice, refused.stderr.decode())
                    self.assert_outcome("damaged", 5, advice)
                    (self.folder / "run/config.json").unlink()
                    self.assert_outcome("damaged", 5, "copy, or run the same command again, which makes")
                    self.assert_succeeds(self.again())
                    for same in ("model.safetensors", "trainer_state.json", "vocab.txt"):
                        self.assertEqual(hash_of(self.folder / "run" / same), hash_of(self.folder / "out" / same))
                    states = self.assert_outcome("whole", 0)
                    self.assertEqual([each for each, state in states.items() if state != "ok"], ["run.log"])

    def test_without_the_best_checkpoint_the_advice_is_to_train_anew(self):
        for path in (self.folder / "run").glob("checkpoint-*"):
            self.change(f"{path.name}/model.safetensors")
        self.change("model.safetensors")
        self.assert_outcome("damaged", 5, "no checkpoint can make it anew: take what is lost from a copy, or run the same "
                            "command again with --overwrite")
        self.assert_succeeds(self.again("--overwrite"))
        self.assert_outcome("whole", 0)

    def test_without_any_checkpoint_the_advice_works_too(self):
        for path in (self.folder / "run").glob("checkpoint-*"):
            shutil.rmtree(path)
        self.assert_outcome("whole", 0)
        self.change("model.safetensors")
        self.assert_outcome("damaged", 5, "remove config.json and run the same command again, which trains anew")
        (self.folder / "run/config.json").unlink()
        self.assert_succeeds(self.again())
        self.assert_outcome("whole", 0)

    def test_a_checkpoint_that_lost_files_is_damaged_and_one_that_is_gone_is_not(self):
        checkpoint = self.folder / "run/checkpoint-2"
        manifest = json.loads((checkpoint / "MANIFEST.json").read_text())
        del manifest["files"]["vocab.txt"]
        (checkpoint / "MANIFEST.json").write_text(json.dumps(manifest))
        states = self.assert_outcome("damaged", 5, "the finished model does not need checkpoint-2: remove it")
        self.assertEqual(states["checkpoint-2/MANIFEST.json"], "damaged")
        for path in checkpoint.iterdir():
            path.unlink()
        states = self.assert_outcome("damaged", 5)
        self.assertEqual(states["checkpoint-2/MANIFEST.json"], "missing")
        self.assert_succeeds(self.again())  # the model itself is whole
        checkpoint.rmdir()
        self.assertEqual(self.assert_outcome("whole", 0)["checkpoint-2/"], "removed")

    def test_an_unfinished_run_has_its_checkpoints_alone(self):
        (self.folder / "run/config.json").unlink()
        self.change_record(lambda content: content.pop("outputs"))
        states = self.assert_outcome("whole", 0, "it is unfinished; only its checkpoints are looked at")
        self.assertEqual(states["model.safetensors"], "unchecked")
        checkpoint = self.folder / "run/checkpoint-3"
        for path in checkpoint.iterdir():
            path.unlink()
        states = self.assert_outcome("damaged", 5, "run the same command again, which goes on from checkpoint-2")
        self.assertEqual(states["checkpoint-3/MANIFEST.json"], "missing")
        (checkpoint / "optimizer.pt").write_text("another tool's")
        self.assertEqual(self.assert_outcome("whole", 0)["checkpoint-3/"], "unchecked")

    def test_what_changes_the_record_is_damage(self):
        def rename_output(name):
            return lambda content: content["outputs"].__setitem__(name, content["outputs"].pop("vocab.txt"))

        changes = {
            "does not list model.safetensors": lambda content: content["outputs"].pop("model.safetensors"),
            "does not list config.json": lambda content: content.update(outputs={}),
            "'../vocab.txt' lies outside of the folder": rename_output("../vocab.txt"),
            "'./vocab.txt' is not a file's name": rename_output("./vocab.txt"),
            "size and SHA-256 of 'vocab.txt' are not there": lambda content: content["outputs"]["vocab.txt"].update(size=-1),
            "the list of files is no object": lambda content: content.update(outputs=[]),
        }
        for problem, change in changes.items():
            for is_of_earlier_version in (False, True):
                with self.subTest(problem=problem, is_of_earlier_version=is_of_earlier_version):
                    self.setUp()
                    self.change_record(change, is_of_earlier_version)
                    states = self.assert_outcome("damaged", 5, "take the record from a copy, or run the same command again with "
                                                 "--overwrite")
                    self.assertEqual(states["llmtool.lock.json"], "damaged")
                    self.assertIn(problem, self.verify().stdout.decode())
                    again = self.again()
                    self.assertEqual(again.returncode, 5, again.stderr.decode())
                    self.assertIn(problem, again.stderr.decode())

    def test_an_entry_that_went_and_a_config_that_changed_are_damage(self):
        for place, key in (("outputs", "vocab.txt"), ("environment", "threads"), ("config", "seed")):
            with self.subTest(place=place):
                self.setUp()
                record = self.folder / "run/llmtool.lock.json"
                content = json.loads(record.read_text())
                if place == "config":
                    content[place][key] = 5
                else:
                    del content[place][next(name for name in content[place] if place != "outputs" or name == key)]
                record.write_text(json.dumps(content))
                self.assert_outcome("damaged", 5, "--overwrite")
                again = self.again()
                self.assertEqual(again.returncode, 5, again.stderr.decode())
                self.assertIn(b"llmtool.lock.json does not have the content it was saved with", again.stderr)
        self.assert_succeeds(self.again("--overwrite"))
        self.assert_outcome("whole", 0)

    def test_a_folder_that_passes_for_finished_cannot_be_verified(self):
        self.change_record(lambda content: content.pop("outputs"))
        self.assert_outcome("unverifiable", 5, "run cannot be verified: config.json is here, but no run of llmtool finished")
        again = self.again()
        self.assertEqual(again.returncode, 5)
        self.assertIn(b"remove config.json and run the same command again, which finishes the run", again.stderr)
        (self.folder / "run/config.json").unlink()
        self.assert_succeeds(self.again())
        self.assert_outcome("whole", 0)

    def test_a_run_without_its_record_is_named_as_such(self):
        (self.folder / "run/llmtool.lock.json").unlink()
        for result, exit_code in ((self.verify(), 5), (self.verify("--json"), 5), (self.again(), 6), (self.again("--overwrite"), 6)):
            self.assertEqual(result.returncode, exit_code)
            self.assertIn(b"put llmtool.lock.json back from a copy", result.stderr)
        shutil.copy(self.folder / "out/llmtool.lock.json", self.folder / "run")
        self.assert_outcome("whole", 0)

    def test_a_checkpoint_is_verified_alone(self):
        checkpoint = next((self.folder / "run").glob("checkpoint-*"))
        self.assert_succeeds(self.verify(folder=f"run/{checkpoint.name}"))
        self.change(f"{checkpoint.name}/optimizer.safetensors")
        result = self.verify(folder=f"run/{checkpoint.name}")
        self.assertEqual(result.returncode, 5)
        self.assertIn("damaged    optimizer.safetensors", result.stdout.decode())

    def test_a_run_of_an_earlier_version_has_no_hashes_and_is_accepted(self):
        self.change_record(lambda content: content.pop("outputs"), is_of_earlier_version=True)
        states = self.assert_outcome("unverifiable", 0, "no hashes of a finished run are recorded", "an earlier version of llmtool")
        self.assertEqual((states["model.safetensors"], states["checkpoint-3/MANIFEST.json"]), ("unchecked", "ok"))
        self.assert_succeeds(self.again())

    def test_an_interrupted_work_on_a_finished_run_leaves_no_old_hashes(self):
        (self.folder / "run/config.json").unlink()
        self.change("checkpoint-3/model.safetensors")
        self.assert_succeeds(self.again())
        self.assertEqual(self.assert_outcome("whole", 0)["checkpoint-3.damaged/"], "unchecked")

    def test_other_folders_are_refused(self):
        for folder in ("model", "nowhere"):
            result = self.verify(folder=folder)
            self.assertEqual(result.returncode, 5, result.stderr.decode())
            self.assertIn(folder, result.stderr.decode())


if __name__ == "__main__":
    FAILING_CALLS = sys.argv.pop(2)
    program.main()
