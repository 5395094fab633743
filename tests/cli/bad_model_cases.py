"""Model folders that must be refused with exit code 5: each is the tiny model with one thing broken."""

import json
import pickle
import struct
import zipfile

import tiny_model
from bad_input_case import CONFIG, Case

EVAL = "eval model --data train.csv"
PREDICT = "predict model --input train.csv --output predictions.csv"
WEIGHTS = "model/model.safetensors"
SHAPES = tiny_model.weight_shapes()
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 90868376\n"
INDEX = "model/model.safetensors.index.json"


def model(name, files, *message, arguments=EVAL, exit_code=5):
    return Case(name, arguments, exit_code, list(message), files)


def weights(name, content, *message):
    """A file of weights that the reader refuses."""
    return model(name, {WEIGHTS: content}, WEIGHTS, *message)


def config(name, *message, arguments=EVAL, without=(), **changes):
    """The tiny model with another config.json."""
    content = dict(tiny_model.CONFIG, vocab_size=len(tiny_model.vocabulary()), **changes)
    return model(
        name,
        {"model/config.json": json.dumps({key: value for key, value in content.items() if key not in without})},
        *message,
        arguments=arguments,
    )


def named_tensors(**changes):
    """A header of two small tensors with one of them changed, and its 16 bytes of data."""
    header = {
        "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
        "b": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16], **changes},
    }
    return header, bytes(16)


def tiny_weights(without=(), **changed_shapes):
    shapes = {name: shape for name, shape in SHAPES.items() if name not in without}
    shapes.update(changed_shapes)
    return tiny_model.safetensors_bytes(tiny_model.random_weights(shapes))


def with_nan():
    content = bytearray(tiny_weights())
    content[-4:] = struct.pack("<f", float("nan"))
    return bytes(content)


class CallsSystem:
    def __reduce__(self):
        import os

        return os.system, ("touch pickle_was_run",)


def write_torch_zip(content):
    def prepare(folder):
        (folder / WEIGHTS).unlink()
        with zipfile.ZipFile(folder / "model/pytorch_model.bin", "w") as archive:
            archive.writestr("archive/data.pkl", content)
            archive.writestr("archive/version", "3\n")

    return prepare


def index(shard):
    return json.dumps({"metadata": {}, "weight_map": {name: shard for name in SHAPES}})


WHOLE = tiny_weights()

