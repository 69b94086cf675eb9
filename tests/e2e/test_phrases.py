"""Lines as people print them in loops of their own: the loss is read, and its x is what they count."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
LIMIT_S = 60
LOSSES = [2.5, 1.9312, 1.2023, 0.8034, 0.6511, 0.5001]

PHRASES = """
Epoch {i} of 20 took 3.2s, train loss: {l}
Epoch {i} out of 20: loss {l}
After epoch {i}: loss = {l}
After {i} epochs, the loss is {l}
Loss after epoch {i}: {l}
Loss after {i} iterations: {l}
Average training loss over epoch {i}: {l}
Cost after iteration {i}: {l}
loss for epoch {i} is {l}
loss: {l} @ step {i}
loss: {l}  [  {i}/60000]
{i} steps, loss {l}
{i}th epoch loss: {l}
{i}: loss {l}
#{i} loss={l}
({i}/20) loss: {l}
Epoch {i}: {l}
epoch {i} {l}
Iteration {i} : {l}
Ep. {i}: loss {l}
Ep{i}: loss {l}
epoch{i} loss {l}
[Epoch_{i}/20] loss {l}
Epoch No. {i} loss {l}
epoch_number={i} loss={l}
Train no. {i} loss {l}
Img No. {i}: loss {l}
[No. {i}] loss {l}
№ {i} loss {l}
Эпоха № {i}, loss {l}
Époque n°{i} loss {l}
training step no.{i} loss {l}
Step index: {i}, loss: {l}
Completed epoch {i} with loss {l}
Finished epoch {i}. Loss: {l}
Epoch({i}) loss({l})
Epoch {i} loss: tensor({l})
Epoch {i} loss: tensor({l}, device='cuda:0', grad_fn=<NllLossBackward0>)
Epoch {i} loss: tensor([{l}])
epoch {i} loss np.float32({l})
Epoch {i} -> loss {l}
> epoch {i}, lr 0.1, error {l}
--- {i} ---|loss: {l}
Epoch:|{i}|Loss:|[{l}]
Episode: {i}, Total reward: {l}
global step {i}: loss = {l} (0.5 sec/step)
{{'loss': {l}, 'epoch': {i}}}
Epoch {i}|Accuracy of the network on the 10000 test images: {l} %
Epoch {i}|Test Accuracy of the model on the 10000 test images: {l}%
epoch {i} done, the accuracy on the test set is {l}
""".strip().split("\n")


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_line_as_people_print_it(phrase, tmp_path):
    log = tmp_path / "log"
    log.write_text("".join(phrase.replace("|", "\n").format(i=i, l=l) + "\n" for i, l in enumerate(LOSSES, 1)), encoding="utf-8")
    done = subprocess.run([BIN, "read", "--json", str(log)], capture_output=True, text=True, encoding="utf-8", timeout=LIMIT_S)
    values = [v for v in map(json.loads, done.stdout.splitlines()[:-1]) if v["kind"] in ("train_loss", "metric")]
    assert [v["value"] for v in values] == LOSSES and [v["x"] for v in values] == [1, 2, 3, 4, 5, 6], "each once, under one name"
    assert len({v["metric"] for v in values}) == 1


@pytest.mark.parametrize("line", ["step_{i}: {l}", "epoch{i}={l}", "saved model_epoch{i}.pt", "gen: {l}", "took {l} s", "Epoch {i}: 12.5 s", "Epoch {i}: 98%"])
def test_what_only_looks_like_a_count_and_a_loss(line, tmp_path):
    log = tmp_path / "log"
    log.write_text("".join(line.format(i=i, l=l) + "\n" for i, l in enumerate(LOSSES, 1)), encoding="utf-8")
    done = subprocess.run([BIN, "read", "--json", str(log)], capture_output=True, text=True, encoding="utf-8", timeout=LIMIT_S)
    assert not [v for v in map(json.loads, done.stdout.splitlines()[:-1]) if v["metric"] == "loss"]
