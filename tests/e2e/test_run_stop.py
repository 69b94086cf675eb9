"""The stop ladder of `foregone run`: who is asked, who is killed, and that nothing is left."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from waiting import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
DEADLINE_S = 60

BEGIN = "import itertools, signal, subprocess, sys, os, time\nfor i in range(30): print(f'step {i} of 1000 loss {5 - i / 10}')\n"
DIVERGE = "\nfor i in itertools.count(30):\n    print(f'step {i} of 1000 loss nan'); time.sleep(0.01)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('stubborn', flush=True); time.sleep(1000)"


@pytest.fixture
def env(tmp_path):
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}


def run(env, text, *options, **more):
    return subprocess.run([BIN, "run", *options, "--", sys.executable, "-c", text], env=env, capture_output=True, timeout=DEADLINE_S, **more)


def running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_sigterm_and_the_stop_code(env):
    text = BEGIN + "signal.signal(signal.SIGTERM, lambda n, f: (print('saved'), exit(3)))" + DIVERGE
    result = run(env, text)
    assert result.returncode == 99
    assert result.stdout.endswith(b"saved\n")
    assert b"stopping at" in result.stderr and b"not finite or exploded" in result.stderr and b"nothing of it is left" in result.stderr


def test_a_converged_trial_ends_and_its_value_counts(env):
    text = "import itertools, math, time\nfor i in range(1, 1000):\n    print(f'step {i} of 1000 eval_loss {1 + 2 * math.exp(-i / 30):.6f}', flush=True); time.sleep(0.002)"
    result = run(env, text, "--study", "s", "--trial", "flat", "--stop-when-converged")
    assert result.returncode == 99 and b"next to nothing more is to be gained" in result.stderr
    told = subprocess.run([BIN, "status", "--study", "s"], env=env, capture_output=True, text=True).stdout
    assert "next to nothing more is to be gained" in told and "best: flat (1)" in told
    explained = subprocess.run([BIN, "explain", "s", "flat"], env=env, capture_output=True, text=True).stdout
    assert "next to nothing more is to be gained" in explained and "not the one of then" not in explained
    thaw = subprocess.run([BIN, "thaw", "s"], env=env, capture_output=True, text=True).stdout
    assert "flat" not in thaw


WAITING = """import math, os, sys, time
final, until, go = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
for i in range(1, 101):
    print(f"step {i} of 100 eval_loss {final + (3 - final) * math.exp(-i / 16) + 0.002 * math.sin(i * i):.6f}", flush=True)
    while i == until and not os.path.exists(go): time.sleep(0.01)
    time.sleep(0.01)
