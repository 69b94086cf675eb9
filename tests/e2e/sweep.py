"""A small study made by the real command, for the views: seven trials, some of them stopped."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
TRAIN = """
import random, sys, time
floor, seed, slow = float(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
random.seed(seed)
for k in range(1, 41):
    print("step %d/400 eval_loss: %.4f" % (10 * k, floor + 2 * (k / 2) ** -0.8 + random.gauss(0, 0.01)), flush=True)
    time.sleep(slow)
"""
FLOORS = (1.5, 1.3, 2.0, 1.1, 2.4)


class Study:
    """Its foregone(...) runs the command with a state directory of its own."""

    def __init__(self, home, name="lr"):
        self.environment, self.name = {**os.environ, "XDG_STATE_HOME": str(home), "LC_ALL": "C.UTF-8"}, name
        self.file = pathlib.Path(home) / "foregone" / "studies" / (name + ".sqlite")

    def foregone(self, *words, **more):
        return subprocess.run([BIN, *map(str, words)], **{"capture_output": True, "text": True, "timeout": 300, "env": self.environment, **more})

    def trial(self, name, floor, seed=1, slow=0.01, options=()):
        done = self.foregone("run", "--study", self.name, "--trial", name, *options, "--", sys.executable, "-c", TRAIN, floor, seed, slow)
        assert done.returncode in (0, 99), done.stderr
        return done

    def fill(self, options=()):
        for i, floor in enumerate(FLOORS):
            self.trial("t%d" % (i + 1), floor, i + 1, options=options)
        return self
