#!/usr/bin/env python3
"""Writes docs/foregone.1 and docs/completion.bash from what the command itself says (its tables of verbs and options).

Usage: docs/generate.py [--check]   (after make; --check writes nothing and fails when they are not up to date)
"""
import os
import pathlib
import re
import subprocess
import sys

DOCS = pathlib.Path(__file__).resolve().parent
BIN = os.environ.get("FOREGONE_BIN") or str(DOCS.parent / "foregone")


def say(*words):
    return subprocess.run([BIN, *words], capture_output=True, text=True, check=True).stdout


def verbs():
    """name -> (summary, usage, [(option, argument, help)], [(part, operands, help)])"""
    found = {}
    for name, summary in re.findall(r"^  (\S+) +(.+)$", say("--help"), re.M):
        text = say(name, "--help")
        options = re.findall(r"^  (--?[a-z-]+)(?: (\S+))?  +(.+)$", text, re.M)
        parts = re.findall(r"^  ([a-z]+) ((?:\S+ )*) +(.+)$", text, re.M)
        found[name] = (summary, text.splitlines()[0].removeprefix("usage: foregone "), options, parts)
    return found


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


MAN_HEAD = """.TH FOREGONE 1 "" "foregone {version}" "User Commands"
.\\" Written by docs/generate.py from the command's own tables.
.SH NAME
foregone \\- stops the training runs that cannot end well
.SH SYNOPSIS
.B foregone run
.RI [ options "] \\-\\- " COMMAND " [" ARG " ...]"
.br
.B foregone
.IR VERB " [" options "] ..."
.SH DESCRIPTION
Reads what a training program prints, predicts where its loss will end, and stops the trials of a sweep that cannot end well.
The command's output passes through untouched. Any doubt or fault of foregone's own means that the training goes on.
.SH VERBS
"""

MAN_TAIL = """.SH EXIT STATUS
.B run
gives the command's own status (128+n if signal n ended it; 126 if it cannot be run, 127 if it is not there), or the stop code (99, or
.BR \\-\\-stop\\-exit\\-code )
when it was stopped on a verdict.
.B tail
gives 0, or the stop code when a verdict was to stop.
.B thaw
gives 0, or 111 when a trial failed as it went on.
.BR read " and " forecast
give 1 when there was nothing to read or to forecast.
100: misuse. 111: the system failed us.
.SH WHAT HAPPENS TO
.TP
A line longer than 64 KiB
It is passed on whole; only its first 64 KiB are looked at.
.TP
A half line
It passes through at once, and is read when its end has come or the log has ended.
.TP
A reader of our output that dies
The command is not told: no SIGPIPE, no blocking.
.TP
A process of foregone that is killed
The training goes on. If the supervisor dies, the forecaster copies the output on from the same byte. If all of them die, the
output is in the file that it was redirected to, or else in a spool under
.IR $XDG_STATE_HOME/foregone/run .
On a terminal one of the two must live.
.TP
A full disk
With less than 1 GiB free the spool is kept in memory. A study that cannot be written is said once; the training goes on.
.SH ENVIRONMENT
.TP
XDG_STATE_HOME
Where studies and spools live: its subdirectory foregone; by default ~/.local/state/foregone.
.TP
NO_COLOR
If set, messages are not coloured.
.TP
FOREGONE_SOCKET, FOREGONE_STUDY, FOREGONE_TRIAL
Set for the command, so that hooks find us.
.TP
PYTHONUNBUFFERED
Set to 1 for the command, unless it is set already.
.SH EXAMPLES
.nf
foregone run \\-\\-study lr \\-\\- python train.py \\-\\-lr 3e\\-5
foregone tail \\-\\-study lr runs/*/train.log
foregone status \\-\\-study lr
.fi
"""


def man():
    version = say("--version").split()[1]
    parts = [MAN_HEAD.format(version=version)]
    for name, (summary, usage, options, subcommands) in verbs().items():
        parts.append(f".SS {roff(usage)}\n{roff(summary)}\n")
        for part, operands, text in subcommands:
            parts.append(f".TP\n\\fB{name} {part}\\fR \\fI{roff(operands.strip())}\\fR\n{roff(text)}\n")
        for option, argument, text in options:
            left = f"\\fB{roff(option)}\\fR" + (f" \\fI{roff(argument)}\\fR" if argument else "")
            parts.append(f".TP\n{left}\n{roff(text)}\n")
    return "".join(parts) + MAN_TAIL


COMPLETION = """# bash completion for foregone. Written by docs/generate.py from the command's own tables.
_foregone()
{{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} options parts i
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W '{verbs} --help --version' -- "$word"))
        return
    fi
    for ((i = 2; i < COMP_CWORD; i++)); do
        if [ "${{COMP_WORDS[i]}}" = -- ]; then
            if [ "$before" = -- ]; then COMPREPLY=($(compgen -c -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi
            return
        fi
    done
    [ "$before" = --goal ] && {{ COMPREPLY=($(compgen -W 'min max' -- "$word")); return; }}
    case ${{COMP_WORDS[1]}} in
{cases}
    esac
    case $word in
        -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
        *) if [ "$COMP_CWORD" = 2 ] && [ "$parts" ]; then COMPREPLY=($(compgen -W "$parts" -- "$word")); return; fi
           COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}}
complete -o filenames -F _foregone foregone
"""


def completion():
    table = verbs()
    cases = "\n".join(f"        {name}) options='{' '.join(o[0] for o in options)}' parts='{' '.join(p[0] for p in parts)}' ;;" for name, (_, _, options, parts) in table.items())
    return COMPLETION.format(verbs=" ".join(table), cases=cases)


def main():
    stale = 0
    for name, text in (("foregone.1", man()), ("completion.bash", completion())):
        path = DOCS / name
        if path.exists() and path.read_text() == text:
            continue
        stale += 1
        if "--check" in sys.argv:
            print(f"{path} is not up to date; run docs/generate.py")
        else:
            path.write_text(text)
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
