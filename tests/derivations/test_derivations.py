"""Every derivation holds, and fails where the catalogue is wrong."""

import dataclasses
import importlib
import itertools
import pkgutil
from fractions import Fraction

import pytest
import sympy

import derivations
import derivations.__main__
from derivations import derivations as all_derivations
from derivations import fits_at_three
from derivations.framework import StepFailed, assertions_of, require, require_equal
from derivations.record import recorded
from derivations.scope import scope
from slt_symbolic.closed_forms import ClosedForm, closed_forms

OF_ENTRIES = {name: derivation for name, derivation in all_derivations.items() if not derivation.title}
REFRESH = "the pages are out of date; run: python -m derivations --out derivations/rendered"
MODULES = [importlib.import_module(f"derivations.{found.name}") for found in pkgutil.iter_modules(derivations.__path__)]


LONG = {"modular-addition-fourier", "modular-addition-generic", "quadratic-single-output", "quadratic-generic",
        "quadratic-padded", "quadratic-coinciding-units", "reduced-rank-regression-local", "reduced-rank-regression",
        "quadratic-zero-truth", "one-head-attention", "tanh-zero-truth", "factor-analysis", "deep-linear-local",
        "symmetric-factorisation", "deep-linear", "expected-sharpness", "restricted-boltzmann", "hidden-markov",
        "cp-tensor", "nonnegative-factorisation", "open-questions", "modular-addition-labels", "bounded-term"}


@pytest.mark.parametrize("derivation", [pytest.param(derivation, id=derivation.entry, marks=(
    [pytest.mark.long] if derivation.entry in LONG else [])) for derivation in all_derivations.values()])
def test_every_step_holds(derivation):
    """And its check ran over what the committed page says."""
    run = list(derivation.run())
    assert [held.step for held in run] == list(derivation.steps)
    told = recorded([derivation])[derivation.entry]
    assert [(held.step, held.scope) for held in run] == [(held.step, held.scope) for held in told], REFRESH


@pytest.mark.parametrize("derivation", all_derivations.values(), ids=lambda derivation: derivation.entry)
def test_every_check_says_what_it_ran_over(derivation):
    """At each step, and a statement that is made several times says at which sizes."""
    told = recorded([derivation])[derivation.entry]
    assert [held.step.title for held in told] == [step.title for step in derivation.steps]
    for held in told:
        assert held.scope, held.step.title
        for line in held.scope:
            assert "cases)" not in line or "{" in line, (held.step.title, line)


def test_a_scope_is_told_by_the_assertions_that_were_made():
    def check():
        for p in (3, 5, 7):
            require(p > 2, f"odd at p={p}")
        require_equal(1, 1, "one")

    assert scope(assertions_of(check)) == ("odd at p={3, 5, 7} (3 cases)", "one")
    assert scope(["the rank"] * 3) == ("the rank (3 cases)",)
    assert scope(f"{name} holds" for name in "abcdefgh")[-1] == "and 2 more of the kind"


FORMULAS = [(derivation, field) for derivation in OF_ENTRIES.values()
            for field in ("expr", "multiplicity", "lower_expr", "upper_expr")
            if hasattr(closed_forms[derivation.entry], field)]


@pytest.mark.parametrize(("derivation", "field"), FORMULAS, ids=lambda value: getattr(value, "entry", value))
def test_a_wrong_formula_fails_the_comparison(derivation, field, monkeypatch):
    entry = closed_forms[derivation.entry]
    change = 1 if field == "multiplicity" else sympy.Rational(1, 4)
    wrong = dataclasses.replace(entry, **{field: getattr(entry, field) + change})
    look_ups = {"closed_forms": {derivation.entry: wrong}} | dict.fromkeys(
        ("closed_form", "claim"), {derivation.entry: wrong}.__getitem__)
    for module, (name, wrongly) in itertools.product(MODULES, look_ups.items()):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, wrongly)
    with pytest.raises(StepFailed):
        derivation.steps[-1].check()


def test_the_catalogue_names_its_derivations():
    derived = {entry.name for entry in closed_forms.values() if entry.derivation is not None}
    assert set(OF_ENTRIES) == derived
    for name, derivation in OF_ENTRIES.items():
        module = importlib.import_module(f"derivations.{closed_forms[name].derivation}")
        assert any(value is derivation for value in vars(module).values()), name


def test_every_entry_has_a_derivation_or_is_cited():
    for entry in closed_forms.values():
        cited = isinstance(entry, ClosedForm) and entry.evidence.grade == "cited"
        assert entry.name in OF_ENTRIES or cited, entry.name


@pytest.mark.parametrize("derivation", OF_ENTRIES.values(), ids=lambda derivation: derivation.entry)
def test_a_derivation_has_the_grade_of_its_entry(derivation):
    """That of a claim is the weakest of its verdicts'; a refutation from above is proved, as upper bounds are."""
    entry = closed_forms[derivation.entry]
    if isinstance(entry, ClosedForm):
        assert derivation.grade == entry.evidence.grade
        return
    answers = [entry.at(**record.sizes) for record in entry.records]
    grades = {answer.evidence.grade for answer in answers if answer.evidence.grade != "refuted"}
    for answer in answers:
        if answer.evidence.grade == "refuted":
            assert answer.upper < Fraction(answer.claimed)
            grades.add("proved")
    assert grades == {"proved", derivation.grade}


def test_command_line(capsys):
    assert derivations.__main__.main(["quadratic-dead-unit"]) == 0
    assert "holds" in capsys.readouterr().out
    assert derivations.__main__.main(["nothing"]) == 2
    assert "has no derivation" in capsys.readouterr().err
    assert derivations.__main__.main(["--ou", "x"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_fit_of_rank_24_needs_its_angles(monkeypatch):
    """Negative control: turned further the fit is one still, of larger rank; with other outputs it is none."""
    turned = fits_at_three.width_six
    monkeypatch.setattr(fits_at_three, "width_six", lambda turns: turned([turn + turn % 2 for turn in turns]))
    with pytest.raises(StepFailed, match=r"its rank with the angles \(1, 11, 0\)"):
        fits_at_three.rank_twenty_four()
    monkeypatch.setattr(fits_at_three, "width_six", lambda turns: (turned(turns)[0], turned(turns)[1][::-1]))
    with pytest.raises(StepFailed, match="a fit of width 6"):
        fits_at_three.rank_twenty_four()
