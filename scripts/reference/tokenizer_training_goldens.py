"""Trains small vocabularies with the `tokenizers` library, for comparison with our own trainers.

    python scripts/reference/tokenizer_training_goldens.py tests/fixtures/tokenizer

Written with tokenizers 0.23.3. The texts are composed by tokenizer_goldens.py from its word lists. BPE on bytes breaks
ties by ids that do not depend on chance: its whole vocabulary and merges are the golden. WordPiece numbers its
continuing characters by the order of a hash table: the golden holds single characters as a set, and of the merged
tokens those before the first tie that fell differently in one of many processes.

Writes training/texts.txt.gz and training/goldens.json.
"""

import gzip
import json
import pathlib
import subprocess
import sys

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

from tokenizer_goldens import SPECIAL, WORDS, corpus

NUM_PROCESSES = 12
BPE_SETTINGS = {
    "bpe": dict(vocab_size=1500, min_frequency=2),
    "bpe_rare": dict(vocab_size=100000, min_frequency=12),
}
WORDPIECE_SETTINGS = {
    "wordpiece_uncased": dict(lowercase=True, min_frequency=2),
    "wordpiece_cased": dict(lowercase=False, min_frequency=2),
}


def texts():
    return corpus([*WORDS, *["english"] * 12], 1500)


def train_bpe(vocab_size, min_frequency):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts(), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return {"tokens": sorted(model["vocab"], key=model["vocab"].get), "merges": model["merges"]}


def train_wordpiece(lowercase, min_frequency):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=2000, min_frequency=min_frequency, special_tokens=SPECIAL, limit_alphabet=60, show_progress=False
    )
    tokenizer.train_from_iterator(texts(), trainer)
    vocabulary = tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.get)
    is_single = lambda token: token in SPECIAL or len(token.removeprefix("##")) == 1
    num_single = sum(map(is_single, tokens))
    return {"single": sorted(tokens[:num_single]), "merged": tokens[num_single:]}


def repeated(name):
    """What training gives in each of several processes."""
    command = [sys.executable, __file__, "--only", name]
    run = lambda: json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return [run() for _ in range(NUM_PROCESSES)]


def bpe_golden(name):
    results = repeated(name)
    if any(result != results[0] for result in results):
        sys.exit(f"{name}: the processes do not agree")
    return {"settings": BPE_SETTINGS[name], **results[0]}


def wordpiece_golden(name):
    results = repeated(name)
    agreed = 0
    while len({result["merged"][agreed] for result in results}) == 1:
        agreed += 1
    single, merged = results[0]["single"], results[0]["merged"][:agreed]
    print(f"{name}: {agreed} merged tokens before the first tie")
    return {"settings": {**WORDPIECE_SETTINGS[name], "vocab_size": len(single) + agreed}, "single": single, "merged": merged}


def main(fixtures):
    folder = fixtures / "training"
    folder.mkdir(exist_ok=True)
    lines = "".join(line + "\n" for line in texts())
    (folder / "texts.txt.gz").write_bytes(gzip.compress(lines.encode(), compresslevel=9, mtime=0))
    goldens = {name: bpe_golden(name) for name in BPE_SETTINGS} | {name: wordpiece_golden(name) for name in WORDPIECE_SETTINGS}
    (folder / "goldens.json").write_text(json.dumps(goldens, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    if sys.argv[1] == "--only":
        name = sys.argv[2]
        result = train_bpe(**BPE_SETTINGS[name]) if name in BPE_SETTINGS else train_wordpiece(**WORDPIECE_SETTINGS[name])
        print(json.dumps(result))
    else:
        main(pathlib.Path(sys.argv[1]))
