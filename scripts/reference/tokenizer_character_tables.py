"""Asks the pinned `tokenizers` release how it treats every code point and writes the answers as C++ tables.

    python scripts/reference/tokenizer_character_tables.py lib/llmtool/tokenizer/character_tables.inc

Written with tokenizers 0.23.3. Its character classes come from several Rust crates, each frozen at its own Unicode
version, so they are asked for through the library's own normalizers and pre-tokenizers, never taken from Unicode data.
"""

import io
import sys
import tempfile

import tokenizers
from tokenizers import normalizers, pre_tokenizers

CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
BLOCK = 256
HANGUL = range(0xAC00, 0xD7A4)

REMOVED, WHITESPACE, PUNCTUATION, NONSPACING, COMBINING, WORD, DECOMPOSES, LOWERCASES = (1 << i for i in range(8))
LETTER, NUMBER, NUMERIC, COMPATIBLE, JOINS = (1 << i for i in range(8, 13))


def ask_in_chunks(question, between="x"):
    """Yields (code point, what `question` made of it), asking 4096 code points at once, separated by `between`."""
    for start in range(0, len(CODE_POINTS), 4096):
        chunk = [c for c in CODE_POINTS[start : start + 4096] if chr(c) != between]
        answer = question(between.join(["", *map(chr, chunk), ""])).split(between)[1:-1]
        if len(answer) != len(chunk):  # one of them produced the separator: ask one by one
            answer = [question(between + chr(c) + between)[1:-1] for c in chunk]
        yield from zip(chunk, answer)
        if ord(between) in CODE_POINTS[start : start + 4096]:
            yield ord(between), question(between)


def changed(normalizer, between="x"):
    ask = normalizer.normalize_str
    return {c: new for c, new in ask_in_chunks(ask, between) if new != chr(c)}


def pieces_of(pre_tokenizer, text):
    return [piece for piece, _ in pre_tokenizer.pre_tokenize_str(text)]


def primary_composites(decomposed):
    """(first, second) -> what NFC makes of the two, told from what it leaves alone."""
    nfc = normalizers.NFC().normalize_str
    pairs = {}
    for c, full in decomposed.items():
        if c in HANGUL or nfc(chr(c)) != chr(c):
            continue
        first = nfc(full[:-1])
        assert len(first) == 1 and nfc(first + full[-1]) == chr(c), hex(c)
        pairs[ord(first), ord(full[-1])] = c
    return pairs


