"""The analysis on runs whose answer is known, and the checks on results that are wrong."""

import numpy as np
import pytest

from numerics.studies.tracking.analysis import (
    NORM,
    ORACLE,
    analyse,
    beyond_others,
    correlation,
    evenly,
    given_norm,
    lag,
    whole,
)
from numerics.studies.tracking.checks import checks
from numerics.studies.tracking.measures import ALWAYS, PUBLISHED
from numerics.studies.tracking.plan import Setting
from numerics.studies.tracking.report import answer, write_report

SETTINGS = [Setting("a", 23, 8, 0.4, 0.0, 1000, 12), Setting("random", 23, 8, 0.4, 0.0, 1000, 3, labels="random")]
EPOCHS = np.geomspace(10, 1000, 12)


def run(setting, seed):
    """The loss rises to a peak of its own and falls; even seeds generalise. gamma 5 is the loss, gamma 100 noise."""
    rng = np.random.default_rng([seed, len(setting)])
    top = rng.uniform(2.5, 5.5)
    generalises = seed % 2 == 0 and setting != "random"
    loss = 1 - 0.1 * (np.log(EPOCHS) - top) ** 2 + 0.05 * rng.normal(size=12)
    other = {name: rng.uniform(1, 2, 12) for name in (*ALWAYS, "gamma 100")} | {
        "gamma 5": loss + 2, NORM: 3 - 0.1 * np.log(EPOCHS), "active_units": np.full(12, 8.0)}
    rows = [{"epoch": epoch, "validation_loss": loss[index], "validation_accuracy": 0.05, "converged": None,
             **{name: values[index] for name, values in other.items()}} for index, epoch in enumerate(EPOCHS)]
    end = {**rows[-1], "gamma 5": 1 + rng.uniform() - 2 * generalises, "validation_loss": 0.1 if generalises else 1.0}
    return {"setting": setting, "seed": seed, "epochs": 1000, "memorised": 20.0, "rows": rows, "later": [], "end": end,
            "gauge": None, "moved": 800.0 if generalises else None,
            "generalised": 900.0 + seed if generalises else None,
            "course": {"epochs": EPOCHS.tolist(), "validation_loss": loss.tolist()}}


@pytest.fixture(scope="module")
def results():
    runs = [run(setting.name, seed) for setting in SETTINGS for seed in range(setting.seeds)]
    gauge = [{"setting": "a", "moved": {"train_loss": 0.0, "effective_rank": 0.0, "gamma 5": 0.02}}]
    return {"settings": [vars(setting) for setting in SETTINGS], **analyse(SETTINGS, runs), "gauge": gauge,
            "runs": runs}


def test_what_is_the_loss_tracks_it_and_noise_does_not(results):
    measures = results["families"]["quadratic"]["measures"]
    assert measures["gamma 5"]["correlation"]["value"] == 1
    assert measures["gamma 5"]["lag"]["value"] == 0
    assert measures["gamma 5"]["over_norm"]["low"] > 0.2
    assert measures["gamma 5"]["beyond_others"]["low"] > 0.1
    assert abs(measures["gamma 100"]["correlation"]["value"]) < 0.6  # six runs of twelve snapshots: an error of 0.12
    assert measures["active_units"]["correlation"]["value"] == 0
    assert measures[ORACLE]["correlation"]["low"] > 0.7


def test_diagnosis_is_at_the_end_and_forecast_is_not(results):
    measures = results["families"]["quadratic"]["measures"]
    assert measures["gamma 5"]["diagnosis"]["value"] == 1
    assert measures[NORM]["diagnosis"]["value"] == 0.5  # the same in all runs
    assert measures[NORM]["forecast"]["value"] == 0.5


def test_runs_of_a_control_are_no_runs(results):
    assert results["families"]["quadratic"]["runs"] == 12
    assert results["controls"]["random"]["runs"] == 3
    assert [row["generalised"] for row in results["outcomes"]] == [6, 0]


def test_one_run_by_hand():
    one = run("a", 0)
    for index, row in enumerate(one["rows"]):
        row["gamma 5"] = 10.0 + index
    assert correlation(one, "gamma 5") < 1
    assert lag(one, "gamma 5") == pytest.approx(
        np.log2(1000 / EPOCHS[np.argmax(one["course"]["validation_loss"])]))
    assert given_norm(one, NORM) == 0  # nothing is left of it
    other = run("a", 2)
    expected = correlation(one, "gamma 5") - correlation(one, "gamma 5", other)
    assert beyond_others([one, other], "gamma 5")[0] == pytest.approx(expected)
    assert beyond_others([one, run("b", 2)], "gamma 5").tolist() == [0, 0]  # another setting is no other


