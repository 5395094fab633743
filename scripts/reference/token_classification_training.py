#!/usr/bin/env python3
"""Trains transformers' token classifier with the settings of its example script run_ner.py, to compare figures with.

Run:  python scripts/reference/token_classification_training.py MODEL TRAIN TEST SEED...
TRAIN and TEST are CoNLL columns (first: the word, last: the tag, a tab between them). Prints a line of JSON for each seed:
seqeval's precision, recall and F1 over all entities, the accuracy and the loss, after three epochs in batches of eight with a
learning rate of 5e-5 that falls to zero.
"""

import json
import sys
import tempfile

import numpy as np
import transformers
from seqeval.metrics import accuracy_score, f1_score, precision_score, recall_score


def read_sentences(path):
    sentences, words, tags = [], [], []
    for line in open(path, encoding="utf-8"):
        if line.strip():
            columns = line.rstrip("\n").split("\t")
            words.append(columns[0])
            tags.append(columns[-1])
        elif words:
            sentences.append((words, tags))
            words, tags = [], []
    return sentences + ([(words, tags)] if words else [])


def make_examples(sentences, tokenizer, labels):
    examples = []
    for words, tags in sentences:
        encoding = tokenizer(words, is_split_into_words=True, truncation=True)
        word_ids = encoding.word_ids()
        encoding["labels"] = [-100 if word is None or word == before else labels.index(tags[word])
                              for word, before in zip(word_ids, [None, *word_ids])]
        examples.append(dict(encoding))
    return examples


def figures_of(labels):
    def compute(prediction):
        chosen, gold = np.argmax(prediction.predictions, axis=2), prediction.label_ids
        tags = [[[labels[i] for i, label in zip(row, golds) if label != -100] for row, golds in zip(rows, gold)]
                for rows in (gold, chosen)]
        return {"precision": precision_score(*tags), "recall": recall_score(*tags), "f1": f1_score(*tags),
                "accuracy": accuracy_score(*tags)}
    return compute


def main():
    folder, train, test, *seeds = sys.argv[1:]
    training, held_out = read_sentences(train), read_sentences(test)
    labels = sorted({tag for _, tags in training for tag in tags})
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    for seed in map(int, seeds):
        transformers.set_seed(seed)
        model = transformers.AutoModelForTokenClassification.from_pretrained(
            folder, id2label=dict(enumerate(labels)), label2id={label: number for number, label in enumerate(labels)})
        with tempfile.TemporaryDirectory() as output:
            arguments = transformers.TrainingArguments(
                output_dir=output, num_train_epochs=3, per_device_train_batch_size=8, learning_rate=5e-5, seed=seed,
                save_strategy="no", report_to=[], disable_tqdm=True, use_cpu=True)
            trainer = transformers.Trainer(
                model, arguments, train_dataset=make_examples(training, tokenizer, labels),
                eval_dataset=make_examples(held_out, tokenizer, labels), compute_metrics=figures_of(labels),
                data_collator=transformers.DataCollatorForTokenClassification(tokenizer))
            trainer.train()
            found = trainer.evaluate()
        print(json.dumps({"seed": seed, **{name: found["eval_" + name] for name in ("f1", "precision", "recall", "accuracy", "loss")}}),
              flush=True)


if __name__ == "__main__":
    main()
