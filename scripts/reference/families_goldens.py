#!/usr/bin/env python3
"""Makes tiny random checkpoints of every family and head, and what Hugging Face computes with them.

    python scripts/reference/families_goldens.py tests/fixtures/models

Each folder holds a checkpoint, sequences and expected.safetensors: hidden states, scores, a loss and its gradients.
Versions the committed files were made with: torch 2.11.0, transformers 5.17.0, safetensors 0.8, Python 3.11.
"""

import sys
from pathlib import Path

import torch
import transformers

from golden_models import VOCABULARY_SIZE, fresh, make_sequences, packed, padded, randomize, write_expected

NO_DROPOUT = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
BERT = dict(vocab_size=VOCABULARY_SIZE, max_position_embeddings=40, hidden_size=32, num_hidden_layers=2,
            num_attention_heads=2, intermediate_size=48, **NO_DROPOUT)
GPT2 = dict(vocab_size=VOCABULARY_SIZE, n_positions=40, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
            bos_token_id=1, eos_token_id=1, pad_token_id=0)

ROBERTA = {**BERT, "type_vocab_size": 1, "pad_token_id": 1}
DISTILBERT = dict(vocab_size=VOCABULARY_SIZE, max_position_embeddings=40, dim=32, n_layers=2, n_heads=2, hidden_dim=48,
                  dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0)

ELECTRA = {**BERT, "embedding_size": 20}
ALBERT = {**BERT, "embedding_size": 20, "num_hidden_layers": 4, "num_hidden_groups": 2, "classifier_dropout_prob": 0.0}

MODERNBERT = dict(vocab_size=VOCABULARY_SIZE, max_position_embeddings=40, hidden_size=32, num_hidden_layers=3,
                  num_attention_heads=2, intermediate_size=48, local_attention=8, pad_token_id=0, bos_token_id=None,
                  eos_token_id=None, cls_token_id=None, sep_token_id=None)

# As deberta-v3: shared projections, logarithmic buckets, no learned positions.
DEBERTA = dict(vocab_size=VOCABULARY_SIZE, max_position_embeddings=40, hidden_size=32, num_hidden_layers=2,
               num_attention_heads=2, intermediate_size=48, relative_attention=True, position_buckets=8,
               norm_rel_ebd="layer_norm", share_att_key=True, pos_att_type="p2c|c2p", position_biased_input=False,
               type_vocab_size=0, **NO_DROPOUT)

