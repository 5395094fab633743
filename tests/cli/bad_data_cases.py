"""Data files that must be refused: exit code 4 for what is in them, 6 when they cannot be read at all."""

import gzip
import json

import tiny_model
from bad_input_case import CONFIG, Case

FINETUNE = "finetune run.yaml"
EVAL = "eval model --data data.csv"
PREDICT = "predict model --input data.csv --output predictions.csv"
ROWS = tiny_model.labelled_rows(24)
TABLE = tiny_model.csv_text(ROWS)
COMPRESSED = gzip.compress(TABLE.encode(), mtime=0)
PARQUET = b"PAR1" + bytes(range(256)) * 4 + b"PAR1"


def evaluated(name, content, *message, exit_code=4, arguments=EVAL, file="data.csv"):
    """A labelled file that `eval` refuses; the message starts with its name."""
    return Case(name, arguments.replace("data.csv", file), exit_code, [file, *message], {file: content})


def training(name, content, *message, file="train.csv", config=CONFIG, exit_code=4):
    """A file of a run that `finetune` refuses before the first step."""
    return Case(name, FINETUNE, exit_code, list(message), {file: content, "run.yaml": config})


def predicted(name, content, *message, arguments=PREDICT, file="data.csv"):
    return Case(name, arguments.replace("data.csv", file), 4, [file, *message], {file: content})


