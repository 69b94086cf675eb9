"""Stopped trials that go on: `foregone thaw`, with a trainer that is a shell loop and with the real Hugging Face Trainer."""
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import types

import pytest

from waiting import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
DEADLINE_S = 60

# Falls late when it is told to: at first it looks like the loser, at the end it is the winner. Every second step leaves a checkpoint.
LOOP = r"""
start=1
while [ $# -gt 0 ]; do
    case $1 in
        --name) name=$2 ;;
        --kind) kind=$2 ;;
        --resume) start=$(($(cat "$2") + 1)) ;;
    esac
    shift 2
done
echo "begins at $start with '$COLOUR' and '$API_TOKEN' in $PWD"
for i in $(seq $start 100); do
    awk -v i=$i -v kind=$kind 'BEGIN { y = kind == "late" && i > 40 ? 0.5 + 2.6 * exp(-(i - 40) / 12) : kind == "good" ? 1 + 2 * exp(-i / 15) : kind == "near" ? 1.1 + 2.1 * exp(-i / 15) : 3 + exp(-i / 15)
                                printf "step %d/100 eval_loss %.5f\n", i, y + 0.002 * (i % 3) }'
    [ $((i % 2)) = 0 ] && echo $i > "state $name.$i"
    echo $i >> "steps.$name"
    while [ -e hold ] && [ $i -gt 50 ]; do sleep 0.01; done
    sleep 0.02
done
"""
GLOB, RESUME = "state {trial}.*", "--resume {checkpoint}"


@pytest.fixture
def env(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "loop.sh").write_text(LOOP)
    return {**{k: v for k, v in os.environ.items() if not k.startswith("FOREGONE")}, "XDG_STATE_HOME": str(tmp_path / "state"), "COLOUR": "blue  sky", "API_TOKEN": "hidden"}


def foregone(env, *words, **more):
    return subprocess.run([BIN, *words], env=env, text=True, capture_output=True, timeout=more.pop("timeout", DEADLINE_S), **more)


def loop(env, tmp_path, name, kind, *options):
    return foregone(env, "run", "--study", "s", "--trial", name, *options, "--", "bash", str(tmp_path / "loop.sh"), "--name", name, "--kind", kind, cwd=tmp_path / "work")


def study(tmp_path, sql, *values):
    with sqlite3.connect(tmp_path / "state/foregone/studies/s.sqlite") as db:
        return db.execute(sql, values).fetchall()


def status(env):
    return {t["trial"]: t for t in map(json.loads, foregone(env, "status", "--study", "s", "--json").stdout.splitlines())}


def listed(env, *options):
    done = foregone(env, "thaw", "--json", *options, "s")
    assert done.returncode == 0, done.stderr
    return {t["trial"]: t for t in map(json.loads, done.stdout.splitlines())}


def steps(tmp_path, name):
    return [int(line) for line in (tmp_path / "work" / f"steps.{name}").read_text().split()]


def stopped_winner(env, tmp_path, *options, also=None):
    """A study whose δ is so high that the late winner was stopped, and then set to what is usual."""
    assert loop(env, tmp_path, "good", "good", "--delta", "0.9", *options).returncode == 0
    assert loop(env, tmp_path, "late", "late", "--delta", "0.9", *options).returncode == 99
    if also:
        assert loop(env, tmp_path, also, also, "--delta", "0.9", *options).returncode == 99
    assert foregone(env, "study", "set", "s", "--delta", "0.0001").returncode == 0


def test_a_shell_loop_is_thawed_from_its_checkpoint_and_wins(env, tmp_path):
    stopped_winner(env, tmp_path, "--checkpoint-glob", GLOB, "--resume-arg", RESUME)
    before = status(env)
    assert before["late"]["status"] == "stopped" and before["late"]["stop_x"] < 40
    chances = listed(env, "--price", "3600")
    assert list(chances) == ["late"]
    late = chances["late"]
    assert late["deserves"] and not late["obstacle"] and 0 < late["p_good"] < 1 and late["bar"] == pytest.approx(before["good"]["value"], rel=0.01)
    assert late["dollars"] == pytest.approx(late["seconds"]) and 0 < late["seconds"] < 60
    ran = steps(tmp_path, "late")
    env.update(COLOUR="red", API_TOKEN="of this shell")
    done = foregone(env, "thaw", "--run", "s", cwd="/")
    assert done.returncode == 0, done.stderr
    after = status(env)
    assert after["late"]["status"] == "complete" and after["late"]["value"] < after["good"]["value"]
    resumed = steps(tmp_path, "late")[len(ran):]
    checkpoint = ran[-1] // 2 * 2
    assert resumed == list(range(checkpoint + 1, 101)), "what the checkpoint holds is not run again"
    assert f"begins at {checkpoint + 1} with 'blue  sky' and 'of this shell' in {tmp_path / 'work'}" in done.stdout
    exported = {r["run"]: r for r in map(json.loads, foregone(env, "study", "export", "s").stdout.splitlines())}
    assert exported["late"]["series"]["eval_loss"]["x"] == list(range(1, 101)), "one series from the first step to the last"
    again = foregone(env, "thaw", "--run", "s")
    assert again.returncode == 0 and "begins at" not in again.stdout


