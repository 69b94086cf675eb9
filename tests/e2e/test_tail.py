"""`foregone tail`: whatever happens to the file."""
import contextlib
import gzip
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys

import pytest

from waiting import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
DEADLINE_S = 60
MORTAL = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []  # else root may read everything


def lines(first, last):
    return "".join(f"step {i}/1000 eval_loss {1 + 2 * (i + 1) ** -0.5:.5f}\n" for i in range(first, last))


@pytest.fixture
def env(tmp_path):
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}


def tail(env, *words, **more):
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen([*more.pop("by", []), BIN, "tail", "--study", "s", *map(str, words)], env=env, **more)


def trials(env):
    result = subprocess.run([BIN, "status", "--study", "s", "--json"], env=env, capture_output=True, text=True)
    return {t["trial"]: t for t in map(json.loads, result.stdout.splitlines()) if "trial" in t}


def reached(env, trial, x):
    until(lambda: trials(env).get(trial, {}).get("x") == x, f"x {x} of trial {trial}")


def end(process, status=0):
    process.send_signal(signal.SIGTERM)
    assert process.wait(DEADLINE_S) == status
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()


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
    process = tail(env, tmp_path / "later.log")
    append(tmp_path / "later.log", lines(30, 40))
    reached(env, "later", 39)
    end(process)
    assert values(env) == list(range(40)), "a value was lost or counted twice"


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


