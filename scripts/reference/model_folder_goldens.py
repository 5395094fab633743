#!/usr/bin/env python3
"""What transformers makes of the model folders in tests/fixtures/models beside their scores.

    python scripts/reference/model_folder_goldens.py tests/fixtures/models

decay.json: the weights its Trainer spares from decay. settings.json: one setting of config.json after another, with
another value than the folder's, and the scores that follow: true where they stay as they are, null where transformers
refuses the folder or has no use for all of its weights. Versions: scripts/reference/requirements.txt (transformers 5.17.0, torch 2.11.0).
"""

import json
import pathlib
import shutil
import sys
import tempfile

import torch
import transformers

transformers.logging.set_verbosity_error()

# What every family may find in its config.json, whether its class in transformers knows it or not.
COMMON = [
    ("is_decoder", True), ("add_cross_attention", True), ("is_encoder_decoder", True), ("is_causal", True),
    ("is_causal", False), ("position_embedding_type", "relative_key"), ("chunk_size_feed_forward", 2),
    ("tie_word_embeddings", False), ("pruned_heads", {"0": [1]}), ("problem_type", "single_label_classification"),
    ("use_cache", False), ("torch_dtype", "float32"), ("output_hidden_states", True), ("output_attentions", True),
    ("gradient_checkpointing", True), ("initializer_range", 0.5), ("pad_token_id", 3),
    ("bos_token_id", 3), ("eos_token_id", 3), ("cls_token_id", 3), ("sep_token_id", 3), ("layer_norm_eps", 0.5),
    ("layer_norm_epsilon", 0.5), ("norm_eps", 0.5), ("hidden_act", "silu"), ("activation_function", "silu"),
    ("activation", "silu"), ("hidden_activation", "silu"), ("hidden_dropout_prob", 0.3),
    ("attention_probs_dropout_prob", 0.3), ("classifier_dropout", 0.3), ("num_hidden_layers", 1),
    ("num_attention_heads", 4), ("hidden_size", 64), ("max_position_embeddings", 39), ("type_vocab_size", 1),
    ("vocab_size", 119), ("do_sample", True), ("max_length", 3), ("temperature", 0.2), ("repetition_penalty", 2.0),
    ("task_specific_params", {"text-generation": {"do_sample": True}}), ("sliding_window", 2),
    ("attention_chunk_size", 2), ("rope_scaling", {"rope_type": "linear", "factor": 2.0}), ("rope_theta", 50.0),
    ("use_bidirectional_attention", True), ("torchscript", True), ("n_ctx", 7), ("tokenizer_class", "Other"),
    ("embedding_size", 20),
]

# Settings of one family, by its model_type.
OWN = {
    "electra": [("summary_type", "mean"), ("summary_use_proj", False), ("summary_activation", "relu"),
                ("summary_last_dropout", 0.5)],
    "albert": [("num_hidden_groups", 2), ("inner_group_num", 2), ("classifier_dropout_prob", 0.5),
               ("net_structure_type", 1), ("gap_size", 2), ("num_memory_blocks", 2), ("down_scale_factor", 2)],
    "distilbert": [("sinusoidal_pos_embds", True), ("n_layers", 1), ("n_heads", 4), ("dim", 64), ("hidden_dim", 64),
                   ("dropout", 0.3), ("attention_dropout", 0.3), ("qa_dropout", 0.3), ("seq_classif_dropout", 0.3),
                   ("tie_weights_", False)],
    "gpt2": [("n_positions", 39), ("n_embd", 64), ("n_layer", 2), ("n_head", 4), ("n_inner", 44),
             ("scale_attn_weights", False), ("scale_attn_by_inverse_layer_idx", True),
             ("reorder_and_upcast_attn", True), ("summary_type", "mean"), ("summary_use_proj", False),
             ("summary_activation", "tanh"), ("summary_proj_to_labels", False), ("summary_first_dropout", 0.5),
             ("resid_pdrop", 0.3), ("embd_pdrop", 0.3), ("attn_pdrop", 0.3)],
    "modernbert": [("initializer_cutoff_factor", 1.0), ("norm_bias", True), ("attention_bias", True),
                   ("attention_dropout", 0.3), ("layer_types", ["full_attention", "full_attention"]),
                   ("layer_types", ["sliding_attention", "full_attention"]), ("global_attn_every_n_layers", 1),
                   ("local_attention", 4), ("embedding_dropout", 0.3), ("mlp_bias", True), ("mlp_dropout", 0.3),
                   ("decoder_bias", False), ("classifier_pooling", "cls"), ("classifier_bias", True),
                   ("classifier_activation", "relu"), ("deterministic_flash_attn", True), ("sparse_prediction", True),
                   ("sparse_pred_ignore_index", -1), ("reference_compile", True), ("repad_logits_with_grad", True),
                   ("global_rope_theta", 100.0), ("local_rope_theta", 50.0),
                   ("rope_parameters", {"full_attention": {"rope_type": "default", "rope_theta": 100.0},
                                        "sliding_attention": {"rope_type": "default", "rope_theta": 50.0}}),
                   ("rope_parameters", {"full_attention": {"rope_type": "linear", "rope_theta": 100.0, "factor": 2.0},
                                        "sliding_attention": {"rope_type": "default", "rope_theta": 50.0}}),
                   ("rope_parameters", {"full_attention": {"rope_type": "default", "rope_theta": 100.0,
                                                           "partial_rotary_factor": 0.5},
                                        "sliding_attention": {"rope_type": "default", "rope_theta": 50.0}}),
                   ("rope_parameters", {"rope_type": "default", "rope_theta": 100.0})],
    "deberta-v2": [("relative_attention", True), ("relative_attention", False), ("max_relative_positions", 3),
                   ("position_buckets", 4), ("pos_att_type", "c2p"), ("pos_att_type", ["p2c"]), ("pos_att_type", None),
                   ("share_att_key", False), ("norm_rel_ebd", "none"), ("position_biased_input", True),
                   ("conv_kernel_size", 3), ("conv_act", "gelu"), ("pooler_dropout", 0.3), ("pooler_hidden_act", "relu"),
                   ("pooler_hidden_size", 64), ("pooler_hidden_size", 16), ("legacy", False), ("cls_dropout", 0.3),
                   ("attention_head_size", 8), ("talking_head", True), ("z_steps", 2), ("padding_idx", 3)],
}

