<<<<<<< HEAD
"""A training loop's own line to foregone, without any framework."""
from __future__ import annotations

import os
import types
import typing

from .wire import Connect, Event, Wire, find_peer


def trial_name(given: typing.Optional[str] = None) -> str:
    """The name given, else what `foregone run` called us, else one nobody else on this machine has now."""
    return given or os.environ.get("FOREGONE_TRIAL") or f"pid-{os.getpid()}"


def serve_options(**options: typing.Any) -> typing.List[str]:
    """target=0.4 -> ["--target", "0.4"]; None is left out."""
    return [word for name, value in options.items() if value is not None for word in ("--" + name.replace("_", "-"), str(value))]


class Trial:
    """with Trial(horizon=1000, hp={"lr": 3e-4}) as trial: ... if trial.log(step, loss=loss): break

    Inside `foregone run` its options hold; otherwise metric, goal, target and delta go to a `foregone serve` of our own. Leaving the
    with block tells how the trial ended: "failed" after an exception, "stopped" when should_stop was obeyed, else "complete".
    In a distributed program only rank 0 makes a Trial; it tells the others what log() returned.
    """

    def __init__(self, horizon: typing.Optional[float] = None, hp: typing.Optional[typing.Mapping[str, typing.Any]] = None, name: typing.Optional[str] = None,
                 unit: str = "step", peer: typing.Optional[Connect] = None, **options: typing.Any):
        self._wire = Wire(trial_name(name), peer or find_peer(serve_options(**options)))
        self._wire.start(horizon, hp or {}, unit)

    @property
    def should_stop(self) -> bool:
        return self._wire.should_stop

    @property
    def verdict(self) -> typing.Optional[Event]:
        """The last answer, as docs/WIRE.md has it; None before the first."""
        return self._wire.verdict

    def log(self, step: float, **values: typing.Any) -> bool:
        """Notes the values and returns at once: should the loop end here? (As known by now: an answer to these values comes later.)"""
        self._wire.log(step, values)
        return self._wire.should_stop

    def checkpoint(self, path: str) -> None:
        """Where the state of this trial lies, should it deserve to go on later."""
        self._wire.checkpoint(os.path.abspath(path))

    def end(self, status: str) -> None:
        self._wire.end(status)

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, kind: typing.Optional[typing.Type[BaseException]], error: typing.Optional[BaseException], trace: typing.Optional[types.TracebackType]) -> None:
        self.end("failed" if kind else "stopped" if self.should_stop else "complete")
=======
"""A trial of a study, for any training loop."""
import os
from types import TracebackType
from typing import Any, Dict, Mapping, Optional, Type

from .wire import Peer, log


class Trial:
    """Tells foregone what a run logs and what it answers.

    horizon: the planned last step (same unit as the steps given to ``log``). trial, study: names; under ``foregone run`` they
    are given. hp: hyperparameters, for the record.
    """

    def __init__(self, horizon: Optional[float] = None, trial: Optional[str] = None, study: Optional[str] = None,
                 hp: Optional[Mapping[str, Any]] = None, unit: str = "step") -> None:
        self.name = os.environ.get("FOREGONE_TRIAL") or trial or "trial-%d" % os.getpid()
        self.stopped = False
        self.reason: Optional[str] = None
        self.p_good: Optional[float] = None
        self._peer = Peer(study)
        self._peer.tell({"event": "start", "trial": self.name, "horizon": horizon, "unit": unit, "hp": dict(hp or {}), "pid": os.getpid()})

    def log(self, x: float, values: Optional[Mapping[str, Any]] = None, **more: Any) -> bool:
        """Logs metrics at x. True: the run should stop (and every later call says so again)."""
        numbers: Dict[str, float] = {}
        for name, value in {**(values or {}), **more}.items():
            try:
                numbers[name] = float(value)
            except (TypeError, ValueError):
                continue
        if numbers and not self.stopped:
            self._take(self._peer.ask({"event": "log", "trial": self.name, "x": float(x), "values": numbers}))
        return self.stopped

    def checkpoint(self, path: str) -> None:
        """Says where the run can be gone on with."""
        self._peer.tell({"event": "checkpoint", "trial": self.name, "path": os.path.abspath(path)})

    def end(self, failed: bool = False) -> None:
        self._peer.tell({"event": "end", "trial": self.name, "status": "stopped" if self.stopped else "failed" if failed else "complete"})
        self._peer.close()

    def _take(self, answer: Optional[Dict[str, Any]]) -> None:
        if not answer or answer.get("event") != "verdict":
            return
        self.p_good = answer.get("p_good")
        self.reason = answer.get("reason")
        if answer.get("verdict") == "stop":
            self.stopped = True
            log.warning("foregone: stop at %s: %s (chance of a good end %s)", answer.get("x"), self.reason, self.p_good)

    def __enter__(self) -> "Trial":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], fault: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.end(failed=fault is not None)
>>>>>>> e6de287 (demo: a real fine-tuning sweep, wrapped, forecast and cut short; hooks: the Python side)