def test_file_that_is_removed_and_made_again(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    process = tail(env, log)
    reached(env, "train", 19)
    log.unlink()
    log.write_text(lines(20, 40))
    reached(env, "train", 39)
    end(process)


def test_file_that_we_may_not_read(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    log.chmod(0)
    result = subprocess.run([*MORTAL, BIN, "tail", "--study", "s", log], env=env, capture_output=True, timeout=DEADLINE_S)
    assert result.returncode == 100 and b"ermission" in result.stderr


def test_zstd_is_read_to_its_end(env, tmp_path):
    packed = subprocess.run(["zstd", "-q"], input=lines(0, 40).encode(), capture_output=True, check=True).stdout if shutil.which("zstd") else None
    if packed is None:
        pytest.skip("zstd is not installed")
    (tmp_path / "old.log.zst").write_bytes(packed)
    process = tail(env, tmp_path / "old.log.zst")
    assert process.wait(DEADLINE_S) == 0, process.stderr.read()
    assert [t["x"] for t in trials(env).values()] == [39]


def test_zstd_in_several_frames_of_unknown_size(env, tmp_path):
    if not shutil.which("zstd"):
        pytest.skip("zstd is not installed")
    frames = [subprocess.run(["zstd", "-q", "--no-content-size"], input=lines(i, i + 300).encode(), capture_output=True, check=True).stdout for i in (0, 300, 600)]
    (tmp_path / "old.log.zst").write_bytes(b"".join(frames))
    process = tail(env, tmp_path / "old.log.zst")
    assert process.wait(DEADLINE_S) == 0, process.stderr.read()
    assert [t["x"] for t in trials(env).values()] == [899]


@pytest.mark.parametrize("name", ["log.gz", "log.zst"])
def test_compressed_log_that_is_cut_off(env, tmp_path, name):
    (tmp_path / name).write_bytes((ROOT / "fixtures" / "seeds" / name).read_bytes()[:-12])
    done = subprocess.run([BIN, "read", tmp_path / name], capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 100 and "damaged or cut off" in done.stderr


def test_a_hundred_logs_none_of_which_waits_for_another(env, tmp_path):
    for i in range(100):
        (tmp_path / f"{i}.log").write_text(lines(0, 12))
    process = tail(env, *sorted(tmp_path.glob("*.log")))
    until(lambda: len(trials(env)) == 100, "all of them")
    append(tmp_path / "7.log", lines(12, 30))
    reached(env, "7", 29)
    end(process)


def test_more_logs_than_can_be_followed(env, tmp_path):
    done = subprocess.run([BIN, "tail", *(str(tmp_path / f"{i}.log") for i in range(129))], env=env, capture_output=True, text=True, timeout=DEADLINE_S)
    assert done.returncode == 100 and "at most 128" in done.stderr


def test_file_system_without_notices(env, tmp_path):
    """As on NFS: inotify says nothing, and only looking shows that the log has grown or was replaced."""
    (tmp_path / "none.c").write_text("#include <errno.h>\nint inotify_init1(int flags) { (void)flags; errno = ENOSYS; return -1; }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "none.so", tmp_path / "none.c"], check=True)
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    process = tail({**env, "LD_PRELOAD": str(tmp_path / "none.so"), "ASAN_OPTIONS": "verify_asan_link_order=0"}, log)
    reached(env, "train", 19)
    append(log, lines(20, 25))
    reached(env, "train", 24)
    log.rename(tmp_path / "train.log.1")
    log.write_text(lines(25, 40))
    reached(env, "train", 39)
    end(process)


def test_writer_of_a_pipe_is_never_kept_waiting(env, tmp_path):
    """More than a pipe holds, from a writer that would be killed by SIGPIPE."""
    fifo = tmp_path / "pipe"
    process = tail(env, "--mkfifo", fifo)
    until(fifo.exists, "the pipe")
    (tmp_path / "log").write_text(lines(0, 900).replace("\n", " " * 100 + "\n"))
    with open(fifo, "wb") as out:
        assert subprocess.run(["cat", tmp_path / "log"], stdout=out, timeout=DEADLINE_S).returncode == 0
    reached(env, "pipe", 899)
    end(process)


def test_half_a_line_waits_for_the_rest(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20) + "step 20/1000 eval_l")
    process = tail(env, log)
    reached(env, "train", 19)
    append(log, "oss 0.125\n")
    until(lambda: trials(env)["train"].get("value") == 0.125, "the whole line")
    end(process)


def test_several_logs_in_one_directory_are_a_trial_each(env, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.log").write_text(lines(0, 30))
    process = tail(env, tmp_path / "a.log", tmp_path / "b.log")
    reached(env, "a", 29)
    reached(env, "b", 29)
    end(process)


# ---- what else may happen to it ----------------------------------------------------------------------------------------------------


def test_an_empty_file_that_grows(env, tmp_path):
    log = tmp_path / "train.log"
    log.touch()
    process = tail(env, log)
    until(lambda: waits(process) > 8, "tail has looked and waits")
    append(log, lines(0, 30))
    reached(env, "train", 29)
    end(process)


def test_mounted_from_elsewhere(env, tmp_path):
    """A real file system that tells nothing of what is written below it."""
    below, above = tmp_path / "below", tmp_path / "above"
    below.mkdir(), above.mkdir()
    if not shutil.which("bindfs") or subprocess.run(["bindfs", below, above], capture_output=True).returncode:
        pytest.skip("bindfs is not installed, or may not mount")
    try:
        (below / "train.log").write_text(lines(0, 20))
        process = tail(env, above / "train.log")
        reached(env, "train", 19)
        append(below / "train.log", lines(20, 25))
        reached(env, "train", 24)
        (below / "train.log").rename(below / "train.log.1")
        (below / "train.log").write_text(lines(25, 40))
        reached(env, "train", 39)
        end(process)
    finally:
        subprocess.run(["fusermount", "-u", above], check=True)


def test_a_link_that_is_switched(env, tmp_path):
    link = tmp_path / "latest.log"
    (tmp_path / "one").write_text(lines(0, 20))
    link.symlink_to("one")
    process = tail(env, link)
    reached(env, "latest", 19)
    (tmp_path / "two").write_text(lines(20, 40))
    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").rename(link)
    reached(env, "latest", 39)
    end(process)
    process = tail(env, link)
    append(tmp_path / "two", lines(40, 50))
    reached(env, "latest", 49)
    end(process)
    assert values(env) == list(range(50)), "a value was lost or counted twice"


def test_its_directory_is_removed_and_made_again(env, tmp_path):
    log = tmp_path / "run" / "train.log"
    log.parent.mkdir()
    log.write_text(lines(0, 20))
    process = tail(env, log)
    reached(env, "train", 19)
    shutil.rmtree(log.parent)
    log.parent.mkdir()
    log.write_text(lines(20, 40))
    reached(env, "train", 39)
    end(process)


def test_replaced_by_one_that_we_may_not_read_yet(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    with open(tmp_path / "said", "wb") as said:
        process = tail(env, log, stderr=said, by=MORTAL)
    reached(env, "train", 19)
    (tmp_path / "new").write_text(lines(20, 40))
    (tmp_path / "new").chmod(0)
    (tmp_path / "new").rename(log)
    until(lambda: b"ermission" in (tmp_path / "said").read_bytes(), "a word about it")
    log.chmod(0o600)
    reached(env, "train", 39)
    end(process)


def test_replaced_by_a_directory_for_a_while(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    process = tail(env, log)
    reached(env, "train", 19)
    log.unlink()
    log.mkdir()
    held = len(os.listdir(f"/proc/{process.pid}/fd"))
    before = waits(process)
    until(lambda: waits(process) > before + 8, "it has looked several times")
    assert len(os.listdir(f"/proc/{process.pid}/fd")) <= held
    log.rmdir()
    log.write_text(lines(20, 40))
    reached(env, "train", 39)
    end(process)


def test_bytes_without_an_end_of_line_in_fixed_memory(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    os.truncate(log, 300 << 20)
    append(log, "\n" + lines(20, 30))
    process = tail(env, log)
    reached(env, "train", 29)
    peak = int(re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8"))[1])
    assert peak < 64 << 10 or "asan" in BIN
    end(process)


def test_stopped_and_continued(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    process = tail(env, log)
    reached(env, "train", 19)
    process.send_signal(signal.SIGSTOP)
    append(log, lines(20, 30))
    log.rename(tmp_path / "train.log.1")
    log.write_text(lines(30, 40))
    process.send_signal(signal.SIGCONT)
    reached(env, "train", 39)
    end(process)
    assert values(env) == list(range(40))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_with_all_it_has_read(env, tmp_path, number):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    process = tail(env, log)
    reached(env, "train", 19)
    process.send_signal(number)
    assert process.wait(DEADLINE_S) == 0
    process.communicate()
    assert values(env) == list(range(20)) and trials(env)["train"]["status"] == "complete"


def test_nohup(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    process = tail(env, log, by=["nohup"], stdin=subprocess.DEVNULL)
    reached(env, "train", 19)
    process.send_signal(signal.SIGHUP)
    append(log, lines(20, 30))
    reached(env, "train", 29)
    end(process)


def test_a_clock_that_jumps(env, tmp_path):
    """Each look at the time of day is a day before the last one, then a year behind it."""
    (tmp_path / "clock.c").write_text("#define _GNU_SOURCE\n#include <sys/syscall.h>\n#include <time.h>\n#include <unistd.h>\nint clock_gettime(clockid_t c, struct timespec *t)\n{\n"
                                      "    static long n;\n    long got = syscall(SYS_clock_gettime, c, t);\n    if (c == CLOCK_REALTIME) n++, t->tv_sec += n % 2 ? n * 365 * 86400 : -n * 86400;\n    return (int)got;\n}\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", tmp_path / "clock.so", tmp_path / "clock.c"], check=True)
    log = tmp_path / "train.log"
    log.write_text(lines(0, 50))
    process = tail({**env, "LD_PRELOAD": str(tmp_path / "clock.so"), "ASAN_OPTIONS": "verify_asan_link_order=0"}, log)
    reached(env, "train", 49)
    append(log, lines(50, 60))
    reached(env, "train", 59)
    end(process)
    assert values(env) == list(range(60))


# ---- the study cannot be written ----------------------------------------------------------------------------------------------------


def study_file(env):
    return pathlib.Path(env["XDG_STATE_HOME"]) / "foregone" / "studies" / "s.sqlite"


def test_a_study_that_is_locked_for_long(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 20))
    with open(tmp_path / "said", "wb") as said:
        process = tail(env, log, stderr=said)
    reached(env, "train", 19)
    with contextlib.closing(sqlite3.connect(study_file(env), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        append(log, lines(20, 900))
        until(lambda: b"training goes on" in (tmp_path / "said").read_bytes(), "a word about it")
        append(log, lines(900, 950))
        other.execute("ROLLBACK")
    reached(env, "train", 949)
    end(process)
    assert values(env) == list(range(950)), "a value was lost or counted twice"


def mounted(path, options):
    """For subprocess: what follows has a small file system there, which only it sees."""
    path.mkdir()
    inside = ["unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o {options} none "{path}" && exec "$@"', "sh"]
    if subprocess.run([*inside, "true"], capture_output=True).returncode:
        pytest.skip("no mount in a name space of our own")
    return inside


@pytest.mark.parametrize("options", ["size=64k", "size=160k", "ro"])
def test_a_full_or_read_only_disk(env, tmp_path, options):
    words = mounted(tmp_path / "small", options)
    log = tmp_path / "train.log"
    log.write_text(lines(0, 900) + "".join(f"step {i}/1000 eval_loss nan\n" for i in range(900, 910)))
    process = tail(env, "--store", tmp_path / "small" / "x", log, by=words)
    said = process.communicate(timeout=DEADLINE_S)[1]
    assert process.returncode == 99 and b"training goes on" in said and b"not finite" in said, said
    trainer = "for i in range(900): print(f'step {i}/1000 loss {1 / (i + 1)}')\nexit(7)"
    done = subprocess.run([*words, BIN, "run", "--study", "s", "--store", tmp_path / "small" / "x", "--", sys.executable, "-c", trainer], env=env, capture_output=True, timeout=DEADLINE_S)
    assert done.returncode == 7 and len(done.stdout.splitlines()) == 900 and b"training goes on" in done.stderr, done.stderr


# ---- taken up again ----------------------------------------------------------------------------------------------------------------


def stored(env, query):
    with contextlib.closing(sqlite3.connect(pathlib.Path(env["XDG_STATE_HOME"]) / "foregone" / "studies" / "s.sqlite")) as study:
        return [row[0] for row in study.execute(query)]


def values(env):
    return stored(env, "SELECT x FROM value ORDER BY id")


def test_tail_goes_on_where_it_left_off(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 50) + "step 50/1000 eval_lo")
    process = tail(env, log)
    reached(env, "train", 49)
    end(process)
    append(log, "ss 0.5\n" + lines(51, 60))
    process = tail(env, log)
    reached(env, "train", 59)
    end(process)
    assert values(env) == list(range(60)), "a value was lost or counted twice"


def test_tail_that_was_killed_goes_on(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 50))
    process = tail(env, log)
    reached(env, "train", 49)
    process.kill()
    process.communicate()
    append(log, lines(50, 60))
    process = tail(env, log)
    reached(env, "train", 59)
    end(process)
    assert values(env) == list(range(60)), "a value was lost or counted twice"


def test_another_file_of_the_same_name_is_read_from_its_start(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 50))
    process = tail(env, log)
    reached(env, "train", 49)
    end(process)
    log.write_text(lines(50, 120))
    process = tail(env, log)
    reached(env, "train", 119)
    end(process)
    assert values(env) == list(range(120))


def test_what_was_said_is_not_said_again(env, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(lines(0, 300))
    places, said = [], b""
    for first, last in ((300, 400), (400, 410)):
        process = tail(env, "--dry-run", log)
        reached(env, "train", first - 1)
        append(log, lines(first, last).replace("eval_loss", "eval_loss nan # was" if first == 400 else "eval_loss"))
        reached(env, "train", last - 1)
        process.send_signal(signal.SIGTERM)
        said += process.communicate(timeout=DEADLINE_S)[1]
        places.append(stored(env, "SELECT x FROM call ORDER BY id"))
    assert places[0] and places[1] == places[0], "a chance was written down twice"
    process = tail(env, "--dry-run", log)
    append(log, "".join(f"step {i}/1000 eval_loss nan\n" for i in range(410, 420)))
    reached(env, "train", 419)
    process.send_signal(signal.SIGTERM)
    said += process.communicate(timeout=DEADLINE_S)[1]
    assert said.count(b"would stop") == 1 and len(stored(env, "SELECT id FROM verdict WHERE stop")) == 1
    assert values(env) == list(range(420)), "a value was lost or counted twice"


# ---- directories -------------------------------------------------------------------------------------------------------------------


def mlflow_run(folder, first, last):
    (folder / "metrics").mkdir(parents=True, exist_ok=True)
    (folder / "meta.yaml").touch()
    append(folder / "metrics" / "val_loss", "".join(f"17640000{i:05d} {1 + 2 * (i + 1) ** -0.5:.5f} {i}\n" for i in range(first, last)))


def test_directory_of_runs_some_of_which_begin_later(env, tmp_path):
    mlflow_run(tmp_path / "mlruns" / "0" / "a", 0, 10)
    process = tail(env, tmp_path / "mlruns")
    reached(env, "0/a", 9)
    mlflow_run(tmp_path / "mlruns" / "0" / "b", 0, 20)
    mlflow_run(tmp_path / "mlruns" / "0" / "a", 10, 15)
    reached(env, "0/b", 19)
    reached(env, "0/a", 14)
    end(process)


def waits(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status, re.MULTILINE)[1])


def test_directory_without_a_run_is_waited_for(env, tmp_path):
    (tmp_path / "runs").mkdir()
    process = tail(env, tmp_path / "runs")
    until(lambda: waits(process) > 8, "tail has looked and waits")
    (tmp_path / "runs" / "metrics.csv").write_text("epoch,step,val_loss\n" + "".join(f"0,{i},{3 / (i + 1)}\n" for i in range(30)))
    reached(env, "runs", 29)
    end(process)


EVENTS = ROOT / "fixtures" / "logs" / "tensorboard" / "parts" / "input"


def test_event_files_that_grow_by_half_records(env, tmp_path):
    run = tmp_path / "runs" / "one"
    shutil.copytree(EVENTS, run)
    whole = next((run / "train").iterdir())
    bytes_of_all = whole.read_bytes()
    half = len(bytes_of_all) // 2 + 5
    whole.write_bytes(bytes_of_all[:half])
    process = tail(env, "--metric", "epoch_loss", tmp_path / "runs")
    until(lambda: (trials(env).get("one", {}).get("x") or 0) > 40, "the first half")
    with open(whole, "ab") as out:
        out.write(bytes_of_all[half:])
    reached(env, "one", 119)
    end(process)


def test_nothing_to_follow(env):
    process = tail(env)
    assert process.wait(DEADLINE_S) == 100 and b"give a log file" in process.stderr.read()


def test_binary_garbage(env, tmp_path):
    (tmp_path / "noise").write_bytes(random.Random(3).randbytes(1 << 20))
    with open(tmp_path / "noise", "rb") as noise:
        process = tail(env, "-", stdin=noise)
    assert process.wait(DEADLINE_S) == 0, process.stderr.read()
