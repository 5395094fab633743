"""Trains small vocabularies on text made here, and records what the `tokenizers` library makes of thousands of strings.

    python scripts/reference/tokenizer_goldens.py tests/fixtures/tokenizer \
        [--demo-model DIR] [--shared-data DIR] [--only NAME…]

Written with tokenizers 0.23.3. Everything is drawn with fixed seeds from word lists and code point ranges below; no text
is copied from anywhere. DIR of --demo-model is all-MiniLM-L6-v2 in Hugging Face layout, that of --shared-data holds
tokenizers/bert-base-cased, bert-base-chinese and gpt2; their goldens are left as they are when not given.
The library's trainers break some ties by chance: a vocabulary trained again may differ, so name the new ones with --only.

Writes  <name>/tokenizer.json      the trained tokenizers
        cases.jsonl.gz             the strings: text, pair, add_special_tokens and truncation of each
        <name>.goldens.jsonl.gz    ids, type ids, offsets, sequence ids and decoded text of each case
        code_points.txt            a hash for each 256 code points, of how they are normalised and split
"""

import argparse
import base64
import gzip
import hashlib
import io
import json
import pathlib
import random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = {
    "english": """the a of to and in is was for on that with as are this by be at from it or an not you we they she he
        people time water house garden letter morning winter river window paper number answer question train station
        market bread coffee green yellow small large early quickly slowly never always under over between without
        reading writing walking singing opened closed played worked happiest unbelievable internationalization can't
        don't I'm we've it's they're isn't mother-in-law state-of-the-art e.g. U.S. 3rd 1,000 12:30 $5.99 50% C++ #tag
        @someone user@example.org https://example.org/a?b=c&d=e""",
    "german": "über Straße schön Mädchen größer Äpfel Öl Übung Fuß weiß Grüße läuft Zürich",
    "french": "élève garçon où Noël cœur être naïve déjà français hôtel ça l'été Œuvre",
    "spanish": "niño mañana ¿dónde? ¡qué! corazón pingüino El Ñandú",
    "polish": "żółć źródło łódź chrząszcz gęś święta",
    "turkish": "İstanbul ışık çiçek Iğdır gün ŞEKER diyarbakır",
    "vietnamese": "Việt Nam tiếng đường phở người được Nguyễn",
    "russian": "привет мир ёлка Йод вода хлеб ЩУКА объект",
    "greek": "καλημέρα κόσμος ΟΔΟΣ Σίσυφος ἀρχή ᾿Αθῆναι",
    "arabic": "مرحبا بالعالم كِتَاب ٱلْعَرَبِيَّة ١٢٣",
    "hebrew": "שלום עולם בְּרֵאשִׁית",
    "hindi": "नमस्ते दुनिया हिन्दी क़लम ज़मीन",
    "thai": "สวัสดี ชาวโลก น้ำ",
    "korean": "안녕하세요 세계 한국어 값 뷁",
    "japanese": "こんにちは 世界 カタカナ ガギグ パピプ ﾊﾝｶｸ 東京 々〆",
    "chinese": "你好 世界 今天天气很好 我们去学校 他说 北京大学 中文分词 三十二 水火木金土 喜欢 看书 \u8c48\uf900 \U00020000\U0002a6d6",
}
SYLLABLES = "ba be bi bo da de do fa fe ga go ka ke ki la le li lo ma me mi na ne no pa pe ra re ri ro sa se si ta te ti to va ve wo".split()
ENDINGS = ["", "", "", "s", "ed", "ing", "er", "est", "ly", "tion", "ness", "able"]
PREFIXES = ["", "", "", "", "un", "re", "pre", "inter"]

