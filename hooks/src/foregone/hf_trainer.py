<<<<<<< HEAD
"""ForegoneCallback: the Hugging Face Trainer tells foregone what it logs and ends cleanly when told to.

Rank 0 speaks, all ranks obey: what rank 0 heard is broadcast at the end of the first step after each log, which is the same step
everywhere because every rank logs at the same steps. No rank ever waits for foregone.
"""
from __future__ import annotations

import logging
import os
import typing

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .trial import serve_options, trial_name
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


def broadcast(mine: bool, args: TrainingArguments) -> bool:
    """Rank 0's answer, on every rank."""
    import torch
    import torch.distributed as dist

    if not (dist.is_available() and dist.is_initialized()):
        return False  # several processes that cannot agree: none of them ends
    flag = torch.tensor([int(mine)], device=args.device)
    dist.broadcast(flag, src=0)
    return bool(flag.item())
=======
"""foregone for the Hugging Face Trainer (and what is built on it: TRL, PEFT scripts, axolotl, ...)."""
import os
from typing import Any, Dict, Optional

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .trial import Trial
from .wire import log

HYPERPARAMETERS = ("learning_rate", "lr_scheduler_type", "warmup_ratio", "warmup_steps", "per_device_train_batch_size",
                   "gradient_accumulation_steps", "num_train_epochs", "weight_decay", "seed")


def _agreed(stop: bool, device: Any) -> bool:
    """Rank 0's word, for every rank. All ranks call this at the same step, or training would hang."""
    try:
        import torch
        import torch.distributed as dist

        if not (dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1):
            return stop
        word = torch.tensor([int(stop)], device=device)
        dist.broadcast(word, src=0)
        return bool(word.item())
    except Exception as fault:
        log.warning("foregone: %s; training goes on", fault)
        return False


class ForegoneCallback(TrainerCallback):
    """Stops the run when foregone says that it cannot end well.

    save_on_stop: write a checkpoint before stopping, so that the trial can be gone on with. trial, study: names of the trial and its
    sweep (given by ``foregone run``, otherwise by you).
    """

    def __init__(self, trial: Optional[str] = None, study: Optional[str] = None, save_on_stop: bool = True) -> None:
        self._names = trial, study
        self._save = save_on_stop
        self._trial: Optional[Trial] = None
        self.stopped = False

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        if not state.is_world_process_zero:
            return
        hp = {name: getattr(args, name, None) for name in HYPERPARAMETERS}
        name, study = self._names
        try:
            self._trial = Trial(state.max_steps or None, name or os.path.basename(str(args.output_dir).rstrip("/")), study, hp)
        except Exception as fault:
            log.warning("foregone: %s; training goes on without it", fault)

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Optional[Dict[str, Any]] = None, **kwargs: Any) -> None:
        stop = False
        if self._trial is not None and logs:
            try:
                stop = self._trial.log(state.global_step, logs)
            except Exception as fault:
                log.warning("foregone: %s; training goes on", fault)
        if state.global_step >= (state.max_steps or 0) > 0:
            return  # the run is over anyway; the last log is not a place where all ranks meet
        if not self.stopped and _agreed(stop, args.device):
            self.stopped = True
            control.should_training_stop = True
            control.should_save = control.should_save or self._save

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        if self._trial is not None:
            self._trial.checkpoint(os.path.join(str(args.output_dir), "checkpoint-%d" % state.global_step))

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        if self._trial is not None:
            self._trial.end()
            self._trial = None
>>>>>>> e6de287 (demo: a real fine-tuning sweep, wrapped, forecast and cut short; hooks: the Python side)