def test_thaw_stops_earlier_only_where_a_stop_can_be_taken_back(env, tmp_path):
    assert loop(env, tmp_path, "good", "good", "--delta", "0.1").returncode == 0
    for name, options in (("plain", []), ("no-way-back", ["--thaw"]), ("way-back", ["--thaw", "--checkpoint-glob", GLOB])):
        assert loop(env, tmp_path, name, "near", *options).returncode == 99
    at = {name: t["stop_x"] for name, t in status(env).items()}
    assert at["way-back"] < min(at["no-way-back"], at["plain"])


def test_a_race_pauses_everybody_and_finishes_the_best(env, tmp_path):
    for name, kind in (("bad", "bad"), ("good", "good"), ("worse", "bad")):
        assert loop(env, tmp_path, name, kind, "--thaw", "--checkpoint-glob", GLOB, "--resume-arg", RESUME).returncode == 99
    first = status(env)
    assert {t["reason"] for t in first.values()} == {"paused"} and all(5 <= t["stop_x"] < 15 for t in first.values())
    assert all(t["deserves"] for t in listed(env).values())
    done = foregone(env, "thaw", "--run", "s")
    assert done.returncode == 0, done.stderr
    after = status(env)
    assert after["good"]["status"] == "complete" and {after[t]["status"] for t in ("bad", "worse")} == {"stopped"}
    assert max(after[t]["x"] for t in ("bad", "worse")) < 60
    ran = steps(tmp_path, "good")
    assert sorted(set(ran)) == list(range(1, 101)) and done.stderr.count("going on with trial good") <= 6


def test_a_checkpoint_that_is_gone_is_said_and_nothing_is_lost(env, tmp_path):
    stopped_winner(env, tmp_path, "--checkpoint-glob", GLOB, "--resume-arg", RESUME, also="bad")
    for state in (tmp_path / "work").glob("state late.*"):
        state.unlink()
    before = status(env)
    assert "its checkpoint is not there any more: " + str(tmp_path / "work" / "state late.") in foregone(env, "thaw", "s").stdout
    done = foregone(env, "thaw", "--run", "s")
    assert "with trial bad" in done.stderr and "with trial late" not in done.stderr
    assert status(env)["late"] == before["late"]
    assert foregone(env, "run", "--from-checkpoint", str(tmp_path / "nowhere"), "--", "true").returncode == 100


def test_one_that_fails_when_it_goes_on_is_said_and_can_go_on_later(env, tmp_path):
    stopped_winner(env, tmp_path, "--checkpoint-glob", GLOB, "--resume-arg", RESUME, also="bad")
    (tmp_path / "loop.sh").write_text("exit 7")
    done = foregone(env, "thaw", "--run", "s")
    assert done.returncode == 111 and "trial late ended with status 7" in done.stderr and "trial bad ended with status 7" in done.stderr
    assert status(env)["late"]["status"] == "failed"
    (tmp_path / "loop.sh").write_text(LOOP)
    assert not listed(env)["late"]["obstacle"]
    assert foregone(env, "thaw", "--run", "s").returncode == 0
    assert status(env)["late"]["status"] == "complete"


def test_what_is_missing_to_go_on_is_said_and_may_be_given_later(env, tmp_path):
    stopped_winner(env, tmp_path)
    assert "--checkpoint-glob" in listed(env)["late"]["obstacle"]
    assert "--resume-arg" in listed(env, "--checkpoint-glob", GLOB)["late"]["obstacle"]
    assert foregone(env, "thaw", "--run", "s").returncode == 0
    assert status(env)["late"]["status"] == "stopped"
    assert foregone(env, "thaw", "--run", "--checkpoint-glob", GLOB, "--resume-arg", RESUME, "s").returncode == 0
    assert status(env)["late"]["status"] == "complete"


def processes_of(env):
    """All whose state is kept where this test keeps it: thaw, run, its forecaster, the command."""
    mark, found = f"XDG_STATE_HOME={env['XDG_STATE_HOME']}".encode(), []
    for directory in pathlib.Path("/proc").iterdir():
        try:
            if directory.name.isdigit() and mark in (directory / "environ").read_bytes().split(b"\0"):
                found.append(int(directory.name))
        except OSError:
            pass  # not ours, or gone
    return found


