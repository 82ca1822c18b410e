"""The sub-command ``completion``: a script with which a shell completes sub-commands, their options and entries.

The script holds what is installed when it is written, so that no key press starts Python. Where nothing of it fits, the
shell completes files.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.arguments import Command
from slt_symbolic.commands.main import parser_of, registered


@dataclass(frozen=True)
class Words:
    """What may follow a sub-command: its options, and bare words. ``help`` and the options' meanings are one line each.

    ``values`` has the words that may follow an option that takes a value; none of them: a file, or a number.
    """

    command: str
    help: str
    options: Mapping[str, str]
    values: Mapping[str, Sequence[str]]
    bare: Sequence[str]


def words_of(name: str, command: Command) -> Words:
    """The words of a sub-command, read from its parser; a bare NAME is an entry of the catalogue."""
    options: dict[str, str] = {}
    values: dict[str, Sequence[str]] = {}
    bare: list[str] = []
    for action in parser_of(name, command)._actions:  # argparse has no public list of them
        choices = [str(choice) for choice in action.choices or ()]
        if not action.option_strings:
            bare += closed_forms if action.metavar == "NAME" else choices
        for option in action.option_strings:
            if option.startswith("--"):
                options[option] = action.help or ""
                if action.nargs != 0:
                    values[option] = choices
    return Words(name, command.help, options, values, bare)


def _cases(commands: Sequence[Words]) -> Iterator[tuple[str, Sequence[str]]]:
    """Patterns for "sub-command, word before, word that is typed", with what may stand there; the first one counts."""
    for words in commands:
        for option, values in words.values.items():
            yield f"'{words.command} {option} '*", values
        yield f"'{words.command} '*' -'*", list(words.options)
        yield f"'{words.command} '*", words.bare


def bash_script(commands: Sequence[Words]) -> str:
    """The script for bash."""
    names = " ".join(words.command for words in commands)
    cases = "".join(f"      {pattern}) list='{' '.join(words)}' ;;\n" for pattern, words in _cases(commands))
    return f"""_slt() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" list='{names} --help --version'
  if ((COMP_CWORD > 1)); then
    list=''
    case "${{COMP_WORDS[1]}} ${{COMP_WORDS[COMP_CWORD-1]}} $current" in
{cases}    esac
  fi
  COMPREPLY=($(compgen -W "$list" -- "$current"))
}}
complete -o bashdefault -o default -F _slt slt"""


def zsh_script(commands: Sequence[Words]) -> str:
    """The script for zsh."""
    names = "".join(f"    {_quoted(f'{words.command}:{words.help}')}\n" for words in commands)
    cases = "".join(f"    {pattern}) list=({' '.join(words)}) ;;\n" for pattern, words in _cases(commands))
    return f"""#compdef slt
_slt() {{
  local -a list commands=(
{names}  )
  if ((CURRENT == 2)); then _describe command commands; return; fi
  case "$words[2] $words[CURRENT-1] $PREFIX" in
{cases}  esac
  compadd -- $list || _files
}}
compdef _slt slt"""


def fish_script(commands: Sequence[Words]) -> str:
    """The script for fish."""
    lines = [f"complete -c slt -n __fish_use_subcommand -f -a {words.command} -d {_quoted(words.help)}"
             for words in commands]
    for words in commands:
        start = f"complete -c slt -n '__fish_seen_subcommand_from {words.command}'"
        for option, meaning in words.options.items():
            values = words.values.get(option)
            value = "" if values is None else f" -x -a '{' '.join(values)}'" if values else " -r"
            lines.append(f"{start} -l {option[2:]}{value} -d {_quoted(meaning)}")
        if words.bare:
            lines.append(f"{start} -a '{' '.join(words.bare)}'")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Between single quotes, for zsh and fish; what ends or escapes them there is replaced."""
    return "'" + text.replace("'", "’").replace("\\", "\\\\") + "'"


SCRIPTS = {"bash": bash_script, "zsh": zsh_script, "fish": fish_script}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=tuple(SCRIPTS), help="prints its script: eval \"$(slt completion bash)\" in "
                        "~/.bashrc, the same with zsh in ~/.zshrc; slt completion fish | source in config.fish")


def _completion(options: argparse.Namespace) -> int:
    print(SCRIPTS[options.shell]([words_of(name, point.load()) for name, point in registered().items()]))
    return 0


COMPLETION = Command("print a script with which a shell completes what you type",
                     ("completion bash > ~/.local/share/bash-completion/completions/slt", "completion fish | source"),
                     _arguments, _completion)
