"""`foregone run` is invisible: bytes, order, statuses, signals; and it can be killed at any time."""
import json
import os
import pathlib
import pty
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time

import pytest

from waiting import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
DEADLINE_S = 60


@pytest.fixture
def env(tmp_path):
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}


def run(env, *words, **more):
    return subprocess.run([BIN, "run", *words], env=env, capture_output=True, timeout=DEADLINE_S, **more)


def python(text):
    return ["--", sys.executable, "-c", text]


def stat_of(pid):
    """State and parent, from /proc/PID/stat; None when it is gone or a zombie."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else (fields[0], int(fields[1]))


def children(pid):
    pids = [int(p.name) for p in pathlib.Path("/proc").iterdir() if p.name.isdigit()]
    return [p for p in pids if (stat_of(p) or ("", 0))[1] == pid]


def forecaster_of(supervisor):
    """The child of the supervisor that is our own program."""
    def look():
        ours = os.readlink(f"/proc/{supervisor}/exe")
        for pid in children(supervisor):
            try:
                if os.readlink(f"/proc/{pid}/exe") == ours:
                    return pid
            except OSError:
                pass
        return None
    return until(look, "the forecaster")


# ---- statuses and signals -------------------------------------------------------------------------------------------------------


def test_every_exit_status(env):
    got = {code: run(env, "--quiet", "--", "sh", "-c", f"exit {code}").returncode for code in range(256)}
    assert got == {code: code for code in range(256)}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGINT])
def test_death_by_signal(env, number):
    heard = "signal.signal(signal.SIGINT, signal.default_int_handler)"  # a job in the background ignores it
    assert run(env, *python(f"import os, signal; {heard}; os.kill(os.getpid(), {int(number)})")).returncode == 128 + number


def test_command_that_is_not_there(env):
    result = run(env, "--", "/no/such/command")
    assert result.returncode == 127 and b"/no/such/command" in result.stderr


def test_command_that_cannot_run(env, tmp_path):
    (tmp_path / "plain").write_text("no program")
    result = run(env, "--", str(tmp_path / "plain"))
    assert result.returncode == 126 and b"plain" in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT])
def test_signals_are_forwarded(env, number):
    text = f"import signal, time\nsignal.signal({int(number)}, lambda n, f: (print('got', n), exit(7)))\nprint('ready')\nwhile True: time.sleep(0.05)"  # pause() would sleep through a signal that came just before it
    with subprocess.Popen([BIN, "run", *python(text)], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(number)
        assert process.stdout.read() == b"got %d\n" % number
        assert process.wait(DEADLINE_S) == 7


def test_arguments_environment_and_directory_stay(env, tmp_path):
    text = "import os, sys; print(sys.argv[1:], os.getcwd(), os.environ['MINE'], os.environ['PYTHONUNBUFFERED'])"
    words = ["a b", "", "--help", "*", "ü"]
    result = run({**env, "MINE": "x"}, *python(text), *words, cwd=tmp_path)
    assert result.stdout.decode() == f"{words} {tmp_path} x 1\n"


# ---- bytes ----------------------------------------------------------------------------------------------------------------------

MANY = "import sys\nfor i in range(1_000_000): sys.stdout.write(f'line {i} of many\\n')"
BINARY = "import sys, random; r = random.Random(7)\nfor i in range(300): sys.stdout.buffer.write(r.randbytes(10007))"
LONG = "import sys\nfor i in range(100): sys.stdout.write('loss' * 262144)"
HALF = "import sys; sys.stdout.write('loss 0.5\\nno newline')"
OUTPUTS = {"a million lines": MANY, "binary": BINARY, "100 MB without a newline": LONG, "half a line": HALF, "nothing": "pass"}


@pytest.mark.parametrize("text", OUTPUTS.values(), ids=OUTPUTS.keys())
def test_bytes_through_a_pipe(env, text):
    plain = subprocess.run([sys.executable, "-c", text], capture_output=True, check=True).stdout
    result = subprocess.run([BIN, "run", *python(text)], env={**env, "PYTHONUNBUFFERED": ""}, capture_output=True, timeout=300, check=True)
    assert result.stdout == plain


@pytest.mark.parametrize("text", OUTPUTS.values(), ids=OUTPUTS.keys())
def test_bytes_into_a_file(env, text, tmp_path):
    plain = subprocess.run([sys.executable, "-c", text], capture_output=True, check=True).stdout
    with open(tmp_path / "log", "wb") as out:
        out.write(b"before\n")
        out.flush()
        subprocess.run([BIN, "run", *python(text)], env={**env, "PYTHONUNBUFFERED": ""}, stdout=out, stderr=subprocess.DEVNULL, timeout=300, check=True)
    assert (tmp_path / "log").read_bytes() == b"before\n" + plain


def read_terminal(master):
    gathered = b""
    while True:
        if not select.select([master], [], [], DEADLINE_S)[0]:
            raise AssertionError("the terminal stays silent")
        try:
            gathered += os.read(master, 65536)
        except OSError:
            return gathered


def open_raw_terminal(rows=33, columns=101):
    master, slave = pty.openpty()
    mode = termios.tcgetattr(slave)
    mode[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, mode)
    termios.tcsetwinsize(slave, (rows, columns))
    return master, slave


def test_bytes_on_a_terminal(env):
    text = "import sys, os\nassert sys.stdout.isatty()\nprint(os.get_terminal_size(1))\nfor i in range(20000): sys.stdout.write(f'\\r\\x1b[32m{i}\\x1b[0m')"
    plain = "os.terminal_size(columns=101, lines=33)\n" + "".join(f"\r\x1b[32m{i}\x1b[0m" for i in range(20000))
    master, slave = open_raw_terminal()
    with subprocess.Popen([BIN, "run", "--quiet", *python(text)], env=env, stdout=slave, stderr=subprocess.DEVNULL) as process:
        os.close(slave)
        assert read_terminal(master) == plain.encode()
        assert process.wait(DEADLINE_S) == 0
    os.close(master)


def test_order_of_stdout_and_stderr_that_are_one_pipe(env):
    text = "import os\nfor i in range(5000): os.write(1 + i % 2, b'%d\\n' % i)"
    result = subprocess.run([BIN, "run", "--quiet", *python(text)], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=DEADLINE_S)
    assert result.stdout == b"".join(b"%d\n" % i for i in range(5000))


def test_stdout_and_stderr_stay_apart(env):
    result = run(env, "--quiet", *python("import os; os.write(1, b'out\\n'); os.write(2, b'err\\n')"))
    assert (result.stdout, result.stderr) == (b"out\n", b"err\n")


def test_stdin_passes_through(env):
    data = os.urandom(300_000)
    assert run(env, "--", "cat", input=data).stdout == data


def test_output_that_is_cut_by_name_goes_on(env):
    """`> /dev/stderr` opens the spool by name and cuts it."""
    result = run(env, "--quiet", "--", "sh", "-c", "echo first >&2; sleep 0.3; echo second > /dev/stderr; sleep 0.3; echo third >&2")
    assert result.stderr == b"first\nsecond\nthird\n"


def test_slow_reader_gets_all_after_the_end(env):
    with subprocess.Popen([BIN, "run", "--quiet", *python("import sys; sys.stdout.write('x' * 3_000_000); sys.stderr.write('done')")],
                          env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr.read(4) == b"done"  # the command is not held up by a reader that reads nothing
        assert len(process.stdout.read()) == 3_000_000
        assert process.wait(DEADLINE_S) == 0


def test_nobody_reads_any_more(env, tmp_path):
    """Our reader dies: the command is not killed by SIGPIPE, nor blocked."""
    text = f"import sys\nfor i in range(200000): print(i)\nopen({str(tmp_path / 'end')!r}, 'w').write('ended')"
    with subprocess.Popen([BIN, "run", *python(text)], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(DEADLINE_S) == 0
    assert (tmp_path / "end").read_text() == "ended"


# ---- killed -----------------------------------------------------------------------------------------------------------------------

LINES = [f"step {i} loss {1 / (i + 1):.6f}\n" for i in range(400)]
TRAINER = """
import os, sys, time
go = sys.argv[1]
for i in range(400):
    print(f"step {i} loss {1 / (i + 1):.6f}")
    while i == 200 and not os.path.exists(go): time.sleep(0.005)
