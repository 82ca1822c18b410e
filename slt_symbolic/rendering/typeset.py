"""Plain prose with mathematics in it, as people type it, into prose with formulas of LaTeX between dollar signs."""

from __future__ import annotations

import re

from slt_symbolic.rendering.markup import by_parts

_GREEK = ("lambda", "beta", "gamma", "alpha", "delta", "mu", "sigma", "phi", "Phi", "psi", "Psi", "kappa", "tau")
_NAMED = {name: "\\" + name for name in _GREEK} | {"infinity": r"\infty"}
_FUNCTIONS = ("min", "max", "sum", "prod", "tanh", "log", "exp", "cos", "sin")
_SIGNS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne", "<<": r"\ll", ">>": r"\gg", "->": r"\to", "·": r"\cdot",
          "×": r"\times", "...": r"\dots", "..": r"\dots", "~": r"\sim", "*": r"\ast", "Σ": r"\Sigma"}
_OPERATORS = {"+", "-", "=", "<", ">", "¦", *_SIGNS}
_TOKEN = re.compile(r"<=|>=|!=|<<|>>|->|\.\.\.?|[A-Za-z][0-9](?![0-9])|[A-Za-z]+|[0-9]+|\S")
# What prose does not have: indices, powers, relations, bars, the bracket of a function, a quotient of letters.
_SIGN_OF_MATHEMATICS = re.compile(r"[_^=<>|·×~]|\w\(|[0-9A-Za-z)]/[0-9A-Za-z(]|\.\.|^[A-Za-z][0-9]$")
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
_AFTER_LARGE = re.compile(r"\\(sum|prod|min|max)(_\{[^{}]*\})?$")


def typeset(text: str, names: frozenset[str] = frozenset()) -> str:
    r"""The text with its mathematics as LaTeX between dollar signs; code between backquotes and formulas stay.

    A run of words is mathematics if each has a sign that prose has not, is a letter of its own, or stands beside an
    operator; the article *a* is mathematics only beside one, words of several letters only if they are among ``names``.
    A run whose brackets do not match stays as it was.

    >>> print(typeset("f(x) = sum_j V_j (w_j·x)^2 with x in R^d, for a truth of rank r"))
    $f(x)=\sum_{j}V_{j}\,(w_{j}\cdot x)^{2}$ with $x$ in $\mathbb{R}^{d}$, for a truth of rank $r$
    """
    def prose(part: str) -> str:
        return "".join(x if x.startswith("`") else _typeset(x, names) for x in re.split("(`[^`]*`)", part))

    return by_parts(text, prose, lambda formula: formula)


def _typeset(prose: str, names: frozenset[str]) -> str:
    found, run = [], list[str]()
    words = prose.split(" ")
    for word, after in zip(words, [*words[1:], ""], strict=True):
        is_part = _is_mathematics(word, run, after, names)
        if is_part:
            run.append(word)
        if not is_part or (word[-1:] in tuple(",;:.") and word not in _OPERATORS and not _is_open(run)):
            found += [_formula(" ".join(run))] if run else []
            found += [] if is_part else [word]
            run = []
    return " ".join([*found, *([_formula(" ".join(run))] if run else [])])


def _is_mathematics(word: str, run: list[str], after: str, names: frozenset[str]) -> bool:
    """Whether a word goes on with a run, or begins one."""
    bare = word.strip(",;:.()[]")
    beside = bool(run and run[-1] in _OPERATORS) or after in _OPERATORS
    if word in _OPERATORS:
        return bool(run)
    if len(bare) == 1 and bare.isalpha():
        return bare not in "aI" or beside or _is_open(run)
    whole = bare if bare[1:].isdigit() else word
    if bare in _NAMED or (bare in names and beside) or _SIGN_OF_MATHEMATICS.search(whole):
        return True
    return bare[:1].isdigit() and bare.isalnum() and (bool(run) or beside)


def _is_open(run: list[str]) -> bool:
    """Whether a bracket is open at the end of a run."""
    text = " ".join(run)
    return any(text.count(a) > text.count(b) for a, b in _BRACKETS)


def _formula(text: str) -> str:
    """A run as it stands in prose, its punctuation outside; what is no mathematics after all as it was."""
    core = text.rstrip(",;:.")
    bars = core.replace(" | ", "").count("|")
    is_whole = all(core.count(a) == core.count(b) for a, b in _BRACKETS) and bars % 2 == 0
    if not is_whole or not re.search("[A-Za-z]", core) or core.rpartition(" ")[2] in _OPERATORS:
        return text
    return f"${_as_latex(core)}${text[len(core):]}"


def _as_latex(text: str) -> str:
    """A formula in plain text as LaTeX."""
    latex, text = "", text.replace(" | ", " ¦ ")  # the bar of a condition; the others are those of a norm
    for match in _TOKEN.finditer(text):
        before = text[: match.start()]
        token = _token(match[0], text[match.end():])
        if before.endswith(("_", "^")) and token not in "({":
            token = f"{{{token}}}"
        elif before.endswith(" ") and not {match[0], before.split()[-1]} & _OPERATORS and _are_factors(latex, token):
            token = r"\," + token
        latex += (" " if re.search(r"\\[A-Za-z]+$", latex) and token[0].isalnum() else "") + token
    return latex


def _are_factors(latex: str, token: str) -> bool:
    """Whether two parts beside each other are a product."""
    is_ended = re.search(r"[\w)}\]|]$", latex) and not _AFTER_LARGE.search(latex)
    return bool(is_ended and re.match(r"[\w(\[|\\]", token))


def _token(token: str, after: str) -> str:
    if token in _SIGNS:
        return _SIGNS[token]
    if token in _NAMED or token in _FUNCTIONS:
        return _NAMED.get(token, "\\" + token)
    if token == "R" and after.startswith("^"):
        return r"\mathbb{R}"
    if token == "¦":
        return r"\mid"
    if re.fullmatch("[A-Za-z][0-9]", token):
        return f"{token[0]}_{token[1]}"
    return rf"\mathrm{{{token}}}" if token.isalpha() and len(token) > 2 else token
