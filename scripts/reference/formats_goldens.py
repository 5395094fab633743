#!/usr/bin/env python3
"""Writes the goldens of the formats module: files made by the real libraries, and what they hold.

Usage: formats_goldens.py tests/fixtures/formats
Versions: scripts/reference/requirements.txt (torch 2.11.0, safetensors 0.8.0, tensorboard 2.21.0, huggingface_hub).
"""
import csv
import json
import os
import struct
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path

import torch
from huggingface_hub import save_torch_state_dict
from safetensors.torch import load_file, save_file

SAFETENSORS_NAMES = {
    torch.bool: "BOOL", torch.uint8: "U8", torch.int8: "I8", torch.float8_e5m2: "F8_E5M2",
    torch.float8_e4m3fn: "F8_E4M3", torch.int16: "I16", torch.uint16: "U16", torch.float16: "F16",
    torch.bfloat16: "BF16", torch.int32: "I32", torch.uint32: "U32", torch.float32: "F32", torch.complex64: "C64",
    torch.float64: "F64", torch.int64: "I64", torch.uint64: "U64",
}


def raw_bytes(tensor):
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def describe(tensors):
    return {name: {"dtype": SAFETENSORS_NAMES[tensor.dtype], "shape": list(tensor.shape), "hex": raw_bytes(tensor).hex()}
            for name, tensor in tensors.items()}


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def one_of_each_type():
    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for dtype, name in SAFETENSORS_NAMES.items():
        data = torch.randint(0, 2 if dtype == torch.bool else 100, (48,), generator=generator, dtype=torch.uint8)
        tensors[f"type.{name}"] = data.view(dtype).reshape(2, -1)
    tensors["scalar"] = torch.tensor(1.5)
    tensors["empty"] = torch.zeros(3, 0, 2)
    tensors['näme "with" \\ and \n and \x01'] = torch.arange(3)
    tensors["odd.bytes"] = torch.arange(5, dtype=torch.uint8)
    return tensors


def write_safetensors(folder):
    tensors = one_of_each_type()
    save_file(tensors, folder / "types.safetensors", {"format": "pt"})
    save_file({"only": torch.arange(4, dtype=torch.float32)}, folder / "no_metadata.safetensors")
    write_json(folder / "types.json", describe(load_file(folder / "types.safetensors")))


def write_sharded(folder):
    generator = torch.Generator().manual_seed(1)
    state = {f"layer.{i}.weight": torch.randn(16, 8, generator=generator) for i in range(5)}
    for safe in (True, False):
        target = folder / ("sharded_safetensors" if safe else "sharded_bin")
        target.mkdir(exist_ok=True)
        save_torch_state_dict(state, target, max_shard_size=1100, safe_serialization=safe,
                              filename_pattern=None if safe else "pytorch_model{suffix}.bin")
    write_json(folder / "sharded.json", describe(state))


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.linear = torch.nn.Linear(3, 2)
        self.norm = torch.nn.LayerNorm(2)
        self.register_buffer("position_ids", torch.arange(4).expand((1, -1)))


def write_torch(folder):
    base = torch.arange(24, dtype=torch.float32)
    tensors = OrderedDict(one_of_each_type())
    tensors["shared.whole"] = base.view(4, 6)
    tensors["shared.part"] = base.view(4, 6)[1:3]
    tensors["shared.column"] = base.view(4, 6)[:, 2]
    tensors["transposed"] = torch.arange(6, dtype=torch.int16).view(2, 3).t()
    tensors["permuted"] = torch.arange(24).view(2, 3, 4).permute(2, 0, 1)
    tensors["parameter"] = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    torch.save(tensors, folder / "types.bin")
    write_json(folder / "types_bin.json", describe(tensors))
    state = Model().state_dict()
    torch.save(state, folder / "state_dict.bin")
    write_json(folder / "state_dict.json", describe(state))
    torch.save(dict(state), folder / "legacy.bin", _use_new_zipfile_serialization=False)
    torch.save(tensors, folder / "legacy_types.bin", _use_new_zipfile_serialization=False)
    torch.save({"state_dict": dict(state), "epoch": 3}, folder / "nested.bin")
    torch.save({"model": dict(state), "optimizer": {"state": {0: {"step": torch.tensor(3.0)}}, "lr": 0.5},
                "step": 2**40, "name": "run", "done": False, "best": None}, folder / "nested_model.bin")
    torch.save({"model": {"model_state_dict": state}, "epoch": 3}, folder / "nested_deeply.bin",
               _use_new_zipfile_serialization=False)
    torch.save({"weights": dict(state)}, folder / "nested_elsewhere.bin")
    torch.save({"model": dict(state), "state_dict": dict(state)}, folder / "nested_twice.bin")
    torch.save({"expanded": torch.ones(1).expand(1000, 1000)}, folder / "expanded.bin")
    torch.save({"a": torch.ones(2)}, folder / "protocol4.bin", pickle_protocol=4)


