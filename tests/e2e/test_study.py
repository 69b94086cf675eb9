"""A study's memory: its settings, restarts, many processes at once, deaths at any moment; `foregone study`."""
import gzip
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from waiting import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
DEADLINE_S = 120

# Where it is to be stopped it waits for that near its end.
CURVE = """import sys, time
begin, end, final, waits = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4] == "True"
for i in range(begin, end + 1):
    print(f"step {i}/100 eval_loss {final + 3 * 0.95 ** i:.6f} lr {1e-3 * (1 - i / 100):.8f}", flush=True)
    if i == 90 and waits: time.sleep(60)
"""


@pytest.fixture
def env(tmp_path):
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}


def foregone(env, *words, **more):
    return subprocess.run([BIN, *map(str, words)], env=env, capture_output=True, text=True, timeout=DEADLINE_S, **more)


def trial(env, name, final, *options, begin=1, end=100, study="s", waits=False):
    return foregone(env, "run", "--study", study, "--trial", name, *options, "--", sys.executable, "-c", CURVE, begin, end, final, waits)


def show(env, study="s"):
    result = foregone(env, "study", "show", study, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def trials(env, study="s"):
    return {t["trial"]: t for t in show(env, study)["trials"]}


def runs(path):
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as lines:
        return {r["run"]: r for r in map(json.loads, lines)}


def file_of(tmp_path, study="s"):
    return tmp_path / "state/foregone/studies" / f"{study}.sqlite"


# ---- settings ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first, later, said", [
    (["--delta", "0.1"], ["--delta", "0.2"], "delta is 0.1, not 0.2"), ([], ["--delta", "0.2"], "delta is 0.02, not 0.2"),
    (["--metric", "eval_loss"], ["--metric", "lr"], "metric is eval_loss, not lr"), (["--goal", "min"], ["--goal", "max"], "goal is min, not max"),
    (["--target", "0.5"], ["--target", "0.4"], "target is 0.5, not 0.4"), (["--keep", "2"], ["--keep", "3"], "keep is 2, not 3"),
    (["--tolerance", "0"], ["--tolerance", "0.1"], "tolerance is 0, not 0.1"), (["--min-delta", "0.5"], ["--min-delta", "0.1"], "min-delta is 0.5, not 0.1"),
    (["--worth", "50"], ["--worth", "20"], "worth is 50, not 20"), ([], ["--worth", "50"], "worth is 0, not 50"), (["--worth", "50"], ["--delta", "0.1"], "delta is 0.0133333333333333, not 0.1"),
])
def test_a_conflicting_setting_ends_it_before_the_command_starts(env, tmp_path, first, later, said):
    assert trial(env, "a", 1, *first).returncode == 0
    result = foregone(env, "run", "--study", "s", *later, "--", "touch", tmp_path / "started")
    assert result.returncode == 100 and said in result.stderr and "another --study" in result.stderr and "foregone study set" in result.stderr
    assert not (tmp_path / "started").exists() and len(trials(env)) == 1


def test_what_is_not_given_is_as_the_study_began(env):
    trial(env, "a", 1, "--delta", "0.2", "--keep", "3", "--metric", "eval_loss")
    assert trial(env, "b", 2, "--delta", "0.2").returncode == 0  # its delta is the same, and its keep is 3, so that nothing can be stopped yet
    settings = show(env)["settings"]
    assert (settings["delta"], settings["keep"], settings["metric"], settings["target"]) == (0.2, 3, "eval_loss", None)


def test_worth_takes_the_place_of_delta(env, tmp_path):
    trial(env, "a", 1, "--worth", "1000", "--price", "2", "--hours", "10")
    assert trial(env, "b", 2).returncode == 0 and trial(env, "c", 2, "--worth", "50").returncode == 0
    settings = show(env)["settings"]
    assert (settings["worth"], round(settings["delta"], 6)) == (50, 0.013333)
    assert "delta       0.0133333: a good trial is worth 50 full runs" in foregone(env, "study", "show", "s").stdout
    assert "delta       0.1\n" in foregone(env, "study", "set", "s", "--delta", "0.1").stdout and show(env)["settings"]["worth"] is None
    assert "worth 20 full runs" in foregone(env, "study", "set", "s", "--worth", "20").stdout