def jsonl(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


GOOD_ROW, BAD_ROW = {"text": "a good film", "label": "good"}, {"text": "a bad film", "label": "bad"}

MULTI_LABEL = CONFIG.replace("classification", "multi_label").replace("train.csv, validation: valid.csv", "train.csv")
REGRESSION = MULTI_LABEL.replace("multi_label", "regression")

QUESTIONS = '''task: question_answering
model: {from: model}
tokenizer: {max_length: 16}
data: {train: train.FORMAT}
output_dir: out
'''
ANSWERED = {"id": "q7", "question": "what was good", "context": "the food was good", "answers": []}


def asked(name, *message, file="train.jsonl", content=None, answer=None, exit_code=4, config=QUESTIONS, **members):
    """Questions that `finetune` refuses: one whose members or answer are others, or the content of a file."""
    row = {**ANSWERED, **members, **({"answers": [answer]} if answer else {})}
    extension = file.removeprefix("train.")
    return Case(name, FINETUNE, exit_code, list(message),
                {"run.yaml": config.replace("FORMAT", extension), file: content if content is not None else jsonl(row)})


CASES = [
    Case("missing training file", FINETUNE, 6, ["cannot read train.csv: No such file"], {"train.csv": None}),
    Case("missing validation file", FINETUNE, 6, ["cannot read valid.csv: No such file"], {"valid.csv": None}),
    Case("missing file for eval", EVAL, 6, ["cannot read data.csv: No such file"]),
    Case("missing file for predict", PREDICT, 6, ["cannot read data.csv: No such file"]),
    Case("a folder as data", "eval model --data folder.csv", 6, ["folder.csv", "is a folder; name a file"], {"folder.csv/x": "x"}),
    training("empty training file", "", "train.csv: the file is empty"),
    training("training file with only a header", "text,label\n", "train.csv: there are no data rows"),
    training("validation file with only a header", "text,label\n", "valid.csv: there are no data rows", file="valid.csv"),
    evaluated("empty file", "", "the file is empty"),
    evaluated("only a byte order mark", b"\xef\xbb\xbf", "the file is empty"),
    evaluated("only line ends", "\n\n\n", "data.csv:1: the header names no column"),
    evaluated("only a header", "text,label\n", "there are no data rows"),
    evaluated("Parquet under the name of CSV", PARQUET, "not a text file", "Parquet"),
    evaluated("zip under the name of CSV", b"PK\x03\x04" + bytes(200), "not a text file", "zip"),
    evaluated("random bytes", bytes((i * 37 + 11) % 256 for i in range(4096)), ""),
    evaluated("UTF-16 with byte order mark", TABLE.encode("utf-16"), "UTF-16", "iconv -f UTF-16 -t UTF-8"),
    evaluated("UTF-16 without byte order mark", TABLE.encode("utf-16-le"), "UTF-16", "iconv"),
    evaluated(
        "invalid UTF-8",
        "text,label\na fine film,good\n".encode() + b"a caf\xe9,bad\n",
        "data.csv:3:",
        "invalid UTF-8 at byte offset 33 (byte 0xe9)",
        "iconv -f WINDOWS-1252 -t UTF-8",
    ),
    evaluated("NUL byte", b"text,label\na fi\0ne film,good\n", "data.csv:2", "NUL byte at byte offset 15"),
    evaluated("old Mac line ends", "text,label\ra film,good\r", "carriage returns", "tr '\\r' '\\n'"),
    evaluated("wrong text column", "review,label\na film,good\n", "'text'", "'review'", "'label'", "--text-column"),
    evaluated("wrong label column", "text,lable\na film,good\n", "'label'", "'lable'", "did you mean", "--label-column"),
    training("wrong column for training", "review,label\na,good\n", "train.csv", "'text'", "'review'", "data.text"),
    evaluated(
        "column that is not there by option",
        TABLE,
        "'remark'",
        "'text', 'label'",
        arguments=EVAL + " --text-column remark",
    ),
    evaluated("column position out of range", TABLE, "'7'", arguments=EVAL + " --no-header --text-column 7 --label-column 1"),
    evaluated("column named twice in the header", "text,text,label\na,b,good\n", "'text' more than once"),
    evaluated("delimiter that is another", TABLE.replace(",", ";"), "'text;label'", "',' between them", "--delimiter",
              arguments=EVAL + " --delimiter ,"),
    evaluated("delimiter of a TSV file", TABLE.replace(",", ";"), "the delimiter asked for is ';'", "csv",
              arguments=EVAL + " --delimiter ;", file="data.tsv"),
    evaluated("text of Windows", "text,label\na \u201cfine\u201d film,good\n".encode("cp1252"), "byte 0x93", "iconv -f WINDOWS-1252"),
    evaluated("JSON in one line instead of JSON Lines", json.dumps([GOOD_ROW, BAD_ROW]), "data.jsonl:1", "jq -c '.[]'", file="data.jsonl"),
    evaluated("row that is too long", "text,label\n" + "long " * 250_000 + ",good\n", "data.csv:2: the line is longer than 1 MiB",
              arguments=EVAL + " --max-row-mib 1"),
    evaluated("quote that is not closed for long", 'text,label\n"a' + "\nlong" * 300_000, "data.csv:2:1", "not closed within 1 MiB",
              arguments=EVAL + " --max-row-mib 1"),
    evaluated("JSON nested too deeply", '{"text": ' + "[" * 100_000, "data.jsonl:1:521", "nested more than 512 levels deep", file="data.jsonl"),
    Case("endless zeros as data", "eval model --data /dev/zero --format csv", 4, ["/dev/zero", "NUL bytes"]),
    evaluated("row with too many fields", "text,label\na film,good\nfine, really,bad\n", "data.csv:3", "3 fields", "header has 2"),
    evaluated("row with too few fields", "text,label\na film,good\nno label\n", "data.csv:3", "1 field", "header has 2"),
    evaluated("unclosed quote", 'text,label\na,good\n"never closed,bad\n' + TABLE, "data.csv:3:1", "never closed"),
    evaluated("text after a closing quote", 'text,label\n"a" b,good\n', "data.csv:2:4", "closing quote", "twice"),
    evaluated("ragged TSV", "text\tlabel\na film\tgood\textra\n", "data.tsv:2", "3 fields", file="data.tsv"),
    Case("a folder as input of predict", "predict model --input model", 6, ["model is a folder; name a file"]),
    Case("a folder as input of embed", "embed model --input model", 6, ["model is a folder; name a file"]),
    Case("a folder as data of eval", "eval model --data model", 6, ["model is a folder; name a file"]),
    Case("a folder as training data", "finetune run.yaml --set data.train=model", 6, ["model is a folder; name a file"]),
    Case("a folder as input of tokenizer encode", "tokenizer encode model --input model", 6, ["model is a folder; name a file"]),
    Case("a folder with an extension", "predict model --input model.csv", 6, ["model.csv is a folder; name a file"], {"model.csv/x": "x"}),
    training("a nested name twice in a label", '{"text": "a", "label": {"x": 1, "x": 2}}\n', "the label 'label' is an object",
             file="train.jsonl", config=CONFIG.replace("train.csv", "train.jsonl")),
    evaluated("unknown extension", TABLE, "the format is not told", ".csv", ".jsonl", file="data.dat"),
    evaluated("JSON instead of JSON Lines", json.dumps([GOOD_ROW], indent=1), "data.jsonl:1", "jq -c '.[]'", file="data.jsonl"),
    evaluated("truncated gzip", COMPRESSED[:60], "gzip data ends early", "fetch it again", file="data.csv.gz"),
    evaluated(
        "damaged gzip", COMPRESSED[:40] + b"\xff\xff\xff" + COMPRESSED[43:], "gzip", "fetch", file="data.csv.gz"
    ),
    evaluated("gzip that is none", TABLE, "its content is not gzip", file="data.csv.gz"),
    evaluated("JSONL with a broken line", jsonl(GOOD_ROW) + '{"text": "a", \n', "data.jsonl:2:", file="data.jsonl"),
    evaluated("JSONL with a list", jsonl(GOOD_ROW, ["a", "good"]), "data.jsonl:2", "JSON object", file="data.jsonl"),
    evaluated("JSONL with a key twice", '{"text":"a","text":"b","label":"good"}\n', "data.jsonl:1", "'text'", file="data.jsonl"),
    evaluated("JSONL without the key", jsonl(GOOD_ROW, {"label": "good"}), "data.jsonl:2", "'text' is missing", file="data.jsonl"),
    evaluated("text that is null", jsonl(GOOD_ROW, {"text": None, "label": "good"}), "data.jsonl:2", "null", file="data.jsonl"),
    evaluated(
        "text that is no string",
        jsonl(GOOD_ROW, {"text": 3, "label": "good"}),
        "data.jsonl:2: the text 'text' is a number, not a string",
        file="data.jsonl",
    ),
    evaluated(
        "label that is a list", jsonl(GOOD_ROW, {"text": "a", "label": ["good"]}), "data.jsonl:2", "the label", file="data.jsonl"
    ),
    evaluated("lone surrogate in JSONL", '{"text": "\\ud800", "label": "good"}\n', "data.jsonl:1:", file="data.jsonl"),
    asked("answer that does not stand at its start", "train.jsonl:1: question 'q7'", "at its start 5", "it begins at 4",
          answer={"text": "food", "answer_start": 5}),
    asked("answer that the context does not have", "question 'q7'", "does not have it anywhere",
          answer={"text": "soup", "answer_start": 4}),
    asked("answer outside the context", "question 'q7'", "starts at 40, outside the context of 17 characters",
          answer={"text": "food", "answer_start": 40}),
    asked("answer that is empty", "question 'q7'", "an answer is empty", answer={"text": "", "answer_start": 4}),
    asked("answer without a start", "question 'q7'", "neither a list of", answer={"text": "food"}),
    asked("answers that are missing", "question 'q7'", "the answers (column 'answers') are missing", answers=None),
    asked("answers that are a text", "question 'q7'", "invalid JSON", answers="food"),
    asked("question that is null", "train.jsonl:1: question 'q7'", "'question' is missing or null", question=None),
    asked("question that leaves no room for its context", "question 'q7'", "no room for the context in 16",
          "data.max_question_length", question="what was good " * 8),
    asked("rows without contexts", "train.jsonl", "no column 'context' for the context", "--text-column",
          content=jsonl({"question": "what", "text": "x", "answers": []})),
    asked("rows without a column of answers", "train.jsonl", "no column 'answers' for the answers", "data.label", "--label-column",
          content=jsonl({"question": "what", "context": "x", "right": []})),
    asked("JSON that is not SQuAD's", "train.json", "not the JSON of SQuAD", file="train.json", content="[1, 2]"),
    asked("JSON Lines under the name of SQuAD's JSON", "train.json:2", "is jsonl", file="train.json",
          content=jsonl(ANSWERED, ANSWERED)),
    asked("SQuAD's JSON with an impossible question that has answers", "train.json: data[0].paragraphs[0].qas[0], question 'x'", "is_impossible",
          file="train.json", content=json.dumps({"data": [{"paragraphs": [{"context": "a b", "qas": [
              {"id": "x", "question": "q", "is_impossible": True, "answers": [{"text": "a", "answer_start": 0}]}]}]}]})),
    asked("SQuAD's JSON without questions", "train.json: there are no questions", file="train.json", content='{"data": []}'),
    asked("share that leaves no question", "a share of 0.5 for validation leaves no question",
          config=QUESTIONS.replace("train.FORMAT", "train.FORMAT, validation: 0.5")),
    asked("one column of texts for questions", "data.text", "that of the question, then that of the context", exit_code=3,
          config=QUESTIONS.replace("train.FORMAT", "train.FORMAT, text: context")),
    asked("windows that share all their tokens", "tokenizer.stride", "share fewer tokens", exit_code=3,
          config=QUESTIONS.replace("max_length: 16", "max_length: 16, stride: 16")),
    asked("labels of questions", "data.labels", "has no part in task question_answering", exit_code=3,
          config=QUESTIONS.replace("train.FORMAT", "train.FORMAT, labels: [a, b]")),
    training("one class only", "text,label\na,good\nb,good\n", "train.csv: the only label in the 2 training rows is 'good'"),
    training(
        "unseen label in the test file",
        "text,label\na,good\nb,so-so\nc,so-so\nd,awful\n",
        "test.csv: 2 labels are not among the 2 known ones ('bad', 'good')",
        "'awful' in 1 row",
        "'so-so' in 2 rows",
        "line 3",
        "data.unknown_label: skip",
        file="test.csv",
        config=CONFIG.replace("validation: valid.csv", "validation: valid.csv, test: test.csv"),
    ),
    evaluated("label the model does not know", "text,label\na,good\nb,fine\n", "'fine' in 1 row", "line 3", "--unknown-label skip"),
    evaluated("no label the model knows", "text,label\na,x\n", "known labels", arguments=EVAL + " --unknown-label skip"),
    evaluated("label id out of range", "text,label\na,0\nb,2\n", "'2' in 1 row"),
    evaluated("empty label", "text,label\na,good\nb,\n", "data.csv:3", "the label", "is empty"),
    training("empty label in training", "text,label\na,good\nb,  \n", "train.csv:3", "the label", "is empty"),
    training(
        "text longer than max_length where that is an error",
        TABLE + "the film was good and not bad and not dull and not cold and not awful and not grey,good\n",
        "train.csv:26",
        "more than tokenizer.max_length 16",
        "on_overlong: truncate",
        config=CONFIG.replace("max_length: 16", "max_length: 16, on_overlong: error"),
    ),
    training(
        "class weight of a label that is not there",
        TABLE,
        "training.class_weights",
        "'fine'",
        "'bad', 'good'",
        config=CONFIG.replace("epochs: 1", "epochs: 1, class_weights: {fine: 2}"),
        exit_code=3,
    ),
    training(
        "positive label that is not there",
        TABLE,
        "evaluation.positive_label",
        "'fine'",
        "'bad' and 'good'",
        config=CONFIG + "evaluation: {positive_label: fine}\n",
        exit_code=3,
    ),
    training(
        "label listed twice in data.labels",
        TABLE,
        "run.yaml:4:",
        "'good' is listed twice",
        config=CONFIG.replace("validation: valid.csv", "labels: [good, bad, good]"),
        exit_code=3,
    ),
    predicted("predict with a bad row", 'text,label\na,good\nb\n', "data.csv:3: the row has 1 field,", "--rejects"),
    predicted("predict with invalid UTF-8", b"text\na\nb\xff\n", "data.csv:3", "byte offset 8", "--rejects"),
    predicted("predict without the column", "review\na\n", "'text'", "'review'", "--text-column"),
    predicted("predict from an empty file", "", "the file is empty"),
    predicted("predict from a truncated gzip", COMPRESSED[:60], "gzip data ends early", file="data.csv.gz"),
    predicted("predict with a text that is no string", jsonl({"text": [1]}), "data.jsonl:1", "not a string", file="data.jsonl"),
    Case("predict from an empty stream", "predict model --input - --format text", 4, ["standard input", "empty"]),
    Case(
        "predict from a stream of unknown format", "predict model --input -", 2, ["--format", "csv, tsv, jsonl, text or squad"],
        stdin=b"a film\n",
    ),
    Case("tokenizer encode of invalid UTF-8", "tokenizer encode model --input data.txt", 4, ["data.txt:2", "byte offset"],
         {"data.txt": b"fine\nb\xff\n"}),
    Case("tokenizer encode of a missing file", "tokenizer encode model --input data.txt", 6, ["cannot read data.txt"]),
    Case("tokenizer decode of no ids", "tokenizer decode model --input data.txt", 4, ["data.txt:2", "at byte 3 of the text"],
         {"data.txt": "5 6 7\n5 x\n"}),

    *(
        training("several labels: " + name, content, *message, file="train.jsonl" if content.startswith("{") else "train.csv",
                 config=MULTI_LABEL if not content.startswith("{") else MULTI_LABEL.replace("train.csv", "train.jsonl"))
        for name, content, message in (
            ("an empty name in a list", '{"text": "a", "label": ["x", ""]}\n', ["train.jsonl:1: one of the labels", "is empty"]),
            ("a list within a list", '{"text": "a", "label": ["x", ["y"]]}\n', ["train.jsonl:1", "something that is no label"]),
            ("an object", '{"text": "a", "label": {"x": 1}}\n', ["train.jsonl:1", "they are a list of names"]),
            ("null", '{"text": "a", "label": null}\n', ["train.jsonl:1", "an empty list says that a text has none"]),
            ("two separators in a row", 'text,label\na,"x,,y"\n', ["train.csv:2: one of the labels", "take it out of the list"]),
            ("one label in all", "text,label\na,x\nb,\n", ["the only label in the 2 training rows is 'x'"]),
            ("no label at all", "text,label\na,\nb,\n", ["no training row has a label"]),
        )
    ),
    training("several labels: unknown in the validation data", 'text,label\na,"x,y"\nb,z\n', "valid.csv", "labels are not among",
             config=MULTI_LABEL.replace("train.csv}", "train.csv, validation: valid.csv}"), file="train.csv"),
    training("several labels: a column that is neither 0 nor 1", "text,x,y\na,1,0\nb,2,1\n", "train.csv:3: the label column 'x' holds neither 0 nor 1",
             config=MULTI_LABEL.replace("train.csv}", "train.csv, label: [x, y]}")),
    *(
        training("numbers: " + name, content, *message, config=REGRESSION)
        for name, content, message in (
            ("a word", "text,label\na,1\nb,high\n", ["train.csv:3: the value of column 'label' is no number"]),
            ("a decimal comma", 'text,label\na,1\nb,"1,5"\n', ["train.csv:3", "is no number"]),
            ("infinity", "text,label\na,1\nb,inf\n", ["train.csv:3", "is no number"]),
            ("an empty cell", "text,label\na,1\nb,\n", ["train.csv:3", "(column 'label') is empty"]),
            ("all equal", "text,label\na,1\nb,1\n", ["all training numbers of column 'label' are equal"]),
        )
    ),
    training("numbers: a column that does not exist", "text,label\na,1\n", "there is no column 'score' for the label",
             config=REGRESSION.replace("train.csv}", "train.csv, label: [label, score]}")),
]