# Pieces of text in which tokenizers tend to differ.
ODD = {
    "spaces": list(" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000"),
    "controls": list("\x00\x01\x08\x0e\x1b\x7f\x80\x9f\xad\u200b\u200c\u200d\u200e\u202e\u2060\ufeff\ufffd\ufffc\U000e0001"),
    "marks": [chr(c) for c in [*range(0x300, 0x345), 0x345, 0x346, 0x34F, 0x360, 0x483, 0x591, 0x5B0, 0x5BC, 0x64B, 0x650,
              0x670, 0x93C, 0x94D, 0x9CD, 0xB4D, 0xE38, 0xE48, 0xF71, 0xF72, 0xF74, 0xF80, 0x1037, 0x135D, 0x17D2, 0x1AB0,
              0x1ABF, 0x1AC5, 0x1CF4, 0x1DC0, 0x1DF6, 0x1DFB, 0x20D0, 0x20DD, 0x302A, 0x302E, 0x302F, 0x3099, 0x309A,
              0xA66F, 0xA8E0, 0xFB1E, 0xFE20, 0x101FD, 0x10D24, 0x10EAB, 0x10F46, 0x11046, 0x1133B, 0x11C3F, 0x16AF0,
              0x16FF0, 0x1BC9E, 0x1D165, 0x1D167, 0x1D16D, 0x1E000, 0x1E130, 0x1E2EC, 0x1E8D0, 0x1E944]],
    "composed": list("\u00e9\u00c5\u212b\u1e9b\u0344\u0958\u0dda\u1026\u1f82\u1fee\u037e\u0387\u1fef\u2000\u2126\u2260\u226e\u2adc\uac00\uac01\ud7a3\ufb1d\ufb2c\uf900\ufa0e\ufad9\U0001d15e\U0001d1bb\U0002f800\U0002fa1d\U000110ab\u0f73\u0f75\u0f81\u0f43\u01d5\u1ed7\u1ec7\u0390\u03b0"),
    "cases": list("\u0130\u0131\u00df\u1e9e\u03a3\u03c2\u01c5\u01c4\u2160\u24b6\u10a0\u13a0\uab70\u1c80\u1c89\ua64a\u2c2f\ua7c0\ua7da\U00010400\U00010570\U000104b0\U0001e900\U00016e40\U00010d50\ufb03\u0149\u1f88"),
    "punctuation": list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf\u2010\u2014\u2018\u201c\u2026\u2030\u203d\u2045\u207d\u2308\u27e6\u2983\u2cf9\u2e2f\u2e3a\u2e52\u2e5d\u3001\u3008\u3030\u30fb\ua4fe\ufe10\ufe50\uff01\uff0c\uff3f\U00010100\U0001039f\U00010fff\U00011047\U00011b00\U00012470\U00016e97\U0001da87\U0001e95e"),
    "symbols": list("\u00a2\u00a9\u00b0\u00b1\u00b2\u00bd\u00d7\u20ac\u2122\u2190\u2200\u221e\u2500\u25a0\u2605\u2713\u3012\uffe5"),
    "emoji": ["\U0001f600", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1e9\U0001f1ea", "\u2764\ufe0f", "1\ufe0f\u20e3", "\U0001fae0", "\U0001fae9"],
    "unassigned": [chr(c) for c in (0x378, 0x530, 0x5FF, 0x1ACF, 0x2FE0, 0xA7FF, 0xFDD0, 0xFFFE, 0xFFFF, 0x1FFFF, 0x2A6E0, 0x2B81E, 0x2CEB0, 0x30000, 0x31350, 0x3FFFF, 0xE0FFF, 0x10FFFF, 0xE000, 0xF0000)],
    "added": ["[CLS]", "[SEP]", "[MASK]", "[UNK]", "[PAD]", "[mask]", "[MASK", "MASK]", "<left>", "<right>", "<both>", "wordy", "WORDY", "Naïve-Token", "naive-token", "<b>", "<bold>", "ab", "abc", " lead", "tail "],
}


def make_word(rng):
    return rng.choice(PREFIXES) + "".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) + rng.choice(ENDINGS)


def sentence(rng, languages, length):
    words = []
    for _ in range(length):
        words.append(make_word(rng) if rng.random() < 0.3 else rng.choice(WORDS[rng.choice(languages)].split()))
    if rng.random() < 0.7:
        words[0] = words[0].capitalize()
    for i in range(len(words)):
        draw = rng.random()
        if draw < 0.08:
            words[i] += rng.choice([",", ".", ";", ":", "!", "?", "...", "?!", '"'])
        elif draw < 0.1:
            words[i] = words[i].upper()
    return " ".join(words)


def corpus(languages, lines):
    rng = random.Random(20260101)
    return [sentence(rng, languages, rng.randint(4, 25)) for _ in range(lines)]


def add_noise(rng, text):
    """Puts odd pieces into random places."""
    for _ in range(rng.randint(1, 6)):
        piece = "".join(rng.choice(ODD[rng.choice(list(ODD))]) for _ in range(rng.randint(1, 3)))
        at = rng.randint(0, len(text))
        text = text[:at] + piece + text[at:]
    return text


