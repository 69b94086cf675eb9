#!/usr/bin/env python3
"""One trial of a sweep with the Hugging Face Trainer. An ordinary script: it knows nothing of foregone. What it trains: tasks.py.

The models are small enough for one core; a trial sees the same amount of data whatever its batch size, so trials have different horizons.

    train.py --task lora --lr 1e-3 --output DIR ...      one trial
    train.py --list FILE                                 many, one after the other, each in a fork: what is imported once takes as long as a trial
"""
import argparse
import json
import os
import pathlib
import sys

import torch
from transformers import Trainer, TrainingArguments, set_seed

from tasks import TASKS

# What a schedule takes beside its name.
MORE = {"polynomial": lambda steps: {"power": 2.0, "lr_end": 0.0}, "cosine_with_restarts": lambda steps: {"num_cycles": 3},
        "warmup_stable_decay": lambda steps: {"num_decay_steps": steps // 4}}


def arguments(words):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", choices=TASKS, required=True)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--rows", type=int, default=4000, help="that it sees")
    parser.add_argument("--evaluations", type=int, default=30)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--schedule", default="linear")
    parser.add_argument("--warmup", type=float, default=0.0, help="share of the steps")
    parser.add_argument("--weight-decay", type=float, default=0.0)
    parser.add_argument("--optimizer", default="adamw_torch")
    parser.add_argument("--held-out", type=int, default=128, help="rows of the evaluation")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", required=True)
    parser.add_argument("--base", help="the language model to start from")
    parser.add_argument("--masked", help="the model of masked words to start from")
    parser.add_argument("--save", action="store_true", help="the model at the end, as a base")
    return parser.parse_args(words)


def trial(a):
    torch.set_num_threads(1)
    set_seed(a.seed)
    model, (train, held_out), metrics = TASKS[a.task](a)
    steps = a.rows // a.batch
    every = max(1, steps // a.evaluations)
    args = TrainingArguments(
        output_dir=a.output, max_steps=steps, learning_rate=a.lr, lr_scheduler_type=a.schedule, lr_scheduler_kwargs=MORE.get(a.schedule, lambda _: {})(steps),
        warmup_steps=round(a.warmup * steps), weight_decay=a.weight_decay, optim=a.optimizer,
        per_device_train_batch_size=a.batch, per_device_eval_batch_size=64, logging_steps=every, eval_strategy="steps", eval_steps=every,
        save_strategy="no", report_to=[], use_cpu=True, seed=a.seed, label_names=["labels"])
    trainer = Trainer(model=model, args=args, train_dataset=train, eval_dataset=held_out, compute_metrics=metrics)
    trainer.train()
    trainer.save_state()
    if a.save:
        trainer.save_model(a.output)


def many(path):
    """FILE has the words of one trial a line, as a JSON list; a line of JSON tells how each ended."""
    for line in pathlib.Path(path).read_text().splitlines():
        a = arguments(json.loads(line))
        pid = os.fork()
        if pid == 0:
            with open(os.devnull, "w") as nowhere:
                os.dup2(nowhere.fileno(), 1)
                os.dup2(nowhere.fileno(), 2)
            trial(a)
            os._exit(0)
        _, status, used = os.wait4(pid, 0)
        print(json.dumps({"output": a.output, "status": status, "cpu": round(used.ru_utime + used.ru_stime, 2)}), flush=True)


def main():
    if sys.argv[1:2] == ["--list"]:
        many(sys.argv[2])
    else:
        trial(arguments(sys.argv[1:]))


if __name__ == "__main__":
    main()
