"""The man page and the completion are those of this very command."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_generated_pages_are_up_to_date():
    result = subprocess.run([sys.executable, str(ROOT / "docs" / "generate.py"), "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def complete(*words):
    """What bash offers for the last word."""
    script = f"source {ROOT}/docs/completion.bash; COMP_WORDS=(foregone {' '.join(repr(w) for w in words)}); COMP_CWORD={len(words)}; " \
             "_foregone; printf '%s\\n' \"${COMPREPLY[@]}\""
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()


def test_completion():
    assert complete("run") == ["run"] and {"read", "replay"} <= set(complete("re"))
    assert complete("run", "--gr") == ["--grace"]
    assert complete("run", "--goal", "") == ["min", "max"]
    assert "sh" in complete("run", "--", "sh")
