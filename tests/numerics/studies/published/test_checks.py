"""The checks of the study on the results that are committed: they hold, and each fails where its data are wrong."""

import copy
import json

import pytest

from numerics.studies.published import plan
from numerics.studies.published.checks import checks, line_of
from numerics.studies.published.report import answer
from tests import ROOT

FOLDER = ROOT / "numerics" / "studies" / "published" / "results" / "p53_K1024"


@pytest.fixture(scope="module")
def results():
    return json.loads((FOLDER / "results.json").read_text())


def failing(results):
    return {check.name for check in checks(results) if not check.holds}


def test_all_hold_at_the_published_size(results):
    assert results["size"] == "published"
    assert not failing(results)
    assert [vars(check) for check in checks(results)] == results["checks"]
    assert len(results["checks"]) > 30


def test_the_report_says_what_was_found(results):
    report = (FOLDER / "report.md").read_text()
    assert all(line in report for line in answer(results))
    assert all(check["found"] in report for check in results["checks"])
    assert {"along.png", "ramp.svg", "slopes.png"} <= {path.name for path in FOLDER.iterdir()}


def scaled(results, name, factor, rows=None):
    for row in results["runs"][plan.TRUE] if rows is None else rows:
        row[name]["value"] *= factor


def test_a_chain_that_is_not_noise_is_seen(results):
    wrong = copy.deepcopy(results)
    scaled(wrong, "gamma 100", 1.05, wrong["runs"][plan.RANDOM][2:3])
    assert any(name.startswith("gamma 100: the chain is plain weight noise") for name in failing(wrong))


def test_a_closed_form_that_is_off_is_seen(results):
    wrong = copy.deepcopy(results)
    wrong["runs"][plan.TRUE][3]["closed"] *= 1.05
    assert failing(wrong) == {"the closed form is plain noise, within its error"}


def test_values_of_other_networks_are_no_line(results):
    """The negative control: values permuted between the snapshots of the run."""
    wrong = copy.deepcopy(results)
    rows = wrong["runs"][plan.TRUE]
    values = [row["gamma 5"]["value"] for row in rows]
    for row, value in zip(rows, values[3:] + values[:3], strict=True):
        row["gamma 5"]["value"] = value
    assert line_of(rows)["r_squared"] < 0.9
    assert "gamma 5: slope of the line in the squared norm" in failing(wrong)


def test_a_ramp_of_another_chain_is_seen(results):
    wrong = copy.deepcopy(results)
    last = wrong["runs"][plan.TRUE][-1]["gamma 5"]
    last["trace"] = [1.15 * x for x in last["trace"]]
    assert len({name for name in failing(wrong) if "at step" in name}) >= 5


def test_a_value_that_the_gauge_does_not_move_is_seen(results):
    wrong = copy.deepcopy(results)
    values = wrong["repeated"]["values"]
    wrong["repeated_gauge"]["values"] = values[1:] + values[:1]  # the same chains in another order
    assert any("leaves the loss and moves the value" in name for name in failing(wrong))


def test_others_numbers_are_for_the_published_size_alone(results):
    assert len(checks({**results, "size": "small"})) < len(checks(results)) - 15
