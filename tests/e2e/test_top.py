"""top: on a real terminal (tmux's) it follows the study, keeps to the window and leaves on q; elsewhere it prints once."""
import re
import shlex
import shutil
import subprocess
import sys
import time

import pytest

from sweep import BIN, TRAIN, Study


class Terminal:
    def __init__(self, folder, environment, *words, width=100, height=20):
        if not shutil.which("tmux"):
            pytest.skip("tmux is not installed (tests/deps test)")
        self.folder, self.environment = folder, {**environment, "TERM": "xterm-256color"}
        command = "trap : INT; " + " ".join(map(shlex.quote, words)) + "; echo left with $?; sleep 600"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "s", "-x", width, "-y", height, "sh", "-c", command)

    def tmux(self, *words):
        return subprocess.run(["tmux", "-u", "-S", self.folder / "tmux", *map(str, words)], capture_output=True, text=True, timeout=60, env=self.environment, check=True).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "s")

    def wait(self, condition, seconds=60):
        """The screen once the condition holds for it."""
        end = time.monotonic() + seconds
        while not condition(screen := self.screen()):
            assert time.monotonic() < end, screen
            time.sleep(0.1)
        return screen

    def close(self):
        self.tmux("kill-server")


@pytest.fixture
def study(tmp_path):
    made = Study(tmp_path / "state")
    made.trial("first", 1.5)
    return made


@pytest.fixture
def terminal(study, tmp_path):
    opened = Terminal(tmp_path, study.environment, BIN, "top", "--study", "lr")
    yield opened
    opened.close()


def progress(screen, trial):
    found = re.search(rf"^{trial} .* (\d+) %", screen, re.M)
    return int(found[1]) if found else -1


def test_follows_a_trial_and_leaves_on_q(study, terminal):
    terminal.wait(lambda s: re.search(r"^first +complete █+ +100 % ", s, re.M) and "q quits" in s)
    running = subprocess.Popen([BIN, "run", "--study", "lr", "--trial", "second", "--", sys.executable, "-c", TRAIN, "1.2", "2", "0.2"], env=study.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen = terminal.wait(lambda s: re.search(r"^second +running +\S+.* % +[\d.]+ +[\d.]+ %  [\d.]+ \[[\d.]+, [\d.]+\]$", s, re.M))
    assert seen.index("\nsecond") < seen.index("\nfirst")  # what runs comes first
    here = progress(seen, "second")
    terminal.wait(lambda s: progress(s, "second") > here)
    assert running.wait(120) in (0, 99)
    terminal.wait(lambda s: re.search(r"^second +(complete|stopped) ", s, re.M))
    terminal.tmux("send-keys", "-t", "s", "q")
    left = terminal.wait(lambda s: "left with 0" in s)
    assert "\nsecond" not in left  # the screen is as it was before


def test_keeps_to_the_window(study, terminal):
    for i in range(12):
        study.trial("more-%02d" % i, 1.4, i, slow=0, options=["--dry-run"])
    terminal.wait(lambda s: "more-11" in s or "... and" in s)
    terminal.tmux("resize-window", "-t", "s", "-x", 60, "-y", 12)
    small = terminal.wait(lambda s: s.startswith("study lr, judged by eval_loss") and "... and 9 more\n\nq quits" in s)
    assert len(re.findall(r"^(first|more-\d+) ", small, re.M)) == 4
    terminal.tmux("resize-window", "-t", "s", "-x", 120, "-y", 40)
    terminal.wait(lambda s: "more-11" in s and "... and" not in s)


def test_a_signal_gives_the_terminal_back(terminal):
    terminal.wait(lambda s: "q quits" in s)
    terminal.tmux("send-keys", "-t", "s", "C-c")
    terminal.wait(lambda s: "left with 0" in s)
    terminal.tmux("send-keys", "-t", "s", "echoed")
    terminal.wait(lambda s: "echoed" in s)


def test_without_a_terminal_it_prints_once(study):
    study.trial("bad\x1bname", 1.6)
    done = study.foregone("top")
    assert done.returncode == 0 and "\x1b" not in done.stdout
    assert re.search(r"^first +complete █+ +100 % +1\.\d+", done.stdout, re.M) and re.search(r"^bad\?name +", done.stdout, re.M)
    study.environment["LC_ALL"] = "C"
    assert re.search(r"^first +complete #+ +100 %", study.foregone("top").stdout, re.M)
    assert "no study 'none'" in study.foregone("top", "--study", "none").stderr