CASES = [
    Case(
        "name of a model instead of a folder",
        "eval google-bert/bert-base-uncased --data train.csv",
        5,
        ["there is no model folder 'google-bert/bert-base-uncased'", "network", "download"],
    ),
    model(
        "name of a model in a config",
        {"run.yaml": CONFIG.replace("{from: model}", "{from: bert-base-uncased}")},
        "there is no model folder 'bert-base-uncased'",
        "network access",
        arguments="finetune run.yaml",
    ),
    Case("mistyped folder", "predict ./modle --input train.csv", 5, ["there is no model folder './modle'"]),
    Case("a file as model", f"eval {WEIGHTS} --data train.csv", 5, [WEIGHTS, "is a file; a model is a folder"]),
    Case("an empty folder as model", "eval empty --data train.csv", 5, ["the model folder 'empty' has no config.json"], {"empty/notes": ""}),
    Case("tokenizer of a model by name", "tokenizer encode bert-base-uncased --input -", 5, ["bert-base-uncased", "network"]),
    model("missing config.json", {"model/config.json": None}, "'model'", "config.json"),
    model("missing tokenizer", {"model/vocab.txt": None}, "no tokenizer in 'model'", "tokenizer.json", "vocab.txt"),
    model("missing weights", {WEIGHTS: None}, "model", "model.safetensors", "pytorch_model.bin"),
    model("missing weights for finetune", {WEIGHTS: None}, "model.safetensors", arguments="finetune run.yaml"),
    model("broken config.json", {"model/config.json": '{"model_type": "bert",'}, "model/config.json:1:"),
    model("config.json that is a list", {"model/config.json": "[]"}, "model/config.json", "JSON object"),
    model("empty config.json", {"model/config.json": ""}, "model/config.json:1:1", "end of input"),
    config("unsupported model_type", "model/config.json: 'model_type' is 'llama'", "bert", model_type="llama"),
    config("missing model_type", "model/config.json: 'model_type' is missing", without=["model_type"]),
    config("missing hidden size", "'hidden_size' is missing", without=["hidden_size"]),
    config("hidden size that is text", "'hidden_size' must be an integer", hidden_size="8"),
    config("hidden size without end", "'hidden_size' must be an integer", hidden_size=2**62),
    config("negative layers", "'num_hidden_layers' must be an integer", num_hidden_layers=-1),
    config("heads that do not divide", "'hidden_size' (8) is not a multiple of 'num_attention_heads' (3)", num_attention_heads=3),
    config("unsupported activation", "'hidden_act'", "'glu'", "gelu", hidden_act="glu"),
    config("unsupported positions", "'position_embedding_type'", position_embedding_type="relative_key"),
    config("decoder", "'is_decoder' is true", is_decoder=True),
    config("label names with a gap", "'id2label'", "'2'", id2label={"0": "bad", "2": "good"}),
    config("label named twice", "'id2label'", "'good' twice", id2label={"0": "good", "1": "good"}),
    config("weights of another shape", "'bert.embeddings.LayerNorm.bias' is [8], the config asks for [16]", hidden_size=16),
    config("more layers than weights", "bert.encoder.layer.1.", "missing", num_hidden_layers=2),
    config(
        "layers that would need too much memory",
        "missing",
        num_hidden_layers=1024,
        hidden_size=1 << 17,
        num_attention_heads=1 << 17,
        intermediate_size=1 << 17,
    ),
    model("broken tokenizer.json", {"model/tokenizer.json": '{"model": '}, "model/tokenizer.json:1:"),
    model(
        "tokenizer component that is not supported",
        {
            "model/tokenizer.json": json.dumps(
                {
                    "version": "1.0",
                    "added_tokens": [],
                    "normalizer": {"type": "ByteLevel"},
                    "pre_tokenizer": None,
                    "post_processor": None,
                    "decoder": None,
                    "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0}},
                }
            )
        },
        "model/tokenizer.json",
        "ByteLevel",
        "not supported",
    ),
    model("vocabulary without special tokens", {"model/vocab.txt": "the\nfilm\n"}, "model/vocab.txt", "'[PAD]'"),
    model("empty vocabulary", {"model/vocab.txt": ""}, "model/vocab.txt", "empty"),
    model("vocabulary in Latin-1", {"model/vocab.txt": b"[PAD]\ncaf\xe9\n"}, "model/vocab.txt:2", "byte offset 9"),
    model(
        "max_length over the position table",
        {"run.yaml": CONFIG.replace("max_length: 16", "max_length: 64")},
        "64 tokens",
        "32 positions",
        "tokenizer.max_length",
        arguments="finetune run.yaml",
    ),
    Case("max_length option over the position table", EVAL + " --max-length 64", 5, ["64 tokens", "32 positions", "--max-length"]),
    Case("max_length option without room for text", EVAL + " --max-length 2", 2, ["max_length of 2", "2 special tokens", "--max-length 3"]),
    model(
        "max_length without room for text",
        {"run.yaml": CONFIG.replace("max_length: 16", "max_length: 1")},
        "tokenizer.max_length: 1",
        "2 special tokens",
        "set at least 3",
        arguments="finetune run.yaml",
        exit_code=3,
    ),
    *(
        model(f"Git LFS pointer as {name}", {f"model/{name}": POINTER}, f"model/{name}", "this is a Git LFS pointer", "git lfs pull")
        for name in ("config.json", "tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
    ),
    model(
        "added token with an id it cannot have",
        {"model/added_tokens.json": json.dumps({"<e1>": 140})},
        "model/added_tokens.json: '<e1>'",
        "listed with the id 140",
        "without gaps",
    ),
    weights("empty weights", b"", "the file is empty"),
    weights("weights of three bytes", b"abc", "too short"),
    weights("text instead of weights", "these are no weights at all\n", "not safetensors"),
    weights("Git LFS pointer", POINTER, "this is a Git LFS pointer", "git lfs pull"),
    weights("web page instead of weights", "<!DOCTYPE html>\n<html><body>404</body></html>\n", "web page"),
    weights("truncated weights", WHOLE[:-100], "the tensors need 8136 bytes, but only 8036 follow", "incomplete"),
    weights("weights truncated in the header", WHOLE[:200], "the header needs"),
    weights("header length of 2^64-1", tiny_model.with_header("{}", length=2**64 - 1), "header length 18446744073709551615"),
    weights("header length beyond the file", tiny_model.with_header("{}", length=1000), "the header needs 1000 bytes"),
    weights("header that is no JSON", tiny_model.with_header("{'a': 1}"), "header"),
    weights("header that is a list", tiny_model.with_header("[]"), "the header is not a JSON object"),
    weights("deeply nested header", tiny_model.with_header('{"a":' + "[" * 100000), ""),
    weights("overlapping offsets", tiny_model.with_header(*named_tensors(data_offsets=[4, 12])), "'b'", "overlaps"),
    weights("offsets with a hole", tiny_model.with_header(*named_tensors(data_offsets=[12, 20])), "'b'", "belong to no tensor"),
    weights("offsets backwards", tiny_model.with_header(*named_tensors(data_offsets=[16, 8])), "'b'", "data_offsets"),
    weights("offsets beyond the file", tiny_model.with_header(*named_tensors(shape=[4], data_offsets=[8, 24])), "24 bytes"),
    weights(
        "offsets of 2^64-1", tiny_model.with_header(*named_tensors(data_offsets=[8, 2**64 - 1])), "'b'", "18446744073709551"
    ),
    weights("negative offsets", tiny_model.with_header(*named_tensors(data_offsets=[-8, 0])), "'b'", "-8"),
    weights("shape that overflows", tiny_model.with_header(*named_tensors(shape=[2**33, 2**33])), "'b'", "overflows"),
    weights("shape of another size", tiny_model.with_header(*named_tensors(shape=[3])), "'b'", "its shape needs 12 bytes"),
    weights("unknown element type", tiny_model.with_header(*named_tensors(dtype="F31")), "'b'", "F31"),
    weights(
        "tensor named twice",
        tiny_model.with_header(
            '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}',
            bytes(16),
        ),
        "duplicate key 'a'",
    ),
    weights("trailing bytes", WHOLE + b"more", "4 bytes after the last tensor"),
    model("missing weight", {WEIGHTS: tiny_weights(["bert.encoder.layer.0.output.dense.bias"])}, "bert.encoder.layer.0.output.dense.bias", "missing"),
    model("unexpected weight", {WEIGHTS: tiny_weights(**{"bert.surprise": [3]})}, "bert.surprise", "unexpected"),
    model(
        "no classifier for eval",
        {WEIGHTS: tiny_weights(["classifier.weight", "classifier.bias"])},
        "classif",
        "finetune",
    ),
    model(
        "no classifier for predict",
        {WEIGHTS: tiny_weights(["classifier.weight", "classifier.bias"])},
        "classif",
        "finetune",
        arguments=PREDICT,
    ),
    model(
        "head that must be kept has other labels",
        {
            "run.yaml": CONFIG.replace("{from: model}", "{from: model, head: keep}"),
            "train.csv": "text,label\na,yes\nb,no\n",
            "valid.csv": "text,label\na,yes\nb,no\n",
        },
        "model.head",
        "'yes'",
        "'good'",
        arguments="finetune run.yaml",
    ),
    model("weight that is not a number", {WEIGHTS: with_nan()}, "train.csv:2: ", "NaN", "weights", exit_code=7),
    model("index that leaves the folder", {WEIGHTS: None, INDEX: index("../outside.safetensors")}, INDEX, "'../outside.safetensors' leaves"),
    model("index with an absolute path", {WEIGHTS: None, INDEX: index("/etc/passwd")}, INDEX, "'/etc/passwd' leaves"),
    model("missing shard", {WEIGHTS: None, INDEX: index("model-00001-of-00001.safetensors")}, "model-00001-of-00001.safetensors"),
    model("broken index", {WEIGHTS: None, INDEX: '{"weight_map": '}, INDEX + ":1:"),
    model("index without a map", {WEIGHTS: None, INDEX: "{}"}, INDEX, "weight_map"),
    Case("pickle that names a function", EVAL, 5, ["pytorch_model.bin", "system"], prepare=write_torch_zip(pickle.dumps(CallsSystem(), 2))),
    Case("pickle that ends early", EVAL, 5, ["pytorch_model.bin"], prepare=write_torch_zip(pickle.dumps({"a": [1] * 50}, 2)[:-20])),
    model("pickle without zip", {WEIGHTS: None, "model/pytorch_model.bin": pickle.dumps({"a": 1}, 2)}, "pytorch_model.bin"),
]
