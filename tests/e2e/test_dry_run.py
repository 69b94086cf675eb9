"""A dry run verifies itself: status says later which stops would have been right, what they would have saved, and how far forecasts can be trusted."""
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
DEADLINE_S = 120

# A smooth curve to final; or one that looks hopeless until step 80 and ends best of all.
CURVE = """import sys
final, turns, scale = float(sys.argv[1]), sys.argv[2] == "True", float(sys.argv[3])
for i in range(1, 101):
    value = final + 3 * 0.95 ** i
    if turns: value = 5 + 3 * 0.95 ** i if i < 80 else 0.1
    print(f"step {i}/100 eval_loss {value * scale:.6f}", flush=True)
"""


@pytest.fixture
def env(tmp_path):
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}


def foregone(env, *words):
    return subprocess.run([BIN, *map(str, words)], env=env, capture_output=True, text=True, timeout=DEADLINE_S)


def trial(env, name, final, *options, turns=False, scale=1):
    result = foregone(env, "run", "--study", "s", "--trial", name, "--dry-run", *options, "--", sys.executable, "-c", CURVE, final, turns, scale)
    assert result.returncode == 0 and len(result.stdout.splitlines()) == 100
    return result


def trials(env):
    return {t["trial"]: t for t in map(json.loads, foregone(env, "status", "--study", "s", "--json").stdout.splitlines())}


def test_right_and_wrong_stops_are_told_apart(env):
    trial(env, "first", 1)
    assert "would stop at" in trial(env, "bad", 5).stderr
    trial(env, "late", 5, turns=True)
    found = trials(env)
    assert {name: t["stop_was"] for name, t in found.items()} == {"first": None, "bad": "right", "late": "wrong"}
    assert found["bad"]["would_stop"] is True and found["bad"]["status"] == "complete" and found["bad"]["inside"] is True and found["late"]["inside"] is False
    assert found["bad"]["final"] == pytest.approx(5.018, abs=0.01) and found["first"]["would_save_share"] is None
    assert found["bad"]["would_save_share"] == pytest.approx(1 - found["bad"]["stop_x"] / 100)
    text = foregone(env, "status", "--study", "s", "--price", "1000000").stdout
    assert "2 stops were due; 1 would have been right, 1 wrong" in text and "WRONGLY, it ended better than 1.0" in text and ": rightly" in text
    share = sum(t["would_save_share"] or 0 for t in found.values()) / 3
    assert f"would have saved {100 * share:.0f} % of the full sweep's steps" in text
    assert re.search(r"[12] of [2-4] chances called 0 to 5 % \(mean [0-9.]+ %\) came true", text) and "ends lay within the 90 % interval" in text


def test_a_higher_score_is_better_where_it_is(env):
    options = ("--metric", "eval_loss", "--goal", "max")
    trial(env, "first", 1, *options, scale=-1)
    trial(env, "bad", 5, *options, scale=-1)
    trial(env, "late", 5, *options, turns=True, scale=-1)
    assert {name: t["stop_was"] for name, t in trials(env).items()} == {"first": None, "bad": "right", "late": "wrong"}


def test_a_target_is_what_counts(env):
    trial(env, "a", 5, "--target", "2")
    trial(env, "b", 5, "--target", "2", turns=True)
    assert {name: t["stop_was"] for name, t in trials(env).items()} == {"a": "right", "b": "wrong"}


def test_a_run_that_diverged_was_rightly_called(env):
    text = "for i in range(1, 101): print(f'step {i}/100 eval_loss ' + ('nan' if i > 50 else str(5 - i / 100)))"
    assert foregone(env, "run", "--study", "s", "--trial", "a", "--dry-run", "--", sys.executable, "-c", text).returncode == 0
    assert trials(env)["a"]["stop_was"] == "right" and trials(env)["a"]["final"] is None


def test_a_trial_that_broke_off_tells_nothing(env):
    trial(env, "first", 1)
    text = CURVE.replace("range(1, 101)", "range(1, 90)") + "sys.exit(1)"
    assert foregone(env, "run", "--study", "s", "--trial", "bad", "--dry-run", "--", sys.executable, "-c", text, 5, False, 1).returncode == 1
    assert trials(env)["bad"]["would_stop"] is True and trials(env)["bad"]["stop_was"] is None
    assert "1 cannot be told yet" in foregone(env, "status", "--study", "s").stdout
