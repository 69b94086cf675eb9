"""A training loop's own line to foregone, without any framework."""
from __future__ import annotations

import os
import types
import typing

from .wire import Connect, Event, Wire, find_peer


CHECKPOINT = "FOREGONE_CHECKPOINT"  # set by `foregone run --from-checkpoint`, and so by `foregone thaw --run`


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
    def resume_from(self) -> typing.Optional[str]:
        """The checkpoint to go on from when this trial was stopped and is thawed; None: begin at the beginning."""
        return os.environ.get(CHECKPOINT) or None

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
