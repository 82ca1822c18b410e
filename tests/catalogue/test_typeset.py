"""Mathematics in plain prose is found and typeset; prose is left alone."""

import re

import pytest

from slt_symbolic.closed_forms import Claim, closed_forms
from slt_symbolic.rendering.mathml import mathml
from slt_symbolic.rendering.text import entry_text, names_of, sources_of
from slt_symbolic.rendering.typeset import typeset

NAMES = frozenset(["centred", "span"])


@pytest.mark.parametrize(("text", "expected"), [
    ("the truth is a generic network of a given width", "the truth is a generic network of a given width"),
    ("a = b = 0, and a of them", "$a=b=0$, and a of them"),
    ("lambda = p(N - centred)/2; centred", r"$\lambda=p(N-\mathrm{centred})/2$; centred"),
    ("N - span equations", r"$N-\mathrm{span}$ equations"),
    ("f = e - e0 if e0 <= e", "$f=e-e_0$ if $e_0\\le e$"),
    ("an open bracket (m is, as it stands", "an open bracket (m is, as it stands"),
    ("`slt at x_1` and x_1", "`slt at x_1` and $x_{1}$"),
    ("$x_1$ stays, weights >= 0 too", "$x_1$ stays, weights >= 0 too"),
    ("0 < beta < infinity", r"$0<\beta<\infty$"),
    ("P(x | c) and |V|^2 |w|^4", r"$P(x\mid c)$ and $|V|^{2}\,|w|^{4}$"),
    ("min(n, a, b) of R^d", r"$\min(n,a,b)$ of $\mathbb{R}^{d}$"),
    ("between -1 and 1", "between -1 and 1"),
])
def test_typeset(text, expected):
    assert typeset(text, NAMES) == expected


def prose_of(entry):
    return [entry.hypothesis, entry.reason] if isinstance(entry, Claim) else [*entry.assumptions, entry.evidence.how]


@pytest.mark.parametrize("name", closed_forms)
def test_the_prose_of_every_entry(name):
    entry = closed_forms[name]
    for text in prose_of(entry):
        parts = typeset(text, names_of(entry)).split("$")
        assert len(parts) % 2 == 1
        for formula in parts[1::2]:
            assert "<math" in mathml(formula)
        words = re.findall("[a-z]{4,}", " ".join(parts[::2]))
        assert [word for word in words if word not in text] == []  # nothing is invented


def test_the_terminal_shows_cases_and_where_sources_are_found():
    for entry in closed_forms.values():
        if not isinstance(entry, Claim):
            shown = entry_text(entry)
            assert "Piecewise" not in shown
            assert all(address in shown for source in sources_of(entry) for address in source.addresses)
    text = entry_text(closed_forms["linear-convolution"])
    assert "lambda = min(a, b)/2  if coprime = 0\n           a/2 + b/2 - 1/2  otherwise" in text
