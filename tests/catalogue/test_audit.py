"""A check that cannot fail is a defect: every edit of a number in a formula must be caught by the audit."""

import contextlib
import dataclasses
import itertools
from fractions import Fraction

import pytest
import sympy

from slt_symbolic import InvalidInput, closed_forms
from slt_symbolic.audit import audit
from slt_symbolic.closed_forms import Claim, ClosedForm
from slt_symbolic.closed_forms.claims import RecordedVerdict
from slt_symbolic.threshold import Bound, Threshold


def _edits(entry, expr):
    """The expression with one number changed, for each occurrence of a number, where that changes a value."""
    arguments = list(_grid(entry))
    original = _values(entry, expr, arguments)
    for path in _number_paths(expr):
        for change in (1, -1):
            edited = _replace(expr, path, change)
            if edited is not None and _values(entry, edited, arguments) != original:
                yield edited


def _grid(entry):
    """The arguments of the formulas at small sizes inside the domain: the required parameters, or the first three."""
    open_ = [x for x in entry.parameters if not x.is_flag]
    open_ = open_[:max(3, sum(x.default is None for x in open_))]
    small = range({4: 6, 6: 4}.get(len(open_), 8))  # fewer sizes for more parameters
    lists = [widths for length in (3, 4) for widths in itertools.product((1, 2, 3), repeat=length)]
    for sizes in itertools.product(*(lists if x.length else small[min(x.minimum, 1):] for x in open_)):
        with contextlib.suppress(InvalidInput):
            checked = entry.check(**dict(zip([x.name for x in open_], sizes, strict=True)))
            yield entry.arguments(checked)


def _values(entry, expr, grid):
    """The values on the grid; None where there is no number."""
    function = sympy.lambdify(entry.symbols, expr)
    values = []
    for arguments in grid:
        try:
            values.append(float(function(*arguments)))
        except (TypeError, ValueError, ZeroDivisionError):
            values.append(None)
    return values


def _number_paths(expr, path=()):
    if getattr(expr, "is_Number", False):
        yield path
    for index, argument in enumerate(expr.args):
        yield from _number_paths(argument, (*path, index))


def _replace(expr, path, change):
    if not path:
        return expr + change
    arguments = list(expr.args)
    arguments[path[0]] = _replace(arguments[path[0]], path[1:], change)
    try:
        return expr.func(*arguments)
    except (TypeError, ValueError, ZeroDivisionError):
        return None


def _agrees(entry):
    try:
        return all(row.agrees for row in audit(entry))
    except (TypeError, AttributeError, ValueError, ZeroDivisionError):  # no longer a formula
        return False


FORMULAS = [entry for entry in closed_forms.values() if isinstance(entry, ClosedForm)]
CLAIMS = [entry for entry in closed_forms.values() if isinstance(entry, Claim)]


KNOWN = {}


def _frozen(entry):
    """The entry with its exact values remembered: only the formula changes between two audits, in all tests."""
    def recompute(sizes):
        key = entry.name, repr(sizes)
        if key not in KNOWN:
            KNOWN[key] = entry.recompute(sizes)
        return KNOWN[key]

    return dataclasses.replace(entry, recompute=recompute)


LONG = {"quadratic-zero-truth", "quadratic-padded", "quadratic-single-output", "quadratic-coinciding-units",
        "reduced-rank-regression", "reduced-rank-regression-local", "deep-linear", "deep-linear-local",
        "one-head-attention", "factor-analysis", "naive-bayes", "restricted-boltzmann",
        "hidden-markov"}  # what is exact takes seconds


def but_long(entries, more=()):
    """Each entry; its test may be long."""
    return [pytest.param(entry, id=entry.name, marks=[pytest.mark.long] * (entry.name in LONG.union(more)))
            for entry in entries]


@pytest.mark.parametrize("entry", but_long(closed_forms.values()))
def test_the_catalogue_agrees_with_exact_computations(entry):
    assert _agrees(_frozen(entry))


@pytest.mark.parametrize("entry", but_long(FORMULAS, ("quadratic-generic", "modular-addition-generic")))
def test_every_edited_coefficient_is_caught(entry):
    frozen = _frozen(entry)
    edits = list(_edits(entry, entry.expr))
    assert edits
    for edited in edits:
        assert not _agrees(dataclasses.replace(frozen, expr=edited)), edited


@pytest.mark.parametrize("entry", but_long(FORMULAS))
def test_every_edited_multiplicity_is_caught(entry):
    frozen = _frozen(entry)
    for edited in _edits(entry, entry.multiplicity):
        assert not _agrees(dataclasses.replace(frozen, multiplicity=edited)), edited


@pytest.mark.parametrize("entry", CLAIMS, ids=lambda entry: entry.name)
def test_every_edited_claim_is_caught(entry):
    frozen = _frozen(entry)
    for side in ("lower_expr", "upper_expr"):
        for edited in _edits(entry, getattr(entry, side)):
            assert not _agrees(dataclasses.replace(frozen, **{side: edited})), edited


@pytest.mark.parametrize("entry", CLAIMS, ids=lambda entry: entry.name)
def test_an_edited_record_is_caught(entry):
    wrong = [RecordedVerdict(record.sizes, record.below, record.above + Fraction(1, 2)) for record in entry.records]
    assert not _agrees(dataclasses.replace(entry, records=tuple(wrong)))


@pytest.mark.parametrize(("bracket", "verdict"), [((0, 9), "NOT DECIDED"), ((8, 9), "CONTRADICTED"),
                                                  ((0, Fraction(1, 9)), "CONTRADICTED")])
def test_a_bracket_is_a_contradiction_only_where_it_excludes_what_is_stated(bracket, verdict):
    entry = closed_forms["quadratic-ntk"]
    lower, upper = (Bound(Fraction(end), "given") for end in bracket)
    exact = Threshold.between(lower, upper, None, "proved")
    row, = audit(dataclasses.replace(entry, audits=({"r": 2},), recompute=lambda _: exact))
    assert row.verdict.startswith(verdict)
    assert not row.agrees
    assert row.undecided == (verdict == "NOT DECIDED")
