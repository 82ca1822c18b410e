"""What all entries of the catalogue have in common: names, domains, evidence, refusals."""

import contextlib
import itertools
import json
import math
import random
import re
from fractions import Fraction

import numpy as np
import pytest
import sympy

from slt_symbolic import Contradiction, InvalidInput, closed_forms
from slt_symbolic.closed_forms import Claim, ClosedForm
from slt_symbolic.evidence import Source
from slt_symbolic.networks.data import PairCounts

FORMULAS = [entry for entry in closed_forms.values() if isinstance(entry, ClosedForm)]


@pytest.mark.parametrize("entry", FORMULAS, ids=lambda entry: entry.name)
def test_no_equation_says_that_a_symbol_is_itself(entry):
    assert entry.equations[0][1] == entry.expr
    assert all(left != right for left, right in entry.equations)
    derived = entry.multiplicity not in [right for _, right in entry.equations]
    assert not derived or any(re.search(r"\bm (=|is|are|counts)", line) for line in entry.assumptions)


@pytest.mark.parametrize("entry", FORMULAS, ids=lambda entry: entry.name)
def test_expr_lambdifies(entry):
    function = sympy.lambdify(entry.symbols, entry.expr)
    for sizes in entry.audits:
        checked = entry.check(**sizes)
        arguments = entry.arguments(checked)
        value = function(*arguments)
        assert np.isclose(float(entry.expr.subs(dict(zip(entry.symbols, arguments, strict=True)))), float(value))
        assert np.isclose(float(value), float(entry.formula(checked)[0])), sizes


@pytest.mark.parametrize("entry", FORMULAS, ids=lambda entry: entry.name)
def test_answers_are_brackets_with_evidence(entry):
    for sizes in entry.audits:
        answer = entry.at(**sizes)
        assert answer.lower <= answer.lambda_ <= answer.upper
        underived = entry.evidence.grade == "cited" and entry.derivation is None
        assert answer.evidence.grade in ("proved", "certified", *(["cited"] if underived else []))
        assert answer.evidence.how
        assert answer.evidence.sources
        json.dumps(answer.to_json())


@pytest.mark.parametrize("entry", closed_forms.values(), ids=lambda entry: entry.name)
def test_entries_are_complete(entry):
    assert entry.title
    assert entry.sources
    assert all(isinstance(source, Source) for source in entry.sources)
    assert (entry.records if isinstance(entry, Claim) else entry.audits)


def test_contract_names_and_symbols():
    expected = {
        "quadratic-generic": "d p K", "quadratic-lazy": "p K l", "quadratic-ntk": "r", "quadratic-dead-unit": "d p",
        "quadratic-zero-truth": "d p K",
        "quadratic-padded": "d p K dead silent blind",
        "quadratic-single-output": "d plus minus rank_plus rank_minus span",
        "quadratic-coinciding-units": "d p active rank cancel",
        "modular-addition-generic": "p K N components centred", "modular-addition-labels": "p K N components",
        "modular-addition-dead-unit": "p components centred",
        "modular-addition-fourier": "p units centred", "modular-addition-fourier-softmax": "p units",
        "one-head-attention": "v e e0",
        "deep-linear-local": "widths r", "tanh-zero-truth": "H", "normal-mixture": "H r", "poisson-mixture": "H r",
        "binomial-mixture": "n H r", "naive-bayes": "n k r", "factor-analysis": "p k r", "latent-forest": "leaves",
        "hyperplane-arrangement": "d n", "vandermonde": "H M Q", "restricted-boltzmann": "M N biases",
        "hidden-markov": "k s L r",
        "cp-tensor": "shape H r", "nonnegative-factorisation": "M N H r", "stochastic-factorisation": "M N H r",
        "linear-convolution": "a b coprime",
        "symmetric-factorisation": "d K r", "reduced-rank-regression": "M N H r",
        "reduced-rank-regression-local": "M N H r a b", "deep-linear": "widths r",
        "cullen-2026-cor-4.2": "d p K", "cullen-2026-thm-5.1": "r", "cullen-2026-thm-5.2": "p K l",
        "cullen-2026-cor-5.3": "p K", "cullen-2026-cor-5.4": "p K",
    }
    assert {name: " ".join(x.name for x in entry.parameters) for name, entry in closed_forms.items()} == expected


