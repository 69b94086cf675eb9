#!/usr/bin/env python3
"""Fails when a room includes from a room or library that tests/layers.txt does not give it."""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIBRARIES = {"gsl": "gsl", "uv.h": "uv", "jansson.h": "jansson", "sqlite3.h": "sqlite3", "pcre2.h": "pcre2",
             "zlib.h": "zlib", "zstd.h": "zstd", "libpq-fe.h": "libpq"}


def allowed():
    rows = (line.split(":", 1) for line in (ROOT / "tests/layers.txt").read_text().splitlines() if line and line[0] != "#")
    return {room: set(names.split()) for room, names in rows}


def target(path, name):
    """the room or library that an include names; None for libc"""
    for base in (path.parent, ROOT / "sidecar", ROOT / "curvefit"):
        file = (base / name).resolve()
        if file.is_file() and ROOT in file.parents:
            return str(file.parent.relative_to(ROOT))
    return LIBRARIES.get(name) or LIBRARIES.get(name.split("/")[0])


def faults():
    rules = allowed()
    for path in sorted([*ROOT.glob("curvefit/*.[ch]"), *ROOT.glob("sidecar/**/*.[ch]")]):
        room = str(path.parent.relative_to(ROOT))
        if room not in rules:
            yield f"{room}: no row in tests/layers.txt"
            continue
        for name in re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', path.read_text(), re.M):
            room_of = target(path, name)
            if room_of and room_of != room and room_of not in rules[room] and "*" not in rules[room]:
                yield f"{path.relative_to(ROOT)} includes {name}: {room} may not reach {room_of}"


if __name__ == "__main__":
    found = sorted(set(faults()))
    print("1..1")
    print(*("# " + fault for fault in found), sep="\n")
    print("not ok 1 - layers" if found else "ok 1 - layers")
    sys.exit(bool(found))
