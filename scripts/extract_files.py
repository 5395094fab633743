#!/usr/bin/env python3
"""Extracts chosen members of a zip archive (a Python wheel) below new names.

Usage: extract_files.py ARCHIVE DESTINATION SOURCE=TARGET…
SOURCE is a member (copied to DESTINATION/TARGET), or a folder ending in "/" (its members are copied below TARGET).
A SOURCE that matches nothing is an error, so a changed archive never goes unnoticed.
"""
import pathlib
import shutil
import sys
import zipfile


def target_of(member, source, target):
    if source.endswith("/"):
        return f"{target.rstrip('/')}/{member[len(source):]}" if member.startswith(source) else None
    return target if member == source else None


def extract(archive, destination, source, target):
    found = False
    for member in archive.namelist():
        name = target_of(member, source, target)
        if name is None or member.endswith("/"):
            continue
        path = destination / name
        if not path.resolve().is_relative_to(destination.resolve()):
            sys.exit(f"error: {archive.filename}: member '{member}' would leave the destination folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as reader, open(path, "wb") as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
        found = True
    if not found:
        sys.exit(f"error: {archive.filename} holds no '{source}'")


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    destination = pathlib.Path(sys.argv[2])
    with zipfile.ZipFile(sys.argv[1]) as archive:
        for rule in sys.argv[3:]:
            source, _, target = rule.partition("=")
            extract(archive, destination, source, target)


if __name__ == "__main__":
    main()
