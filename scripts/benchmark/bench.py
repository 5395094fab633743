"""What every section needs: the user's choices, a folder for files that are thrown away, and the other side."""
import argparse
import dataclasses
import functools
import pathlib
import re

import data
import llmtool
from ceiling import GemmRates
from hugging_face import HuggingFace
from programs import ProgramError
from shapes import BERT_BASE


@dataclasses.dataclass
class Bench:
    arguments: argparse.Namespace
    folder: pathlib.Path
    hugging_face: HuggingFace  # None: own figures only
    rates: GemmRates

    @property
    def rounds(self):
        return self.arguments.rounds

    @property
    def precisions(self):
        return self.arguments.precisions

    @functools.cached_property
    def labelled(self):
        return data.read_labelled(self.arguments.train, self.arguments.text_column, self.arguments.label_column)

    def rows(self, name, count):
        """A file of so many rows of the training data."""
        return data.write_rows(self.folder / f"{name}.csv", data.draw(self.labelled, count))

    @functools.cached_property
    def all_rows(self):
        return data.write_rows(self.folder / "all.csv", self.labelled)

    @functools.cached_property
    def base_model(self):
        """BERT-base's shape with the demo model's tokenizer and new weights."""
        return llmtool.random_model(self.folder / "models/bert-base", "masked_lm", BERT_BASE, self.arguments.model,
                                    self.excerpt("lines", 20_000))

    def excerpt(self, name, size):
        return data.write_excerpt(self.arguments.corpus, self.folder / f"{name}.txt", size)

    @functools.cached_property
    def refused_precisions(self):
        """{precision: reason} of those that llmtool does not train in here, found by trying one step."""
        refused = {}
        for precision in self.precisions:
            try:
                llmtool.train("finetune", llmtool.finetune_config(
                    self.arguments.model, self.rows("probe", 64), max_steps=1, precision=precision))
            except ProgramError as error:
                line = str(error).strip().splitlines()[-1]
                refused[precision] = re.sub(r".*?error: (\S+:\d+:\d+: )?", "", line)
        return refused

    def trains_in(self, precision):
        return precision not in self.refused_precisions
