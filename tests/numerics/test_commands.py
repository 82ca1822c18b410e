"""The sub-command `slt llc`."""

import json
from dataclasses import replace
from fractions import Fraction
from importlib import import_module

import pytest

from numerics.estimation import estimate
from numerics.networks.catalogue import NETWORKS
from slt_symbolic.commands.main import main
from tests.sampled import beyond, within

CONTRACT = {"estimate", "mcse", "ess", "rhat", "exact", "agrees", "budget", "settings"}


@pytest.fixture(autouse=True)
def _short_burn_in(monkeypatch):
    monkeypatch.setattr(estimate, "BURN_IN", 100)


def run(capsys, *arguments):
    code = main(["llc", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


LAZY = ("quadratic-lazy", "p=2", "K=4", "l=5")
DRAWS = "800"  # of 200 one seed in ten has an R-hat above 1.05


@pytest.mark.sampled
def test_json_has_the_keys_of_the_contract(capsys):
    code, out, _ = run(capsys, *LAZY, "--json", "--chains", "16", "--draws", DRAWS, "--seed", "3", "--nbeta", "1e6")
    found = json.loads(out)
    assert code == 0
    assert found.keys() >= CONTRACT
    assert within(found["estimate"] - 4, found["uncertainty"], 3)
    assert beyond(found["estimate"] - 4.5, found["uncertainty"], 3)
    assert (found["exact"], found["agrees"]) == ("4", True)
    assert abs(found["estimate"] - 4) < 0.05
    assert found["negative_control"] == {"value": "9/2", "rejected": True}
    assert (found["settings"]["chains"], found["settings"]["seed"], found["settings"]["nbeta"]) == (16, 3, 1e6)


@pytest.mark.sampled
def test_text_has_estimate_exact_value_and_budget(capsys):
    code, out, _ = run(capsys, *LAZY, "--chains", "16", "--draws", DRAWS)
    assert code == 0
    assert "quadratic-lazy p=2 K=4 l=5, exact point" in out
    assert "agrees; 9/2 is rejected on the same chains" in out
    for cause in ("finite nbeta", "multiplicity", "localisation", "step size", "minibatch noise", "reference point"):
        assert cause in out


@pytest.mark.sampled
@pytest.mark.long
def test_a_trained_point(capsys):
    code, out, _ = run(capsys, *LAZY, "--point", "trained", "--json", "--chains", "16", "--draws", DRAWS)
    found = json.loads(out)
    assert (code, found["point"], found["exact"], found["agrees"]) == (0, "trained", "4", True)
    history = found["training"][-1]["history"]
    assert history[0][1] > 100 * history[-1][1]


@pytest.mark.sampled
def test_an_exact_value_that_is_contradicted_exits_1(capsys, monkeypatch):
    module = import_module("numerics.estimation.entry")
    exact_point = module.exact_point

    def doctored(name, **sizes):
        point = exact_point(name, **sizes)
        return replace(point, threshold=replace(point.threshold, lower=Fraction(5), upper=Fraction(5)))

    monkeypatch.setattr(module, "exact_point", doctored)
    code, out, _ = run(capsys, *LAZY, "--chains", "16", "--draws", DRAWS)
    assert code == 1
    assert "DISAGREES" in out


@pytest.mark.sampled
def test_no_estimate_exits_1_with_error_and_partial(capsys):
    arguments = (*LAZY, "--step-size", "40", "--chains", "8", "--draws", "100")
    code, out, _ = run(capsys, *arguments, "--json")
    found = json.loads(out)
    assert code == 1
    assert "use a smaller step_size" in found["error"]
    assert found["partial"]["acceptance"] < 0.1
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert "no estimate: " in err


@pytest.mark.parametrize(("arguments", "words"), [
    (["quadratic-ntk", "r=4"], f"quadratic-ntk: has no network to sample; try one of {', '.join(NETWORKS)}"),
    (["nothing"], "nothing: is not in the catalogue"),
    ([*LAZY, "--nbeta", "-1"], "--nbeta -1.0: must be a positive number"),
    ([*LAZY, "--chains", "1"], "--chains 1: must be an integer >= 4"),
    ([*LAZY, "--draws", "x"], "invalid int value"),
    ([*LAZY, "--point", "somewhere"], "invalid choice"),
    (["quadratic-lazy", "p=2", "K=0", "l=5"], "K=0: must be an integer >= 1"),
])
def test_bad_input_exits_2(capsys, arguments, words):
    try:
        code, out, err = run(capsys, *arguments)
    except SystemExit as stop:  # argparse
        code, (out, err) = stop.code, capsys.readouterr()
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
