"""ForegoneCallback: the Hugging Face Trainer tells foregone what it logs and ends cleanly when told to.

Rank 0 speaks, all ranks obey: what rank 0 heard is broadcast at the end of the first step after each log, which is the same step
everywhere because every rank logs at the same steps. No rank ever waits for foregone.

A thawed trial (`foregone thaw --run`) goes on from its checkpoint without a change of the training script. A callback is not asked where a training
begins, so this is the one thing here that is more than a callback: see go_on_from_checkpoint.
"""
from __future__ import annotations

import functools
import logging
import os
import typing

from transformers import Trainer, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .trial import CHECKPOINT, serve_options, trial_name
from .wire import Connect, Wire, find_peer

LOG = logging.getLogger("foregone")

# What the Trainer logs about itself and not about the model. train_loss is the mean over the whole run, logged once at its end.
NOT_CURVES = ("_runtime", "_per_second", "total_flos", "train_loss", "num_input_tokens_seen", "_time")
SETTINGS = ("learning_rate", "per_device_train_batch_size", "gradient_accumulation_steps", "lr_scheduler_type", "warmup_steps", "warmup_ratio",
            "weight_decay", "num_train_epochs", "max_steps", "optim", "adam_beta1", "adam_beta2", "max_grad_norm", "seed")


def settings(args: TrainingArguments) -> typing.Dict[str, typing.Any]:
    """The hyper-parameters under the names of TrainingArguments, and the batch that one step really sees."""
    hp = {name: getattr(getattr(args, name), "value", getattr(args, name)) for name in SETTINGS if getattr(args, name, None) is not None}
    hp["batch_size"] = int(args.train_batch_size * args.gradient_accumulation_steps * max(1, args.world_size))
    return hp


def curves(logs: typing.Mapping[str, typing.Any]) -> typing.Dict[str, typing.Any]:
    return {name: value for name, value in logs.items() if not name.endswith(NOT_CURVES)}


class ForegoneCallback(TrainerCallback):  # type: ignore[misc,unused-ignore]
    """callbacks=[ForegoneCallback()]

    save_on_stop: write a checkpoint before ending, so that the trial can be resumed. trial: its name (default: FOREGONE_TRIAL, as set
    by `foregone run`). Outside `foregone run` the other options (metric, goal, target, delta) go to a `foregone serve` of our own.
    """

    def __init__(self, save_on_stop: bool = True, trial: typing.Optional[str] = None, peer: typing.Optional[Connect] = None, **options: typing.Any):
        self.save_on_stop = save_on_stop
        self.trial = trial
        self.stopped = False
        self._peer = peer
        self._options = serve_options(**options)
        self._wire: typing.Optional[Wire] = None
        self._logged = False
        if os.environ.get(CHECKPOINT):
            go_on_from_checkpoint()

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: typing.Any) -> None:
        self.stopped = self._logged = False
        if state.is_world_process_zero:
            self._safely(self._open, args, state)

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: typing.Optional[typing.Dict[str, typing.Any]] = None, **kwargs: typing.Any) -> None:
        self._logged = True
        if self._wire is not None and logs:
            self._safely(self._wire.log, state.global_step, curves(logs))

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: typing.Any) -> None:
        if self.stopped or not self._agreed(args):
            return
        self.stopped = True
        control.should_training_stop = True
        if self.save_on_stop:
            control.should_save = True
        if self._wire is not None:
            self._safely(self._say, state)

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: typing.Any) -> None:
        if self._wire is not None:
            path = os.path.abspath(os.path.join(args.output_dir or ".", f"checkpoint-{state.global_step}"))
            self._safely(self._wire.checkpoint, path)

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: typing.Any) -> None:
        if self._wire is not None:
            self._safely(self._wire.end, "stopped" if self.stopped else "complete")
        self._wire = None

    def _open(self, args: TrainingArguments, state: TrainerState) -> None:
        self._wire = Wire(trial_name(self.trial), self._peer or find_peer(self._options))
        self._wire.start(state.max_steps, settings(args))

    def _say(self, state: TrainerState) -> None:
        verdict = (self._wire.verdict if self._wire else None) or {}
        LOG.warning("foregone: ending at step %d of %d (%s)", state.global_step, state.max_steps, verdict.get("reason", "stop"))

    def _agreed(self, args: TrainingArguments) -> bool:
        """Shall we end here? The same answer on every rank."""
        mine = self._wire is not None and self._wire.should_stop
        if args.world_size <= 1:
            return mine
        if not self._logged:
            return False
        self._logged = False
        return broadcast(mine, args)

    @staticmethod
    def _safely(action: typing.Callable[..., None], *arguments: typing.Any) -> None:
        try:
            action(*arguments)
        except Exception as error:  # whatever it is, it is ours, and the training must not see it
            LOG.warning("foregone: %s: %s (the training goes on)", type(error).__name__, error)


def go_on_from_checkpoint() -> None:
    """From now on the first Trainer.train() that is not told of a checkpoint, of a Trainer with our callback, is told of the one that the trial
    was stopped at. What is told it explicitly stays as it is. Every rank has the same environment, so all go on from there.
    """
    train = Trainer.train
    if hasattr(train, "foregone"):
        return

    @functools.wraps(train)
    def train_on(self: Trainer, resume_from_checkpoint: typing.Any = None, *more: typing.Any, **named: typing.Any) -> typing.Any:
        if not resume_from_checkpoint and any(isinstance(callback, ForegoneCallback) for callback in self.callback_handler.callbacks):
            resume_from_checkpoint = os.environ.pop(CHECKPOINT, None)
        return train(self, resume_from_checkpoint, *more, **named)

    setattr(train_on, "foregone", True)
    setattr(Trainer, "train", train_on)


def broadcast(mine: bool, args: TrainingArguments) -> bool:
    """Rank 0's answer, on every rank."""
    import torch
    import torch.distributed as dist

    if not (dist.is_available() and dist.is_initialized()):
        return False  # several processes that cannot agree: none of them ends
    flag = torch.tensor([int(mine)], device=args.device)
    dist.broadcast(flag, src=0)
    return bool(flag.item())
