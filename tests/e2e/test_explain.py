"""explain: the verdict made again from the store, and said so where it is not the one of then."""
import json
import sqlite3
import xml.etree.ElementTree as tree

import pytest

from sweep import Study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("state")).fill()


def explain(study, *words):
    done = study.foregone("explain", "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def stopped(study):
    rows = [json.loads(line) for line in study.foregone("status", "--json", "--study", study.name).stdout.splitlines()]
    return [row for row in rows if row["status"] == "stopped"]


def test_a_stop_is_made_again_from_the_stored_values(study):
    assert stopped(study)
    for row in stopped(study):
        why = explain(study, study.name, row["trial"])
        assert (why["verdict"], why["reason"], why["x"]) == ("stop", row["reason"], row["stop_x"])
        assert why["p_good"] == pytest.approx(row["p_good"], abs=1e-6) and why["bar"] == pytest.approx(row["bar"]) and why["rival"] == row["rival"]
        assert why["forecast"]["q50"] == pytest.approx(row["q50"], rel=1e-6)
        assert why["stored"]["difference"] is None
        assert why["points"] == row["stop_x"] / 10 and sum(f["weight"] for f in why["forecast"]["families"]) == pytest.approx(1, abs=1e-6)


def test_in_words_with_a_plot(study):
    row = stopped(study)[0]
    said = study.foregone("explain", study.name, row["trial"]).stdout
    assert f"stopped at step {row['stop_x']:g} of 400: the chance to end up good enough is not worth what is left to run" in said
    assert f"which trial {row['rival']} ended with" in said and "the same verdict as then" in said
    assert "to beat: " + row["rival"] in said and "░" in said and "families" in said


def test_another_verdict_than_then_is_said(study):
    row = stopped(study)[0]
    with sqlite3.connect(study.file) as db:
        before = db.execute("SELECT id, p_good FROM verdict WHERE stop").fetchall()
        db.execute("UPDATE verdict SET p_good = 0.9")
    why = explain(study, study.name, row["trial"])
    assert "the chance was 90 % and is" in why["stored"]["difference"]
    assert "not the one of then: the chance was 90 %" in study.foregone("explain", study.name, row["trial"]).stdout
    with sqlite3.connect(study.file) as db:
        db.executemany("UPDATE verdict SET p_good = ? WHERE id = ?", [(p, i) for i, p in before])
    assert explain(study, study.name, row["trial"])["stored"]["difference"] is None


def test_why_it_was_not_stopped(study):
    why = explain(study, study.name, "t4")
    assert (why["verdict"], why["reason"], why["stored"]) == ("continue", "finished", None)
    first = explain(study, "--at", 200, study.name, "t1")
    assert (first["verdict"], first["reason"], first["points"], first["finished"]) == ("continue", "no-rival-yet", 20, 0)
    early = explain(study, "--at", 30, study.name, "t4")
    assert (early["verdict"], early["reason"], early["points"], early["finished"]) == ("continue", "too-few-points", 3, 2)
    assert "no trial has finished" in study.foregone("explain", "--at", 200, study.name, "t1").stdout


def test_a_place_between_two_values_is_the_one_before(study):
    assert explain(study, "--at", 125, study.name, "t4")["points"] == 12


def test_svg(study, tmp_path):
    file = tmp_path / "why.svg"
    assert study.foregone("explain", "--svg", file, study.name, stopped(study)[0]["trial"]).returncode == 0
    texts = [element.text for element in tree.parse(file).getroot().iter("{http://www.w3.org/2000/svg}text")]
    assert any("came later" not in text and "hopeless" not in text and text.startswith("to beat: ") for text in texts) and "seen" in texts


def test_misuse_says_what_to_do(study):
    for words, text in [((), "give a study and a trial"), (("none", "t1"), "no study 'none'"), ((study.name, "t99"), "no trial 't99'"), (("--at", 1, study.name, "t1"), "no value of eval_loss until there")]:
        done = study.foregone("explain", *words)
        assert done.returncode == 100 and text in done.stderr


def test_a_dry_runs_stop_is_explained(tmp_path):
    dry = Study(tmp_path).fill(options=["--dry-run"])
    why = explain(dry, "lr", "t5")
    assert why["verdict"] == "stop" and why["stored"]["dry_run"] and why["stored"]["difference"] is None and why["status"] == "complete"


def test_a_trial_marked_good_since_was_stopped_all_the_same(tmp_path):
    made = Study(tmp_path).fill()
    name = stopped(made)[-1]["trial"]
    assert made.foregone("study", "good", "lr", name).returncode == 0
    why = explain(made, "lr", name)
    assert (why["verdict"], why["stored"]["difference"]) == ("stop", None)


def test_a_stop_that_could_be_taken_back_was_given_sooner(tmp_path):
    made = Study(tmp_path)
    made.trial("best", 1.1)
    (tmp_path / "back-1").write_text("a checkpoint")
    made.trial("back", 1.9, 2, options=["--thaw", "--checkpoint-glob", tmp_path / "{trial}-*"])
    made.trial("good", 1.9, 2)
    rows = {row["trial"]: row for row in stopped(made)}
    assert rows["back"]["stop_x"] <= rows["good"]["stop_x"]
    for name, row in rows.items():
        why = explain(made, "lr", name)
        assert (why["verdict"], why["x"], why["stored"]["difference"]) == ("stop", row["stop_x"], None)
    assert "it may go on when its turn comes" in made.foregone("explain", "lr", "back").stdout
