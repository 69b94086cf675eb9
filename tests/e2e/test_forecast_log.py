"""forecast FILE: the primary metric of a log, in words and as JSON; what is missing is said."""
import json
import os
import pathlib
import random
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN", str(ROOT / "foregone"))


def forecast(*args, locale="C.UTF-8"):
    return subprocess.run([BIN, "forecast", *args], text=True, capture_output=True, timeout=60, env={**os.environ, "LC_ALL": locale})


def log(tmp_path, steps=60):
    random.seed(1)
    file = tmp_path / "train.log"
    rows = [{"loss": round(1.2 + (k / 3) ** -0.5 + random.gauss(0, 0.02), 4), "learning_rate": 1e-5, "step": 20 * k} for k in range(1, steps)]
    file.write_text("".join("%s\n" % row for row in rows))
    return str(file)


def test_says_where_it_will_end(tmp_path):
    done = forecast("--horizon", "3000", log(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "loss, 1180 of 3000 seen (39 %)" in done.stdout and "final value" in done.stdout and "\u2801" <= max(done.stdout) <= "\u28ff"
    assert "\033" not in done.stdout


def test_a_terminal_without_utf8_gets_plain_characters(tmp_path):
    done = forecast("--horizon", "3000", log(tmp_path), locale="C")
    assert done.stdout.isascii() and "** seen" in done.stdout and ".. nine tenths" in done.stdout


def test_json_has_the_quantiles(tmp_path):
    done = forecast("--json", "--horizon", "3000", log(tmp_path))
    answer = json.loads(done.stdout)
    assert answer["metric"] == "loss" and len(answer["final"]["q"]) == 99
    assert 1.1 < answer["final"]["q"][49] < 1.5


def test_without_an_end_it_asks_for_the_horizon(tmp_path):
    done = forecast(log(tmp_path))
    assert done.returncode == 1 and "--horizon" in done.stderr


def test_a_metric_that_is_not_there_and_a_file_that_is_not_there(tmp_path):
    assert "no such metric" in forecast("--metric", "nothing", "--horizon", "9", log(tmp_path)).stderr
    assert forecast(str(tmp_path / "none")).returncode == 100
    assert forecast().returncode == 100