open(go + ".ended", "w").write("ended")
"""


def start_trainer(env, tmp_path, **more):
    (tmp_path / "train.py").write_text(TRAINER)
    words = [BIN, "run", "--quiet", "--", sys.executable, str(tmp_path / "train.py"), str(tmp_path / "go")]
    return subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, **more)


def let_go_and_wait(tmp_path):
    (tmp_path / "go").write_text("")
    until(lambda: (tmp_path / "go.ended").exists(), "the end of the training")


def test_forecaster_killed(env, tmp_path):
    with start_trainer(env, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        os.kill(forecaster_of(process.pid), signal.SIGKILL)
        let_go_and_wait(tmp_path)
        assert process.stdout.read().decode() == "".join(LINES)
        assert process.wait(DEADLINE_S) == 0


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGSTOP])
def test_forecaster_crashes_or_hangs(env, tmp_path, number):
    with start_trainer(env, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        forecaster = forecaster_of(process.pid)
        os.kill(forecaster, number)
        let_go_and_wait(tmp_path)
        assert process.stdout.read().decode() == "".join(LINES)
        assert process.wait(DEADLINE_S) == 0
        assert not stat_of(forecaster)


def test_supervisor_stopped_and_continued(env, tmp_path):
    """The training does not wait for it."""
    with start_trainer(env, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        first = process.stdout.readline()  # else it would be stopped before it has begun the training
        process.send_signal(signal.SIGSTOP)
        let_go_and_wait(tmp_path)
        process.send_signal(signal.SIGCONT)
        assert (first + process.stdout.read()).decode() == "".join(LINES)
        assert process.wait(DEADLINE_S) == 0


def test_supervisor_killed(env, tmp_path):
    """The forecaster copies on from the exact byte."""
    with start_trainer(env, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        forecaster = forecaster_of(process.pid)
        first = process.stdout.readline()
        process.kill()
        let_go_and_wait(tmp_path)
        assert (first + process.stdout.read()).decode() == "".join(LINES)
        until(lambda: not stat_of(forecaster), "the end of the forecaster")
    told = subprocess.run([BIN, "status", "--json"], env=env, capture_output=True, text=True, check=True).stdout
    assert json.loads(told.splitlines()[0])["status"] == "lost"  # nobody has its exit status, so it is no rival to others


def test_all_killed_with_a_file(env, tmp_path):
    with open(tmp_path / "log", "wb") as out, start_trainer(env, tmp_path, stdout=out, stderr=out) as process:
        forecaster = forecaster_of(process.pid)
        until(lambda: (tmp_path / "log").stat().st_size > 0, "output")
        for pid in (forecaster, process.pid):
            os.kill(pid, signal.SIGKILL)
        let_go_and_wait(tmp_path)
    assert (tmp_path / "log").read_text() == "".join(LINES)


def test_all_killed_with_a_pipe(env, tmp_path):
    """Nobody copies on; the command ends well and its whole output is in the spool under the state directory."""
    with start_trainer(env, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        forecaster = forecaster_of(process.pid)
        process.stdout.readline()
        for pid in (forecaster, process.pid):
            os.kill(pid, signal.SIGKILL)
        let_go_and_wait(tmp_path)
    spools = list((tmp_path / "state" / "foregone" / "run").glob("*-1-*.log"))
    assert [spool.read_text() for spool in spools] == ["".join(LINES)]
    assert spools[0].stat().st_mode & 0o777 == 0o600


def socket_directory(listens, age):
    directory = pathlib.Path(f"/tmp/foregone-{secrets.token_hex(3)}")  # as our own: six characters
    directory.mkdir(0o700)
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(directory / "hook"))
        s.listen()
        os.utime(directory, (time.time() - age,) * 2)
        keeper = s.dup() if listens else None
    return directory, keeper


def test_what_killed_runs_left_behind_is_cleared(env):
    dead, _ = socket_directory(listens=False, age=120)
    young, _ = socket_directory(listens=False, age=0)
    alive, keeper = socket_directory(listens=True, age=120)
    try:
        assert run(env, sys.executable, "-c", "pass").returncode == 0
        assert [d.exists() for d in (dead, young, alive)] == [False, True, True]
    finally:
        keeper.close()
        for directory in (dead, young, alive):
            shutil.rmtree(directory, ignore_errors=True)


def test_supervisor_killed_on_a_terminal(env, tmp_path):
    master, slave = open_raw_terminal()
    with start_trainer(env, tmp_path, stdout=slave, stderr=subprocess.DEVNULL) as process:
        os.close(slave)
        forecaster = forecaster_of(process.pid)
        first = os.read(master, 7)
        process.kill()
        (tmp_path / "go").write_text("")
        assert (first + read_terminal(master)).decode() == "".join(LINES)
        until(lambda: not stat_of(forecaster), "the end of the forecaster")
    assert (tmp_path / "go.ended").exists()
    os.close(master)


# ---- bad input ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words, says", [
    ([], "which command"), (["--no-such-option", "--", "true"], "no such option"), (["--delta", "x", "--", "true"], "not a number"),
    (["--goal", "sideways", "--", "true"], "min|max"), (["--horizon"], "a value is missing"), (["--stop-exit-code", "256", "--", "true"], "not a number"),
    (["--metric-regex", "(", "--", "true"], "regex"), (["--dry-run=yes", "--", "true"], "takes no value")])
def test_misuse(env, words, says):
    result = run(env, *words)
    assert result.returncode == 100 and says in result.stderr.decode()


@pytest.mark.parametrize("place", ["/proc/nowhere", "a file"])
def test_no_state_directory(env, tmp_path, place):
    if place == "a file":
        place = str(tmp_path / "file")
        pathlib.Path(place).write_text("")
    result = run({**env, "XDG_STATE_HOME": place}, *python("print('loss 1')"))
    assert (result.returncode, result.stdout) == (0, b"loss 1\n")
    assert b"training goes on" in result.stderr


def test_corrupt_study(env, tmp_path):
    run(env, "--study", "s", *python("print('step 1 loss 1')"))
    study = next((tmp_path / "state").rglob("s.*"))
    study.write_bytes(b"garbage" * 5000)
    result = run(env, "--study", "s", *python("print('step 1 loss 1')"))
    assert (result.returncode, result.stdout) == (0, b"step 1 loss 1\n")
    assert b"training goes on" in result.stderr


def test_metric_that_never_appears(env):
    result = run(env, "--metric", "nothing_like_it", *python("for i in range(100): print(f'step {i} loss 0.5')"))
    assert result.returncode == 0 and b"no metric was judged" in result.stderr


def test_horizon_already_passed(env):
    result = run(env, "--horizon", "10", *python("for i in range(100): print(f'step {i} loss {1 / (i + 1)}')"))
    assert result.returncode == 0 and b"complete" in result.stderr


def status_of(env):
    return json.loads(subprocess.run([BIN, "status", "--json"], env=env, capture_output=True, timeout=DEADLINE_S, check=True).stdout)


def test_an_end_that_the_log_states_is_kept(env):
    assert run(env, *python("print('num_epochs: 3')\nfor i in range(1, 4): print(f'epoch {i} loss {1 / i}')")).returncode == 0
    assert status_of(env)["horizon"] == 3


def test_an_end_that_turned_out_wrong_is_forgotten(env):
    assert run(env, *python("print('num_epochs: 3')\nfor i in range(1, 13): print(f'epoch {i} loss {1 / i}')")).returncode == 0
    assert (status_of(env)["x"], status_of(env)["horizon"]) == (12, None)


@pytest.mark.parametrize("bar, horizon", [("s", 2), ("min(s, 14)", None)])
def test_a_bar_says_the_end_only_while_it_moves_with_the_values(env, bar, horizon):
    before = "for s in range(14): print(f' 5%|# | {s}/20 [00:01<00:09]')\n"
    assert run(env, *python(f"{before}for s in range(14, 20): print(f' 5%|# | {{{bar}}}/20 [00:01<00:09]\\n{{{{\"loss\": {{1 / s}}, \"epoch\": {{s / 10}}}}}}', flush=True)")).returncode == 0
    assert status_of(env)["horizon"] == horizon


def test_a_bar_that_is_drawn_late_says_the_end_once_it_has_caught_up(env):
    late = "for s in range(10, 110, 10): print(f' 5%|# | {s - 2}/100 [00:01<00:09]\\n{{\"loss\": {1 / s}, \"epoch\": {s / 50}}}\\n 5%|# | {s}/100 [00:01<00:09]', flush=True); print(f'{{\"eval_loss\": {2 / s}, \"epoch\": {s / 50}}}', flush=True)"
    assert run(env, *python(late)).returncode == 0
    assert status_of(env)["horizon"] == pytest.approx(2)


@pytest.mark.parametrize("line", ["i * 1.5", "f'{i} {i * 1.5}'", "[i * 1.5, i * 2.5, i, i * 3.5]"])
def test_numbers_without_a_name_stop_nothing(env, line):
    result = run(env, "--horizon", "400", *python(f"for i in range(400): print({line})"))
    assert result.returncode == 0 and len(result.stdout.splitlines()) == 400
    assert b"no metric was judged" in result.stderr