def held_thaw(env, tmp_path):
    """The late trial is on its way again and waits past step 50."""
    stopped_winner(env, tmp_path, "--checkpoint-glob", GLOB, "--resume-arg", RESUME)
    (tmp_path / "work" / "hold").write_text("")
    thaw = subprocess.Popen([BIN, "thaw", "--run", "s"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: 51 in steps(tmp_path, "late"), "step 51")
    until(lambda: status(env)["late"]["x"] >= 51, "step 51 in the study")
    return thaw


def test_thaw_killed_lets_the_trial_go_on_to_its_end(env, tmp_path):
    thaw = held_thaw(env, tmp_path)
    second = foregone(env, "thaw", "--run", "s")
    assert second.returncode == 111 and "is at work" in second.stderr
    thaw.kill()
    thaw.wait()
    assert "late" not in listed(env), "it runs"
    (tmp_path / "work" / "hold").unlink()
    until(lambda: status(env)["late"]["status"] == "complete", "the end of a trial whose thaw was killed")
    until(lambda: not processes_of(env), "the end of all processes")


def test_all_killed_in_the_middle_of_a_thaw_goes_on_from_the_checkpoint_again(env, tmp_path):
    thaw = held_thaw(env, tmp_path)
    for pid in processes_of(env):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    thaw.wait()
    until(lambda: not processes_of(env), "the end of all processes")
    (tmp_path / "work" / "hold").unlink()
    assert status(env)["late"]["status"] == "lost"
    assert not listed(env)["late"]["obstacle"]
    done = foregone(env, "thaw", "--run", "s")
    assert done.returncode == 0, done.stderr
    after = status(env)
    assert after["late"]["status"] == "complete" and after["late"]["value"] < after["good"]["value"]


def test_a_signal_to_thaw_goes_to_the_trial_and_ends_the_round(env, tmp_path):
    thaw = held_thaw(env, tmp_path)
    thaw.terminate()
    assert thaw.wait(DEADLINE_S) == 128 + signal.SIGTERM
    until(lambda: not processes_of(env), "the end of all processes")
    assert listed(env)["late"]["trial"] == "late"


def test_without_a_study_it_says_so(env):
    assert foregone(env, "thaw").returncode == 100
    missing = foregone(env, "thaw", "nowhere")
    assert missing.returncode == 100 and "no study" in missing.stderr


# ---- Hugging Face: the trial goes on with nothing configured but the callback ----------------------------------------------------------

def test_only_the_first_training_with_the_callback_goes_on_from_the_checkpoint(monkeypatch):
    transformers = pytest.importorskip("transformers", reason="transformers is not installed (tests/deps test)")
    monkeypatch.syspath_prepend(str(ROOT / "hooks" / "src"))
    from foregone import ForegoneCallback

    monkeypatch.setattr(transformers.Trainer, "train", lambda self, resume_from_checkpoint=None: resume_from_checkpoint)
    monkeypatch.setenv("FOREGONE_CHECKPOINT", "/saved")

    def trainer_with(*callbacks):
        made = object.__new__(transformers.Trainer)
        made.callback_handler = types.SimpleNamespace(callbacks=list(callbacks))
        return made

    ours, other = trainer_with(ForegoneCallback()), trainer_with()
    assert other.train() is None
    assert ours.train("/of the script") == "/of the script"
    assert ours.train() == "/saved"
    assert ours.train() is None and trainer_with(ForegoneCallback()).train() is None


def trainer(env, tmp_path, name, lr):
    pytest.importorskip("transformers", reason="transformers is not installed (tests/deps test)")
    command = [sys.executable, str(ROOT / "demo" / "train.py"), "--lr", lr, "--steps", "120", "--output", str(tmp_path / ("model-" + name)), "--hook"]
    env.update(PYTHONPATH=str(ROOT / "hooks" / "src"), OMP_NUM_THREADS="1")
    return foregone(env, "run", "--study", "s", "--trial", name, "--metric", "eval_loss", "--delta", "0.999", "--", *command, timeout=400)


def test_the_winner_of_a_trainer_sweep_was_stopped_is_thawed_and_wins(env, tmp_path):
    for name, lr, expected in (("fair", "1e-3", 0), ("best", "3e-3", 99), ("hopeless", "1e-6", 99)):
        done = trainer(env, tmp_path, name, lr)
        assert done.returncode == expected, done.stderr
    assert foregone(env, "study", "set", "s", "--delta", "0.05").returncode == 0
    before, stopped = status(env), listed(env)
    assert stopped["best"]["deserves"] and not stopped["hopeless"]["deserves"]
    at = before["best"]["stop_x"]
    saved = pathlib.Path(stopped["best"]["checkpoint"])
    assert at < 120 and (saved / "trainer_state.json").exists()
    last = study(tmp_path, "SELECT max(id) FROM value")[0][0]
    done = foregone(env, "thaw", "--run", "s", timeout=400)
    assert done.returncode == 0, done.stderr
    after = status(env)
    assert after["best"]["status"] == "complete" and after["best"]["x"] == 120 and after["best"]["value"] < after["fair"]["value"]
    assert after["hopeless"] == before["hopeless"]
    went_on = [x for x, in study(tmp_path, "SELECT x FROM value WHERE id > ? AND metric = 'eval_loss' ORDER BY id", last)]
    step = int(saved.name.rpartition("-")[2])
    assert step >= at and went_on == list(range(step // 10 * 10 + 10, 121, 10)), "what the checkpoint holds is not trained again"
