"""Records every type of component that a tokenizer.json may have, as the `tokenizers` library writes it.

    python scripts/reference/tokenizer_components.py tests/fixtures/tokenizer

Written with tokenizers 0.23.3. The classes of its modules are made with simple arguments, and a tokenizer with each is
written out. Precompiled is left out: its map is large, and a fixture of its own reads it. Writes components.json: for each
section the list of what was written.
"""

import json
import pathlib
import sys

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

SECTIONS = {"normalizer": normalizers, "pre_tokenizer": pre_tokenizers, "post_processor": processors, "decoder": decoders, "model": models}
BASES = {"Normalizer", "PreTokenizer", "PostProcessor", "Decoder", "DecodeStream", "Model", "Precompiled"}
VOCABULARY = {"[UNK]": 0, "[CLS]": 2, "[SEP]": 3, "a": 1}
ARGUMENTS = {
    ("normalizer", "Sequence"): [[normalizers.NFC()]],
    ("normalizer", "Replace"): [Regex("a+"), "b"],
    ("normalizer", "Prepend"): ["b"],
    ("pre_tokenizer", "Sequence"): [[pre_tokenizers.WhitespaceSplit()]],
    ("pre_tokenizer", "Split"): ["a", "isolated"],
    ("pre_tokenizer", "CharDelimiterSplit"): ["a"],
    ("post_processor", "Sequence"): [[processors.ByteLevel()]],
    ("post_processor", "BertProcessing"): [("[SEP]", 3), ("[CLS]", 2)],
    ("post_processor", "RobertaProcessing"): [("[SEP]", 3), ("[CLS]", 2)],
    ("post_processor", "TemplateProcessing"): ["[CLS] $A", "$A $B:1", [("[CLS]", 2)]],
    ("decoder", "Sequence"): [[decoders.Fuse()]],
    ("decoder", "Replace"): ["a", "b"],
    ("decoder", "Strip"): ["a", 1, 1],
    ("model", "BPE"): [{**VOCABULARY, "b": 4, "ab": 5}, [("a", "b")]],
    ("model", "Unigram"): [[("[UNK]", 0.0), ("a", -1.0), ("[CLS]", -2.0), ("[SEP]", -3.0)], 0],
    ("model", "WordPiece"): [VOCABULARY],
    ("model", "WordLevel"): [VOCABULARY],
}


def written(section, name, module):
    arguments = ARGUMENTS.get((section, name), [])
    keywords = {"unk_token": "[UNK]"} if section == "model" and name.startswith("Word") else {}
    made = getattr(module, name)(*arguments, **keywords)
    tokenizer = Tokenizer(made if section == "model" else models.BPE())
    if section != "model":
        setattr(tokenizer, section, made)
    return json.loads(tokenizer.to_str())[section]


def main(fixtures):
    components = {}
    for section, module in SECTIONS.items():
        names = sorted(name for name in dir(module) if isinstance(getattr(module, name), type) and getattr(getattr(module, name), "__module__", "").startswith("tokenizers") and name not in BASES)
        components[section] = [written(section, name, module) for name in names]
    (fixtures / "components.json").write_text(json.dumps(components, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