@pytest.mark.parametrize("options, said", [
    (["--worth", "50", "--delta", "0.1"], "takes the place of --delta"), (["--worth", "50", "--price", "2"], "needs --hours"),
    (["--worth", "1"], "worth more than the one run"), (["--worth", "30", "--price", "3", "--hours", "10"], "worth more than the one run"),
])
def test_a_worth_that_cannot_be_weighed_is_said(env, tmp_path, options, said):
    result = foregone(env, "run", *options, "--", "touch", tmp_path / "started")
    assert result.returncode == 100 and said in result.stderr and not (tmp_path / "started").exists()


def test_a_setting_can_be_changed(env):
    trial(env, "a", 1)
    assert "delta       0.3" in foregone(env, "study", "set", "s", "--delta", "0.3").stdout
    assert trial(env, "b", 1, "--delta", "0.3").returncode == 0
    assert trial(env, "c", 1, "--delta", "0.05").returncode == 100


# ---- crashes ------------------------------------------------------------------------------------------------------------------------


def test_a_restart_goes_on_with_its_trial(env, tmp_path):
    trial(env, "a", 1, begin=1, end=60)
    trial(env, "a", 2, begin=41, end=100)  # from the checkpoint at 40
    assert list(trials(env)) == ["a"] and trials(env)["a"]["status"] == "complete"
    out = tmp_path / "out.jsonl"
    assert foregone(env, "study", "export", "s", out).returncode == 0
    series = runs(out)["a"]["series"]["eval_loss"]
    assert series["x"] == list(range(1, 101))
    assert series["y"][39] == pytest.approx(1 + 3 * 0.95 ** 40, abs=1e-5) and series["y"][40] == pytest.approx(2 + 3 * 0.95 ** 41, abs=1e-5)


ENDLESS = "import itertools, time\nfor i in itertools.count(1):\n    print(f'step {i}/1000000 eval_loss {1 + 1 / i}', flush=True); time.sleep(0.001)"


def start_endless(env, name):
    words = [BIN, "run", "--study", "s", "--trial", name, "--quiet", "--", sys.executable, "-c", ENDLESS]
    return subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def kill_all_of(process):
    """The supervisor, the forecaster (a session of its own) and the command, all at once."""
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for pid in [process.pid, *map(int, children)]:
        os.kill(pid, signal.SIGKILL)
    process.wait(DEADLINE_S)


def stored(tmp_path, name):
    with sqlite3.connect(f"file:{file_of(tmp_path)}?mode=ro", uri=True, timeout=30) as db:
        return db.execute("SELECT count(*) FROM value v JOIN trial t ON t.id = v.trial WHERE t.name = ?", (name,)).fetchone()[0]