@pytest.mark.parametrize(("name", "sizes", "message"), [
    ("quadratic-generic", {"d": 4, "p": 3, "K": 0}, "K=0: must be an integer >= 1; try K=1"),
    ("quadratic-generic", {"d": 4, "p": 3, "K": 2.0}, "K=2.0: must be an integer >= 1; try K=2"),
    ("quadratic-generic", {"d": 4, "p": 3, "K": True}, "K=True: must be an integer >= 1; try K=1"),
    ("quadratic-generic", {"d": 4, "p": "3", "K": 1}, "p='3': must be an integer >= 1; try p=3"),
    ("quadratic-generic", {"d": 4, "p": 3}, "K: is missing: number of units; try K=..."),
    ("quadratic-generic", {"d": 4, "p": 3, "K": 1, "q": 1}, "q: is not a parameter of quadratic-generic"),
    ("quadratic-generic", {"d": 4, "p": 3, "K": 1, "pairs": []}, "pairs: is not a parameter of quadratic-generic"),
    ("modular-addition-generic", {"p": 1, "K": 1}, "p=1: must be an integer >= 2"),
    ("modular-addition-generic", {"p": 3, "K": 1, "N": 10}, "there are only p^2 pairs; try N <= p^2"),
    ("modular-addition-generic", {"p": 3, "K": 1, "N": 1}, "the pairs leave no equation"),
    ("modular-addition-generic", {"p": 3, "K": 1, "N": 9, "components": 2}, "no N pairs have that many components"),
    ("modular-addition-generic", {"p": 3, "K": 1, "centred": 2}, "centred=2: must be true or false"),
    ("modular-addition-generic", {"p": 3, "K": 1, "centred": 1.0}, "centred=1.0: must be true or false"),
    ("modular-addition-generic", {"p": 3, "K": 1, "N": 2, "pairs": [[0, 0], [1, 1]]}, "N: is already given by pairs"),
    ("modular-addition-generic", {"p": 3, "K": 1, "pairs": [[0, 0]]}, "pairs: 1 of them leave no equation"),
    ("modular-addition-labels", {"p": 1, "K": 1}, "p=1: must be an integer >= 2"),
    ("modular-addition-labels", {"p": 3, "K": 5, "centred": False}, "centred: is not a parameter of"),
    ("modular-addition-labels", {"p": 3, "K": 5, "N": 1}, "the pairs leave no equation; try N >= 2"),
    ("modular-addition-labels", {"p": 3, "K": 5, "N": 10}, "there are only p^2 pairs; try N <= p^2"),
    ("modular-addition-labels", {"p": 3, "K": 8, "components": 2}, "no N pairs have that many components"),
    ("modular-addition-labels", {"p": 3, "K": 2}, "no fit with so few units is onto"),  # 12 directions, 16 equations
    ("modular-addition-labels", {"p": 7, "K": 5, "N": 8, "components": 6}, "no fit with so few units is"),  # rank 6
    ("modular-addition-dead-unit", {"p": 3, "components": 5}, "so many components leave no equation"),
    ("modular-addition-fourier", {"p": 4}, "the Fourier solution is for odd p"),
    ("modular-addition-fourier", {"p": 5, "units": 8}, "the Fourier solution has 2p - 1 units"),
    ("quadratic-zero-truth", {"d": 2, "p": 1, "K": 0}, "K=0: must be an integer >= 1; try K=1"),
    ("quadratic-padded", {"d": 2, "p": 1, "K": 0, "dead": 1}, "K=0: must be an integer >= 1; try K=1"),
    ("quadratic-padded", {"d": 2, "p": 1, "K": 1, "dead": -1}, "dead=-1: must be an integer >= 0"),
    ("quadratic-single-output", {"d": 2, "plus": 0, "minus": 0, "rank_plus": 0, "rank_minus": 0}, "has no unit"),
    ("quadratic-single-output", {"d": 2, "plus": 3, "minus": 0, "rank_plus": 3, "rank_minus": 0},
     "so many directions do not carry such a truth; try rank_plus + rank_minus <= span <= d"),
    ("quadratic-single-output", {"d": 2, "plus": 1, "minus": 1, "rank_plus": 1, "rank_minus": 0, "span": 2},
     "so few units of a sign have no such fit"),
    ("quadratic-coinciding-units", {"d": 2, "p": 2, "active": 3, "rank": 1}, "there are two units"),
    ("quadratic-coinciding-units", {"d": 2, "p": 1, "active": 2, "rank": 2}, "no such V_1 and V_2 have this rank"),
    ("quadratic-coinciding-units", {"d": 2, "p": 2, "active": 2, "rank": 0}, "no such V_1 and V_2 have this rank"),
    ("quadratic-coinciding-units", {"d": 2, "p": 2, "active": 1, "rank": 1, "cancel": True}, "do not cancel"),
    ("symmetric-factorisation", {"d": 4, "K": 2, "r": 3}, "the truth has more rank than the factor"),
    ("reduced-rank-regression", {"M": 3, "N": 2, "H": 4, "r": 3}, "the truth has more rank than the network"),
    ("reduced-rank-regression", {"M": 3, "N": 2, "H": 4, "r": -1}, "r=-1: must be an integer >= 0"),
    ("reduced-rank-regression-local", {"M": 3, "N": 2, "H": 4, "r": 2, "a": 1, "b": 2},
     "the product has more rank than a factor; try r <= min(a, b)"),
    ("reduced-rank-regression-local", {"M": 3, "N": 2, "H": 4, "r": 1, "a": 3, "b": 2}, "less rank than a; try a <="),
    ("reduced-rank-regression-local", {"M": 3, "N": 2, "H": 4, "r": 1, "a": 1, "b": 4}, "less rank than b; try b <="),
    ("reduced-rank-regression-local", {"M": 3, "N": 3, "H": 3, "r": 0, "a": 2, "b": 2}, "try r >= a + b - H"),
    ("reduced-rank-regression-local", {"M": 3, "N": 3, "H": 3, "r": 0, "a": 2}, "b: is missing"),
    ("cullen-2026-cor-5.3", {"p": 5, "K": 9}, "the claim is made for 2p-1 < K < p^2"),
])
def test_bad_sizes_are_refused(name, sizes, message):
    with pytest.raises(InvalidInput) as error:
        closed_forms[name].at(**sizes)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_numpy_integers_are_integers():
    assert closed_forms["quadratic-ntk"].at(r=np.int64(3)).lambda_ == Fraction(3, 2)


