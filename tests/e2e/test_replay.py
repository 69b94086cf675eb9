"""replay: agrees with a mirror of the event clock that drives `serve`; reads logs, folders, archives and studies; says what was left out."""
import gzip
import heapq
import json
import math
import os
import pathlib
import random
import shutil
import subprocess
import sys
import xml.etree.ElementTree as tree

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")


@pytest.fixture
def foregone(tmp_path):
    def call(*words, **more):
        return subprocess.run([BIN, *map(str, words)], capture_output=True, text=True, timeout=300, env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}, **more)

    return call


def curves(trials=10, points=24, seed=2, goal="min"):
    """Falling curves to different ends; the later trials are not the better ones."""
    draw = random.Random(seed)
    for i in range(trials):
        end, fall = 1 + draw.random(), 2 + draw.random()
        y = [end + fall * (k + 1) ** -1.2 + draw.gauss(0, 0.01) for k in range(points)]
        yield {"study": "s", "run": "run %d" % i, "unit": "step", "horizon": 10.0 * points, "complete": True, "hp": {}, "secs": 3600.0,
               "goal": {"eval_loss": goal}, "series": {"eval_loss": {"x": [10.0 * (k + 1) for k in range(points)], "y": y if goal == "min" else [-v for v in y]}}}


def archive(path, runs):
    with (gzip.open if path.suffix == ".gz" else open)(path, "wt") as out:
        out.writelines(json.dumps(run) + "\n" for run in runs)
    return path


def replay(foregone, *words):
    """(the sweeps, the lines by (policy, settings, thaw))"""
    done = foregone("replay", "--json", *words)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [row["sweep"] for row in rows if "sweep" in row], {(row["policy"], tuple(row["settings"]), row["thaw"]): row for row in rows if "policy" in row}


# ---- the mirror: trials as recorded, on a clock in full runs; what stops is asked of `serve` -----------------------------------------


class Serve:
    def __init__(self, delta, trials, workers, thaw, goal):
        words = [BIN, "serve", "--stdio", "--delta", str(delta)] + ["--thaw"] * thaw
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.say(event="sweep", study="s", metric="eval_loss", goal=goal, trials=trials, workers=workers)

    def say(self, **event):
        self.process.stdin.write(json.dumps({"v": 1, **event}) + "\n")
        self.process.stdin.flush()

    def ask(self, **event):
        self.say(**event)
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(60) == 0
        self.process.stdout.close()


def final(run):
    x, y, horizon = run["series"]["eval_loss"]["x"], run["series"]["eval_loss"]["y"], run["horizon"]
    late = [b for a, b in zip(x, y) if a / horizon >= 0.98]
    return sum(late) / len(late)