# A case's seed is its place: new ones go to the end. Folder, class without the prefix of the config's, config class, settings, whether texts have segments.
CASES = [
    ("bert_masked_lm", "BertForMaskedLM", "BertConfig", BERT, True),
    ("bert_untied", "BertForMaskedLM", "BertConfig",
     {**BERT, "hidden_act": "relu", "num_hidden_layers": 1, "tie_word_embeddings": False}, True),
    ("bert_pretraining", "BertForPreTraining", "BertConfig", {**BERT, "num_hidden_layers": 1}, True),
    ("bert_bare", "BertModel", "BertConfig", {**BERT, "num_hidden_layers": 1}, True),
    ("gpt2_causal_lm", "GPT2LMHeadModel", "GPT2Config", dict(GPT2, n_embd=32, n_layer=2, n_head=2), False),
    ("gpt2_odd_sizes", "GPT2LMHeadModel", "GPT2Config",
     dict(GPT2, n_embd=30, n_layer=3, n_head=5, n_inner=44, activation_function="relu", layer_norm_epsilon=1e-3,
          tie_word_embeddings=False), False),
    ("gpt2_classification", "GPT2ForSequenceClassification", "GPT2Config",
     dict(GPT2, n_embd=32, n_layer=1, n_head=2, num_labels=3), False),
    ("roberta_masked_lm", "RobertaForMaskedLM", "RobertaConfig", {**ROBERTA, "hidden_act": "relu"}, False),
    ("roberta_classification", "RobertaForSequenceClassification", "RobertaConfig",
     {**ROBERTA, "num_labels": 3, "pad_token_id": 0, "type_vocab_size": 2}, True),
    ("roberta_bare", "RobertaModel", "RobertaConfig", {**ROBERTA, "num_hidden_layers": 1}, False),
    ("xlm_roberta_masked_lm", "XLMRobertaForMaskedLM", "XLMRobertaConfig", {**ROBERTA, "num_hidden_layers": 1}, False),
    ("distilbert_masked_lm", "DistilBertForMaskedLM", "DistilBertConfig", dict(DISTILBERT, activation="relu"), False),
    ("distilbert_classification", "DistilBertForSequenceClassification", "DistilBertConfig",
     dict(DISTILBERT, n_layers=1, num_labels=3), False),
    ("electra_masked_lm", "ElectraForMaskedLM", "ElectraConfig", {**ELECTRA, "hidden_act": "relu"}, True),
    ("electra_classification", "ElectraForSequenceClassification", "ElectraConfig",
     {**BERT, "num_hidden_layers": 1, "embedding_size": BERT["hidden_size"], "num_labels": 3}, True),
    ("albert_pretraining", "AlbertForPreTraining", "AlbertConfig", ALBERT, True),
    ("albert_masked_lm", "AlbertForMaskedLM", "AlbertConfig",
     {**ALBERT, "num_hidden_layers": 2, "num_hidden_groups": 1, "inner_group_num": 2}, True),
    ("albert_classification", "AlbertForSequenceClassification", "AlbertConfig",
     {**ALBERT, "num_hidden_groups": 1, "num_hidden_layers": 3, "num_labels": 3}, True),
    ("modernbert_masked_lm", "ModernBertForMaskedLM", "ModernBertConfig", MODERNBERT, False),
    ("modernbert_with_biases", "ModernBertForMaskedLM", "ModernBertConfig",
     dict(MODERNBERT, num_hidden_layers=2, norm_bias=True, attention_bias=True, mlp_bias=True, classifier_bias=True,
          hidden_activation="silu", classifier_activation="relu", local_attention=128, global_attn_every_n_layers=2),
     False),
    ("modernbert_classification", "ModernBertForSequenceClassification", "ModernBertConfig",
     dict(MODERNBERT, num_hidden_layers=2, classifier_pooling="mean", num_labels=3), False),
    ("deberta_v2_masked_lm", "DebertaV2ForMaskedLM", "DebertaV2Config", DEBERTA, False),
    # As deberta-v2: projections of their own, a convolution; and small embeddings, types, distances without buckets.
    ("deberta_v2_convolution", "DebertaV2ForMaskedLM", "DebertaV2Config",
     dict(DEBERTA, share_att_key=False, position_buckets=-1, max_relative_positions=6, norm_rel_ebd="none",
          position_biased_input=True, type_vocab_size=2, embedding_size=20, conv_kernel_size=3, conv_act="gelu",
          conv_groups=2, pos_att_type=["c2p", "p2c"]), True),
    ("deberta_v2_newer_head", "DebertaV2ForMaskedLM", "DebertaV2Config",
     dict(DEBERTA, num_hidden_layers=1, legacy=False, pos_att_type="p2c", share_att_key=False), False),
    ("deberta_v2_classification", "DebertaV2ForSequenceClassification", "DebertaV2Config",
     dict(DEBERTA, num_hidden_layers=1, num_labels=3, relative_attention=False, pos_att_type=None,
          norm_rel_ebd="none", position_biased_input=True), False),
]

# Models that score tokens, small ones: the prefix of the class, and the case's settings.
SMALL = dict(hidden_size=16, intermediate_size=24, num_hidden_layers=1)
TOKEN_MODELS = [
    ("bert", "Bert", {**BERT, **SMALL}, True),
    ("roberta", "Roberta", {**ROBERTA, **SMALL}, False),
    ("xlm_roberta", "XLMRoberta", {**ROBERTA, **SMALL}, False),
    ("electra", "Electra", {**ELECTRA, **SMALL}, True),
    ("albert", "Albert", {**ALBERT, **SMALL, "num_hidden_groups": 1}, True),
    ("modernbert", "ModernBert", {**MODERNBERT, **SMALL}, False),
    ("deberta_v2", "DebertaV2", {**DEBERTA, **SMALL}, False),
    ("distilbert", "DistilBert", dict(DISTILBERT, dim=16, hidden_dim=24, n_layers=1, qa_dropout=0.0), False),
    ("gpt2", "GPT2", dict(GPT2, n_embd=16, n_layer=1, n_head=2, classifier_dropout=0.0), False),
]
CASES += [(f"{name}_tokens", f"{prefix}ForTokenClassification", f"{prefix}Config", {**settings, "num_labels": 3}, types)
          for name, prefix, settings, types in TOKEN_MODELS]
CASES += [(f"{name}_answers", f"{prefix}ForQuestionAnswering", f"{prefix}Config", settings, types)
          for name, prefix, settings, types in TOKEN_MODELS]


