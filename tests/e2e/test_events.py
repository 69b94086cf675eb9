"""Files of records: broken, cut, mixed with others. What whole ones hold is tested with the fixtures."""
import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess

import pytest

from waiting import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
LOGS = ROOT / "fixtures" / "logs"
EVENTS = LOGS / "tensorboard" / "torch" / "input"
RUN = LOGS / "wandb" / "offline" / "input"
LIMIT_S = 60


def read(path):
    done = subprocess.run([BIN, "read", "--json", str(path)], capture_output=True, timeout=LIMIT_S, text=True)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()][:-1], done.stderr


def losses(path):
    return [v["value"] for v in read(path)[0] if v["metric"] == "train/loss"]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "events.out.tfevents.1.host"


@pytest.mark.parametrize("whole", [EVENTS, RUN], ids=["tensorboard", "wandb"])
def test_a_half_record_at_the_end_is_left_alone(file, whole):
    file.write_bytes(whole.read_bytes()[:20011])
    found, said = read(file)
    assert 0 < len(found) < 200 and not said
    assert losses(file) == losses(whole)[:len(losses(file))]


def start_of(record):
    """Where the record of this number, counted from 0, begins."""
    at, log = 0, EVENTS.read_bytes()
    for _ in range(record):
        at += 12 + struct.unpack_from("<Q", log, at)[0] + 4
    return at


@pytest.mark.parametrize("at", [0, 3, 9, 14, 40])
def test_a_broken_byte_costs_a_record(file, at):
    broken = bytearray(EVENTS.read_bytes())
    broken[start_of(10) + at] ^= 0x55
    file.write_bytes(broken)
    found, said = read(file)
    assert "1 damaged" in said
    assert len(found) == 245


def test_a_broken_byte_costs_a_block_of_a_run_file(file):
    broken = bytearray(RUN.read_bytes())
    broken[10000] ^= 0x55
    file.write_bytes(broken)
    found, said = read(file)
    assert "1 damaged" in said
    assert losses(file)[-1] == losses(RUN)[-1]


def test_bytes_that_went_missing(file):
    whole = EVENTS.read_bytes()
    file.write_bytes(whole[:9000] + whole[9500:])
    found, said = read(file)
    assert "damaged" in said and 230 < len(found) < 246
    assert losses(file)[-1] == losses(EVENTS)[-1]


def test_files_of_one_run_are_one_series(tmp_path):
    for i in (1, 2):
        shutil.copy(EVENTS, tmp_path / f"events.out.tfevents.{i}.host")
    assert losses(tmp_path) == 2 * losses(EVENTS)


def test_newest_run_of_several(tmp_path):
    for i, name in enumerate(("a", "b", "c")):
        (tmp_path / name).mkdir()
        shutil.copy(EVENTS if name == "b" else LOGS / "tensorboard" / "tensors" / "input", tmp_path / name / "events.out.tfevents.1.host")
        os.utime(tmp_path / name / "events.out.tfevents.1.host", (1000 + (i == 1), 1000 + (i == 1)))
    found, said = read(tmp_path)
    assert len(found) == 246 and "3 runs" in said and "newest, b" in said


def test_forecast_of_a_directory(tmp_path):
    shutil.copytree(LOGS / "tensorboard" / "parts" / "input", tmp_path / "run")
    done = subprocess.run([BIN, "forecast", "--json", "--horizon", "500", "--metric", "epoch_loss", str(tmp_path)], capture_output=True, timeout=LIMIT_S, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["x"] == 119


def test_directory_without_a_run(tmp_path):
    done = subprocess.run([BIN, "read", str(tmp_path)], capture_output=True, timeout=LIMIT_S, text=True)
    assert done.returncode == 100 and "no run in this directory" in done.stderr


# ---- a database ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path):
    shutil.copy(LOGS / "mlflow" / "database" / "input" / "mlflow.db", tmp_path / "mlflow.db")
    return tmp_path / "mlflow.db"


def test_a_database_is_followed_while_it_grows_and_taken_up_again(database, tmp_path):
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}

    def reaches(x):
        process = subprocess.Popen([BIN, "tail", "--study", "s", "--metric", "train_loss", database], env=env, stderr=subprocess.DEVNULL)
        try:
            until(lambda: f'"x":{x}.0' in subprocess.run([BIN, "status", "--study", "s", "--json"], env=env, capture_output=True, text=True).stdout, f"x {x}")
        finally:
            process.terminate()
            process.wait(LIMIT_S)

    reaches(119)
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute("INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) SELECT key, value / 2, timestamp + 1, run_uuid, 130, is_nan FROM metrics WHERE key = 'train_loss' AND step = 119")
    reaches(130)
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "foregone" / "studies" / "s.sqlite")) as study:
        assert study.execute("SELECT count(*) FROM value WHERE metric = 'train_loss'").fetchone()[0] == 121, "none twice"


def test_runs_that_were_deleted_and_other_databases_are_left_alone(database):
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE runs SET lifecycle_stage = 'deleted'")
    done = subprocess.run([BIN, "read", str(database)], capture_output=True, timeout=LIMIT_S, text=True)
    assert done.returncode == 100 and "no run in this directory" in done.stderr
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute("DROP TABLE params")
        db.execute("ALTER TABLE metrics RENAME TO other")
    assert b": mlflow, " not in subprocess.run([BIN, "read", str(database)], capture_output=True, timeout=LIMIT_S).stdout


# ---- how long the run is to be -------------------------------------------------------------------------------------------------


def total(path):
    done = subprocess.run([BIN, "read", "--json", str(path)], capture_output=True, timeout=LIMIT_S, text=True)
    return json.loads(done.stdout.splitlines()[-1])["summary"]["total"]


def test_params_of_a_run_say_where_it_ends(tmp_path):
    shutil.copytree(LOGS / "mlflow" / "run" / "input", tmp_path / "run")
    assert total(tmp_path / "run") is None
    (tmp_path / "run" / "params" / "max_steps").write_text("500")
    (tmp_path / "run" / "params" / "num_train_epochs").write_text("-1")
    assert total(tmp_path / "run") == 500


def test_arguments_in_an_event_file_and_the_epoch_say_where_it_ends(tmp_path):
    whole = next((LOGS / "hf_trainer" / "tensorboard" / "input").iterdir())
    (tmp_path / whole.name).write_bytes(whole.read_bytes()[:6400])
    done = subprocess.run([BIN, "forecast", "--json", str(tmp_path)], capture_output=True, timeout=LIMIT_S, text=True)
    assert done.returncode == 0, done.stderr
    assert (json.loads(done.stdout)["x"], json.loads(done.stdout)["horizon"]) == (24, 40), "5 epochs of 8 steps"


def test_hparams_beside_a_table(tmp_path):
    (tmp_path / "metrics.csv").write_text("step,val_loss\n" + "".join(f"{i},{1 / i}\n" for i in range(1, 9)))
    (tmp_path / "hparams.yaml").write_text("lr: 0.1\nnested:\n  max_steps: 7\nmax_steps: 40\nname: x\n")
    assert total(tmp_path / "metrics.csv") == 40
    (tmp_path / "metrics.csv").rename(tmp_path / "other.csv")
    assert total(tmp_path / "other.csv") is None, "another program's file"