def test_the_whole_run_has_what_came_later_and_its_last_epoch_once():
    one = run("a", 0)
    assert [row["epoch"] for row in whole(one)["rows"]] == EPOCHS.tolist()  # its end is its last snapshot
    first, later, end = one["rows"][:5], one["rows"][5:7], one["rows"][-1]
    cut = {**one, "rows": first, "later": later, "end": end}
    assert whole(cut)["rows"] == [*first, *later, end]
    assert correlation(whole(cut), "gamma 5") == pytest.approx(1)


def test_evenly_is_not_evenly_in_the_logarithm():
    """The fall after the last snapshot but one takes a third of the epochs, and a twelfth of the snapshots."""
    one = run("a", 0)
    loss = [1.0 + 0.01 * index for index in range(11)] + [0.0]
    one["course"]["validation_loss"] = loss
    for row, value in zip(one["rows"], [*range(12)], strict=True):
        row["gamma 5"] = 12.0 - value  # it falls all the time
    assert correlation(one, "gamma 5") < -0.5 < 0.0 < evenly(one, "gamma 5")


def failing(results):
    return {check.name for check in checks(results) if not check.holds}


def test_checks_see_what_is_wrong(results):
    assert not any("permuted" in name or "gauge" in name for name in failing(results))
    assert "random: nothing is generalised" not in failing(results)
    wrong = {**results, "gauge": [{"setting": "a", "moved": {"train_loss": 0.1, "effective_rank": 0, "gamma 5": 1}}],
             "controls": {"random": {**results["controls"]["random"], "accuracy": 0.5}}}
    assert {name.partition(":")[0] for name in failing(wrong) - failing(results)} == {"a", "random"}
    measures = results["families"]["quadratic"]["measures"]
    found = measures["gamma 5"]["correlation"] | {"error": 0.1}
    tilted = {**measures, "trace": {**measures["trace"], "permuted": found}}
    wrong = {**results, "families": {"quadratic": {**results["families"]["quadratic"], "measures": tilted}}}
    assert any("tracking beyond other runs" in name for name in failing(wrong))
    blind = {**measures, ORACLE: measures["gamma 100"] | {"diagnosis": measures[NORM]["diagnosis"]}}
    wrong = {**results, "families": {"quadratic": {**results["families"]["quadratic"], "measures": blind}}}
    assert any("tells who has generalised" in name for name in failing(wrong))


def test_where_seeds_have_one_course_nothing_is_said_of_it(results):
    family = results["families"]["quadratic"]
    assert family["room"] > 0.05
    alike = {**results, "families": {"quadratic": {**family, "room": 0.01}}}
    assert "where the loss has" in answer(results)[0]
    assert "nearly one course" in answer(alike)[0]
    asked = {check.name for check in checks(results)} - {check.name for check in checks(alike)}
    assert {name.rpartition(", ")[2] for name in asked} == {"tracks its own run beyond others"}


def test_where_all_generalise_they_must_differ_in_when(results):
    runs = [{**one, "generalised": 900.0} for one in results["runs"] if one["setting"] == "a"]
    outcomes = [{**results["outcomes"][0], "generalised": 12}, results["outcomes"][1]]
    at_once = {**results, "outcomes": outcomes, "runs": runs}
    assert any("at epochs of their own" in name for name in failing(at_once))
    apart = {**at_once, "runs": [{**one, "generalised": 900.0 + one["seed"]} for one in runs]}
    assert not any("at epochs of their own" in name for name in failing(apart))


def test_the_answer_says_what_was_found(results):
    tracking, forecast, elsewhere = answer(results)
    assert "validation loss until they do is 1.00 (1.00 to 1.00) at gamma 5" in tracking
    assert "0.50 is nothing" not in forecast
    assert "Better than the norm, which costs nothing, is gamma 5 by" in tracking
    assert "who has generalised with 1.00 (1.00 to 1.00) at gamma 5" in forecast
    assert "random (3 runs, validation accuracy at most 0.05)" in elsewhere
    assert answer({"families": {}}) == ["There is none: fewer than two quadratic networks generalised."]


@pytest.mark.long
def test_the_report_has_every_measure(results, tmp_path):
    write_report(results, checks(results), tmp_path)
    text = (tmp_path / "report.md").read_text()
    assert all(line in text for line in answer(results))
    assert all(name.replace("_", " ") in text for name in PUBLISHED + ALWAYS)
