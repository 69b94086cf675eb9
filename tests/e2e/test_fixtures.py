"""Logs that real frameworks wrote, and what must be read in them: a folder under fixtures/logs is a test."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
LOGS = ROOT / "fixtures" / "logs"
CASES = sorted(str(path.parent.relative_to(LOGS)) for path in LOGS.glob("*/*/input"))
FILES = [case for case in CASES if (LOGS / case / "input").is_file()]
BROKEN = sorted(path.name for path in (ROOT / "fixtures" / "broken").iterdir())
LIMIT_S = 60


def read(*words, **more):
    done = subprocess.run([BIN, "read", "--json", *map(str, words)], capture_output=True, timeout=LIMIT_S, **more)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def as_series(values):
    """What the values are as whole series, in the form of the expect files."""
    series = {}
    for v in values:
        s = series.setdefault(v["metric"], {"metric": v["metric"], "kind": v["kind"], "goal": v["goal"], "count": 0, "first": v["value"], "last": None, "x": [v["x"], None], "unit": v["unit"]})
        s["count"] += 1
        s["last"], s["x"][1], s["unit"] = v["value"], v["x"], v["unit"]
    return series


def same(found, wanted):
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(wanted, (int, float)) and isinstance(found, (int, float)):
        return abs(found - wanted) <= 1e-8 * abs(wanted)
    return found == wanted


@pytest.mark.parametrize("case", CASES)
def test_log_is_read_as_it_is(case):
    *values, last = read(LOGS / case / "input")
    series = as_series(values)
    wanted = [json.loads(line) for line in (LOGS / case / "expect").read_text(encoding="utf-8").splitlines()]
    for facts in (w for w in wanted if "metric" not in w):
        assert all(same(last["summary"][key], value) for key, value in facts.items()), last
    for want in (w for w in wanted if "metric" in w):
        found = series.pop(want["metric"], None)
        assert found, f"{want['metric']} is not among {sorted(s['metric'] for s in as_series(values).values())}"
        wrong = {key: (found[key], value) for key, value in want.items() if not same(found[key], value)}
        assert not wrong, f"{want['metric']}: found, wanted: {wrong}"
    false = [s for s in series.values() if s["kind"].endswith("loss") or (s["kind"] != "other" and s["count"] > 1)]
    assert not false, "no such series is in the log"


def last_x(values):
    return {name: s["x"][1] for name, s in as_series(values[:-1]).items() if s["kind"] != "other"}


@pytest.mark.parametrize("case", FILES)
def test_a_live_log_is_read_as_a_finished_one(case):
    """A pipe is read once: which counter is x is not known before it has counted, but it is in the end."""
    log = (LOGS / case / "input").read_bytes()
    whole, live = read(LOGS / case / "input"), read("-", input=log)
    assert [(v["metric"], v["kind"], v["value"], v["line"]) for v in live[:-1]] == [(v["metric"], v["kind"], v["value"], v["line"]) for v in whole[:-1]]
    assert live[-1] == whole[-1]
    assert last_x(live) == last_x(whole)


def tail(path, tmp_path):
    with open(path, "rb") as log:
        return subprocess.run([BIN, "tail", "--study", "s", "-"], stdin=log, env={**os.environ, "XDG_STATE_HOME": str(tmp_path)}, capture_output=True, timeout=LIMIT_S)


@pytest.mark.parametrize("case", FILES)
def test_log_is_followed_to_its_end(case, tmp_path):
    done = tail(LOGS / case / "input", tmp_path)
    assert done.returncode in (0, 99), done.stderr


@pytest.mark.parametrize("name", BROKEN)
def test_hostile_bytes_harm_nothing(name, tmp_path):
    path = ROOT / "fixtures" / "broken" / name
    assert "summary" in read(path)[-1]
    assert tail(path, tmp_path).returncode in (0, 99)


@pytest.mark.parametrize("line", [b"loss 1.5 " * 130000, b"x" * (1 << 20), b"1" * (1 << 20), b"loss=" + b"9" * (1 << 20), b"{" * (1 << 20), b"\b" * (1 << 20), b"\r" * (1 << 20), b"\xff" * (1 << 20)],
                         ids=["numbers", "letters", "digits", "long-number", "braces", "backspaces", "returns", "no-utf8"])
def test_a_line_of_a_mebibyte(line, tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"step 1 loss 2.5\n" + line + b"\nstep 2 loss 2.25\n")
    values = [v for v in read(path)[:-1] if v["metric"] in ("loss", "loss (2)") and v["x"] in (1, 2)]
    assert values[0]["value"] == 2.5 and values[-1]["value"] == 2.25
    assert tail(path, tmp_path).returncode in (0, 99)
