"""The hooks' wire and Trial: against a scripted peer, and against the real `foregone serve`."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from waiting import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
sys.path.insert(0, str(ROOT / "hooks" / "src"))

from foregone import Trial  # noqa: E402
from foregone import wire as wire_module  # noqa: E402
from foregone.wire import Wire, child_peer, find_peer, number, socket_peer  # noqa: E402

DEADLINE_S = 30


class Peer:
    """Listens on a Unix socket and answers each line with answer(event) (None: silence). Keeps all events."""

    def __init__(self, path, answer=lambda event: None):
        self.path, self.answer, self.events, self.connections = str(path), answer, [], []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            for line in connection.makefile("rb"):
                event = json.loads(line)
                self.events.append(event)
                reply = self.answer(event)
                if reply is not None:
                    connection.sendall(reply if isinstance(reply, bytes) else json.dumps(reply).encode() + b"\n")
        except OSError:
            pass
        finally:
            # a reader made by makefile keeps the descriptor open
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def kinds(self):
        return [event["event"] for event in self.events]

    def die(self):
        self.listener.close()
        os.unlink(self.path)
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def verdict(event, word="continue"):
    if event["event"] == "log":
        return {"v": 1, "event": "verdict", "trial": event["trial"], "x": event["x"], "verdict": word, "reason": "test", "p_good": None, "final": None}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s"


def test_events_arrive_in_order_with_settings(path):
    peer = Peer(path, verdict)
    with Trial(horizon=10, hp={"lr": 1e-3}, name="a", peer=socket_peer(str(path))) as trial:
        for step in range(5):
            trial.log(step, loss=1.0 / (step + 1), note="text is no number")
    until(lambda: "end" in peer.kinds(), "the end")
    assert peer.kinds() == ["start"] + ["log"] * 5 + ["end"]
    assert peer.events[0] | {"pid": 0} == {"v": 1, "event": "start", "trial": "a", "unit": "step", "hp": {"lr": 1e-3}, "pid": 0, "horizon": 10}
    assert [e["x"] for e in peer.events[1:6]] == list(range(5))
    assert peer.events[1]["values"] == {"loss": 1.0}
    assert peer.events[-1]["status"] == "complete"


def test_stop_is_heard_and_told(path):
    peer = Peer(path, lambda event: verdict(event, "stop"))
    with Trial(horizon=10, name="a", peer=socket_peer(str(path))) as trial:
        trial.log(1, loss=2.0)
        until(lambda: trial.should_stop, "the stop")
        assert trial.verdict["reason"] == "test"
        assert trial.log(2, loss=2.0)
        trial.checkpoint("here")
    until(lambda: "end" in peer.kinds(), "the end")
    assert peer.events[-1]["status"] == "stopped"
    assert peer.events[-2] == {"v": 1, "event": "checkpoint", "trial": "a", "path": os.path.abspath("here")}


def test_a_thawed_loop_is_told_where_to_go_on(path, monkeypatch):
    monkeypatch.delenv("FOREGONE_CHECKPOINT", raising=False)
    assert Trial(name="a", peer=socket_peer(str(path))).resume_from is None
    monkeypatch.setenv("FOREGONE_CHECKPOINT", "/saved/step 7")
    assert Trial(name="a", peer=socket_peer(str(path))).resume_from == "/saved/step 7"


def test_an_exception_is_told_as_failed_and_passes_through(path):
    peer = Peer(path)
    with pytest.raises(ZeroDivisionError):
        with Trial(name="a", peer=socket_peer(str(path))):
            1 / 0
    until(lambda: "end" in peer.kinds(), "the end")
    assert peer.events[-1]["status"] == "failed"


def test_another_trials_stop_is_not_ours(path):
    Peer(path, lambda event: (verdict(event, "stop") or {}) | {"trial": "b"})
    with Trial(name="a", peer=socket_peer(str(path))) as trial:
        trial.log(1, loss=2.0)
    assert not trial.should_stop


@pytest.mark.parametrize("reply", [b"\xff\xfe\n", b"[1]\n", b"{\n", b"null\n", b'{"event":"verdict"}\n', b'{"event":"verdict","trial":"a","verdict":7}\n', b"\n" * 5000], ids=["binary", "list", "half", "null", "no-trial", "odd-word", "blank-lines"])
def test_nonsense_from_the_peer_changes_nothing(path, reply):
    peer = Peer(path, lambda event: reply)
    with Trial(name="a", peer=socket_peer(str(path))) as trial:
        trial.log(1, loss=2.0)
        until(lambda: len(peer.events) >= 2, "the log")
    until(lambda: "end" in peer.kinds(), "the end")
    assert not trial.should_stop


def test_a_silent_peer_never_holds_the_loop(path):
    """A peer that accepts and reads nothing: log() returns at once, however much is logged; the queue stays bounded."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    trial = Trial(name="a", peer=socket_peer(str(path)))
    slowest = 0.0
    for step in range(20_000):
        began = time.perf_counter()
        trial.log(step, loss=1.0)
        slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 1.0
    assert len(trial._wire._events) <= wire_module.QUEUE_EVENTS
    assert trial._wire.dropped > 0
    began = time.perf_counter()
    trial.end("complete")
    assert time.perf_counter() - began < wire_module.CLOSE_S + 2
    listener.close()


def test_nobody_there(path):
    with Trial(name="a", peer=socket_peer(str(path))) as trial:
        for step in range(100):
            assert not trial.log(step, loss=1.0)


