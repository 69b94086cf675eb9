#!/usr/bin/env python3
"""One trial of a sweep with the Hugging Face Trainer: LoRA, from scratch, or classification. An ordinary script: it knows nothing of foregone.

What it trains on is what Python itself ships (the source and the documentation of its standard library), so nothing is downloaded. The models are
small enough for one core; a trial sees the same amount of data whatever its batch size, so trials have different horizons.

    train.py --task lora --lr 1e-3 --output DIR ...      one trial
    train.py --list FILE                                 many, one after the other, each in a fork: what is imported once takes as long as a trial
"""
import argparse
import json
import os
import pathlib
import pydoc_data.topics
import re
import sys
import sysconfig
import zlib

import torch
from transformers import (BertConfig, BertForSequenceClassification, GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments, set_seed)

BLOCK, SHORT = 64, 32  # tokens of a row: of language for LoRA, of the rest
HELD_OUT = 128         # rows of the evaluation
WORDS = 2048
PACKAGES = ("asyncio", "email", "idlelib", "unittest", "tkinter", "json", "logging", "multiprocessing", "xml", "http", "importlib", "concurrent")


class Rows(torch.utils.data.Dataset):
    def __init__(self, inputs, labels):
        self.inputs, self.labels = inputs, labels

    def __len__(self):
        return len(self.inputs)

    def __getitem__(self, i):
        return {"input_ids": self.inputs[i], "labels": self.labels[i]}


def split(inputs, labels):
    """In an order that is always the same: the first rows are held out."""
    order = torch.randperm(len(inputs), generator=torch.Generator().manual_seed(0))
    inputs, labels = inputs[order], labels[order]
    return Rows(inputs[HELD_OUT:], labels[HELD_OUT:]), Rows(inputs[:HELD_OUT], labels[:HELD_OUT])


def library(package=""):
    """The source files of the standard library, or of one of its packages."""
    top = pathlib.Path(sysconfig.get_paths()["stdlib"])
    return [path.read_text(errors="replace") for path in sorted((top / package).glob("**/*.py" if package else "*.py"))]


def language(text, block):
    """Bytes as tokens; the model predicts the next."""
    data = torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8).long()
    blocks = data[: len(data) // block * block].view(-1, block)
    return split(blocks, blocks)


def documentation():
    return "\n".join(pydoc_data.topics.topics[name] for name in sorted(pydoc_data.topics.topics))


def classification():
    """A stretch of source, its words hashed: which package is it from?"""
    inputs, labels = [], []
    for label, package in enumerate(PACKAGES):
        words = [zlib.crc32(word.encode()) % (WORDS - 1) + 1 for text in library(package) for word in re.findall(r"\w+|[^\w\s]", text)]
        blocks = torch.tensor(words[: len(words) // SHORT * SHORT]).view(-1, SHORT)[:1200]
        inputs.append(blocks)
        labels.append(torch.full((len(blocks),), label))
    return split(torch.cat(inputs), torch.cat(labels))


def scratch(a):
    width, block = (64, BLOCK) if a.save else (48, SHORT)  # what is saved becomes the base of LoRA
    model = GPT2LMHeadModel(GPT2Config(vocab_size=256, n_positions=block, n_embd=width, n_layer=2, n_head=4, bos_token_id=0, eos_token_id=0))
    return model, language(documentation(), block), None


def classify(a):
    model = BertForSequenceClassification(BertConfig(vocab_size=WORDS, hidden_size=48, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96,
                                                     max_position_embeddings=SHORT, num_labels=len(PACKAGES)))
    return model, classification(), lambda p: {"accuracy": float((p.predictions.argmax(-1) == p.label_ids).mean())}


def lora(a):
    """The model that has read the documentation (--base) learns source code with adapters of rank 8."""
    import peft
    model = GPT2LMHeadModel.from_pretrained(a.base)
    config = peft.LoraConfig(r=8, lora_alpha=16, target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True, task_type="CAUSAL_LM")
    return peft.get_peft_model(model, config), language("\n".join(library())[:2_000_000], BLOCK), None


TASKS = {"lora": lora, "scratch": scratch, "classify": classify}


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
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", required=True)
    parser.add_argument("--base", help="lora: the model to start from")
    parser.add_argument("--save", action="store_true", help="the model at the end, as a base")
    return parser.parse_args(words)


def trial(a):
    torch.set_num_threads(1)
    set_seed(a.seed)
    model, (train, held_out), metrics = TASKS[a.task](a)
    steps = a.rows // a.batch
    every = max(1, steps // a.evaluations)
    args = TrainingArguments(
        output_dir=a.output, max_steps=steps, learning_rate=a.lr, lr_scheduler_type=a.schedule, warmup_steps=round(a.warmup * steps), weight_decay=a.weight_decay,
        per_device_train_batch_size=a.batch, per_device_eval_batch_size=64, logging_steps=every, eval_strategy="steps", eval_steps=every,
        save_strategy="no", report_to=[], use_cpu=True, seed=a.seed)
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