def mirror(runs, delta, workers=1, thaw=False):
    """(cost, regret, indices of those that finished)"""
    goal = runs[0]["goal"]["eval_loss"]
    serve = Serve(delta, len(runs), workers, thaw, goal)
    waiting, clock, count, reached, finished = list(range(len(runs))), [], 0, {}, []

    def log(i, k):
        series = runs[i]["series"]["eval_loss"]
        reached[i] = k
        return serve.ask(event="log", trial=str(i), x=series["x"][k], values={"eval_loss": series["y"][k]})["verdict"] == "stop"

    def end(i, k):
        done = k == len(runs[i]["series"]["eval_loss"]["x"]) - 1
        if done:
            finished.append(i)
        serve.say(event="end", trial=str(i), status="complete" if done else "stopped")

    def start(now):
        nonlocal count
        if not waiting:
            return
        i = waiting.pop(0)
        serve.say(event="start", trial=str(i), horizon=runs[i]["horizon"], hp={})
        count += 1
        heapq.heappush(clock, (now + progress(runs[i], 0), count, i, 0, now))

    for _ in range(workers):
        start(0.0)
    while clock:
        now, _, i, k, begun = heapq.heappop(clock)
        if log(i, k) or k == len(runs[i]["series"]["eval_loss"]["x"]) - 1:
            end(i, k)
            start(now)
        else:
            count += 1
            heapq.heappush(clock, (begun + progress(runs[i], k + 1), count, i, k + 1, begun))
    while thaw and (name := serve.ask(event="idle")["thaw"]) is not None:
        i = int(name)
        last, stop = len(runs[i]["series"]["eval_loss"]["x"]) - 1, False
        while not stop and reached[i] < last:
            stop = log(i, reached[i] + 1)
        end(i, reached[i])
    serve.close()
    sign = 1 if goal == "min" else -1
    ends = sorted(sign * final(run) for run in runs)
    spread = (ends[(len(ends) - 1) // 2] + ends[len(ends) // 2]) / 2 - ends[0]
    best = min((sign * final(runs[i]) for i in finished), default=math.inf)
    regret = min(5.0, (best - ends[0]) / spread)
    return sum(progress(runs[i], reached[i]) for i in range(len(runs))) / len(runs), regret, sorted(finished)


def progress(run, k):
    return run["series"]["eval_loss"]["x"][k] / run["horizon"]


@pytest.mark.parametrize("workers, thaw, goal, seed", [(1, False, "min", 2), (3, False, "min", 3), (1, True, "min", 4), (2, True, "max", 5)])
def test_agrees_with_the_event_clock_over_serve(foregone, tmp_path, workers, thaw, goal, seed):
    runs = list(curves(seed=seed, goal=goal))
    file = archive(tmp_path / "a.jsonl.gz", runs)
    sweeps, lines = replay(foregone, "--orders", 1, "--workers", workers, "--delta", 0.15, file)
    stopped = 0
    for delta in (0.05, 0.15, 0.3):
        line = lines["foregone", (delta,), thaw]
        cost, regret, finished = mirror(runs, delta, workers, thaw)
        assert (line["cost"], line["regret"]) == pytest.approx((cost, regret), abs=1e-9)
        stopped += len(runs) - len(finished)
        if delta == 0.15 and not thaw:
            assert [i for i, fate in enumerate(sweeps[0]["in_the_order_given"]) if fate["finished"]] == finished
    assert stopped > 0
    assert lines["no-stop", (), False]["cost"] == 1 and lines["no-stop", (), False]["regret"] == 0


# ---- what goes in ---------------------------------------------------------------------------------------------------------------------


def folder(path, trials=6, broken=True):
    path.mkdir()
    for i, run in enumerate(curves(trials=trials)):
        series = run["series"]["eval_loss"]
        rows = ["2026-03-01 %02d:%02d:00 step %d/%d eval_loss: %.5f" % (10 + k // 12, 5 * (k % 12), x, run["horizon"], y) for k, (x, y) in enumerate(zip(series["x"], series["y"]))]
        (path / ("t%d" % i)).mkdir()
        (path / ("t%d" % i) / "train.log").write_text("\n".join(rows) + "\n")
    if broken:
        (path / "model.bin").write_bytes(b"\0" * 5000)
        (path / "notes.txt").write_text("nothing to see here\n")
    return path


def test_a_folder_of_logs_is_a_sweep(foregone, tmp_path):
    done = foregone("replay", "--orders", 2, "--price", 10, folder(tmp_path / "lr sweep"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("lr sweep: 6 trials, judged by eval_loss (lower is better), 2 orders, 1 worker")
    assert "2 files are no logs with a metric" in done.stderr
    assert "t3/train.log" in done.stdout and "stopped at" in done.stdout
    last = done.stdout.rstrip().splitlines()[-3:]
    assert last[0].startswith("At the default delta of 0.02 foregone would have run ") and "of 2 orders" in last[0]
    assert last[1].startswith("That is $") and "instead of $115.00" in last[1]  # 6 x 115 minutes at $10


def test_single_logs_are_a_sweep_and_a_study_is_one(foregone, tmp_path):
    logs = sorted(folder(tmp_path / "x", broken=False).glob("*/train.log"))
    _, from_logs = replay(foregone, "--orders", 1, *logs)
    for i, log in enumerate(logs):
        done = foregone("run", "--dry-run", "--quiet", "--study", "again", "--trial", i, "--", sys.executable, "-c", f"print(open({str(log)!r}).read())")
        assert done.returncode == 0, done.stderr
    sweeps, from_study = replay(foregone, "--orders", 1, "again")
    assert sweeps[0]["metric"] == "eval_loss" and sweeps[0]["trials"] == 6
    assert {k: v["cost"] for k, v in from_study.items()} == pytest.approx({k: v["cost"] for k, v in from_logs.items()})


def test_a_folder_of_event_files_is_a_sweep(foregone, tmp_path):
    for name in "abc":
        (tmp_path / "tb" / name).mkdir(parents=True)
        shutil.copy(ROOT / "fixtures/logs/tensorboard/torch/input", tmp_path / "tb" / name / "events.out.tfevents.1.vm.1.0")
    sweeps, _ = replay(foregone, "--orders", 1, tmp_path / "tb")
    assert [trial["trial"] for trial in sweeps[0]["in_the_order_given"]] == ["a", "b", "c"]


def test_long_logs_are_stopped_where_a_live_run_stops(foregone, tmp_path):
    draw = random.Random(11)
    (tmp_path / "long").mkdir()
    for i, end in enumerate((1.5, 1.2, 1.9)):
        rows = ["step %d/1500 eval_loss: %.5f" % (k + 1, end + 2 * (1 + k / 40) ** -1.2 + draw.gauss(0, 0.01)) for k in range(1500)]
        log = tmp_path / "long" / ("t%d.log" % i)
        log.write_text("\n".join(rows) + "\n")
        assert foregone("run", "--dry-run", "--quiet", "--study", "live", "--trial", i, "--", "cat", log).returncode == 0
    live = [json.loads(line) for line in foregone("status", "--json", "--study", "live").stdout.splitlines()]
    sweeps, _ = replay(foregone, "--orders", 1, tmp_path / "long")
    fates = sweeps[0]["in_the_order_given"]
    assert [row["would_stop"] for row in live] == [not fate["finished"] for fate in fates] == [False, False, True]
    assert fates[2]["run"] == pytest.approx(live[2]["stop_x"] / 1500, abs=1 / 400 + 1e-9)  # a live run reads a log once, so its looks may begin a line later
    assert fates[2]["p_good"] == pytest.approx(live[2]["p_good"], abs=0.01)


def test_archive_trials_that_did_not_end_are_left_out(foregone, tmp_path):
    runs = list(curves())
    runs[3]["complete"] = False
    runs[4] = {**runs[4], "complete": False, "diverged": True}
    runs[4]["series"]["eval_loss"]["y"][-3:] = [math.nan] * 3
    sweeps, _ = replay(foregone, "--orders", 1, archive(tmp_path / "a.jsonl", runs))
    assert sweeps[0]["trials"] == 9
    assert sum(fate["final"] is None for fate in sweeps[0]["in_the_order_given"]) == 1
    assert "1 trials that did not run to their end are left out" in foregone("replay", "--orders", 1, tmp_path / "a.jsonl").stderr


def test_more_sweeps_weigh_alike(foregone, tmp_path):
    a, b = archive(tmp_path / "a.jsonl", curves(seed=6, trials=5, points=12)), archive(tmp_path / "b.jsonl", curves(seed=7, trials=4, points=12))
    both = replay(foregone, "--orders", 2, a, b)[1]
    one, two = replay(foregone, "--orders", 2, a)[1], replay(foregone, "--orders", 2, b)[1]
    for key, row in both.items():
        assert row["cost"] == pytest.approx((one[key]["cost"] + two[key]["cost"]) / 2)


def test_orders_follow_the_seed(foregone, tmp_path):
    file = archive(tmp_path / "a.jsonl", curves(trials=6, points=16))
    costs = [replay(foregone, "--orders", 3, "--seed", seed, file)[1]["foregone", (0.05,), False]["cost"] for seed in (1, 1, 2)]
    assert costs[0] == costs[1] != costs[2]


def test_svg_of_the_front(foregone, tmp_path):
    file, svg = archive(tmp_path / "a.jsonl", curves(trials=5, points=12)), tmp_path / "front.svg"
    assert foregone("replay", "--orders", 2, "--svg", svg, file).returncode == 0
    texts = {element.text for element in tree.parse(svg).getroot().iter("{http://www.w3.org/2000/svg}text")}
    assert {"foregone", "foregone, thawing", "asha", "mean regret"} <= texts
    assert "No such file" in foregone("replay", "--orders", 2, "--svg", tmp_path / "none" / "x.svg", file).stderr


def test_misuse_says_what_to_do(foregone, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    two = archive(tmp_path / "two.jsonl", curves(trials=2))
    alike = list(curves(trials=1)) * 4
    for words, status, text in [([], 100, "give finished logs"), ([empty], 100, "no training log in this folder"), (["nowhere"], 100, "as a study: no study 'nowhere'"),
                                ([tmp_path / "no" / "such"], 100, "No such file"), ([two], 1, "at least 3 finished trials"), (["--orders", 0, two], 100, "--orders")]:
        done = foregone("replay", *words)
        assert done.returncode == status and text in done.stderr, (words, done.stderr)
    assert "nothing to win or to lose" in foregone("replay", "--orders", 1, archive(tmp_path / "alike.jsonl", alike)).stdout


def test_hostile_names_do_not_reach_the_terminal(foregone, tmp_path):
    runs = list(curves(trials=4))
    runs[0]["run"] = "\x1b]0;owned\x07<b>"
    runs[1]["run"] = "x" * 3000
    runs[2]["study"] = runs[0]["study"] = runs[1]["study"] = runs[3]["study"] = "\x1b[31m" + "s" * 500
    runs[3]["run"] = "\udcff"
    done = foregone("replay", "--orders", 1, archive(tmp_path / "a.jsonl", runs))
    assert done.returncode == 0 and "\x1b" not in done.stdout and "?]0;owned?<b>" in done.stdout
    assert foregone("replay", "--json", "--orders", 1, tmp_path / "a.jsonl").returncode == 0