def any_code_points(rng, length):
    planes = [(0, 0x7F), (0x80, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x1FFFF), (0x20000, 0x3FFFF), (0x40000, 0x10FFFF)]
    weights = [4, 6, 6, 2, 4, 1, 0.2]
    return "".join(chr(rng.randint(*rng.choices(planes, weights)[0])) for _ in range(length))


def make_text(rng, index):
    kind = index % 10
    languages = list(WORDS)
    if kind < 2:
        return sentence(rng, ["english"], rng.randint(1, 30))
    if kind == 2:
        return sentence(rng, [rng.choice(languages)], rng.randint(1, 12))
    if kind == 3:
        return sentence(rng, languages, rng.randint(1, 12))
    if kind < 6:
        return add_noise(rng, sentence(rng, languages, rng.randint(1, 8)))
    if kind == 6:
        return "".join(rng.choice(ODD[rng.choice(list(ODD))]) for _ in range(rng.randint(1, 15)))
    if kind == 7:
        return any_code_points(rng, rng.randint(1, 20))
    if kind == 8:  # marks in every order on every base
        marks = lambda: "".join(rng.choices(ODD["marks"] + ODD["composed"][:8], k=rng.randint(1, 5)))
        return "".join(rng.choice("aeE \u00fc\u1ec7xZ\u4e2d[") + marks() for _ in range(rng.randint(1, 6)))
    gap = lambda: rng.choice(["", " ", "  ", "\u00a0", "\n ", "x", ".", "\u00e9"])
    return "".join(gap() + rng.choice(ODD["added"]) + gap() for _ in range(rng.randint(1, 6)))


def long_words():
    for length in (1, 19, 20, 21, 99, 100, 101, 102, 250, 1000):
        yield "a" * length
        yield "\u00e9" * length
        yield "e\u0301" * length
        yield "\U0001f600" * length
        yield "ba" * (length // 2) + "!" + "to" * length
        yield "x " + "\u4e2d" * length + " y"
        yield "re" + "\u200b" * length + "ading"
        yield "\u0130" * length


def make_cases(count):
    rng = random.Random(7)
    texts = ["", " ", "\n\t ", "\x00", "\u200b", "\u0301", "a", "[MASK]", " [MASK] ", *long_words()]
    while len(texts) < count:
        texts.append(make_text(rng, len(texts)))
    cases = []
    for index, text in enumerate(texts):
        case = {"text": text}
        if index % 4 == 3:
            case["pair"] = make_text(rng, rng.randint(0, 99)) if index % 20 else ""
        if index % 7 == 6:
            case["special"] = False
        if index % 3 == 2:
            case["max_length"] = rng.choice([3, 4, 5, 8, 9, 16, 31, 64])
            case["strategy"] = rng.choice(["longest_first", "longest_first", "only_first"] + ["only_second"] * ("pair" in case))
            case["side"] = rng.choice(["right", "left"])
        cases.append(case)
    return cases


def bert_template(tokenizer):
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    return processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", cls), ("[SEP]", sep)]
    )


def train(normalizer, pre_tokenizer, languages, size, lines=4000, prefix="##", longest=100):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", continuing_subword_prefix=prefix, max_input_chars_per_word=longest))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, pre_tokenizer
    trainer = trainers.WordPieceTrainer(vocab_size=size, special_tokens=SPECIAL, continuing_subword_prefix=prefix, show_progress=False)
    tokenizer.train_from_iterator(corpus(languages, lines), trainer)
    return tokenizer


