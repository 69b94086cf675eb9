"""The protocol (docs/WIRE.md) over a Unix socket, from a thread of its own.

Invariants
    send() never blocks and never raises: it appends to a bounded queue; a full queue drops its oldest log event and counts it.
    The thread alone touches the socket. It is a daemon: a trainer that ends is never held up by it.
    A peer that dies is looked for again, ever more rarely, and greeted with the same start event.
    A fork of the trainer (a data loader's worker, say) inherits a wire that is silent.
"""
from __future__ import annotations

import collections
import json
import logging
import math
import os
import select
import shutil
import socket
import subprocess
import threading
import time
import typing

LOG = logging.getLogger("foregone")

QUEUE_EVENTS = 4096      # log events that wait for the peer at most
LINE_BYTES = 1 << 20     # a peer that sends a longer line is no peer of ours
RETRY_FIRST_S = 0.5      # after a lost connection; doubles
RETRY_LAST_S = 60.0
CLOSE_S = 2.0            # how long the last events of a trainer may take to leave

Event = typing.Dict[str, typing.Any]
Connect = typing.Callable[[], socket.socket]


def socket_peer(path: str) -> Connect:
    """The peer that listens on a Unix socket."""

    def connect() -> socket.socket:
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            peer.settimeout(5)
            peer.connect(path)
        except OSError:
            peer.close()
            raise
        return peer

    return connect


def child_peer(command: typing.Sequence[str]) -> Connect:
    """A `foregone serve --stdio` of our own, its standard input and output one socket: it ends when we close ours."""

    def connect() -> socket.socket:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                process = subprocess.Popen(list(command), stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.DEVNULL, start_new_session=True)
        except OSError:
            ours.close()
            raise
        threading.Thread(target=process.wait, name="foregone-child", daemon=True).start()
        return ours

    return connect


def find_peer(options: typing.Sequence[str] = ()) -> typing.Optional[Connect]:
    """Who listens: the `foregone run` around us (FOREGONE_SOCKET), else a child of our own (FOREGONE_BIN, or PATH), else nobody."""
    path = os.environ.get("FOREGONE_SOCKET")
    if path:
        return socket_peer(path)
    program = os.environ.get("FOREGONE_BIN") or shutil.which("foregone")
    if not program:
        LOG.warning("foregone: no command 'foregone' on PATH (or in FOREGONE_BIN), so nothing is judged; the training goes on")
        return None
    return child_peer([program, "serve", "--stdio", *options])


def number(value: typing.Any) -> typing.Optional[float]:
    """value as a float (numpy and torch scalars too); None for what is no number."""
    if isinstance(value, (bool, str, bytes)):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return None


