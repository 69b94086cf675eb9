"""The real Hugging Face Trainer, wrapped and hooked."""
import json
import os
import pathlib
import sqlite3
import subprocess
import sys

import pytest

pytest.importorskip("transformers", reason="transformers is not installed (tests/deps test)")

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
TRAIN = str(ROOT / "demo" / "train.py")
LIMIT_S = 400


def environment(tmp_path, **more):
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "hooks" / "src"), "FOREGONE_BIN": BIN, **more}


def train(tmp_path, lr, steps=60, *more):
    return [sys.executable, TRAIN, "--lr", lr, "--steps", str(steps), "--output", str(tmp_path / ("model-" + lr)), *more]


def run(tmp_path, options, command):
    return subprocess.run([BIN, "run", "--study", "s", *options, "--", *command], env=environment(tmp_path), text=True, capture_output=True, timeout=LIMIT_S)


def trials(tmp_path):
    out = subprocess.run([BIN, "status", "--study", "s", "--json"], env=environment(tmp_path), text=True, capture_output=True, check=True).stdout
    return {o["trial"]: o for o in map(json.loads, out.splitlines())}


def test_a_hopeless_learning_rate_is_stopped_by_what_it_prints(tmp_path):
    good = run(tmp_path, ["--trial", "good", "--metric", "eval_loss"], train(tmp_path, "3e-3", 150))
    assert good.returncode == 0, good.stderr
    bad = run(tmp_path, ["--trial", "bad", "--metric", "eval_loss"], train(tmp_path, "1e-6", 150))
    assert bad.returncode == 99, bad.stderr
    found = trials(tmp_path)
    assert found["good"]["status"] == "complete" and found["bad"]["status"] == "stopped"
    assert found["bad"]["reason"] == "hopeless" and found["bad"]["rival"] == "good"
    assert found["bad"]["stop_x"] < 0.6 * found["bad"]["horizon"]
    assert found["bad"]["steps"] == 150, "the bar on stderr tells the end of what stdout counts in epochs"
    assert found["bad"]["q05"] > found["good"]["value"]
    assert "'eval_loss'" in good.stdout, "the output passes through"


def test_the_callback_saves_a_checkpoint_and_ends_cleanly(tmp_path):
    done = run(tmp_path, ["--trial", "t", "--target", "0.5", "--delta", "0.2"], train(tmp_path, "1e-5", 60, "--hook"))
    assert done.returncode == 99, done.stderr
    assert list((tmp_path / "model-1e-5").glob("checkpoint-*/model.safetensors")), done.stderr
    assert "Traceback" not in done.stderr
    assert trials(tmp_path)["t"]["status"] == "stopped"
    assert "train_runtime" in done.stdout + done.stderr, "the Trainer came to its own end"


def test_without_foregone_the_callback_lets_it_train(tmp_path):
    done = subprocess.run(train(tmp_path, "1e-3", 20, "--hook"), env=environment(tmp_path, FOREGONE_BIN="/nonexistent/foregone", PATH="/usr/bin:/bin"),
                          text=True, capture_output=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    assert "train_runtime" in done.stdout + done.stderr


def test_dry_run_never_stops(tmp_path):
    done = run(tmp_path, ["--trial", "t", "--target", "0.5", "--delta", "0.2", "--dry-run"], train(tmp_path, "1e-5", 100))
    assert done.returncode == 0, done.stderr
    assert trials(tmp_path)["t"]["would_stop"] is True and trials(tmp_path)["t"]["status"] == "complete"


def torchrun(tmp_path):
    return [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", str(20000 + os.getpid() % 20000), *train(tmp_path, "1e-5", 60, "--hook")[1:]]


def test_all_ranks_obey_under_torchrun_and_go_on_together(tmp_path):
    done = run(tmp_path, ["--trial", "t", "--target", "0.5", "--delta", "0.2", "--grace", "300"], torchrun(tmp_path))
    assert done.returncode == 99, done.stderr
    assert trials(tmp_path)["t"]["status"] == "stopped"
    assert "nothing of it is left" in done.stderr and "killing" not in done.stderr
    assert "train_runtime" in done.stdout + done.stderr, "a rank that had gone on alone would have hung the others until the grace was over"
    saved, = (tmp_path / "model-1e-5").glob("checkpoint-*")
    assert sorted(path.name for path in saved.glob("rng_state*")) == ["rng_state_0.pth", "rng_state_1.pth"], "both ranks saved at the same step"
    on = run(tmp_path, ["--study", "on", "--trial", "t", "--metric", "eval_loss", "--from-checkpoint", str(saved)], torchrun(tmp_path))
    assert on.returncode == 0, on.stderr
    with sqlite3.connect(tmp_path / "foregone/studies/on.sqlite") as db:
        first, last = db.execute("SELECT min(x), max(x) FROM value WHERE metric = 'eval_loss'").fetchone()
    step = int(saved.name.rpartition("-")[2])
    assert (first, last) == (step // 10 * 10 + 10, 60), "both ranks went on from the checkpoint"