def make_model(class_name, config_class, settings):
    config = getattr(transformers, config_class)(**settings)
    config._attn_implementation = "eager"
    return getattr(transformers, class_name)(config)


def token_labels(sequences, is_causal):
    """Every token for a causal model, which shifts them itself, else every third."""
    labels = []
    for sequence in sequences:
        ids = sequence["input_ids"]
        labels.append([token if is_causal or place % 3 == 1 else -100 for place, token in enumerate(ids)])
    longest = max(map(len, labels))
    return torch.tensor([row + [-100] * (longest - len(row)) for row in labels])


def make_labels(class_name, sequences):
    if class_name.endswith("ForPreTraining"):
        pair_labels = "sentence_order_label" if class_name.startswith("Albert") else "next_sentence_label"
        return {"labels": token_labels(sequences, False),
                pair_labels: torch.tensor([index % 2 for index in range(len(sequences))])}
    if class_name.endswith("ForSequenceClassification"):
        return dict(labels=torch.tensor([index % 3 for index in range(len(sequences))]))
    if class_name.endswith("ForTokenClassification"):
        longest = max(len(sequence["input_ids"]) for sequence in sequences)
        return dict(labels=torch.tensor([[place % 3 if place % 4 != 1 and place < len(sequence["input_ids"]) else -100
                                          for place in range(longest)] for sequence in sequences]))
    if class_name.endswith("ForQuestionAnswering"):
        lengths = [len(sequence["input_ids"]) for sequence in sequences]
        return dict(start_positions=torch.tensor([length // 3 for length in lengths]),
                    end_positions=torch.tensor([length // 2 for length in lengths]))
    if class_name.endswith("ForMaskedLM"):
        return dict(labels=token_labels(sequences, False))
    return dict(labels=token_labels(sequences, True)) if "LMHead" in class_name else {}


def expected_tensors(model, output, sequences):
    """Scores by what they score, hidden states, and gradients where there is a loss."""
    hidden = output.hidden_states[-1] if output.get("hidden_states") else output.last_hidden_state
    tensors = {"last_hidden_state": packed(hidden, sequences)}
    for name in ("logits", "prediction_logits"):
        if name in output:
            scores = output[name]
            tensors["logits"] = packed(scores, sequences) if scores.dim() == 3 else scores
    if "start_logits" in output:
        tensors["logits"] = packed(torch.stack([output.start_logits, output.end_logits], dim=-1), sequences)
    for name, stored in (("seq_relationship_logits", "pair_logits"), ("sop_logits", "pair_logits"),
                         ("pooler_output", "pooled")):
        if output.get(name) is not None:
            tensors[stored] = output[name]
    if output.get("loss") is not None:
        output.loss.backward()
        tensors["loss"] = output.loss.reshape(1)
        tensors.update({"gradient." + name: parameter.grad for name, parameter in model.named_parameters()
                        if parameter.grad is not None})
    return tensors


def loss_without_padding(model, class_name, sequences):
    """The heads for answers have padding among the places an answer may begin at: each sequence is taken alone."""
    labels = make_labels(class_name, sequences)
    losses = [model(**padded([sequence], model.config.pad_token_id or 0),
                    **{name: values[index:index + 1] for name, values in labels.items()}).loss
              for index, sequence in enumerate(sequences)]
    return torch.stack(losses).mean()


def write_case(root, seed, name, class_name, config_class, settings, with_types):
    folder = fresh(root / name)
    model = randomize(make_model(class_name, config_class, settings), seed)
    model.save_pretrained(folder)
    sequences = make_sequences(100 + seed, with_types, first_id=2)
    if "Roberta" in class_name:
        sequences[5]["input_ids"][7] = model.config.pad_token_id  # within a text; it takes no position of its own
    output = model(**padded(sequences, model.config.pad_token_id or 0), **make_labels(class_name, sequences),
                   output_hidden_states=True, return_dict=True)
    if class_name.endswith("ForQuestionAnswering"):
        output["loss"] = loss_without_padding(model, class_name, sequences)
    write_expected(folder, sequences, expected_tensors(model, output, sequences))


def main():
    root = Path(sys.argv[1])
    wanted = set(sys.argv[2:])
    for seed, case in enumerate(CASES, start=21):
        if not wanted or case[0] in wanted:
            write_case(root, seed, *case)


if __name__ == "__main__":
    main()