class Wire:
    """One trial's line to foregone. should_stop and reason are what it said last."""

    def __init__(self, trial: str, connect: typing.Optional[Connect], clock: typing.Callable[[], float] = time.monotonic):
        self.trial = trial
        self.should_stop = False
        self.verdict: typing.Optional[Event] = None
        self.answers = 0
        self.dropped = 0
        self._connect = connect
        self._clock = clock
        self._pid = os.getpid()
        self._start: typing.Optional[Event] = None
        self._events: typing.Deque[Event] = collections.deque()
        self._lock = threading.Lock()
        self._closing: typing.Optional[float] = None
        self._thread: typing.Optional[threading.Thread] = None
        self._wake: typing.Optional[typing.Tuple[socket.socket, socket.socket]] = None

    # ---- the trainer's side ------------------------------------------------------------------------------------------

    def start(self, horizon: typing.Optional[float], hp: typing.Mapping[str, typing.Any], unit: str = "step") -> None:
        self._start = {"v": 1, "event": "start", "trial": self.trial, "unit": unit, "hp": dict(hp), "pid": self._pid}
        if horizon is not None and math.isfinite(horizon) and horizon > 0:
            self._start["horizon"] = horizon
        if self._connect is not None and os.getpid() == self._pid and self._thread is None:
            self._launch()

    def log(self, x: float, values: typing.Mapping[str, typing.Any]) -> None:
        numbers = {name: v for name, v in ((str(k), number(v)) for k, v in values.items()) if v is not None}
        if numbers:
            self._send({"v": 1, "event": "log", "trial": self.trial, "x": x, "values": numbers})

    def checkpoint(self, path: str) -> None:
        self._send({"v": 1, "event": "checkpoint", "trial": self.trial, "path": path})

    def end(self, status: str) -> None:
        """complete, stopped or failed; then the wire is closed, within CLOSE_S."""
        self._send({"v": 1, "event": "end", "trial": self.trial, "status": status})
        self.close()

    def close(self) -> None:
        if self._thread is None or os.getpid() != self._pid:
            return
        self._closing = self._clock() + CLOSE_S
        self._nudge()
        self._thread.join(CLOSE_S + 1)

    def _send(self, event: Event) -> None:
        if self._thread is None or os.getpid() != self._pid or self._closing is not None:
            return
        with self._lock:
            if len(self._events) >= QUEUE_EVENTS:
                self._events.popleft()
                self.dropped += 1
            self._events.append(event)
        self._nudge()

    def _nudge(self) -> None:
        try:
            if self._wake:
                self._wake[1].send(b"!")
        except OSError:
            pass  # full: the thread has enough to wake up for

    def _launch(self) -> None:
        try:
            self._wake = socket.socketpair()
            for end in self._wake:
                end.setblocking(False)
            thread = threading.Thread(target=self._run, name="foregone-wire", daemon=True)
            thread.start()
            self._thread = thread
        except (OSError, RuntimeError):
            self._thread = None  # no thread, no descriptors: the training goes on without us

    # ---- the thread's side -------------------------------------------------------------------------------------------

    def _run(self) -> None:
        delay = RETRY_FIRST_S
        while not self._over():
            answered = self.answers
            try:
                assert self._connect is not None
                self._converse(self._connect())
            except (OSError, ValueError):
                pass  # gone, or no peer of ours
            if self._closing is not None:
                return
            delay = RETRY_FIRST_S if self.answers > answered else min(2 * delay, RETRY_LAST_S)
            self._pause(delay)

    def _over(self) -> bool:
        return self._closing is not None and (self._clock() >= self._closing or not self._events)

    def _pause(self, seconds: float) -> None:
        until = self._clock() + seconds
        while self._closing is None and self._clock() < until:
            self._await([], until - self._clock())

    def _await(self, writable: typing.List[socket.socket], seconds: float, readable: typing.Optional[socket.socket] = None) -> typing.List[socket.socket]:
        assert self._wake is not None
        ready, _, _ = select.select([self._wake[0]] + ([readable] if readable else []), writable, [], max(0.0, seconds))
        if self._wake[0] in ready:
            try:
                self._wake[0].recv(4096)
            except OSError:
                pass
        return ready

    def _converse(self, peer: socket.socket) -> None:
        with peer:
            peer.setblocking(False)
            out = self._line(self._start)
            rest = b""
            while out or not self._over():
                if self._closing is not None and self._clock() >= self._closing:
                    return
                out += self._take(len(out))
                ready = self._await([peer] if out else [], 0.1 if self._closing is not None else 60.0, peer)
                if peer in ready:
                    rest = self._hear(peer, rest)
                out = out[self._push(peer, out):] if out else out
            self._take_leave(peer, rest)

    def _take_leave(self, peer: socket.socket, rest: bytes) -> None:
        """All is sent. The peer still answers, then hangs up: had we gone first, it could have missed our last words."""
        peer.shutdown(socket.SHUT_WR)
        while self._closing is not None and self._clock() < self._closing:
            if peer in self._await([], self._closing - self._clock(), peer):
                rest = self._hear(peer, rest)

    def _take(self, waiting: int) -> bytes:
        """Events for the wire, a few at a time: what is in the queue can still be dropped, what is on the wire cannot."""
        lines = []
        with self._lock:
            while self._events and waiting < 65536:
                line = self._line(self._events.popleft())
                lines.append(line)
                waiting += len(line)
        return b"".join(lines)

    @staticmethod
    def _line(event: typing.Optional[Event]) -> bytes:
        return json.dumps(event, default=str).encode() + b"\n" if event else b""

    @staticmethod
    def _push(peer: socket.socket, data: bytes) -> int:
        try:
            return peer.send(data, socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0

    def _hear(self, peer: socket.socket, rest: bytes) -> bytes:
        try:
            data = peer.recv(65536)
        except BlockingIOError:
            return rest
        if not data:
            raise ConnectionResetError("the peer has gone")
        *lines, rest = (rest + data).split(b"\n")
        if len(rest) > LINE_BYTES:
            raise ValueError("the peer sends no lines")
        for line in lines:
            self._judge(line)
        return rest

    def _judge(self, line: bytes) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            return
        if not isinstance(event, dict) or event.get("event") != "verdict" or event.get("trial") != self.trial:
            return
        self.verdict = event
        self.answers += 1
        if event.get("verdict") == "stop":
            self.should_stop = True
