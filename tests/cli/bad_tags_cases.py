"""What must be refused of tagged words: files, columns, schemes and options."""

import json

from bad_input_case import CONFIG, Case

TAGGED = "the O\ngood B-mood\nfilm I-mood\n\na O\nbad B-mood\nroom O\n\n"
TAG_CONFIG = """task: token_classification
model: {from: model}
tokenizer: {max_length: 16}
data: {train: train.conll, validation: valid.conll}
training: {epochs: 1, batch_size: 8}
output_dir: out
"""
FILES = {"run.yaml": TAG_CONFIG, "train.conll": TAGGED, "valid.conll": TAGGED}


def tagged(name, content, *message, file="train.conll", exit_code=4, config=TAG_CONFIG):
    """A file of a run that `finetune` refuses before the first step."""
    return Case(name, "finetune run.yaml", exit_code, [file, *message], {**FILES, file: content, "run.yaml": config})


def in_jsonl(name, row, *message):
    config = TAG_CONFIG.replace("train.conll", "train.jsonl")
    return tagged(name, json.dumps(row) + "\n", *message, file="train.jsonl", config=config)


def configured(name, change, *message, exit_code=3):
    return Case(name, "finetune run.yaml", exit_code, list(message), {**FILES, "run.yaml": TAG_CONFIG.replace(*change)})


CASES = [
    tagged("a line with fewer columns", TAGGED + "again\n", "train.conll:9: the line has 1 column, and the first with a word has 2"),
    tagged("a line with more columns", TAGGED + "a room O\n", "train.conll:9: the line has 3 columns"),
    tagged("words without tags", "the\nfilm\n", "train.conll:1: there is a word and no tag"),
    tagged("an empty tag", "the\tO\nfilm\t\n", "train.conll:2: the tag is empty"),
    tagged("an empty file of tagged words", "", "the file is empty"),
    tagged("only blank lines", "\n\n \n", "there are no sentences"),
    tagged("only documents and comments", "# id 1\n-DOCSTART- O\n\n", "there are no sentences"),
    tagged("tagged words in invalid UTF-8", b"caf\xe9 O\n", "train.conll:1: invalid UTF-8 at byte offset 3"),
    tagged("tagged words in UTF-16", TAGGED.encode("utf-16"), "UTF-16"),
    tagged("one tag alone", "the O\nfilm O\n", "the only label in the 2 training rows is 'O'"),
    tagged("words the tokenizer drops entirely", "\u200b O\n\u200b B-mood\n", "the tokenizer makes no token of any of the training data's words"),
    tagged("tags that only the validation file has", "the O\nfilm B-thing\n", "valid.conll: 1 label is not among the 3 known ones", "'B-thing' in 1 row",
           "first at line 2", file="valid.conll"),
    tagged("tags that break their scheme", TAGGED + "the O\nfilm I-mood\n", "train.conll:10: the tag 'I-mood' of word 2, behind 'O', breaks the scheme iob2",
           config=TAG_CONFIG.replace("train: train.conll", "illegal_tags: error, train: train.conll")),
    tagged("a column that is not there", TAGGED, "train.conll:1: there is no column 5 for the label; the line has 2 columns",
           config=TAG_CONFIG.replace("train: train.conll", "label: \"5\", train: train.conll")),
    tagged("a column by name", TAGGED, "CoNLL columns have no names, so 'ner' is none of them",
           config=TAG_CONFIG.replace("train: train.conll", "label: ner, train: train.conll")),
    tagged("tagged words as CSV", "text,label\na,O\n", "the format csv has no tagged words", file="train.csv",
           config=TAG_CONFIG.replace("train.conll", "train.csv")),
    tagged("a share that leaves no sentence", "the O\nfilm B-mood\n", "leaves no sentence for",
           config=TAG_CONFIG.replace("valid.conll", "0.5")),
    in_jsonl("more words than tags", {"tokens": ["the", "film"], "tags": ["O"]}, "train.jsonl:1: there are 2 words and 1 tags"),
    in_jsonl("a word that is a number", {"tokens": ["the", 3], "tags": ["O", "O"]}, "has a word that is no string"),
    in_jsonl("no key for tags", {"tokens": ["the"]}, "there is no key 'label' for the label"),
    in_jsonl("nested entities", {"text": "the good film", "entities": [[0, 8, "a"], [4, 13, "b"]]}, "overlap, at character 4"),
    in_jsonl("an entity outside the text", {"text": "film", "entities": [[0, 9, "a"]]}, "from 0 to 9, but the text has 4"),
    in_jsonl("an entity without a word", {"text": "a  b", "entities": [[1, 3, "a"]]}, "has no word in it"),
    in_jsonl("an entity without a label", {"text": "film", "entities": [{"start": 0, "end": 4}]}, "neither {start, end, label}"),
    configured("an unknown scheme", ("data: {", "data: {tag_scheme: iobes, "), "data.tag_scheme", "bioes"),
    configured("a stride as long as the windows", ("max_length: 16", "max_length: 16, stride: 16"), "tokenizer.stride"),
    configured("two columns of tags", ("data: {", "data: {label: [\"1\", \"2\"], "), "data.label", "one column"),
    configured("plain text as tagged words", ("data: {", "data: {format: text, "), "data.format", "conll or jsonl"),
    configured("a delimiter of columns", ("data: {", "data: {delimiter: \";\", "), "data.delimiter"),
    configured("class weights of tags", ("training: {", "training: {class_weights: balanced, "), "training.class_weights",
               "has no part in task token_classification; it is for classification"),
    configured("what is cut of tagged words", ("max_length: 16", "max_length: 16, on_overlong: error"), "tokenizer.on_overlong", "has no part in task"),
    Case("a scheme of tags for a classifier", "finetune run.yaml", 3, ["data.tag_scheme", "has no part in task classification"],
         {"run.yaml": CONFIG.replace("data: {", "data: {tag_scheme: iob2, ")}),
    Case("CoNLL columns for a classifier", "eval model --data data.conll", 4, ["data.conll", "CoNLL columns hold"], {"data.conll": TAGGED}),
    Case("tags of a classifier", "predict model --input data.conll", 2, ["CoNLL columns", "classifier"], {"data.conll": TAGGED}),
    Case("entities of a classifier", "predict model --input train.csv --aggregation max", 2, ["--aggregation has no meaning", "classifier"]),
    Case("legal tags of a classifier", "eval model --data train.csv --viterbi", 2, ["--viterbi has no meaning", "classifier"]),
    Case("an unknown aggregation", "predict model --input train.csv --aggregation mean", 2, ["--aggregation", "average"]),
]
