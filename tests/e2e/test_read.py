"""What `foregone read` and `foregone formats` say to people."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = os.environ.get("FOREGONE_BIN") or str(ROOT / "foregone")
LIMIT_S = 60


def foregone(*words, **env):
    return subprocess.run([BIN, *map(str, words)], env={**os.environ, **env}, capture_output=True, text=True, encoding="utf-8", timeout=LIMIT_S)


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def rows(done):
    """The lines of the table, by their metric."""
    body = done.stdout.split("first -> last", 1)[1].splitlines()[1:]
    return {line[:28].strip(): line[28:].split() for line in body if not line.startswith("and ")}


LOG = "batch_size: 8\n" + "".join(f"step {i}/40 | val_loss: {2 / i:.4f} | train_loss: {1 / i:.4f} | lr 1e-3 | gpu 71\n" for i in range(1, 21))


def test_the_table_says_what_was_found(tmp_path):
    done = foregone("read", write(tmp_path / "log", LOG), LC_ALL="C.UTF-8")
    assert done.returncode == 0 and "planned to step 40" in done.stdout and "to be forecast: val_loss (eval_loss, min;" in done.stdout
    table = rows(done)
    assert list(table) == ["val_loss", "train_loss", "lr", "gpu"], "losses, scores and rates first"
    assert table["val_loss"][:7] == ["eval_loss", "min", "20", "2", "->", "0.1", "step"] and table["val_loss"][7] == "1..20"
    assert table["val_loss"][8][0] == "█" and table["val_loss"][8][-1] == "▁" and len(table["val_loss"][8]) == 20
    assert "and 1 that came once (settings)" in done.stdout


def test_no_colours_but_on_a_terminal_and_no_signs_without_a_locale_for_them(tmp_path):
    done = foregone("read", write(tmp_path / "log", LOG), LC_ALL="C")
    assert "\033" not in done.stdout and done.stdout.isascii()
    assert rows(done)["val_loss"][8][0] == "#"


def on_terminal(path, **env):
    return subprocess.run(["script", "-qec", f"{BIN} read {path}", "/dev/null"], env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", **env}, capture_output=True, text=True, timeout=LIMIT_S).stdout


def test_colours_on_a_terminal_unless_no_color(tmp_path):
    path = write(tmp_path / "log", LOG)
    assert "\033[1m" in on_terminal(path)
    assert "\033" not in on_terminal(path, NO_COLOR="1")


def test_nothing_found_says_what_to_do(tmp_path):
    path = write(tmp_path / "log", "hello\n--- 3 4 5\n(7)\n--- 3.5 4.5 5.5\n<<1>> <<2>>\n" + "words only\n" * 50)
    done = foregone("read", path)
    assert done.returncode == 1 and not done.stdout
    assert "no metric found" in done.stderr and "Looked for" in done.stderr and "--metric-regex" in done.stderr and "--x-regex" in done.stderr
    likely = [line.strip() for line in done.stderr.splitlines() if line.startswith("    ")]
    assert likely == ["--- 3.5 4.5 5.5", "--- 3 4 5", "<<1>> <<2>>"]


def test_the_users_own_patterns(tmp_path):
    path = write(tmp_path / "log", "".join(f"<<{i}>> the validation loss is {1 / i:.3f}!\n" for i in range(1, 6)))
    done = foregone("read", "--metric-regex", r"validation loss is ([0-9.]+)", "--x-regex", r"<<(\d+)>>", path)
    assert rows(done)["validation loss"][:8] == ["eval_loss", "min", "5", "1", "->", "0.2", "step", "1..5"]
    done = foregone("read", "--metric-regex", r"the (?<name>\w+ loss) is (?<value>[0-9.]+)", path)
    assert list(rows(done)) == ["validation loss"]
    done = foregone("read", "--metric-regex", "(", path)
    assert done.returncode == 100 and "--metric-regex" in done.stderr


def test_every_format_has_an_example_that_it_knows(tmp_path):
    listed = foregone("formats").stdout.splitlines()
    formats = {name.split()[0]: example.strip().removeprefix("e.g. ") for name, example in zip(listed[::2], listed[1::2])}
    assert len(formats) > 40
    for name, example in formats.items():
        if name in ("tensorboard", "wandb", "mlflow"):
            continue  # files of their own
        path = write(tmp_path / "log", example.replace("\\n", "\n").replace("\\t", "\t") + "\n")
        assert foregone("read", path).stdout.startswith(f"{path}: {name}, "), example
