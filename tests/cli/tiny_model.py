"""A BERT of one layer and hidden size 8 with two labels, written as Hugging Face writes it, from the standard library alone."""

import json
import pathlib
import random
import struct

WORDS = (
    "the a film food room was is great good lovely bright warm bad dull cold awful grey slow very not and it i we "
    "loved liked hated left early again with every my friend story actor waiter bed service plot soup window light "
    "never always quite really this that place evening"
).split()
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,!?'-"

CONFIG = {
    "architectures": ["BertForSequenceClassification"],
    "model_type": "bert",
    "attention_probs_dropout_prob": 0.1,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "hidden_size": 8,
    "id2label": {"0": "bad", "1": "good"},
    "label2id": {"bad": 0, "good": 1},
    "initializer_range": 0.02,
    "intermediate_size": 16,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 32,
    "num_attention_heads": 2,
    "num_hidden_layers": 1,
    "pad_token_id": 0,
    "position_embedding_type": "absolute",
    "type_vocab_size": 2,
}


def vocabulary():
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = list(LETTERS) + ["##" + letter for letter in LETTERS if letter.isalnum()]
    return special + pieces + [word for word in WORDS if len(word) > 1]


def weight_shapes(config=CONFIG):
    """{name: shape} of every weight of BertForSequenceClassification."""
    hidden, middle = config["hidden_size"], config["intermediate_size"]
    shapes = {
        "bert.embeddings.word_embeddings.weight": [len(vocabulary()), hidden],
        "bert.embeddings.position_embeddings.weight": [config["max_position_embeddings"], hidden],
        "bert.embeddings.token_type_embeddings.weight": [config["type_vocab_size"], hidden],
    }
    layer = "bert.encoder.layer.0."
    linear = {layer + "attention.self." + part: [hidden, hidden] for part in ("query", "key", "value")}
    linear[layer + "attention.output.dense"] = [hidden, hidden]
    linear[layer + "intermediate.dense"] = [middle, hidden]
    linear[layer + "output.dense"] = [hidden, middle]
    linear["bert.pooler.dense"] = [hidden, hidden]
    linear["classifier"] = [len(config["id2label"]), hidden]
    for name, shape in linear.items():
        shapes[name + ".weight"], shapes[name + ".bias"] = shape, shape[:1]
    for name in ("bert.embeddings.LayerNorm", layer + "attention.output.LayerNorm", layer + "output.LayerNorm"):
        shapes[name + ".weight"] = shapes[name + ".bias"] = [hidden]
    return shapes


def random_weights(shapes):
    """{name: (shape, bytes)}: small floats, the same on every machine; around one for the scales of normalisation."""
    generator = random.Random(20)
    weights = {}
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) == 2 else 1)
        middle = 1.0 if name.endswith("LayerNorm.weight") else 0.0
        values = [middle + generator.uniform(-0.2, 0.2) for _ in range(count)]
        weights[name] = (shape, struct.pack(f"<{count}f", *values))
    return weights


def safetensors_bytes(weights):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, (shape, raw) in weights.items():
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    return with_header(header, data)


def with_header(header, data=b"", length=None):
    """A safetensors file of this header (a dictionary or JSON text) and data; `length` overrides the header's length."""
    text = (header if isinstance(header, str) else json.dumps(header)).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def write_tiny_model(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    config = dict(CONFIG, vocab_size=len(vocabulary()))
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    (folder / "vocab.txt").write_text("\n".join(vocabulary()) + "\n")
    tokenizer = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 32}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    (folder / "model.safetensors").write_bytes(safetensors_bytes(random_weights(weight_shapes())))
    return folder


def labelled_rows(count, seed=7):
    """`count` rows (text, label) of made-up remarks whose label follows from the words."""
    generator = random.Random(seed)
    moods = {"good": "great good lovely bright warm".split(), "bad": "bad dull cold awful grey slow".split()}
    rows = []
    for index in range(count):
        label = ("good", "bad")[index % 2]
        thing = generator.choice("film food room service plot soup story".split())
        ending = generator.choice(["", " and it was " + generator.choice(moods[label]), " again", " every evening"])
        rows.append((f"the {thing} was {generator.choice(moods[label])}{ending} {index}", label))
    return rows


def csv_text(rows, header="text,label"):
    return "\n".join([header, *(",".join(row) for row in rows)]) + "\n"