def joining_characters():
    """Those that continue the grapheme cluster of a letter before them: told by Precompiled, which replaces whole clusters."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    model = io.BytesIO()
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as rules:
        rules.write("41\t42\n")  # A becomes B
        rules.flush()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["some text to train on", "and some more"]), model_writer=model, vocab_size=30,
            normalization_rule_tsv=rules.name, minloglevel=2, hard_vocab_limit=False,
        )
    proto = sentencepiece_model_pb2.ModelProto.FromString(model.getvalue())
    ask = normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap).normalize_str
    assert ask("A\u0301-A") == "B-B"
    candidates = [c for c in CODE_POINTS if c not in (0, 0xA, 0xD)]
    for start in range(0, len(candidates), 4096):
        chunk = candidates[start : start + 4096]
        answer = ask("".join("A" + chr(c) + "\n" for c in chunk)).split("\n")[:-1]
        assert len(answer) == len(chunk)
        yield from (c for c, new in zip(chunk, answer) if new == "B")


def combining_class_order(decomposing):
    """Code points with a canonical combining class, and that class (told by how NFD orders them beside known marks)."""
    nfd = normalizers.NFD().normalize_str
    lowest, highest = "\u0334", "\u0345"  # classes 1 and 240
    candidates = []
    for c in CODE_POINTS:
        if c < 0x300 or c in decomposing or c in HANGUL:
            continue
        if nfd("x" + chr(c) + lowest) == "x" + lowest + chr(c) or nfd("x" + highest + chr(c)) == "x" + chr(c) + highest:
            candidates.append(c)
    import unicodedata

    references = {}
    for c in candidates:
        references.setdefault(unicodedata.combining(chr(c)), chr(c))
    references.pop(0, None)
    for c in candidates:
        order = 1
        for value, reference in sorted(references.items()):
            if nfd("x" + reference + chr(c)) == "x" + chr(c) + reference and reference != chr(c):
                break
            order = value
        yield c, order


def main(path):
    clean = changed(normalizers.BertNormalizer(True, False, False, False))
    chinese = set(changed(normalizers.BertNormalizer(False, True, False, False)))
    decomposed = changed(normalizers.NFD())
    compatible = {c: new for c, new in changed(normalizers.NFKD()).items() if new != decomposed.get(c, chr(c))}
    composites = primary_composites(decomposed)
    strip = changed(normalizers.BertNormalizer(False, False, True, False))
    combining_marks = {c for c, new in changed(normalizers.StripAccents()).items() if new == ""}
    lower = changed(normalizers.Lowercase(), between="\n")

    flags = dict.fromkeys(range(0x110000), 0)
    whitespace_split, punctuation, whitespace = (
        pre_tokenizers.WhitespaceSplit(),
        pre_tokenizers.Punctuation(),
        pre_tokenizers.Whitespace(),
    )
    byte_level, digits = pre_tokenizers.ByteLevel(add_prefix_space=False), pre_tokenizers.Digits()
    for c in CODE_POINTS:
        text = "a" + chr(c)
        if pieces_of(whitespace_split, text) == ["a"]:
            flags[c] |= WHITESPACE
        if len(pieces_of(punctuation, text)) == 2:
            flags[c] |= PUNCTUATION
        pieces = pieces_of(whitespace, text)
        if pieces == [text]:
            flags[c] |= WORD
        # ByteLevel keeps one piece of what one class of its regular expression takes.
        in_class = {sample: len(pieces_of(byte_level, sample + chr(c))) == 1 for sample in "a1!\t"}
        assert sum(in_class.values()) == 1 and in_class["\t"] == bool(flags[c] & WHITESPACE), hex(c)
        flags[c] |= LETTER if in_class["a"] else NUMBER if in_class["1"] else 0
        if pieces_of(digits, text) == ["a", chr(c)]:
            flags[c] |= NUMERIC
        # The regex class \s and char::is_whitespace must agree, because one flag stands for both.
        assert (pieces == ["a"]) == bool(flags[c] & WHITESPACE), hex(c)
    for c, new in clean.items():
        if new == "":
            flags[c] |= REMOVED
        else:
            assert new == " " and flags[c] & WHITESPACE, hex(c)
    for c in CODE_POINTS:
        assert not flags[c] & WHITESPACE or flags[c] & REMOVED or c == 0x20 or c in clean, hex(c)
    for c, new in strip.items():
        if new == "" and c not in decomposed:
            flags[c] |= NONSPACING
    for c in combining_marks:
        flags[c] |= COMBINING
    for c in lower:
        flags[c] |= LOWERCASES
    for c, new in decomposed.items():
        if c not in HANGUL:
            flags[c] |= DECOMPOSES
        assert all(ord(d) not in decomposed for d in new), hex(c)
    for c in compatible:
        flags[c] |= COMPATIBLE
    for c in joining_characters():
        flags[c] |= JOINS
    # What strip_accents does is NFD followed by dropping the marks flagged above: proven for every code point.
    for c in CODE_POINTS:
        expected = "".join(d for d in decomposed.get(c, chr(c)) if not flags[ord(d)] & NONSPACING)
        assert strip.get(c, chr(c)) == expected, hex(c)
    classes = dict(combining_class_order(set(decomposed)))

    records, blocks, stage_one = {}, {}, []
    for start in range(0, 0x110000, BLOCK):
        block = tuple(
            records.setdefault((flags[c], classes.get(c, 0)), len(records)) for c in range(start, start + BLOCK)
        )
        stage_one.append(blocks.setdefault(block, len(blocks)))
    assert len(records) < 256 and len(blocks) < 256

    def rows(values, width=118):
        line, out = "   ", []
        for value in values:
            text = f" {value},"
            if len(line) + len(text) > width:
                out.append(line)
                line = "   "
            line += text
        return "\n".join([*out, line])

    def ranges(members):
        members, found = sorted(members), []
        for c in members:
            if found and found[-1][1] == c - 1:
                found[-1][1] = c
            else:
                found.append([c, c])
        return found

    pool, decompositions, compatible_rows = [], [], []
    for c in sorted(set(decomposed) - set(HANGUL)):
        decompositions.append((c, len(pool), len(decomposed[c])))
        pool += map(ord, decomposed[c])
    for c in sorted(compatible):
        compatible_rows.append((c, len(pool), len(compatible[c])))
        pool += map(ord, compatible[c])
    assert len(pool) < 1 << 16
    long_lower = {c: new for c, new in lower.items() if len(new) != 1}
    assert list(long_lower) == [0x130] and len(long_lower[0x130]) == 2

    with open(path, "w", encoding="ascii") as out:
        out.write(
            f"""// Generated by scripts/reference/tokenizer_character_tables.py from tokenizers {tokenizers.__version__}; do not edit.
// Included once, by character_tables.cpp, which says how the tables are read.

constexpr CharacterRecord kRecords[] = {{
{rows(f"{{{f}, {k}}}" for f, k in records)}
}};

constexpr std::uint8_t kBlockOfPage[] = {{
{rows(stage_one)}
}};

constexpr std::uint8_t kRecordOfCharacter[] = {{
{rows(value for block in blocks for value in block)}
}};

constexpr CharacterRange kChineseRanges[] = {{
{rows(f"{{{a:#x}, {b:#x}}}" for a, b in ranges(chinese))}
}};

constexpr char32_t kDecompositionPool[] = {{
{rows(f"{c:#x}" for c in pool)}
}};

constexpr Decomposition kDecompositions[] = {{
{rows(f"{{{c:#x}, {o}, {n}}}" for c, o, n in decompositions)}
}};

constexpr Decomposition kCompatibleDecompositions[] = {{
{rows(f"{{{c:#x}, {o}, {n}}}" for c, o, n in compatible_rows)}
}};

constexpr Composition kCompositions[] = {{
{rows(f"{{{a:#x}, {b:#x}, {c:#x}}}" for (a, b), c in sorted(composites.items()))}
}};

constexpr Lowercase kLowercase[] = {{
{rows(f"{{{c:#x}, {ord(new[0]):#x}, {ord(new[1]) if len(new) > 1 else 0:#x}}}" for c, new in sorted(lower.items()))}
}};
"""
        )


if __name__ == "__main__":
    main(sys.argv[1])
