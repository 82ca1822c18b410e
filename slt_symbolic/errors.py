"""The errors that a user can meet. Each message is one line: what, why, remedy."""

from __future__ import annotations

import sys

LONGEST_NOTE = 1000  # characters


class InvalidInput(ValueError):
    """An argument is outside what the call can answer; the command line exits with 2.

    >>> raise InvalidInput("K=0", "must be an integer >= 1", "K=1")
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: K=0: must be an integer >= 1; try K=1
    """

    def __init__(self, argument: str, problem: str, remedy: str) -> None:
        """Say which ``argument`` has which ``problem``, and what to ``try`` instead; each in some words."""
        super().__init__(argument, problem, remedy)  # with them it is made again in another process
        self.argument, self.problem, self.remedy = argument, problem, remedy

    def __str__(self) -> str:
        """The line."""
        return f"{one_line(self.argument)}: {one_line(self.problem)}; try {one_line(self.remedy, 1000)}"


def one_line(text: str, most: int = 200) -> str:
    r"""At most so many printable characters: what a user typed, or named a file, may hold anything.

    >>> one_line("a\nb" + 200 * "c", 10)
    'a\\nbccc...'
    """
    printable = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
    return printable if len(printable) <= most else printable[: most - 3] + "..."


def note(text: str) -> None:
    """Say on stderr, in one line, what a command goes on without, or makes again."""
    print(f"note: {one_line(text, LONGEST_NOTE)}", file=sys.stderr, flush=True)


class Contradiction(ArithmeticError):
    """An exact computation contradicts a catalogue entry; the command line exits with 1.

    >>> raise Contradiction("quadratic-ntk", "r=3", "formula 2, exact 3/2")
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.Contradiction: quadratic-ntk at r=3: formula 2, exact 3/2
    """

    def __init__(self, entry: str, sizes: str, finding: str) -> None:
        """Say at which ``sizes`` of which ``entry`` the ``finding`` was made."""
        super().__init__(entry, sizes, finding)

    def __str__(self) -> str:
        """The line."""
        return "{} at {}: {}".format(*self.args)


def install_command(extra: str) -> str:
    """The command that installs an extra: of the package, and in a checkout.

    >>> install_command("numerics")
    "pip install 'slt-symbolic[numerics]', or pip install '.[numerics]' in a checkout"
    """
    return f"pip install 'slt-symbolic[{extra}]', or pip install '.[{extra}]' in a checkout"