def test_many_at_once_killed_in_the_middle_of_writes(env, tmp_path):
    draw = random.Random(1)
    processes = {f"t{i}": start_endless(env, f"t{i}") for i in range(6)}
    until(lambda: file_of(tmp_path).exists() and len(trials(env)) == 6, "six trials", DEADLINE_S)
    for name, process in processes.items():
        until(lambda: stored(tmp_path, name) > 20, "values", DEADLINE_S)
        time.sleep(draw.random() / 5)  # a moment of no meaning
        kill_all_of(process)
    assert {t["status"] for t in trials(env).values()} == {"lost"}
    with sqlite3.connect(file_of(tmp_path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert trial(env, "after", 1).returncode == 0 and trials(env)["after"]["status"] == "complete"


def test_two_live_processes_under_one_name_are_two_trials(env, tmp_path):
    first = start_endless(env, "a")
    until(lambda: file_of(tmp_path).exists() and "a" in trials(env) and stored(tmp_path, "a") > 20, "values")
    result = trial(env, "a", 1)
    assert result.returncode == 0 and "trial a is running in another process: this one is trial a-2" in result.stderr
    found = trials(env)
    assert found["a"]["status"] == "running" and found["a-2"]["status"] == "complete" and found["a-2"]["x"] == 100
    kill_all_of(first)
    assert trial(env, "a", 1).returncode == 0  # nobody has the name any more: it goes on
    assert set(trials(env)) == {"a", "a-2"} and trials(env)["a"]["status"] == "complete"


def test_a_study_that_is_destroyed_while_it_is_used(env, tmp_path):
    text = "import sys\nfor i in range(1, 101):\n    print(f'step {i}/100 eval_loss {1 + 1 / i}', flush=True)\n    if i == 50: sys.stdin.readline()"
    words = [BIN, "run", "--study", "s", "--trial", "a", "--", sys.executable, "-c", text]
    process = subprocess.Popen(words, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: file_of(tmp_path).exists() and "a" in trials(env) and stored(tmp_path, "a") >= 50, "the first half")
    for path in file_of(tmp_path).parent.iterdir():
        path.write_bytes(b"garbage" * 20000)
    out, _ = process.communicate("go on\n", timeout=DEADLINE_S)
    assert process.returncode == 0 and len(out.splitlines()) == 100
    result = foregone(env, "study", "show", "s")
    assert result.returncode == 100 and "s.sqlite" in result.stderr and "another --study" in result.stderr


def test_a_store_that_cannot_be_written(env, tmp_path):
    trial(env, "a", 1)
    path = file_of(tmp_path)
    with sqlite3.connect(path) as db:
        db.execute("BEGIN EXCLUSIVE")  # as a disk that takes no more: nobody else can write
        result = trial(env, "b", 1)
    assert result.returncode == 0 and len(result.stdout.splitlines()) == 100 and "training goes on" in result.stderr


# ---- earlier studies ----------------------------------------------------------------------------------------------------------------


def test_the_same_command_learns_from_earlier_studies(env):
    for name, final in (("a", 1), ("b", 1.5), ("c", 2)):
        trial(env, name, final, study="old")
    first = trial(env, "bad", 5, study="new")
    assert first.returncode == 0 and "learn from 3 earlier trials of old" in first.stderr  # they are no rivals: nothing of its own has finished
    assert show(env, "new")["settings"]["learn_from"] == "old" and show(env, "old")["settings"]["learn_from"] == "none"
    assert "learn from 3" in trial(env, "next", 1, study="new").stderr
    assert "learns from old" in foregone(env, "study", "show", "new").stdout
    stopped = trial(env, "worse", 9, study="new", waits=True)
    assert stopped.returncode == 99 and "to beat trial next" in stopped.stderr
    why = foregone(env, "explain", "new", "worse")
    assert why.returncode == 0 and "next" in why.stdout


def test_another_command_directory_or_none_learns_nothing(env, tmp_path):
    trial(env, "a", 1, study="old")
    other = CURVE + "pass"
    foregone(env, "run", "--study", "t1", "--", sys.executable, "-c", other, 1, 100, 1, False)
    foregone(env, "run", "--study", "t2", "--", sys.executable, "-c", CURVE, 1, 100, 1, False, cwd=tmp_path)
    foregone(env, "run", "--study", "t3", "--learn-from", "none", "--", sys.executable, "-c", CURVE, 1, 100, 1, False)
    foregone(env, "run", "--study", "t4", "--metric", "lr", "--goal", "min", "--", sys.executable, "-c", CURVE, 1, 100, 1, False)
    assert [show(env, f"t{i}")["settings"]["learn_from"] for i in (1, 2, 3, 4)] == ["none"] * 4


def test_earlier_studies_can_be_named(env, tmp_path):
    trial(env, "a", 1, study="x")
    trial(env, "a", 1, "--learn-from", "none", study="y")
    named = trial(env, "a", 1, "--learn-from", "y", "--learn-from", "x", study="z")
    assert "learn from 2 earlier trials of y,x" in named.stderr
    assert trial(env, "b", 1, "--learn-from", "x", study="z").returncode == 100
    missing = foregone(env, "run", "--study", "w", "--learn-from", "ghost", "--", "touch", tmp_path / "started")
    assert missing.returncode == 100 and "no study 'ghost'" in missing.stderr and not (tmp_path / "started").exists()
    assert foregone(env, "study", "set", "z", "--learn-from", "x").returncode == 0 and trial(env, "b", 1, "--learn-from", "x", study="z").returncode == 0


# ---- study ----------------------------------------------------------------------------------------------------------------------------


def test_list_and_show(env):
    assert "The first begins with" in foregone(env, "study").stdout
    trial(env, "a", 1)
    trial(env, "b", 0.5, study="other")
    found = {s["study"]: s for s in map(json.loads, foregone(env, "study", "list", "--json").stdout.splitlines())}
    assert found["s"]["complete"] == 1 and found["other"]["best"] == pytest.approx(0.518, abs=0.001)
    text = foregone(env, "study", "show", "s").stdout
    assert "judged by   eval_loss" in text and "delta       0.02" in text and "complete" in text and "100 of 100" in text and "python" in text


def bare(text):
    """All but the study's name and what rounding did to the seconds."""
    return [{**r, "study": None, "secs": round(r["secs"], 6)} for r in map(json.loads, text.splitlines())]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_export_comes_back_by_import(env, tmp_path, name):
    trial(env, "a", 1)
    assert trial(env, "bad", 9, waits=True).returncode == 99
    assert foregone(env, "study", "export", "s", tmp_path / name).returncode == 0
    a = runs(tmp_path / name)["a"]
    assert (a["study"], a["unit"], a["horizon"], a["complete"], a["goal"]) == ("s", "step", 100, True, {"eval_loss": "min"})
    assert a["series"]["lr"]["y"][0] == 0.00099 and len(a["series"]["eval_loss"]["x"]) == 100
    assert "2 trials" not in foregone(env, "study", "import", "t", tmp_path / name).stdout
    assert {k: t["status"] for k, t in trials(env, "t").items()} == {"a": "complete", "bad": "stopped"}
    assert bare(foregone(env, "study", "export", "t").stdout) == bare(foregone(env, "study", "export", "s").stdout)
    again = foregone(env, "study", "import", "t", tmp_path / name)
    assert again.returncode == 0 and again.stderr.count("is there already") == 2 and len(trials(env, "t")) == 2


def test_imported_logs_are_rivals(env, tmp_path):
    for name, final in (("old1", 0.2), ("old2", 0.3)):
        (tmp_path / f"{name}.log").write_text("".join(f"step {i}/100 eval_loss {final + 3 * 0.95 ** i:.6f}\n" for i in range(1, 101)))
    (tmp_path / "half.log").write_text("".join(f"step {i}/100 eval_loss {0.01 + 3 * 0.95 ** i:.6f}\n" for i in range(1, 51)))
    result = foregone(env, "study", "import", "s", *sorted(tmp_path.glob("*.log")))
    assert result.returncode == 0 and "2 trials imported that ran to their end, 1 that did not" in result.stdout and "half: seen to 50 of 100" in result.stderr
    assert trials(env)["old1"]["origin"].endswith("old1.log")
    stopped = trial(env, "new", 5, waits=True)
    assert stopped.returncode == 99 and "to beat trial old1" in stopped.stderr


def test_import_says_what_it_cannot_take(env, tmp_path):
    good = '{"study":"x","run":"r","complete":true,"horizon":2,"series":{"loss":{"x":[1,2],"y":[2,1]}},"goal":{"loss":"min"}}\n'
    (tmp_path / "mixed.jsonl").write_text(good + "garbage\n" + good.replace('"r"', '"q"'))
    result = foregone(env, "study", "import", "s", tmp_path / "mixed.jsonl")
    assert result.returncode == 0 and "mixed.jsonl:2: " in result.stderr and sorted(trials(env)) == ["q", "r"]
    (tmp_path / "two.jsonl").write_text(good + good.replace('"x"', '"y"', 1))
    result = foregone(env, "study", "import", "t", tmp_path / "two.jsonl")
    assert result.returncode == 100 and "--only" in result.stderr and foregone(env, "study", "show", "t").returncode == 100
    assert foregone(env, "study", "import", "t", "--only", "y", tmp_path / "two.jsonl").returncode == 0 and list(trials(env, "t")) == ["r"]
    (tmp_path / "prose.txt").write_text("nothing to see here\n")
    assert foregone(env, "study", "import", "t", tmp_path / "prose.txt").returncode == 1
    result = foregone(env, "study", "import", "t", tmp_path / "missing")
    assert result.returncode == 100 and "missing: No such file" in result.stderr


def test_export_that_cannot_be_written(env, tmp_path):
    trial(env, "a", 1)
    result = foregone(env, "study", "export", "s", tmp_path / "no/where.jsonl")
    assert result.returncode == 100 and "No such file" in result.stderr
    result = foregone(env, "study", "export", "s", "/dev/full")
    assert result.returncode == 111 and "cannot be written whole" in result.stderr


def test_forget(env):
    trial(env, "a", 0.1)
    trial(env, "b", 1)
    assert foregone(env, "study", "forget", "s", "a").returncode == 0 and list(trials(env)) == ["b"]
    stopped = trial(env, "c", 5, waits=True)
    assert stopped.returncode == 99 and "to beat trial b" in stopped.stderr


def test_a_running_trial_is_not_forgotten(env, tmp_path):
    process = start_endless(env, "a")
    until(lambda: file_of(tmp_path).exists() and "a" in trials(env), "the trial")
    result = foregone(env, "study", "forget", "s", "a")
    assert result.returncode == 100 and "is running" in result.stderr
    kill_all_of(process)
    assert foregone(env, "study", "forget", "s", "a").returncode == 0


def test_good_trials_are_not_stopped_and_are_a_bar(env):
    trial(env, "best", 0.1)
    assert trial(env, "bad", 5, waits=True).returncode == 99
    assert foregone(env, "study", "good", "s", "bad").returncode == 0 and trials(env)["bad"]["good"] is True
    assert "you called it good" in foregone(env, "status", "--study", "s").stdout
    assert trial(env, "bad", 5).returncode == 0  # begun again, and now to its end
    assert foregone(env, "study", "forget", "s", "best").returncode == 0
    assert foregone(env, "study", "good", "s", "bad", "--undo").returncode == 0
    assert trial(env, "bad", 5).returncode == 0  # without a rival


def test_what_it_reached_is_a_bar_when_it_is_good(env):
    """Ended by hand at step 60: lost to others, until the user says that it is good."""
    text = CURVE + "sys.exit(1)"
    assert foregone(env, "run", "--study", "s", "--trial", "half", "--", sys.executable, "-c", text, 1, 60, 0.1, False).returncode == 1
    assert trial(env, "other", 5).returncode == 0
    foregone(env, "study", "forget", "s", "other")
    foregone(env, "study", "good", "s", "half")
    stopped = trial(env, "other", 5, waits=True)
    assert stopped.returncode == 99 and "to beat trial half" in stopped.stderr


def test_show_is_safe_on_a_terminal(env):
    foregone(env, "run", "--study", "s", "--", sys.executable, "-c", "print('step 1/2 loss 1')\n#\x1b[31m" + "ä" * 300)
    text = foregone(env, "study", "show", "s").stdout
    assert "\x1b" not in text and "print('step 1/2 loss 1')" in text and text.count("...") == 1 and len(text.splitlines()) == 9
    subprocess.run([BIN, "run", "--study", "t", "--", "sh", "-c", b"echo 'step 1/2 loss 1' # \xff"], env=env, capture_output=True, check=True)
    assert trials(env, "t")["trial-1"]["command"].endswith("# ?") and "s.sqlite" in show(env, "s")["file"]


@pytest.mark.parametrize("words, says", [
    (["study", "nothing"], "no 'nothing'"), (["study", "show"], "usage: foregone study show STUDY"), (["study", "show", "ghost"], "no study 'ghost'"),
    (["study", "good", "s"], "usage: foregone study good STUDY TRIAL"), (["study", "forget", "s", "ghost"], "no trial 'ghost'"), (["study", "import", "s"], "STUDY FILE"),
    (["study", "list", "--delta"], "a value is missing"),
])
def test_misuse(env, words, says):
    trial(env, "a", 1)
    result = foregone(env, *words)
    assert result.returncode == 100 and says in result.stderr


def test_options_behind_operands(env):
    trial(env, "a", 1)
    assert json.loads(foregone(env, "study", "--json", "show", "s").stdout) == json.loads(foregone(env, "study", "show", "s", "--json").stdout)
