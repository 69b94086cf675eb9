"""learn/priors: reads archives, minimises, writes a table that compiles; a broken call says what to do."""
import json
import os
import pathlib
import random
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def priors():
    if subprocess.run(["pkg-config", "--exists", "nlopt"]).returncode:
        pytest.skip("NLopt is not installed (tests/deps learn)")
    build = os.environ.get("BUILD", "build")
    subprocess.run(["make", "-s", f"{build}/learn/priors"], cwd=ROOT, check=True, env={**os.environ, "MAKEFLAGS": ""})
    return ROOT / build / "learn/priors"


def archive(path, n=12):
    rng = random.Random(1)
    with open(path, "w") as f:
        for k in range(n):
            xs = list(range(1, 201))
            ys = [2 + (1 + k / n) * (x / 20) ** -0.5 + rng.gauss(0, 0.01) for x in xs]
            f.write(json.dumps({"study": f"s{k}", "source": f"o/r{k % 4}@1", "run": "1", "complete": True, "horizon": 200, "hp": {"lr_schedule": "constant"},
                                "goal": {"loss": "min"}, "series": {"loss": {"x": xs, "y": ys}, "lr": {"x": xs, "y": [1e-3] * 200}}}) + "\n")


def test_writes_a_table_that_compiles_and_scores_no_worse(priors, tmp_path):
    archive(tmp_path / "a.jsonl")
    (tmp_path / "curvefit").mkdir()
    done = subprocess.run([priors, "--folds", "2", "--evaluations", "15", "a.jsonl"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "fold 1, not learned on" in done.stderr and "after" in done.stderr
    table = tmp_path / "curvefit/priors.c"
    assert "not learned on" in table.read_text()
    subprocess.run([shutil.which("cc"), "-std=c11", "-Wall", "-Werror", "-fsyntax-only", f"-I{ROOT}/curvefit", table], check=True)


def test_archives_without_a_complete_curve_are_refused(priors, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"complete": false}\nno json\n')
    done = subprocess.run([priors, "--dry", "a.jsonl"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "no complete curve" in done.stderr
    done = subprocess.run([priors, "--dry", "missing.jsonl"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "missing.jsonl" in done.stderr
