#!/usr/bin/env python3
"""Eight trials of demo/train.py, each with `foregone run` in front, in one study; then the table, and an honest check.

Nothing in the training script knows of foregone. The check runs one of the stopped trials to its end afterwards, and compares what
came with what was forecast when it was stopped.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
STATE = ROOT / "build" / "demo"
STEPS = 300
TRIALS = {  # from hopeless to good, in no order, as a search would try them
    "lr-3e-4": ["--lr", "3e-4"],
    "lr-1e-6": ["--lr", "1e-6"],
    "lr-1e-2": ["--lr", "1e-2"],
    "lr-3e-5": ["--lr", "3e-5"],
    "sgd-1e4": ["--lr", "1e4", "--optim", "sgd"],  # diverges
    "lr-3e-3": ["--lr", "3e-3"],
    "lr-1e-1": ["--lr", "1e-1"],
    "lr-1e-3": ["--lr", "1e-3"],
}
ENVIRONMENT = {**os.environ, "XDG_STATE_HOME": str(STATE / "state"), "PYTHONPATH": str(ROOT / "hooks" / "src"), "OMP_NUM_THREADS": "1"}


def foregone(*arguments, **more):
    return subprocess.run([str(ROOT / "foregone"), *arguments], env=ENVIRONMENT, **more)


def train(name, arguments):
    return [sys.executable, str(ROOT / "demo" / "train.py"), "--steps", str(STEPS), "--output", str(STATE / "models" / name), *arguments]


def run_trial(name, arguments):
    start = time.time()
    with open(STATE / (name + ".log"), "w") as output:
        done = foregone("run", "--study", "demo", "--trial", name, "--metric", "eval_loss", "--quiet", "--", *train(name, arguments),
                        stdout=output, stderr=subprocess.STDOUT)
    took = time.time() - start
    said = {0: "ran to its end", 99: "stopped"}.get(done.returncode, "status %d" % done.returncode)
    print("  %-10s %-15s %5.1f s   (log: %s)" % (name, said, took, (STATE / (name + ".log")).relative_to(ROOT)), flush=True)
    return done.returncode


def status():
    lines = foregone("status", "--study", "demo", "--json", stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return {o["trial"]: o for o in map(json.loads, lines)}


def number(value):
    return "%.3f" % value if value is not None else "-"


def table(trials):
    print("\n%-10s %-9s %9s %22s %9s" % ("trial", "status", "at", "forecast [5 %, 95 %]", "eval loss"))
    for name, t in trials.items():
        forecast = "%s [%s, %s]" % tuple(number(t[k]) for k in ("q50", "q05", "q95")) if t["status"] == "stopped" else ""
        place = t["stop_x"] if t["status"] == "stopped" else t["x"]
        at = "%.0f%%" % (100 * place / t["horizon"]) if t["horizon"] else "-"  # stopped before its end was known
        print("%-10s %-9s %9s %22s %9s" % (name, t["status"], at, forecast, number(t["value"])))
    print(flush=True)


def final_of(log):
    """mean of the evaluation losses of the last 2 % of the steps: here, the last one"""
    return float(re.findall(r"'eval_loss': '?([0-9.naif]+)", log)[-1])


def check(trials):
    """Runs to its end the stopped trial that was called hopeless with the least certainty."""
    hopeless = [t for t in trials.values() if t["status"] == "stopped" and t["reason"] == "hopeless"]
    if not hopeless:
        print("\nno trial was called hopeless, so there is no forecast to check")
        return
    t = max(hopeless, key=lambda t: t["p_good"])
    print("\nthe check: %s was stopped at %.0f %% with a forecast of %s; running it to its end ..." % (t["trial"], 100 * t["stop_x"] / t["horizon"], number(t["q50"])), flush=True)
    done = subprocess.run(train("check", TRIALS[t["trial"]]), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    final = final_of(done.stdout)
    inside = t["q05"] <= final <= t["q95"]
    print("  it ended at %s: %s the 90 %% interval [%s, %s], and %s than the best trial's %s" % (
        number(final), "inside" if inside else "OUTSIDE", number(t["q05"]), number(t["q95"]), "worse" if final > t["bar"] else "BETTER", number(t["bar"])))


def main():
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True)
    start = time.time()
    print("8 trials of a small language model, %d steps each, every one started with: foregone run --study demo -- python demo/train.py ..." % STEPS)
    for name, arguments in TRIALS.items():
        run_trial(name, arguments)
    trials = status()
    table(trials)
    foregone("status", "--study", "demo")
    check(trials)
    print("\nwhole demo: %.0f s" % (time.time() - start))


if __name__ == "__main__":
    main()
