#!/usr/bin/env python3
"""Vectors that sentence-transformers makes of texts with every module and setting that llmtool obeys.

    python scripts/reference/sentence_transformers_goldens.py tests/fixtures/inference/sentence_transformers

Writes the folder `transformer`, a tiny BERT, and a folder for each case with what it has besides, and `expected.json`:
how the library was asked and what it said. A case lies over the transformer, or below it where its modules.json says so.
Made with torch 2.11.0, transformers 5.17.0, sentence-transformers 6.0.1.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Dropout, Pooling
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from golden_models import fresh, randomize

WORDS = "the a film dog was is great good bad cat sat on mat . : query passage The".split()
TEXTS = ["the cat sat on the mat .", "The film is great", "a", "the dog was bad . the dog was good . the dog was bad .", "A DOG"]
HIDDEN = 8
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def write_transformer(folder):
    vocabulary = {token: number for number, token in enumerate(SPECIAL + WORDS)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIAL))
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=32, **names).save_pretrained(folder)
    config = transformers.BertConfig(vocab_size=len(vocabulary), hidden_size=HIDDEN, num_hidden_layers=1,
                                     num_attention_heads=2, intermediate_size=16, max_position_embeddings=32)
    randomize(transformers.BertModel(config, add_pooling_layer=False), 1).save_pretrained(folder)


def dense(seed, in_features, out_features, **options):
    module = Dense(in_features, out_features, **options)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.4)
    return module


def set_json(path, **changes):
    """Keys of a JSON file; None takes one out."""
    content = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}, indent=2))


def old_pooling_keys(folder):
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({
        "word_embedding_dimension": HIDDEN, "pooling_mode_weightedmean_tokens": True, "pooling_mode_mean_tokens": False,
        "pooling_mode_max_tokens": True, "pooling_mode_cls_token": True}))


def other_folders(folder):
    """The Transformer and the pooling where no name tells what they are."""
    for name in ("encoder", "parts/first"):
        (folder / name).mkdir(parents=True)
    for path in list(folder.iterdir()):
        if path.is_file() and path.name not in ("modules.json", "config_sentence_transformers.json"):
            path.rename(folder / "encoder" / path.name)
    (folder / "1_Pooling" / "config.json").rename(folder / "parts" / "first" / "config.json")
    shutil.rmtree(folder / "1_Pooling")
    modules = json.loads((folder / "modules.json").read_text())
    for module, path in zip(modules, ("encoder", "parts/first")):
        module["path"] = path
    modules[0]["type"] = "sentence_transformers.models.Transformer"
    modules[1]["type"] = "sentence_transformers.models.Pooling"
    (folder / "modules.json").write_text(json.dumps(modules))


def dense_as_pickle(folder):
    weights = SentenceTransformer(str(folder), device="cpu")[2].state_dict()
    (folder / "2_Dense" / "model.safetensors").unlink()
    torch.save(weights, folder / "2_Dense" / "pytorch_model.bin")


def settings(**changes):
    return lambda folder: set_json(folder / "config_sentence_transformers.json", **changes)


def reading(**changes):
    return lambda folder: set_json(folder / "sentence_bert_config.json", **changes)


def without_list(settings=None, reading=None, reading_name="sentence_bert_config.json"):
    """Files about vectors in a folder without modules.json, where the library reads none of them."""
    def change(folder):
        shutil.rmtree(folder / "1_Pooling")
        for name in ("modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"):
            (folder / name).unlink()
        for name, content in (("config_sentence_transformers.json", settings), (reading_name, reading)):
            if content:
                (folder / name).write_text(json.dumps(content))
    return change


def cases():
    """name: (modules behind the Transformer, what is changed in the saved folder, how the library is asked)."""
    modes = Pooling.POOLING_MODES
    mean = Pooling(HIDDEN, "mean")
    prompts = {"query": "query : ", "passage": "a passage : "}
    found = {"pooling_" + mode: ([Pooling(HIDDEN, mode)], None, {}) for mode in modes}
    found["pooling_all"] = ([Pooling(HIDDEN, list(reversed(modes)))], None, {})
    found["pooling_old_keys"] = ([mean], old_pooling_keys, {})
    found["dense_normalized"] = ([mean, dense(1, HIDDEN, 3), Normalize()], None, {})
    found["dense_in_a_pickle"] = ([mean, dense(2, HIDDEN, 5, bias=False, activation_function=torch.nn.ReLU())], dense_as_pickle, {})
    found["dense_twice_after_two_modes"] = (
        [Pooling(HIDDEN, ["cls", "mean"]), dense(3, 2 * HIDDEN, 6, activation_function=torch.nn.GELU()), Normalize(),
         dense(4, 6, 4, activation_function=None)], None, {})
    found["dense_residual"] = (
        [mean, dense(5, HIDDEN, HIDDEN, use_residual=True), dense(6, HIDDEN, 3, use_residual=True)], None, {})
    found["dense_of_tokens"] = (
        [dense(7, HIDDEN, 4, module_input_name="token_embeddings"), Normalize(module_input_name="token_embeddings"),
         Pooling(4, "max")], None, {})
    found["dropout"] = ([mean, Dropout(0.5), Normalize()], None, {})
    found["default_prompt"] = ([mean, Normalize()], settings(prompts=prompts, default_prompt_name="query"), {})
    found["named_prompt"] = ([mean], settings(prompts=prompts, default_prompt_name="query"), {"prompt_name": "passage"})
    found["given_prompt"] = ([mean], settings(prompts=prompts, default_prompt_name="query"), {"prompt": "the "})
    found["no_prompt"] = ([mean], settings(prompts=prompts, default_prompt_name="query"), {"prompt": ""})
    found["prompt_left_out"] = ([Pooling(HIDDEN, list(modes), include_prompt=False)], settings(prompts=prompts), {"prompt_name": "query"})
    found["lower_cased"] = ([mean], reading(do_lower_case=True), {})
    found["max_seq_length"] = ([mean, Normalize()], reading(max_seq_length=7), {})
    found["truncate_dim"] = ([mean, Normalize()], settings(truncate_dim=5), {})
    found["truncate_dim_normalized"] = ([mean], settings(truncate_dim=5), {"normalize_embeddings": True})
    found["other_folders"] = ([mean], other_folders, {})
    raw, unit = {"normalize_embeddings": False}, {"normalize_embeddings": True}
    found["without_list"] = ([mean], without_list(), raw)
    found["without_list_reading"] = ([mean], without_list(reading={"max_seq_length": 7, "do_lower_case": True}), raw)
    found["without_list_older_name"] = (
        [mean], without_list(reading={"max_seq_length": 7, "do_lower_case": True}, reading_name="sentence_roberta_config.json"), unit)
    found["without_list_task"] = (
        [mean], without_list(reading={"transformer_task": "fill-mask", "tokenizer_args": {"model_max_length": 9}, "some_key": 1}), raw)
    found["without_list_prompts"] = (
        [mean], without_list({"prompts": prompts, "default_prompt_name": "query", "truncate_dim": 5, "similarity_fn_name": "dot"}), unit)
    found["without_list_other_kind"] = (
        [mean], without_list({"model_type": "SparseEncoder", "prompts": prompts, "default_prompt_name": "elsewhere"}), raw)
    return found


def leave_the_transformer_out(folder, transformer):
    """Saved anew it is the same, with a pooler drawn at random that no vector is made of."""
    for place in (folder, folder / "encoder"):
        for original in transformer.iterdir():
            (place / original.name).unlink(missing_ok=True)


def write_case(root, transformer, name, modules, change, asked):
    folder = fresh(root / name)
    model = SentenceTransformer(modules=[Transformer(str(transformer)), *modules], device="cpu").eval()
    model.save(str(folder), create_model_card=False)
    if change:
        change(folder)
    vectors = SentenceTransformer(str(folder), device="cpu").encode(TEXTS, convert_to_tensor=True, **asked)
    leave_the_transformer_out(folder, transformer)
    rows = [[round(value, 6) for value in row] for row in vectors.tolist()]
    (folder / "expected.json").write_text(json.dumps({"texts": TEXTS, "asked": asked, "vectors": rows}) + "\n")


def write_activations(file):
    inputs = [-4.0, -1.25, -0.5, -0.1, 0.0, 0.3, 0.75, 2.0, 7.0]
    names = ("CELU ELU GELU Hardshrink Hardsigmoid Hardswish Hardtanh Identity LeakyReLU LogSigmoid Mish RReLU ReLU ReLU6 SELU "
             "SiLU Sigmoid Softplus Softshrink Softsign Tanh Tanhshrink LogSoftmax Softmax Softmin").split()
    rows = torch.tensor([inputs])
    outputs = {name: getattr(torch.nn, name)().eval()(rows)[0].tolist() for name in names}
    rounded = {name: [round(value, 7) for value in values] for name, values in outputs.items()}
    file.write_text(json.dumps({"inputs": inputs, "outputs": rounded}) + "\n")


def main():
    root = Path(sys.argv[1])
    fresh(root)
    with tempfile.TemporaryDirectory() as name:
        transformer = Path(name) / "transformer"
        transformer.mkdir()
        write_transformer(transformer)
        for name, (modules, change, asked) in cases().items():
            write_case(root, transformer, name, modules, change, asked)
        shutil.copytree(transformer, root / "transformer")
    write_activations(root.parent / "torch_activations.json")


if __name__ == "__main__":
    main()