def trained_tokenizers():
    languages = list(WORDS)
    bert, bert_split = normalizers.BertNormalizer, pre_tokenizers.BertPreTokenizer
    for name, lowercase, known, size in (
        ("uncased", True, [l for l in languages if l not in ("chinese", "japanese")] + ["english"] * 8, 3000),
        ("cased", False, [l for l in languages if l not in ("chinese", "japanese")] + ["english"] * 8, 3000),
        ("chinese", True, languages + ["chinese"] * 10, 2500),
    ):
        tokenizer = train(bert(lowercase=lowercase), bert_split(), known, size)
        tokenizer.post_processor, tokenizer.decoder = bert_template(tokenizer), decoders.WordPiece()
        yield name, tokenizer

    # Added tokens of every kind; accents kept though lowercased; BertProcessing; short longest word.
    tokenizer = train(bert(strip_accents=False, lowercase=True), bert_split(), languages, 2500, longest=20)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", tokenizer.token_to_id("[SEP]")), ("[CLS]", tokenizer.token_to_id("[CLS]")))
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    tokenizer.add_tokens(
        [
            AddedToken("<left>", lstrip=True, normalized=False),
            AddedToken("<right>", rstrip=True, normalized=False),
            AddedToken("<both>", lstrip=True, rstrip=True, normalized=False),
            AddedToken("ab", single_word=True, normalized=False),
            AddedToken("abc", normalized=False),
            AddedToken(" lead", normalized=False),
            AddedToken("tail ", normalized=False),
            AddedToken("<b>", normalized=False),
            AddedToken("Naïve-Token", normalized=True),
            AddedToken("WORDY", single_word=True, normalized=True),
            AddedToken("<bold>", lstrip=True, rstrip=True, normalized=True),
        ]
    )
    tokenizer.add_special_tokens([AddedToken("[DAY]", normalized=True, special=True), AddedToken("wordy!", special=True)])
    yield "added", tokenizer

    # The other components, another prefix, no post-processor, no decoder.
    tokenizer = train(
        normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]),
        pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()]),
        languages, 2000, prefix="@@",
    )
    yield "components", tokenizer
    tokenizer = train(normalizers.BertNormalizer(False, False, True, False), pre_tokenizers.Whitespace(), languages, 2000, prefix="")
    tokenizer.decoder = decoders.WordPiece(prefix="")
    yield "whitespace", tokenizer


def train_byte_level(special_tokens, add_prefix_space, size=2000):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=special_tokens, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(corpus(list(WORDS), 4000), trainer)
    return tokenizer


def byte_level_tokenizers():
    """As GPT-2 and as RoBERTa, whose mask is [MASK] here because that is what the cases hold."""
    end = "<|endoftext|>"
    tokenizer = train_byte_level([end], add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens([AddedToken(end, normalized=True), AddedToken("[SEP]", normalized=True), AddedToken("[PAD]")])
    tokenizer.add_tokens([AddedToken("<left>", lstrip=True), AddedToken("wordy", single_word=True), AddedToken("abc", normalized=False)])
    yield "byte-level", tokenizer

    tokenizer = train_byte_level(["<s>", "[PAD]", "</s>", "[UNK]"], add_prefix_space=True)
    ids = {token: tokenizer.token_to_id(token) for token in ("<s>", "</s>")}
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", ids["</s>"]), ("<s>", ids["<s>"]), trim_offsets=True, add_prefix_space=True)
    tokenizer.add_special_tokens([AddedToken("[MASK]", lstrip=True, normalized=False), AddedToken("<both>", lstrip=True, rstrip=True)])
    yield "roberta", tokenizer


def metaspace_tokenizers():
    """As Llama 2 (spaces rewritten by the normalizer, bytes for what is unknown), and with Metaspace and word ends."""
    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Strip(left=False), normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    trainer = trainers.BpeTrainer(
        vocab_size=2000, special_tokens=[*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256))], limit_alphabet=150, show_progress=False
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    tokenizer.train_from_iterator(corpus(list(WORDS), 4000), trainer)
    # Its corpus has no newlines; without a pre-tokenizer a text is one word.
    tokenizer.pre_tokenizer = None
    tokenizer.post_processor = bert_template(tokenizer)
    yield "llama", tokenizer

    tokenizer = Tokenizer(models.BPE(unk_token="[UNK]", end_of_word_suffix="</w>", continuing_subword_prefix="@@"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Strip(), normalizers.Replace("ba", "xyz"), normalizers.Replace("\u00e9", "")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(prepend_scheme="first"), pre_tokenizers.Digits(individual_digits=False), pre_tokenizers.CharDelimiterSplit("-")]
    )
    tokenizer.decoder = decoders.Sequence([decoders.BPEDecoder(suffix="</w>"), decoders.Metaspace(prepend_scheme="first")])
    trainer = trainers.BpeTrainer(
        vocab_size=2000, special_tokens=SPECIAL, limit_alphabet=150, end_of_word_suffix="</w>", continuing_subword_prefix="@@", show_progress=False
    )
    tokenizer.train_from_iterator(corpus(list(WORDS), 4000), trainer)
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True, add_prefix_space=False), bert_template(tokenizer)])
    tokenizer.add_tokens([AddedToken("<b>"), AddedToken("<left>", lstrip=True)])
    yield "metaspace", tokenizer