def test_no_foregone_at_all(monkeypatch, caplog):
    for name in ("FOREGONE_SOCKET", "FOREGONE_BIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/nonexistent")
    assert find_peer() is None
    assert "the training goes on" in caplog.text
    with Trial(horizon=3) as trial:
        assert not trial.log(1, loss=1.0)


def test_a_peer_that_dies_and_comes_back_is_greeted_again(path, monkeypatch):
    monkeypatch.setattr(wire_module, "RETRY_FIRST_S", 0.01)
    first = Peer(path, verdict)
    trial = Trial(horizon=9, name="a", peer=socket_peer(str(path)))
    trial.log(1, loss=1.0)
    until(lambda: trial.verdict, "the first answer")
    first.die()
    second = Peer(path, lambda event: verdict(event, "stop"))
    until(lambda: trial.log(3, loss=1.0), "a stop from the second peer")
    assert second.events[0]["event"] == "start" and second.events[0]["horizon"] == 9
    trial.end("stopped")


def test_sigpipe_at_its_default_does_not_kill(path):
    """A trainer that restored SIGPIPE must survive a peer that hangs up."""
    peer = Peer(path)
    script = ("import signal, sys, time; signal.signal(signal.SIGPIPE, signal.SIG_DFL); sys.path.insert(0, sys.argv[1])\n"
              "from foregone import Trial\n"
              "from foregone.wire import socket_peer\n"
              "t = Trial(name='a', peer=socket_peer(sys.argv[2]))\n"
              "t.log(0, loss=1.0); sys.stdin.readline()\n"
              "for i in range(2000): t.log(i, loss=1.0)\n"
              "t.end('complete'); print('done')\n")
    child = subprocess.Popen([sys.executable, "-c", script, str(ROOT / "hooks/src"), str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    until(lambda: len(peer.events) >= 2, "the first events")
    peer.die()
    out, _ = child.communicate("go\n", timeout=DEADLINE_S)
    assert out == "done\n" and child.returncode == 0


def test_a_fork_is_silent(path):
    peer = Peer(path, verdict)
    trial = Trial(name="a", peer=socket_peer(str(path)))
    trial.log(1, loss=1.0)
    until(lambda: trial.verdict, "an answer")
    pid = os.fork()
    if pid == 0:
        trial.log(666, loss=6.0)
        trial.end("failed")
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    trial.log(2, loss=1.0)
    trial.end("complete")
    until(lambda: "end" in peer.kinds(), "the end")
    assert [e.get("x") for e in peer.events] == [None, 1, 2, None]
    assert peer.events[-1]["status"] == "complete"


def test_numbers():
    assert number(True) is None and number("1") is None and number(None) is None and number([1]) is None
    assert number(3) == 3.0 and number(float("inf")) == float("inf")
    assert number(10 ** 400) is None


# ---- the real program ----------------------------------------------------------------------------------------------------

def feed(trial, losses):
    """Logs until told to stop, each value answered before the next is logged, as a slow trainer would."""
    for step, loss in enumerate(losses, 1):
        before = trial._wire.answers
        trial.log(step, loss=loss)
        until(lambda: trial._wire.answers > before, f"an answer to step {step}")
        if trial.should_stop:
            return step
    return None


@pytest.fixture
def served(path):
    process = subprocess.Popen([BIN, "serve", "--socket", str(path)])
    until(path.exists, "the socket")
    yield path
    process.terminate()
    assert process.wait(DEADLINE_S) == 0


def test_the_real_serve_stops_a_divergence_by_its_own_child():
    with Trial(horizon=100, name="bad", peer=child_peer([BIN, "serve", "--stdio"])) as trial:
        stopped = feed(trial, [3.0, 2.9, 2.8] + [float("nan")] * 20)
    assert stopped and stopped < 20
    assert trial.verdict["reason"] == "diverged"


def test_the_real_serve_stops_the_hopeless_and_keeps_the_good(served):
    def run(name, floor):
        losses = [floor + 2.0 * (0.94 ** step) + 0.002 * ((7 * step) % 5) for step in range(1, 101)]
        with Trial(horizon=100, name=name, peer=socket_peer(str(served))) as trial:
            return feed(trial, losses)

    assert run("first", 1.0) is None
    assert run("worse", 2.5) is not None
    assert run("better", 0.6) is None


def test_the_socket_is_ours_alone(served):
    assert os.stat(served).st_mode & 0o777 == 0o600


def test_serve_killed_in_mid_run_lets_the_loop_end(path):
    process = subprocess.Popen([BIN, "serve", "--socket", str(path)])
    until(path.exists, "the socket")
    with Trial(horizon=1000, name="a", peer=socket_peer(str(path))) as trial:
        feed(trial, [1.0, 0.9, 0.8])
        process.send_signal(signal.SIGKILL)
        process.wait(DEADLINE_S)
        assert not any(trial.log(step, loss=0.5) for step in range(4, 1000))


def test_the_package_is_typed():
    mypy = pytest.importorskip("mypy.api", reason="mypy is not installed (tests/deps test)")
    # frameworks are left out: they take a minute to read, and hf_trainer.py says where it leans on them
    out, err, status = mypy.run(["--strict", "--follow-imports=skip", "--no-incremental", "--cache-dir=/dev/null", str(ROOT / "hooks/src")])
    assert status == 0, out + err


def test_the_package_needs_nothing_but_python():
    """Without site-packages: no framework, no numpy."""
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'hooks/src')!r}); import foregone; foregone.Trial().end('complete')"
    env = {k: v for k, v in os.environ.items() if not k.startswith("FOREGONE") and k != "PYTHONPATH"}
    subprocess.run([sys.executable, "-S", "-I", "-c", code], check=True, env=env, timeout=DEADLINE_S)
