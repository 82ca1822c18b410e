"""The study of basins along runs: from end to end on tiny networks, and its order on free energies that are known."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from numerics.diagnosis.basin import polish_weights
from numerics.networks.file import Network
from numerics.sampling.schedule import Schedule
from numerics.studies.tracking.plan import Setting, read_runs
from numerics.studies.tracking.training import courses
from numerics.studies.transition import study
from numerics.studies.transition.analysis import analyse, difference, order
from numerics.studies.transition.checks import checks
from numerics.studies.transition.measures import Window, active_units, loss_of, weights_of
from numerics.studies.transition.report import answer
from numerics.studies.transition.study import RUNS, landmarks, main

TINY = """
[[run]]
name = "tiny"
p = 3
width = 4
fraction = 0.7
weight_decay = 1e-2
lr = 2e-2
epochs = 60
seeds = 2
"""


def never(*_):
    raise AssertionError("trained again")


@pytest.mark.sampled
@pytest.mark.long
def test_everything_is_measured_once_kept_and_told(tmp_path, monkeypatch, capsys):
    short = Window(0.0, Schedule(chains=4, burn_in=40, draws=40), 1e3)
    monkeypatch.setattr("numerics.studies.transition.measures.Window", lambda gamma: replace(short, gamma=gamma))
    (tmp_path / "runs.toml").write_text(TINY)
    command = ["--runs", str(tmp_path / "runs.toml"), "--out", str(tmp_path / "out"), "--workers", "1"]
    assert main(command) == 1  # nothing generalises here, and that is said
    assert "FAIL networks that memorise first and generalise later: 0" in capsys.readouterr().out
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [(run["setting"], run["seed"]) for run in results["runs"]] == [("tiny", 0), ("tiny", 1)]
    assert [run["again"] is None for run in results["runs"]] == [False, True]
    assert {"report.md", "transition.png"} <= {path.name for path in (tmp_path / "out").iterdir()}
    monkeypatch.setattr("numerics.studies.transition.study.courses", never)
    assert main(command) == 1


def test_the_runs_are_of_quadratic_networks(tmp_path, capsys):
    assert {setting.model for setting in read_runs(RUNS["small"])} == {"quadratic"}
    (tmp_path / "runs.toml").write_text(TINY + 'model = "relu"\n')
    assert main(["--runs", str(tmp_path / "runs.toml"), "--out", str(tmp_path / "out")]) == 2
    assert "has no squared loss" in capsys.readouterr().err


def test_the_loss_is_that_of_a_network_with_these_weights(tmp_path):
    (tmp_path / "runs.toml").write_text(TINY)
    (setting,) = read_runs(tmp_path / "runs.toml")
    (course,) = courses(setting, range(1))
    (last,) = {landmarks(course)[-1]}
    theta, pairs = weights_of(setting, course, last), tuple((int(a), int(b)) for a, b in course.pairs)
    w, v = theta[:24].view(4, 6).numpy(), theta[24:].view(4, 3).numpy()
    network = Network(w, v, pairs, True, "add")
    assert float(loss_of(setting, course).value(theta[None])) == pytest.approx(
        float(network.loss.value(network.theta[None])), rel=1e-12)
    assert polish_weights(network.loss, theta, "it").moved == polish_weights(network.loss, network.theta, "it").moved
    dead = torch.cat([theta[:24].view(4, 6).index_fill(0, torch.tensor([2]), 0).flatten(), theta[24:]])
    assert active_units(setting, dead) == active_units(setting, theta) - 1


def basin(values, **more):
    return {"epoch": 1.0, "half_rank": "3", "exact": True, "active": 4, "square": 2.0, "validation_accuracy": 0.1,
            "curve": {"t": [1.0, 10.0, 100.0], "value": values, "error": [0.1] * 3, "checked": 1,
                      "drawn": [values[1], 0.1]}} | more


def run(first, last, generalised=3.0):
    return {"setting": "p = 7", "seed": 0, "generalised": generalised, "again": last,
            "basins": [first, last | {"epoch": 3.0, "square": 1.0}]}


def test_the_order_is_told_at_each_n():
    rows = difference(basin([1.0, 5.0, 3.0]), basin([1.0, 2.0, 9.0]))
    assert order(rows) == [0, 1, -1]
    assert [row["value"] for row in rows] == [0.0, 3.0, -6.0]
    assert difference(basin([1.0, 5.0, 3.0]), basin([1.0] * 3, curve="chains do not come together")) == []


def test_the_answer_says_who_is_lower_and_where_it_depends_on_n():
    settings = [setting for setting in read_runs(RUNS["small"]) if setting.name == "p = 7"]
    runs = [run(basin([1.0, 5.0, 9.0]), basin([1.0, 2.0, 3.0], half_rank="2", exact=False)),
            run(basin([1.0, 2.0, 9.0]), basin([1.0, 5.0, 3.0]))]
    found = analyse(settings, runs)
    (group,) = found["groups"]
    assert (group["runs"], group["crossings"], group["decay"]) == (2, [1, 10.0, 100.0], pytest.approx(5e-4))
    assert "from 3 at the first fit to 2 to 3 at the end" in answer(found)[0]
    assert "lower in all runs at n = 100" in answer(found)[0]
    assert "In 1 of 2 runs one of the earlier fits has" in answer(found)[0]
    assert "the order changes between n = 10 and 100" in answer(found)[0]
    assert "In none of 1 runs" in answer(analyse(settings, runs[:1]))[0]


def test_a_basin_that_differs_from_itself_fails_its_check():
    settings = [{"name": "p = 7", "p": 7, "labels": "sums"}]
    right, wrong = basin([1.0, 5.0, 9.0]), basin([1.0, 5.0, 12.0])
    wrong["curve"]["drawn"] = [9.0, 0.1]
    for again, holds in ((right, True), (wrong, False)):
        one = run(right, again) | {"again": again}
        one["basins"][-1] = right
        found = {check.name: check.holds for check in checks({"settings": settings, "runs": [one, one], "rows": []})}
        assert found["p = 7: the last network beside itself, by other chains"] is holds
    one["basins"][-1] = wrong
    draws = [check for check in checks({"settings": settings, "runs": [one], "rows": []}) if "draws" in check.name]
    assert [check.holds for check in draws] == [False]


RESULTS = Path(study.__file__).parent / "results"


@pytest.mark.parametrize("size", sorted(RUNS))
def test_the_committed_results_are_of_the_runs_that_were_planned_and_told(size):
    folder = RESULTS / size if size != "small" else RESULTS
    results, settings = json.loads((folder / "results.json").read_text()), read_runs(RUNS[size])
    assert tuple(Setting(**setting) for setting in results["settings"]) == settings
    found = json.loads(json.dumps(analyse(settings, results["runs"])))
    assert found["groups"] == results["groups"]
    assert all(line in (folder / "report.md").read_text() for line in answer(results))
    assert all(check["holds"] for check in results["checks"])
