"""Every derivation holds, and fails where the catalogue is wrong."""

import dataclasses
import importlib
import pkgutil

import pytest
import sympy

import derivations
import derivations.__main__
from derivations import derivations as all_derivations
from derivations.framework import StepFailed
from slt_symbolic.closed_forms import ClosedForm, closed_forms

MODULES = [module for found in pkgutil.iter_modules(derivations.__path__)
           if hasattr(module := importlib.import_module(f"derivations.{found.name}"), "closed_forms")]


@pytest.mark.parametrize("derivation", all_derivations.values(), ids=lambda derivation: derivation.entry)
def test_every_step_holds(derivation):
    assert list(derivation.run()) == list(derivation.steps)


@pytest.mark.parametrize("derivation", all_derivations.values(), ids=lambda derivation: derivation.entry)
def test_a_wrong_formula_fails_the_comparison(derivation, monkeypatch):
    entry = closed_forms[derivation.entry]
    wrong = dataclasses.replace(entry, expr=entry.expr + sympy.Rational(1, 4))
    for module in MODULES:
        monkeypatch.setattr(module, "closed_forms", {derivation.entry: wrong})
    with pytest.raises(StepFailed):
        derivation.steps[-1].check()


def test_every_closed_form_has_a_derivation_or_is_cited():
    formulas = [entry for entry in closed_forms.values() if isinstance(entry, ClosedForm)]
    assert set(all_derivations) <= {entry.name for entry in formulas}
    for entry in formulas:
        assert (entry.name in all_derivations) == (entry.derivation is not None), entry.name
        assert entry.name not in all_derivations or all_derivations[entry.name].grade == entry.evidence.grade
        assert entry.name in all_derivations or entry.evidence.grade == "cited", entry.name


def test_command_line(capsys):
    assert derivations.__main__.main(["quadratic-dead-unit"]) == 0
    assert "holds" in capsys.readouterr().out
    assert derivations.__main__.main(["nothing"]) == 2
    assert "has no derivation" in capsys.readouterr().err
    assert derivations.__main__.main(["--ou", "x"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
