r"""Each symbol in the formulas of a statement is introduced: by the entry's sizes, an assumption, or the statement.

A symbol counts as introduced where it stands alone between dollar signs, told by the words around it (the rank $r$),
where a formula says what it is ($q=d(d+1)/2$, $u\in\mathbb R^a$, $p\ge3$), and as an index.
"""

import dataclasses
import re

import pytest

from derivations import derivations as all_derivations
from slt_symbolic.closed_forms import closed_forms

CONVENTIONS = {r"\lambda", "m", "e", "i", r"\pi"}  # the pair, and constants
COMMANDS = set(re.findall(r"\\[a-zA-Z]+", r"""
    \tfrac \frac \min \max \sum \prod \text \bigl \bigr \Bigl \Bigr \left \right \le \ge \lt \gt \ne \in \cdot \cdots
    \dots \quad \qquad \times \asymp \sqrt \lfloor \rfloor \lceil \rceil \top \binom \textstyle \to \infty \mid \otimes
    \int \det \log \lvert \rvert \perp \sim \ll \pm \setminus \subseteq \tanh \cosh \not \parallel"""))
RELATION = r"=|<|>|\\(?:in|ge|le|ne|asymp|sim|ll|subseteq)(?![a-z])"
ALONE = r"\\?[a-zA-Z]+(\^(\S|\\[a-z]+))?\s*(\([^()]*\))?|\([\w,]*\)"  # w, w^F, f(a,b), (a,b)
NAMED = r"\\(?:mathbb|mathcal)\s*[A-Z]|\\(?:text|operatorname|mathrm)\s*\{[^{}]*\}|\\operatorname\s*\w"
SUBSCRIPT = r"_(?:\{[^{}]*\}|\\[a-z]+|.)"


def _formulas(text):
    """What stands between dollar signs, without names of functions and sets and without indices."""
    for formula in re.findall(r"\$\$?(.*?)\$\$?", text, re.DOTALL):
        bare = re.sub(NAMED, " ", formula)
        while (fewer := re.sub(SUBSCRIPT, " ", bare)) != bare:
            bare = fewer
        yield bare


def _symbols(formula):
    return set(re.findall(r"\\[a-zA-Z]+|[a-zA-Z]", formula)) - COMMANDS


def _introduced(text):
    for index in re.findall(r"\\(?:sum|prod|min|max)_(\{[^{}]*\}|\S)", text):
        yield from _symbols(index)
    for formula in _formulas(text):
        for part in re.split(r"[,;](?![^(]*\))|\\quad|\\qquad", formula):
            *left, last = re.split(RELATION, part)
            if left:
                yield from _symbols(left[0])
                yield from (symbol for side in left[1:] if len(_symbols(side)) == 1 for symbol in _symbols(side))
            elif re.fullmatch(ALONE, last.strip()):
                yield from _symbols(last)


def _unknown(derivation):
    entry = closed_forms.get(derivation.entry)
    known = CONVENTIONS | {parameter.name for parameter in entry.parameters} if entry else set(CONVENTIONS)
    known |= {symbol for text in derivation.assumptions for formula in _formulas(text) for symbol in _symbols(formula)}
    known |= set(_introduced(derivation.statement))
    return set().union(*map(_symbols, _formulas(derivation.statement))) - known


@pytest.mark.parametrize("derivation", all_derivations.values(), ids=lambda derivation: derivation.entry)
def test_every_symbol_of_a_statement_is_introduced(derivation):
    assert not _unknown(derivation)


@pytest.mark.parametrize("statement", [
    r"$\lambda=\tfrac12rp$", r"the rank $r$: $\lambda=\tfrac12r$, $\kappa$ of $q+p$",
])
def test_a_symbol_out_of_nowhere_is_seen(statement):
    derivation = dataclasses.replace(all_derivations["bounded-term"], statement=statement, assumptions=())
    assert _unknown(derivation)
