"""Sizes of encoders, and the matrix products and operations one batch of tokens needs."""
import collections
import dataclasses
import json
import pathlib

# `count` products of a [rows, inputs] with a [inputs, outputs] matrix.
Product = collections.namedtuple("Product", "rows inputs outputs count")


@dataclasses.dataclass(frozen=True)
class Shape:
    layers: int
    hidden: int
    intermediate: int
    vocabulary: int

    def __str__(self):
        return f"{self.layers}×{self.hidden}"

    def layer_products(self, tokens):
        """Queries, keys and values in one; attention output; both layers of the feed-forward network."""
        return [Product(tokens, self.hidden, 3 * self.hidden, self.layers),
                Product(tokens, self.hidden, self.hidden, self.layers),
                Product(tokens, self.hidden, self.intermediate, self.layers),
                Product(tokens, self.intermediate, self.hidden, self.layers)]

    def first_token_products(self, tokens):
        """The same where only the first token of a text is asked for: of the last layer, keys and values suffice."""
        complete = dataclasses.replace(self, layers=self.layers - 1)
        return [*complete.layer_products(tokens), Product(tokens, self.hidden, 2 * self.hidden, 1)]

    def masked_head_products(self, predicted):
        """The masked-LM head over predicted tokens alone."""
        return [Product(predicted, self.hidden, self.hidden, 1), Product(predicted, self.hidden, self.vocabulary, 1)]

    def attention_operations(self, tokens, attended):
        """Floating-point operations of q k^T and of weights times values, forward."""
        return self.layers * tokens * 2 * 2.0 * attended * self.hidden


def read_shape(model):
    config = json.loads((pathlib.Path(model) / "config.json").read_text(encoding="utf-8"))
    return Shape(config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"], config["vocab_size"])


BERT_BASE = {"model_type": "bert", "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
             "intermediate_size": 3072, "max_position_embeddings": 512, "type_vocab_size": 2}
GPT2_SMALL = {"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "n_positions": 1024}
