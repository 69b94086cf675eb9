"""Reading speed, side by side, in MB/s of processor time on one core: the reader alone (build/bench/bench_read), the whole command
(`foregone read --json`, which reads a file twice and prints every value), `grep -c loss`, and a Python regular expression that finds
name and number pairs line by line. The logs are made up, each of one kind of line. Usage: read.py [MEBIBYTES]"""
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAIR = re.compile(rb"""([A-Za-z_][\w/.-]*+)["']?\s*[=:]\s*["']?([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)""")
WORDS = "loading checkpoint shards from the hub with tokenizer settings that were saved before training starts again on all ranks".split()


def without_numbers(i, r):
    return "[INFO|trainer.py] " + " ".join(r.choices(WORDS, k=12))


def without_metrics(i, r):
    return f"2026-03-{1 + i // 86400 % 28:02d} {i // 3600 % 24:02d}:{i // 60 % 60:02d}:{i % 60:02d},{i % 1000:03d} - trainer.data - INFO - " + " ".join(r.choices(WORDS, k=9))


def dicts(i, r):
    return f"{{'loss': {r.uniform(1, 3):.4f}, 'grad_norm': {r.uniform(0, 2):.15f}, 'learning_rate': {5e-5 * r.random():.17g}, 'epoch': {i / 1000:.2f}}}"


def json_lines(i, r):
    return f'{{"step": {i}, "loss": {r.uniform(1, 3):.6f}, "lr": {5e-5 * r.random():.6e}, "tokens_per_second": {r.uniform(1e4, 2e4):.1f}}}'


def text(i, r):
    return f"step={i} train_loss={r.uniform(1, 3):.4f} lr={5e-5 * r.random():.3e} grad_norm={r.uniform(0, 2):.3f} tok/s={r.randint(10000, 20000)}"


def csv(i, r):
    return f"{i},{r.uniform(1, 3):.6f},{r.uniform(1, 3):.6f},{5e-5 * r.random():.6e},{r.random():.4f}" if i else "step,train_loss,val_loss,lr,accuracy"


def bars(i, r):
    done = i % 1000
    return f"\rEpoch {1 + i // 1000}: {done // 10:3d}%|{'█' * (done // 100):<10}| {done}/1000 [00:{done // 60 % 60:02d}<01:30, 11.09it/s, loss={r.uniform(1, 3):.3f}]"


KINDS = [("no numbers", without_numbers), ("no metrics", without_metrics), ("HF dicts", dicts), ("JSON lines", json_lines), ("name=value", text), ("CSV", csv), ("bars", bars)]


def make(path, line, size):
    r = random.Random(1)
    with open(path, "wb") as out:
        for i in range(10**9):
            made = line(i, r)
            out.write((made if made[0] == "\r" else made + "\n").encode())
            if i % 1000 == 0 and out.tell() > size:
                return os.path.getsize(path) / 1e6


def speed(megabytes, command):
    best = 1e9
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return megabytes / best


def python_speed(path, megabytes):
    start = time.process_time()
    with open(path, "rb") as log:
        for line in log:
            PAIR.findall(line)
    return megabytes / (time.process_time() - start)


def main():
    size = int(sys.argv[1] if len(sys.argv) > 1 else 32) << 20
    print("# lines of            reader   read --json   grep -c loss   Python re   (MB/s)")
    with tempfile.TemporaryDirectory() as where:
        path = os.path.join(where, "log")
        for name, line in KINDS:
            megabytes = make(path, line, size)
            alone = subprocess.run([ROOT / "build/bench/bench_read", path], stdout=subprocess.PIPE, check=True).stdout.split()[-2]
            whole = speed(megabytes, [ROOT / "foregone", "read", "--json", path])
            grep = speed(megabytes, ["sh", "-c", 'LC_ALL=C grep -c loss "$0" | cat', path])
            print(f"{name:20s} {float(alone):7.0f} {whole:13.0f} {grep:14.0f} {python_speed(path, megabytes):11.1f}", flush=True)


if __name__ == "__main__":
    main()
