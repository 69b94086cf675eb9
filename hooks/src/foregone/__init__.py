"""Hooks of foregone for training programs.

`foregone run -- COMMAND` needs none of this: it reads the log. A hook adds two things: exact values instead of printed ones, and
a clean end on a stop (a checkpoint first, then the trainer's own way out) instead of a signal.

    trainer = Trainer(..., callbacks=[foregone.ForegoneCallback()])          Hugging Face

    with foregone.Trial(horizon=steps) as trial:                             any loop
        for step in range(steps):
            ...
            if trial.log(step, loss=loss):
                break

Whatever goes wrong on our side, training goes on: nothing here waits, and nothing here raises into the trainer.
"""
from __future__ import annotations

import typing

from .trial import Trial
from .wire import Wire

if typing.TYPE_CHECKING:
    from .hf_trainer import ForegoneCallback

__all__ = ["ForegoneCallback", "Trial", "Wire"]
__version__ = "0.1.0"


def __getattr__(name: str) -> typing.Any:
    # transformers is imported only by those who use its callback
    if name == "ForegoneCallback":
        from .hf_trainer import ForegoneCallback

        return ForegoneCallback
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