"""


def status_of(env, trial):
    told = subprocess.run([BIN, "status", "--study", "s", "--json"], env=env, capture_output=True, text=True).stdout
    return next((t for t in map(json.loads, told.splitlines()) if t.get("trial") == trial), {})


def test_side_by_side_the_hopeless_one_is_stopped_before_any_has_finished(env, tmp_path):
    go = tmp_path / "go"
    words = lambda name, final, waits: [BIN, "run", "--study", "s", "--trial", name, "--delta", "0.1", "--", sys.executable, "-c", WAITING, str(final), str(waits), str(go)]
    good = subprocess.Popen(words("good", 1, 60), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: status_of(env, "good").get("x") == 60, "the first half of the good one")
        bad = subprocess.run(words("bad", 2.5, 0), env=env, capture_output=True, timeout=DEADLINE_S)
        assert bad.returncode == 99 and b"to beat trial good" in bad.stderr and good.poll() is None
        explained = subprocess.run([BIN, "explain", "s", "bad"], env=env, capture_output=True, text=True).stdout
        assert "trial good" in explained and "not the one of then" not in explained
    finally:
        go.touch()
        assert good.wait(DEADLINE_S) == 0
    assert status_of(env, "good")["status"] == "complete"


def test_own_stop_code(env):
    assert run(env, BEGIN + DIVERGE, "--stop-exit-code", "0").returncode == 0


def test_dry_run_never_stops(env):
    text = "for i in range(300): print(f'step {i} of 300 loss ' + ('nan' if i > 50 else str(5 - i / 100)))"
    result = run(env, text, "--dry-run")
    assert result.returncode == 0 and b"would stop at" in result.stderr


def test_only_the_direct_child_is_asked(env, tmp_path):
    """An agent (torchrun) ends its workers itself; a worker that gets our SIGTERM as well would die at the wrong moment."""
    worker = f"import signal, time\nsignal.signal(signal.SIGTERM, lambda n, f: open({str(tmp_path / 'hit')!r}, 'w'))\nprint('up', flush=True)\ntime.sleep(1000)"
    agent = f"p = subprocess.Popen([sys.executable, '-c', {worker!r}], stdout=subprocess.PIPE)\np.stdout.readline()\n" \
            "signal.signal(signal.SIGTERM, lambda n, f: (p.kill(), p.wait(), exit(0)))"
    assert run(env, BEGIN + agent + DIVERGE).returncode == 99
    assert not (tmp_path / "hit").exists()


@pytest.mark.parametrize("parent_ignores", [False, True])
def test_nothing_is_left_of_a_stubborn_tree(env, tmp_path, parent_ignores):
    """A grandchild in a session of its own that ignores SIGTERM; its parent may have died before."""
    spawn = f"p = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}], start_new_session=True, stdout=subprocess.PIPE)\np.stdout.readline()\n" \
            f"open({str(tmp_path / 'pid')!r}, 'w').write(str(p.pid))\n"
    if parent_ignores:
        spawn += "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    started = time.monotonic()
    result = run(env, BEGIN + spawn + DIVERGE, "--grace", "1")
    assert result.returncode == 99
    assert b"nothing of it is left" in result.stderr
    assert not running(int((tmp_path / "pid").read_text()))
    assert time.monotonic() - started < 30


def test_daemon_that_left_its_family(env, tmp_path):
    """Forked twice, in a session of its own: it fell to the supervisor, not to init."""
    daemon = f"if os.fork() == 0:\n    os.setsid()\n    if os.fork(): os._exit(0)\n    open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n" \
             "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    time.sleep(1000)\nos.wait()\n" \
             f"while not os.path.exists({str(tmp_path / 'pid')!r}): time.sleep(0.005)"
    assert run(env, BEGIN + daemon + DIVERGE, "--grace", "1").returncode == 99
    assert not running(int((tmp_path / "pid").read_text()))


def test_a_stop_never_touches_others(env):
    """A process of the same user, even of our own session, that is not of the trial."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"]) as bystander:
        try:
            assert run(env, BEGIN + DIVERGE, "--grace", "1").returncode == 99
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_no_stop_without_the_supervisor(env, tmp_path):
    """The supervisor is dead: a verdict to stop is not acted on."""
    go, end = tmp_path / "go", tmp_path / "end"
    text = f"import os, time\nprint('step 1 of 300 loss 5')\nwhile not os.path.exists({str(go)!r}): time.sleep(0.005)\n" \
           f"for i in range(2, 300): print(f'step {{i}} of 300 loss nan')\ntime.sleep(0.2)\nopen({str(end)!r}, 'w').write('ended')"
    with subprocess.Popen([BIN, "run", "--grace", "0", "--", sys.executable, "-c", text], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.readline()
        process.kill()
        go.write_text("")
        assert process.stdout.read().count(b"nan") == 298
    assert end.read_text() == "ended"


# ---- a study shared by processes ------------------------------------------------------------------------------------------------

CURVE = "import sys, time\nfinal = float(sys.argv[1])\nfor i in range(1, 301):\n    print(f'step {i}/300 eval_loss {final + 2 * i ** -0.5:.5f}')\n    time.sleep(float(sys.argv[2]))"


def trial(env, name, final, delay):
    words = [BIN, "run", "--study", "shared", "--trial", name, "--grace", "5", "--", sys.executable, "-c", CURVE, str(final), str(delay)]
    return subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_processes_share_a_study(env):
    """A good trial ends first; two hopeless ones that run at once are stopped against it, from two processes of their own."""
    good = trial(env, "good", 1.0, 0.001)
    good.communicate(timeout=DEADLINE_S)
    bad = [trial(env, f"bad{i}", 3.0 + i, 0.02) for i in range(2)]
    said = [p.communicate(timeout=DEADLINE_S)[1] for p in bad]
    assert [good.returncode] + [p.returncode for p in bad] == [0, 99, 99]
    assert all(b"to beat trial good" in text for text in said)


# ---- torchrun ---------------------------------------------------------------------------------------------------------------------

WORKER = """
import itertools, os, time
import torch.distributed as dist
dist.init_process_group("gloo")
for i in itertools.count():
    if dist.get_rank() == 0:
        open(os.environ["PIDS"], "a").write(f"{os.getpid()}\\n")
        print(f"step {i} of 100000 loss {5 - i / 10 if i < 30 else float('nan')}", flush=True)
    dist.barrier()
    time.sleep(0.01)
"""


def python_with_torch():
    for candidate in (sys.executable, str(ROOT / "build/venv/bin/python")):
        if os.path.exists(candidate) and subprocess.run([candidate, "-c", "import torch.distributed.run"], capture_output=True).returncode == 0:
            return candidate
    pytest.skip("torch is not installed (tests/deps test)")


def test_torchrun_is_stopped_whole(env, tmp_path):
    interpreter = python_with_torch()
    (tmp_path / "worker.py").write_text(WORKER)
    env["PIDS"] = str(tmp_path / "pids")
    words = ["run", "--grace", "30", "--", interpreter, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(tmp_path / "worker.py")]
    result = subprocess.run([BIN, *words], env=env, capture_output=True, timeout=240)
    assert result.returncode == 99, result.stderr
    assert b"nothing of it is left" in result.stderr
    assert not any(running(int(pid)) for pid in (tmp_path / "pids").read_text().split())


def test_status_of_torchrun(env, tmp_path):
    interpreter = python_with_torch()
    (tmp_path / "worker.py").write_text("import os, torch.distributed as dist\ndist.init_process_group('gloo')\nos.write(1, b'rank %d\\n' % dist.get_rank())\nexit(5)")
    words = ["--standalone", "--nproc-per-node", "2", str(tmp_path / "worker.py")]
    plain = subprocess.run([interpreter, "-m", "torch.distributed.run", *words], capture_output=True, timeout=120)
    result = subprocess.run([BIN, "run", "--", interpreter, "-m", "torch.distributed.run", *words], env=env, capture_output=True, timeout=120)
    assert result.returncode == plain.returncode != 0
    assert sorted(result.stdout.splitlines()) == [b"rank 0", b"rank 1"]