def unigram_tokenizers():
    """With an unknown token, and with bytes for what is unknown."""
    for name, byte_fallback in (("unigram", False), ("unigram-bytes", True)):
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.Strip()])
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
        extra = [f"<0x{byte:02X}>" for byte in range(256)] if byte_fallback else []
        trainer = trainers.UnigramTrainer(vocab_size=1500, special_tokens=[*SPECIAL, *extra], unk_token="[UNK]", show_progress=False)
        # Some languages only, so that there is something unknown.
        tokenizer.train_from_iterator(corpus(["english", "german", "russian", "chinese"], 4000), trainer)
        document = json.loads(tokenizer.to_str())
        document["model"]["byte_fallback"] = byte_fallback
        # Scores with few digits make sums that are equal.
        document["model"]["vocab"] = [[token, round(score)] for token, score in document["model"]["vocab"]]
        tokenizer = Tokenizer.from_str(json.dumps(document))
        tokenizer.post_processor = bert_template(tokenizer)
        yield name, tokenizer


def sentencepiece_charsmap(text):
    """The character map that sentencepiece compiles of its default rules, nmt_nfkc, base64."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text), model_writer=model, vocab_size=300, normalization_rule_name="nmt_nfkc", minloglevel=2, hard_vocab_limit=False
    )
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    return base64.b64encode(proto.normalizer_spec.precompiled_charsmap).decode()


def pattern_tokenizers():
    """Split and Replace by regular expressions, every behavior, the Unicode normal forms, Precompiled."""
    # As the byte-level tokenizers after GPT-2: an expression of their own instead of ByteLevel's.
    expression = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(expression), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=1500, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(corpus(list(WORDS), 2000), trainer)
    yield "expression", tokenizer

    tokenizer = train(
        normalizers.Sequence([normalizers.NFKC(), normalizers.Nmt(), normalizers.Replace(Regex("(a)(b)?"), "o"), normalizers.Replace(Regex("x*"), "-")]),
        pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(r"\s+"), "removed"),
                pre_tokenizers.Split("re", "merged_with_next"),
                pre_tokenizers.Split(Regex("[eiou]"), "merged_with_previous"),
                pre_tokenizers.Split(Regex("[st]"), "contiguous"),
                pre_tokenizers.Split(Regex(r"\p{L}+"), "isolated", invert=True),
                pre_tokenizers.Punctuation("merged_with_previous"),
            ]
        ),
        list(WORDS), 1500,
    )
    tokenizer.decoder = decoders.Sequence([decoders.WordPiece(), decoders.Replace(Regex("[ -]+"), " ")])
    yield "splits", tokenizer

    tokenizer = train(normalizers.NFKD(), pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation("contiguous")]), list(WORDS), 1500)
    yield "nfkd", tokenizer

    # As XLM-RoBERTa.
    tokenizer = Tokenizer(models.Unigram())
    precompiled = {"type": "Precompiled", "precompiled_charsmap": sentencepiece_charsmap(corpus(["english"], 500))}
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=1500, special_tokens=SPECIAL, unk_token="[UNK]", show_progress=False)
    tokenizer.train_from_iterator(corpus(list(WORDS), 2000), trainer)
    document = json.loads(tokenizer.to_str())
    replace = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}
    document["normalizer"] = {"type": "Sequence", "normalizers": [precompiled, replace]}
    tokenizer = Tokenizer.from_str(json.dumps(document))
    tokenizer.post_processor = bert_template(tokenizer)
    yield "precompiled", tokenizer


# Class of transformers, file and what sentencepiece is told of special pieces, as the published models have them.
SENTENCEPIECE = {
    "xlm-roberta": ("XLMRobertaTokenizer", "sentencepiece.bpe.model", dict(unk_id=0, bos_id=1, eos_id=2)),
    "albert": ("AlbertTokenizer", "spiece.model", dict(pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, control_symbols="[CLS],[SEP],[MASK]",
               user_defined_symbols=["(", ")", '"', "-", ".", "\u2013", "\u00a3", "\u20ac"])),
    "deberta-v2": ("DebertaV2Tokenizer", "spm.model", dict(pad_id=0, bos_id=1, eos_id=2, unk_id=3, bos_piece="[CLS]", eos_piece="[SEP]",
                   pad_piece="[PAD]", unk_piece="[UNK]")),  # [MASK] is not in the file
}


def write_sentencepiece_folder(folder, name):
    """A folder with a SentencePiece file and tokenizer_config.json, and what AutoTokenizer makes of it."""
    import sentencepiece
    import transformers

    tokenizer_class, file_name, settings = SENTENCEPIECE[name]
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / file_name, "wb") as model:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(corpus(list(WORDS), 3000)), model_writer=model, vocab_size=1500, minloglevel=2, hard_vocab_limit=False, **settings
        )
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": tokenizer_class}) + "\n")
    return transformers.AutoTokenizer.from_pretrained(folder).backend_tokenizer


def answer(tokenizer, case):
    tokenizer.no_truncation()
    if "max_length" in case:
        tokenizer.enable_truncation(case["max_length"], strategy=case["strategy"], direction=case["side"])
    try:
        encoding = tokenizer.encode(case["text"], case.get("pair"), add_special_tokens=case.get("special", True))
    except Exception:  # only_first or only_second that cannot cut enough
        return {"error": True}
    return {
        "ids": encoding.ids,
        "types": encoding.type_ids,
        "offsets": [position for offset in encoding.offsets for position in offset],
        "sequences": [-1 if sequence is None else sequence for sequence in encoding.sequence_ids],
        "decoded": tokenizer.decode(encoding.ids, skip_special_tokens=True),
        "decoded_all": tokenizer.decode(encoding.ids, skip_special_tokens=False),
    }


def write_lines(path, rows):
    text = "".join(json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def code_point_hashes():
    """Per 256 code points: hash of the pieces of a + c + b, for each of several normalizers."""
    split = pre_tokenizers.BertPreTokenizer()
    makers = [normalizers.BertNormalizer(lowercase=True), normalizers.BertNormalizer(lowercase=False), normalizers.BertNormalizer(strip_accents=False, lowercase=True)]
    makers += [normalizers.NFC(), normalizers.NFD(), normalizers.NFKC(), normalizers.NFKD(), normalizers.Nmt()]
    for start in range(0, 0x110000, 256):
        digests = []
        for normalizer in makers:
            digest = hashlib.sha256()
            for c in range(start, start + 256):
                if not 0xD800 <= c < 0xE000:
                    pieces = split.pre_tokenize_str(normalizer.normalize_str("a" + chr(c) + "b"))
                    digest.update("".join(piece + "|" for piece, _ in pieces).encode() + b"\n")
            digests.append(digest.hexdigest()[:16])
        yield f"{start:06x} " + " ".join(digests)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--demo-model", type=pathlib.Path)
    parser.add_argument("--shared-data", type=pathlib.Path)
    parser.add_argument("--only", nargs="+", help="write only these tokenizers")
    arguments = parser.parse_args()
    cases = make_cases(5400)
    write_lines(arguments.output / "cases.jsonl.gz", cases)
    named = [*trained_tokenizers(), *byte_level_tokenizers(), *metaspace_tokenizers(), *unigram_tokenizers(), *pattern_tokenizers()]
    is_wanted = lambda name: not arguments.only or name in arguments.only
    for name, tokenizer in named:
        if not is_wanted(name):
            continue
        (arguments.output / name).mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(arguments.output / name / "tokenizer.json"), pretty=False)
        # As a reader of the saved file sees it.
        tokenizer = Tokenizer.from_file(str(arguments.output / name / "tokenizer.json"))
        write_lines(arguments.output / f"{name}.goldens.jsonl.gz", (answer(tokenizer, case) for case in cases))
    for name in filter(is_wanted, SENTENCEPIECE):
        tokenizer = write_sentencepiece_folder(arguments.output / name, name)
        write_lines(arguments.output / f"{name}.goldens.jsonl.gz", (answer(tokenizer, case) for case in cases))
    real = {"demo-model": arguments.demo_model} if arguments.demo_model else {}
    if arguments.shared_data:
        real |= {name: arguments.shared_data / "tokenizers" / name for name in ("bert-base-cased", "bert-base-chinese", "gpt2")}
    for name, folder in real.items():
        if not is_wanted(name):
            continue
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        write_lines(arguments.output / f"{name}.goldens.jsonl.gz", (answer(tokenizer, case) for case in cases))
    (arguments.output / "code_points.txt").write_text("\n".join(code_point_hashes()) + "\n")


if __name__ == "__main__":
    main()