@pytest.mark.parametrize(("size", "remedy"), [
    (4.0, "d=4"), (np.float64(4), "d=4"), (Fraction(4), "d=4"), ("4.0", "d=4"), ("+4", "d=4"), (2.5, "d=1"),
    (0.0, "d=1"), (-3.0, "d=1"), (math.nan, "d=1"), (math.inf, "d=1"), (1e300, "d=1"), (Fraction(9, 2), "d=1"),
    (True, "d=1"), (None, "d=1"), ([4], "d=1")])
def test_a_size_in_another_spelling_is_answered_with_the_integer_that_is_meant(size, remedy):
    with pytest.raises(InvalidInput, match="must be an integer >= 1") as error:
        closed_forms["quadratic-generic"].at(d=size, p=3, K=2)
    assert error.value.remedy == remedy


def test_a_formula_that_is_contradicted_raises():
    import dataclasses

    entry = closed_forms["quadratic-generic"]
    wrong = dataclasses.replace(entry, expr=entry.expr + sympy.Rational(1, 2))
    with pytest.raises(Contradiction):
        wrong.at(d=4, p=3, K=5)
    with pytest.raises(Contradiction):  # outside the proved bracket of a cited size
        wrong.at(d=40, p=30, K=400)


def exist(p, n, components, centred):
    try:
        return bool(PairCounts(p, n, components, centred))
    except InvalidInput:
        return False


def test_the_conditions_of_counts_are_those_of_pairs_that_there_are():
    """So that whoever reads the conditions alone, as pages do, refuses the same sizes."""
    entry = closed_forms["modular-addition-generic"]
    for p, centred in itertools.product((2, 3), (True, False)):
        for n, components in itertools.product(range(1, p * p + 2), range(1, 2 * p + 2)):
            sizes = {"p": p, "K": 2, "N": n, "components": components, "centred": int(centred)}
            stated = all(condition.holds.subs(sizes) for condition in entry.conditions)
            assert stated == exist(p, n, components, centred), sizes


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name, entry in closed_forms.items() if isinstance(entry, ClosedForm)])
def test_what_the_conditions_let_through_is_answered(name):
    entry, rng = closed_forms[name], random.Random(name)
    for _ in range(25):
        sizes = {x.name: rng.random() < 0.5 if x.is_flag else rng.randint(0, 6) for x in entry.parameters}
        with contextlib.suppress(InvalidInput):
            entry.check(**sizes)
            try:
                entry.at(**sizes)
            except InvalidInput as refused:
                raise AssertionError(f"{sizes}: {refused}") from refused


@pytest.mark.parametrize("entry", closed_forms.values(), ids=lambda entry: entry.name)
def test_sizes_beyond_any_network_are_answered_or_refused(entry):
    """And at once: no power of a size is computed that does not fit into memory."""
    first = entry.audits[0] if isinstance(entry, ClosedForm) else entry.records[0].sizes
    for parameter in entry.parameters:
        for value in () if parameter.length else (-1, 0, 10**12):
            with contextlib.suppress(InvalidInput):
                answer = entry.at(**{**first, parameter.name: value})
                assert value >= 0
                assert answer.lower <= answer.upper
