"""forecast --batch: every line answered, siblings by name and in place, anything JSON from Python may hold."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN", str(ROOT / "foregone"))


def batch(*lines):
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    done = subprocess.run([BIN, "forecast", "--batch"], input=text, text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr

    def strict(name):
        raise AssertionError(name + " in the output")
    return [json.loads(line, parse_constant=strict) for line in done.stdout.splitlines()]


def curve(n, horizon=1000, late=1.0, **more):
    xs = list(range(1, n + 1))
    return {"x": xs, "y": [(2 + (x / 50) ** -0.5) * (late if x > 700 else 1) for x in xs], "horizon": horizon, **more}


def check_final(answer):
    q = answer["final"]["q"]
    assert len(q) == 99 and all(a <= b for a, b in zip(q, q[1:]))


def test_answers_a_forecast_with_families_and_times():
    answer, = batch(curve(300, id="a", metric="loss", goal="min", at=[500, 1000], score_at={"x": [900], "y": [2.3]}, whatever=[{}]))
    check_final(answer)
    assert answer["id"] == "a" and answer["status"] == "ok" and answer["fit_us"] > 0
    assert abs(sum(f["weight"] for f in answer["families"]) - 1) < 1e-6
    assert [len(a["q"]) for a in answer["at"]] == [99, 99] and len(answer["logpdf"]) == 1
    assert 2 < answer["final"]["q"][49] < 2.45


def test_every_line_has_its_answer_bad_ones_too():
    bad = ["nonsense", "[1]", "{\"id\": \"x\"", {"id": "b"}, {"id": "c", "horizon": -1, "x": [], "y": []}, {"id": "d", "horizon": 9, "x": [1], "y": [1, 2]},
           {"id": "e", "horizon": 9, "x": ["one"], "y": [1]}]
    answers = batch(*bad, curve(300, id="good"))
    assert len(answers) == len(bad) + 1
    assert all(a["status"].startswith("bad_input: ") for a in answers[:-1])
    assert answers[-1]["status"] == "ok" and [a["id"] for a in answers[3:]] == ["b", "c", "d", "e", "good"]


def test_python_nan_and_infinity_are_read():
    y = [1.0, 0.9, float("nan"), 0.8, 0.7, float("-inf"), 0.65, 0.6]
    mended, lost = batch({"id": "1", "horizon": 100, "x": list(range(8)), "y": y},
                         {"id": "2", "horizon": 100, "x": list(range(8)), "y": y[:5] + [float("nan")] * 3})
    assert mended["status"] == "ok" and lost["status"] == "diverged" and lost["p_diverged"] == 1
    check_final(mended)


def test_too_few_is_said_and_still_answered():
    answer, = batch({"id": "1", "horizon": 100, "x": [1, 2], "y": [3, 2]})
    assert answer["status"] == "too_few"
    check_final(answer)


def test_siblings_by_name_and_in_place_are_the_same_and_change_the_answer():
    runs = [curve(1000, late=0.5, curve="run %d" % i) for i in range(4)]
    names = [r["curve"] for r in runs]
    alone, named, placed, unknown = batch(*runs, curve(400, id="alone"), curve(400, id="named", siblings=names),
                                          curve(400, id="placed", siblings=[{k: r[k] for k in ("x", "y", "horizon")} for r in runs]),
                                          curve(400, id="unknown", siblings=["nobody"]))
    assert named["final"] == placed["final"] and unknown["final"] == alone["final"]
    assert abs(named["final"]["q"][49] - 1.11) < abs(alone["final"]["q"][49] - 1.11)


def test_siblings_need_not_have_finished_but_be_farther():
    stopped = [{k: v[:800] if isinstance(v, list) else v for k, v in curve(1000, late=0.5, curve="run %d" % i).items()} for i in range(4)]
    names = [r["curve"] for r in stopped]
    alone, early, late, late_alone = batch(*stopped, curve(400, id="alone"), curve(400, id="early", siblings=names),
                                           curve(790, id="late", siblings=names), curve(790, id="late alone"))
    assert abs(early["final"]["q"][49] - 1.11) < abs(alone["final"]["q"][49] - 1.11)
    assert late["final"] == late_alone["final"]


def test_a_sibling_serves_either_goal():
    rising = {"x": list(range(1, 101)), "y": [0.9 - 0.5 / x for x in range(1, 101)], "horizon": 100}
    answer, = batch({"curve": "s", **rising}, {"id": "1", "goal": "max", "x": rising["x"][:40], "y": rising["y"][:40], "horizon": 100, "siblings": ["s"]})
    assert answer["status"] == "ok" and 0.87 < answer["final"]["q"][49] < 0.92
