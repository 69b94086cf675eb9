"""Whatever is given: an error that says what to do, or an answer; never a crash, and never harm to a training command."""
import filecmp
import json
import os
import pathlib
import random
import resource
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
SANITIZED = "asan" in BIN
VERBS = [line.split()[0] for line in subprocess.run([BIN, "--help"], capture_output=True, text=True, check=True).stdout.splitlines() if line.startswith("  ")]
LONG_LINE = 100 << 20


@pytest.fixture
def foregone(tmp_path):
    def call(*words, **more):
        more = {"capture_output": True, "text": True, "timeout": 300, **more}
        return subprocess.run([BIN, *map(str, words)], env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}, **more)

    return call


def garbage(size):
    return random.Random(7).randbytes(size)


def little_memory():
    """For preexec_fn. The sanitizers' own maps do not fit into it."""
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_DATA, (64 << 20, 64 << 20))


@pytest.fixture
def long_line(tmp_path):
    log = tmp_path / "long.log"
    with open(log, "wb") as out:
        out.write(b"step 1/10 loss 3.5\n")
        for _ in range(LONG_LINE >> 20):
            out.write(b"x" * (1 << 20))
        out.write(b"\nstep 2/10 loss 2.5\n")
    return log


@pytest.mark.parametrize("verb", VERBS)
def test_a_wrong_option(foregone, verb):
    result = foregone(verb, "--nonsense")
    assert result.returncode == 100
    assert f"--nonsense: no such option. See: foregone {verb} --help" in result.stderr


@pytest.mark.parametrize("verb", VERBS)
def test_help_fits_a_screen(foregone, verb):
    result = foregone(verb, "--help")
    assert result.returncode == 0 and result.stdout.startswith(f"usage: foregone {verb}")
    assert len(result.stdout.splitlines()) <= 32 and max(map(len, result.stdout.splitlines())) <= 100


def test_a_wrong_verb(foregone):
    result = foregone("nonsense")
    assert result.returncode == 100 and "no verb 'nonsense'. See: foregone --help" in result.stderr


@pytest.mark.parametrize("words", [("--delta", "2"), ("--delta", "x"), ("--horizon", "-5"), ("--keep", "0"), ("--goal", "up"), ("--delta",), ("--dry-run=1",)])
def test_a_wrong_value(foregone, words):
    result = foregone("run", *words, "--", "true") if len(words) > 1 or "=" in words[0] else foregone("run", *words)
    assert result.returncode == 100 and words[0].split("=")[0] in result.stderr and "See: foregone run --help" in result.stderr


@pytest.mark.parametrize("verb", ["read", "forecast"])
def test_a_file_that_is_not_there_and_a_file_that_may_not_be_read(foregone, tmp_path, verb):
    result = foregone(verb, tmp_path / "missing.log")
    assert result.returncode == 100 and "missing.log: No such file or directory" in result.stderr and "Give the path" in result.stderr


@pytest.mark.parametrize("verb", ["read", "forecast"])
@pytest.mark.parametrize("text", ["", "hello\nnothing to see here\n"])
def test_a_log_without_metrics(foregone, tmp_path, verb, text):
    (tmp_path / "a.log").write_text(text)
    result = foregone(verb, tmp_path / "a.log")
    assert result.returncode == 1 and "no metric" in result.stderr and "--metric" in result.stderr


@pytest.mark.parametrize("verb", ["read", "forecast"])
def test_binary_garbage(foregone, tmp_path, verb):
    (tmp_path / "garbage").write_bytes(garbage(1 << 20))
    result = foregone(verb, tmp_path / "garbage", text=False)
    assert result.returncode in (0, 1)
    result.stdout.decode()  # no byte of the garbage goes to a terminal
    assert b"\x1b" not in result.stdout


def test_run_passes_binary_garbage(foregone):
    data = garbage(1 << 20)
    result = foregone("run", "--", "cat", input=data, text=False)
    assert result.returncode == 0 and result.stdout == data


def test_run_passes_a_line_of_100_mb_in_fixed_memory(long_line, tmp_path):
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    with open(tmp_path / "out", "wb") as out:
        subprocess.run([BIN, "run", "--trial", "a", "--", "cat", long_line], stdout=out, env=env, preexec_fn=little_memory, timeout=300, check=True)
    assert filecmp.cmp(tmp_path / "out", long_line, shallow=False)
    shown = subprocess.run([BIN, "status", "--json"], env=env, capture_output=True, text=True, check=True).stdout
    assert json.loads(shown.splitlines()[0])["value"] == 2.5


def test_read_of_a_line_of_100_mb_in_fixed_memory(long_line):
    result = subprocess.run([BIN, "read", "--json", long_line], capture_output=True, text=True, preexec_fn=little_memory, timeout=300, check=True)
    assert [json.loads(line).get("value") for line in result.stdout.splitlines()][:2] == [3.5, 2.5]


def test_our_reader_closes_the_pipe(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("".join(f"step {i} loss {2 + 1 / i}\n" for i in range(1, 100000)))
    process = subprocess.Popen([BIN, "read", "--json", log], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) in (0, -13, 111)
    assert b"Sanitizer" not in process.stderr.read()
    process.stderr.close()


def test_status_of_what_is_not_there(foregone):
    result = foregone("status")
    assert result.returncode == 0 and "foregone run --study NAME" in result.stderr
    result = foregone("status", "--study", "ghost")
    assert result.returncode == 100 and "no study 'ghost'" in result.stderr


@pytest.mark.parametrize("words, says", [
    (["status", "extra"], "options only"), (["formats", "extra"], "options only"), (["run"], "Try: foregone run -- python train.py"), (["tail"], "foregone tail --help"),
    (["read"], "give one log file"), (["forecast"], "give one log file"), (["serve"], "give --stdio or --socket PATH")])
def test_operands_too_many_or_too_few(foregone, words, says):
    result = foregone(*words)
    assert result.returncode == 100 and says in result.stderr


def test_a_study_file_that_is_no_study(foregone, tmp_path):
    foregone("run", "--study", "a", "--", "true")
    study = next((tmp_path / "state").rglob("a.*"))
    study.write_bytes(garbage(5000))
    result = foregone("status", "--study", "a")
    assert result.returncode == 100 and str(study) in result.stderr
    result = foregone("run", "--study", "a", "--", "sh", "-c", "exit 7")
    assert result.returncode == 7


def test_events_that_nobody_understands(foregone):
    lines = ["", "nonsense", "[]", '{"event":"log"}', '{"v":1,"event":"log","trial":"a","x":1,"values":{"loss":"x"}}', '{"v":1,"event":"' + "x" * 100000 + '"}']
    result = foregone("serve", "--stdio", input="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0 and answers and all("error" in answer or answer.get("verdict") == "continue" for answer in answers)


def test_no_file_descriptors_left_for_us(tmp_path):
    """A limit that leaves no room for a spool, a store or a forecaster: the command still runs."""
    result = subprocess.run([BIN, "run", "--", "sh", "-c", "echo hello; exit 3"], env={**os.environ, "XDG_STATE_HOME": str(tmp_path)}, capture_output=True, text=True,
                            timeout=60, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8)))
    assert result.returncode == 3 and result.stdout == "hello\n"