def write_attributes(folder):
    parameter = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
    parameter.is_shared_by_all = True
    frozen = torch.nn.Parameter(torch.arange(6.0).view(2, 3).t(), requires_grad=False)
    frozen.names_of_groups = ["a", {"b": 3}]
    tensor = torch.arange(4, dtype=torch.int16)
    tensor.scale = 0.5
    tensors = {"parameter": parameter, "frozen": frozen, "tensor": tensor}
    torch.save(tensors, folder / "with_attributes.bin")
    write_json(folder / "with_attributes.json", describe(tensors))
    hostile = torch.nn.Parameter(torch.ones(2))
    hostile.evil = CallsSystem()
    torch.save({"weight": hostile}, folder / "hostile_attribute.bin")


class CallsSystem:
    def __reduce__(self):
        return os.system, ("echo owned > /tmp/llmtool-owned",)


class CallsEval:
    def __reduce__(self):
        return eval, ("1",)


def write_hostile(folder):
    torch.save({"weight": torch.ones(2), "evil": CallsSystem()}, folder / "hostile_system.bin")
    torch.save({"evil": CallsEval()}, folder / "hostile_eval.bin")
    with zipfile.ZipFile(folder / "state_dict.bin") as source, \
            zipfile.ZipFile(folder / "compressed.bin", "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.namelist():
            target.writestr(zipfile.ZipInfo(entry), source.read(entry), zipfile.ZIP_DEFLATED)


def write_zip64(folder):
    """state_dict.bin with every size and offset in zip64 fields, as files over 4 GB have them."""
    body, directory, count = b"", b"", 0
    with zipfile.ZipFile(folder / "state_dict.bin") as source:
        for entry in source.infolist():
            name, data = entry.filename.encode(), source.read(entry.filename)
            extra = struct.pack("<HHQQ", 1, 16, len(data), len(data))
            common = struct.pack("<HHHHIIIHH", 0, 0, 0, 0, entry.CRC, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
            offset = len(body)
            body += struct.pack("<IH", 0x04034B50, 45) + common + name + extra + data
            extra = struct.pack("<HHQQQ", 1, 24, len(data), len(data), offset)
            common = struct.pack("<HHHHIIIHH", 0, 0, 0, 0, entry.CRC, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(extra))
            directory += (struct.pack("<IHH", 0x02014B50, 45, 45) + common +
                          struct.pack("<HHHII", 0, 0, 0, 0, 0xFFFFFFFF) + name + extra)
            count += 1
    end64 = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, len(directory), len(body))
    locator = struct.pack("<IIQI", 0x07064B50, 0, len(body) + len(directory), 1)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (folder / "zip64.bin").write_bytes(body + directory + end64 + locator + end)
    assert set(torch.load(folder / "zip64.bin")) == set(torch.load(folder / "state_dict.bin"))


def write_csv(folder):
    rows = [["text", "label", "näme"], ["plain", "1", "x"], ["a, b", 'say "hi"', '"'], ["two\nlines", "cr\rlf\r\n", ""],
            ["", "", ""], [" spaces ", "日本語 🎉", "\ttab"], ['""', ",", "\n"], ["'single'", "a;b", "\u2028"]]
    for name, options in {"minimal": {}, "all_quoted": {"quoting": csv.QUOTE_ALL}, "lf": {"lineterminator": "\n"}}.items():
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            csv.writer(file, **options).writerows(rows)
    write_json(folder / "csv.json", rows)


def write_tensorboard(folder):
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    events = [Event(wall_time=1700000000.25, file_version="brain.Event:2")]
    for tag, value, step in [("train/loss", 0.75, 1), ("train/loss", 0.5, 300), ("eval/macro_f1", 0.0, 0),
                             ("größe", -1e30, 2**40)]:
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        events.append(Event(wall_time=1700000001.5, step=step, summary=summary))
    with open(folder / "events.tfevents", "wb") as file:
        writer = RecordWriter(file)
        for event in events:
            writer.write(event.SerializeToString())
        writer.flush()


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder)
    write_sharded(folder)
    write_torch(folder)
    write_attributes(folder)
    write_hostile(folder)
    write_zip64(folder)
    write_csv(folder)
    write_tensorboard(folder)


if __name__ == "__main__":
    main()
