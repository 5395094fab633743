"""What a report must say about where it was measured."""
import os
import pathlib
import platform
import re

from programs import PROGRAMS, run


def first_match(pattern, text):
    match = re.search(pattern, text, re.MULTILINE)
    return match.group(1).strip() if match else "unknown"


def read_processors():
    return pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")


def processor_flags():
    return first_match(r"^flags.*: (.*)", read_processors()).split()


def describe_processor():
    memory = int(first_match(r"^MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text(encoding="utf-8")))
    features = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if name in processor_flags()]
    return (f"processor: {first_match(r'^model name.*: (.*)', read_processors())}, {len(os.sched_getaffinity(0))} cores, "
            f"{', '.join(features)}, {memory / 2**20:.0f} GiB")


def load_average():
    return f"{os.getloadavg()[0]:.2f}"


def describe_machine(hugging_face):
    lines = [
        describe_processor(),
        f"system: {platform.platform()}",
        f"{run([PROGRAMS / 'llmtool', '--version']).output.strip()}, commit "
        f"{run(['git', 'describe', '--always', '--dirty']).output.strip()}",
    ]
    if hugging_face:
        lines.append(f"Hugging Face: {hugging_face.versions()}")
    return lines


def shown(path):
    """A path as a report names it: not where it lies on this machine."""
    path = pathlib.Path(path)
    is_elsewhere = path.is_absolute() or ".." in path.parts
    return "/".join(path.parts[-2:]) if is_elsewhere else str(path)
