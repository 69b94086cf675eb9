#!/usr/bin/env python3
"""Trains a small causal language model with the Hugging Face Trainer. An ordinary script: it knows nothing of foregone.

The text is Python's own documentation as CPython ships it (pydoc_data.topics); the tokens are its bytes.
"""
import argparse
import pydoc_data.topics

import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainerCallback, TrainingArguments, set_seed

BLOCK = 64


class Bytes(torch.utils.data.Dataset):
    """Consecutive blocks of a text's bytes."""

    def __init__(self, text):
        data = torch.frombuffer(bytearray(text), dtype=torch.uint8).long()
        self.blocks = data[: len(data) // BLOCK * BLOCK].view(-1, BLOCK)

    def __len__(self):
        return len(self.blocks)

    def __getitem__(self, i):
        return {"input_ids": self.blocks[i], "labels": self.blocks[i]}


def data():
    text = "\n".join(pydoc_data.topics.topics[name] for name in sorted(pydoc_data.topics.topics)).encode()
    held_out = len(text) // 20
    return Bytes(text[:-held_out]), Bytes(text[-held_out:][: 32 * BLOCK])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--schedule", default="cosine")
    parser.add_argument("--optim", default="adamw_torch")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="build/demo/model")
    parser.add_argument("--hook", action="store_true", help="use foregone's callback as well")
    return parser.parse_args()


def main():
    a = arguments()
    torch.set_num_threads(1)
    set_seed(a.seed)
    train, held_out = data()
    model = GPT2LMHeadModel(GPT2Config(vocab_size=256, n_positions=BLOCK, n_embd=64, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0))
    args = TrainingArguments(
        output_dir=a.output, max_steps=a.steps, learning_rate=a.lr, lr_scheduler_type=a.schedule, warmup_steps=a.steps // 20, optim=a.optim,
        per_device_train_batch_size=16, per_device_eval_batch_size=32, logging_steps=10, eval_strategy="steps", eval_steps=10,
        save_strategy="no", report_to=[], use_cpu=True, max_grad_norm=1.0 if a.optim == "adamw_torch" else 1e9, seed=a.seed)
    callbacks = []
    if a.hook:
        from foregone import ForegoneCallback
        callbacks.append(ForegoneCallback(save_on_stop=True))
    Trainer(model=model, args=args, train_dataset=train, eval_dataset=held_out, callbacks=callbacks).train()


if __name__ == "__main__":
    main()