FOLDERS = ["gelu", "bert_masked_lm", "roberta_classification", "roberta_masked_lm", "xlm_roberta_masked_lm",
           "electra_classification", "electra_masked_lm", "albert_classification", "albert_masked_lm",
           "modernbert_classification", "modernbert_masked_lm", "deberta_v2_classification", "deberta_v2_masked_lm",
           "distilbert_classification", "distilbert_masked_lm", "gpt2_classification", "gpt2_causal_lm"]

IDS = [5, 9, 17, 40, 8, 77, 23, 61, 90, 12, 33, 54]
MOST_SCORES = 4


def model_class(folder):
    config = json.loads((folder / "config.json").read_text())
    return getattr(transformers, config["architectures"][0])


def scores(folder):
    """The first scores of the last row for a fixed text, or None where transformers cannot make the model."""
    try:
        torch.manual_seed(0)
        model, info = model_class(folder).from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
        if info["missing_keys"] or info["unexpected_keys"] or info["mismatched_keys"]:
            return None
        with torch.no_grad():
            output = model.eval()(torch.tensor([IDS]), return_dict=True)
        return [round(score, 6) for score in output.logits.reshape(-1, output.logits.shape[-1])[-1][:MOST_SCORES].tolist()]
    except Exception as error:  # whatever it is, the folder is of no use there
        print("   ", type(error).__name__, str(error).splitlines()[0][:100] if str(error) else "")
        return None


def settings_case(folder, key, value, usual):
    config = json.loads((folder / "config.json").read_text())
    with tempfile.TemporaryDirectory() as name:
        changed = pathlib.Path(name)
        shutil.copy(folder / "model.safetensors", changed)
        (changed / "config.json").write_text(json.dumps({**config, key: value}))
        print(folder.name, key, value)
        changed_scores = scores(changed)
        return {"key": key, "value": value, "scores": True if changed_scores == usual else changed_scores}


def settings(root):
    cases = []
    for name in FOLDERS:
        folder = root / name
        family = json.loads((folder / "config.json").read_text())["model_type"]
        usual = scores(folder)
        cases.append({"folder": name, "scores": usual, "settings": [settings_case(folder, key, value, usual)
                                                                    for key, value in COMMON + OWN.get(family, [])]})
    return {"ids": IDS, "folders": cases}


def spared(folder):
    model = model_class(folder)(transformers.AutoConfig.from_pretrained(folder))
    decayed = set(transformers.Trainer.get_decay_parameter_names(None, model))
    return [name for name, _ in model.named_parameters() if name not in decayed]


def write(path, value):
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


def main():
    root = pathlib.Path(sys.argv[1])
    write(root / "decay.json", {name: spared(root / name) for name in FOLDERS})
    write(root / "settings.json", settings(root))


if __name__ == "__main__":
    main()
