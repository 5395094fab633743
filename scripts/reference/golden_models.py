"""What the golden scripts of models share: random weights, random texts, and the files a test reads."""

import json
import shutil

import torch
from safetensors.torch import save_file

VOCABULARY_SIZE = 120
# Length of each sequence, and where its second segment starts (None: a single text).
SEQUENCE_SHAPES = [(5, None), (17, 8), (2, None), (11, 4), (17, None), (30, 15), (3, 1)]


def is_norm(name):
    return name.endswith((".weight", ".gamma")) and any(part in name.lower() for part in ("norm", "ln_"))


def randomize(model, seed):
    """Weights far from their initial values, so that a wrong place or a missing term shows in the result."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            values = torch.randn(parameter.shape, generator=generator)
            parameter.copy_(1 + 0.2 * values if is_norm(name) else 0.25 * values)
    return model.eval()


def make_sequences(seed, with_types=True, first_id=1):
    """Random ids from first_id on, beyond padding ids, which some families treat differently."""
    generator = torch.Generator().manual_seed(seed)
    sequences = []
    for length, second in SEQUENCE_SHAPES:
        ids = torch.randint(first_id, VOCABULARY_SIZE, (length,), generator=generator).tolist()
        sequence = {"input_ids": ids}
        if with_types:
            sequence["token_type_ids"] = [0 if second is None or place < second else 1 for place in range(length)]
        sequences.append(sequence)
    return sequences


def padded(sequences, padding_id=0):
    longest = max(len(sequence["input_ids"]) for sequence in sequences)

    def rows(values, filler):
        return torch.tensor([row + [filler] * (longest - len(row)) for row in values])

    batch = dict(input_ids=rows([s["input_ids"] for s in sequences], padding_id),
                 attention_mask=rows([[1] * len(s["input_ids"]) for s in sequences], 0))
    if "token_type_ids" in sequences[0]:
        batch["token_type_ids"] = rows([s["token_type_ids"] for s in sequences], 0)
    return batch


def packed(values, sequences):
    return torch.cat([row[: len(s["input_ids"])] for row, s in zip(values, sequences)])


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write_expected(folder, sequences, tensors, **facts):
    (folder / "golden.json").write_text(json.dumps({"sequences": sequences, **facts}, indent=None) + "\n")
    save_file({name: value.detach().contiguous() for name, value in tensors.items()},
              folder / "expected.safetensors")
