#!/usr/bin/env python3
"""Golden values for optim: torch.optim updates, clipping, transformers' schedules and decay groups.

Run:  python scripts/reference/optim_goldens.py tests/fixtures/optim
Made with torch 2.11.0 and transformers 5.17.0.

optimizers.json: for each case its options under our names, the weights and gradients of two small tensors (one that
decays, one that does not), and the weights after each of 20 steps. Numbers are fp32, printed exactly.
"""
import json
import pathlib
import sys

import torch
import transformers
from transformers import optimization

STEPS = 20
SHAPES = {"layer.weight": (3, 4), "layer.bias": (5,)}

# (our options, torch class, its keyword arguments; `coupled`: weight_decay of the decayed group only)
CASES = [
    ({"name": "adamw", "learning_rate": 0.01}, "AdamW", {}),
    ({"name": "adamw", "learning_rate": 0.01, "weight_decay": 0.1}, "AdamW", {"weight_decay": 0.1}),
    ({"name": "adamw", "learning_rate": 0.003, "beta1": 0.4, "beta2": 0.95, "epsilon": 1e-4, "weight_decay": 0.3},
     "AdamW", {"betas": (0.4, 0.95), "eps": 1e-4, "weight_decay": 0.3}),
    ({"name": "adam", "learning_rate": 0.01}, "Adam", {}),
    ({"name": "adam", "learning_rate": 0.01, "l2_penalty": 0.2}, "Adam", {"weight_decay": 0.2}),
    ({"name": "sgd", "learning_rate": 0.1}, "SGD", {}),
    ({"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}, "SGD", {"momentum": 0.9}),
    ({"name": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True, "l2_penalty": 0.05}, "SGD",
     {"momentum": 0.9, "nesterov": True, "weight_decay": 0.05}),
    ({"name": "rmsprop", "learning_rate": 0.01}, "RMSprop", {}),
    ({"name": "rmsprop", "learning_rate": 0.01, "alpha": 0.9, "centered": True, "epsilon": 1e-6}, "RMSprop",
     {"alpha": 0.9, "centered": True, "eps": 1e-6}),
    ({"name": "rmsprop", "learning_rate": 0.01, "momentum": 0.8, "l2_penalty": 0.1}, "RMSprop",
     {"momentum": 0.8, "weight_decay": 0.1}),
    ({"name": "rmsprop", "learning_rate": 0.01, "momentum": 0.8, "centered": True}, "RMSprop",
     {"momentum": 0.8, "centered": True}),
    # torch has no L1 penalty: the gradient is given one by hand.
    ({"name": "sgd", "learning_rate": 0.1, "l1_penalty": 0.05}, "SGD", {}),
    ({"name": "adamw", "learning_rate": 0.01, "l1_penalty": 0.05, "l2_penalty": 0.02, "weight_decay": 0.1}, "AdamW",
     {"weight_decay": 0.1}),
]


def numbers(tensor):
    return [float(value) for value in tensor.detach().flatten()]


def optimizer_case(options, class_name, keywords):
    generator = torch.Generator().manual_seed(7)
    weights = {name: torch.randn(shape, generator=generator).requires_grad_() for name, shape in SHAPES.items()}
    keywords = dict(keywords)
    decay = keywords.pop("weight_decay", 0.0)
    groups = [{"params": [weights["layer.weight"]], "weight_decay": decay},
              {"params": [weights["layer.bias"]], "weight_decay": 0.0}]
    optimizer = getattr(torch.optim, class_name)(groups, lr=options["learning_rate"], foreach=False, **keywords)
    case = {"options": options, "initial": {name: numbers(value) for name, value in weights.items()}, "steps": []}
    for _ in range(STEPS):
        gradients = {name: torch.randn(shape, generator=generator) for name, shape in SHAPES.items()}
        for name, value in weights.items():
            value.grad = gradients[name].clone()
        with torch.no_grad():
            weight = weights["layer.weight"]
            if class_name == "AdamW" and "l2_penalty" in options:
                weight.grad += options["l2_penalty"] * weight
            if "l1_penalty" in options:
                weight.grad += options["l1_penalty"] * weight.sign()
        optimizer.step()
        case["steps"].append({"gradients": {name: numbers(value) for name, value in gradients.items()},
                              "weights": {name: numbers(value) for name, value in weights.items()}})
    return case


def schedule_case(name, warmup, total):
    parameter = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([parameter], lr=3e-4)
    arguments = transformers.TrainingArguments(output_dir="unused", warmup_steps=warmup, report_to=[])
    warmup_steps = arguments.get_warmup_steps(total)
    if name == "constant":
        schedule = optimization.get_constant_schedule_with_warmup(optimizer, warmup_steps)
    else:
        make = getattr(optimization, f"get_{name}_schedule_with_warmup")
        schedule = make(optimizer, warmup_steps, total)
    rates = []
    for _ in range(total):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return {"name": name, "warmup": warmup, "total_steps": total, "peak": 3e-4, "warmup_steps": warmup_steps,
            "learning_rates": rates}


def clipping_case(max_norm):
    generator = torch.Generator().manual_seed(11)
    parameters = [torch.zeros(shape, requires_grad=True) for shape in SHAPES.values()]
    for parameter in parameters:
        parameter.grad = torch.randn(parameter.shape, generator=generator)
    gradients = [numbers(parameter.grad) for parameter in parameters]
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    return {"max_norm": max_norm, "gradients": gradients, "norm": float(norm),
            "clipped": [numbers(parameter.grad) for parameter in parameters]}


def write(path, value):
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


def main():
    output = pathlib.Path(sys.argv[1])
    output.mkdir(parents=True, exist_ok=True)
    write(output / "optimizers.json", [optimizer_case(*case) for case in CASES])
    write(output / "schedules.json", [schedule_case(*case) for case in [
        ("linear", 0, 20), ("linear", 0.1, 25), ("linear", 5, 20), ("cosine", 0, 20), ("cosine", 0.25, 30),
        ("constant", 0, 10), ("constant", 4, 10), ("linear", 30, 20)]])
    write(output / "clipping.json", [clipping_case(norm) for norm in (0.5, 1.0, 100.0)])


if __name__ == "__main__":
    main()
