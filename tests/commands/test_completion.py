"""Completion: bash really completes; the scripts of the other shells hold the same words."""

import shutil
import subprocess

import pytest

from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.completion import Words, fish_script, words_of, zsh_script
from slt_symbolic.commands.main import main, registered

COMMANDS = {name: words_of(name, point.load()) for name, point in registered().items()}


def completed(line: str, script: str) -> list[str]:
    """What bash offers when the tab key is pressed at the end of a line, files apart."""
    program = (f'{script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _slt; '
               '(( ${#COMPREPLY[@]} == 0 )) || printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", program, "bash", *line.split(" ")], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture
def bash(capsys):
    assert main(["completion", "bash"]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(("line", "offered"), [
    ("slt ll", ["llc"]),
    ("slt --v", ["--version"]),
    ("slt ", [*registered(), "--help", "--version"]),
    *((f"slt {name} ", list(closed_forms)) for name in ("at", "show", "llc", "verify")),
    ("slt at quadratic-g", ["quadratic-generic"]),
    ("slt verify quadratic-ntk --le", ["--level"]),
    ("slt verify quadratic-ntk cullen-2026-t", ["cullen-2026-thm-5.1", "cullen-2026-thm-5.2"]),
    ("slt show quadratic-ntk --format m", ["markdown"]),
    ("slt llc --point ", ["exact", "trained"]),
    ("slt completion ", ["bash", "zsh", "fish"]),
    ("slt rlct --js", ["--json"]),
    ("slt check c", []),  # nothing of ours: files
    ("slt diagnose ", []),
    ("slt verify --out ", []),
    ("slt nosuch ", []),
])
def test_bash_completes(bash, line, offered):
    assert completed(line, bash) == offered


def test_where_nothing_is_offered_bash_completes_files(bash):
    found = subprocess.run(["bash", "-c", f"{bash}\ncomplete -p slt"], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["complete", "-o", "bashdefault", "-o", "default", "-F", "_slt", "slt"]


@pytest.mark.parametrize(("shell", "script"), [("zsh", zsh_script), ("fish", fish_script)])
def test_every_word_is_in_the_script(shell, script):
    text = script(list(COMMANDS.values()))
    for words in COMMANDS.values():
        assert words.command in text
        assert all(option.removeprefix("--") in text for option in words.options)
        assert all(word in text for word in (*words.bare, *(value for row in words.values.values() for value in row)))
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=text, text=True, check=True)


def test_no_text_breaks_a_script():
    odd = [Words("at", "what's $HOME `x`", {"--json": "it's \\ \"so\""}, {}, ())]
    assert "'at:what’s $HOME `x`'" in zsh_script(odd)
    assert "'it’s \\\\ \"so\"'" in fish_script(odd)


def test_a_shell_that_is_not_known(capsys):
    assert main(["completion", "tcsh"]) == 2
    assert "invalid choice: 'tcsh'" in capsys.readouterr().err
