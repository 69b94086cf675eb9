"""`foregone tail`: whatever happens to the file."""
import gzip
import json
import os
import pathlib
import random
import signal
import stat
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
DEADLINE_S = 60


def lines(first, last):
    return "".join(f"step {i}/1000 eval_loss {1 + 2 * (i + 1) ** -0.5:.5f}\n" for i in range(first, last))


@pytest.fixture
def env(tmp_path):
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}


def until(condition, what):
    end = time.monotonic() + DEADLINE_S
    while not (value := condition()):
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(0.02)
    return value


def tail(env, *words, **more):
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen([BIN, "tail", "--study", "s", *map(str, words)], env=env, **more)


def trials(env):
    result = subprocess.run([BIN, "status", "--study", "s", "--json"], env=env, capture_output=True, text=True)
    return {t["trial"]: t for t in map(json.loads, result.stdout.splitlines()) if "trial" in t}


def reached(env, trial, x):
    until(lambda: trials(env).get(trial, {}).get("x") == x, f"x {x} of trial {trial}")


def end(process, status=0):
    process.send_signal(signal.SIGTERM)
    assert process.wait(DEADLINE_S) == status
    process.stdout.close()
    process.stderr.close()


def append(path, text):
    with open(path, "a", encoding="utf-8") as out:
        out.write(text)


def test_growing_file(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 50))
    process = tail(env, log)
    reached(env, "train", 49)
    append(log, lines(50, 60))
    reached(env, "train", 59)
    end(process)


def test_file_that_is_not_there_yet(env, tmp_path):
    process = tail(env, tmp_path / "later.log")
    until(lambda: "later" in trials(env), "the trial")
    (tmp_path / "later.log").write_text(lines(0, 30))
    reached(env, "later", 29)
    end(process)


def test_rotation_by_rename(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    process = tail(env, log)
    reached(env, "train", 19)
    append(log, lines(20, 25))
    log.rename(tmp_path / "train.log.1")
    log.write_text(lines(25, 40))
    reached(env, "train", 39)
    end(process)


def test_copytruncate(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    process = tail(env, log)
    reached(env, "train", 19)
    with open(log, "r+", encoding="utf-8") as out:
        out.truncate(0)
    append(log, lines(20, 25))
    reached(env, "train", 24)
    end(process)


def test_cut_and_grown_beyond_our_place(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    process = tail(env, log)
    reached(env, "train", 19)
    log.write_text(lines(20, 100))  # truncates, then is longer than before
    reached(env, "train", 99)
    end(process)


def test_replaced_by_a_new_file(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    process = tail(env, log)
    reached(env, "train", 19)
    (tmp_path / "new").write_text(lines(20, 22))
    os.replace(tmp_path / "new", log)
    reached(env, "train", 21)
    end(process)


def test_fifo_whose_writer_is_late_dies_and_returns(env, tmp_path):
    fifo = tmp_path / "pipe"
    process = tail(env, "--mkfifo", fifo)
    until(fifo.exists, "the pipe")
    assert stat.S_IMODE(fifo.stat().st_mode) == 0o600
    for first, last in ((0, 10), (10, 20)):
        append(fifo, lines(first, last))
        reached(env, "pipe", last - 1)
        assert process.poll() is None
    end(process)


def test_standard_input_to_its_end(env):
    process = tail(env, "-", stdin=subprocess.PIPE)
    process.communicate(lines(0, 40).encode(), timeout=DEADLINE_S)
    assert process.returncode == 0
    assert trials(env)["stdin"]["x"] == 39


def test_several_files_are_a_trial_each(env, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "train.log").write_text(lines(0, 30))
    process = tail(env, tmp_path / "a" / "train.log", tmp_path / "b" / "train.log")
    reached(env, "a", 29)
    reached(env, "b", 29)
    end(process)


def test_gzip_is_read_to_its_end(env, tmp_path):
    (tmp_path / "old.log.gz").write_bytes(gzip.compress(lines(0, 40).encode()))
    process = tail(env, tmp_path / "old.log.gz")
    assert process.wait(DEADLINE_S) == 0, process.stderr.read()
    assert [t["x"] for t in trials(env).values()] == [39]


def test_verdict_to_stop_is_the_exit_status(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 30) + "".join(f"step {i}/1000 eval_loss nan\n" for i in range(30, 40)))
    process = tail(env, log)
    assert process.wait(DEADLINE_S) == 99
    assert b"not finite" in process.stderr.read()


def test_directory(env, tmp_path):
    process = tail(env, tmp_path)
    assert process.wait(DEADLINE_S) == 100
    assert b"irectory" in process.stderr.read()


def test_nothing_to_follow(env):
    process = tail(env)
    assert process.wait(DEADLINE_S) == 100 and b"give a log file" in process.stderr.read()


def test_binary_garbage(env, tmp_path):
    (tmp_path / "noise").write_bytes(random.Random(3).randbytes(1 << 20))
    with open(tmp_path / "noise", "rb") as noise:
        process = tail(env, "-", stdin=noise)
    assert process.wait(DEADLINE_S) == 0, process.stderr.read()
