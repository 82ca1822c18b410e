"""The stored trajectories: what the files hold, when the values fall, and what a correlation with them is worth."""

from dataclasses import replace

import numpy as np
import pytest

from numerics.studies.authors.analysis import analyse, run_row, section, to_trajectory
from numerics.studies.authors.data import read_runs, read_trajectories

TRAINING, VALIDATION = 1123, 1686  # pairs
GROKKING = "b128_lr1e-3_wd1e-4"


def test_the_files_are_what_was_stored():
    runs, rows = read_runs(), read_trajectories()
    assert set(runs) == set(rows)
    assert (len(runs), sum(map(len, rows.values()))) == (21, 569)
    assert all(len(run.commit) == 40 and run.path.endswith(".csv") for run in runs.values())
    assert {run.gamma for run in runs.values()} == {5.0, 100.0}
    for measured in rows.values():
        steps = [row.step for row in measured]
        assert steps == sorted(set(steps))
        for row in measured:
            for share, count in ((row.train_accuracy, TRAINING), (row.val_accuracy, VALIDATION)):
                assert share * count == pytest.approx(round(share * count), abs=0.02)  # five digits


def test_where_the_values_fall():
    found = analyse()
    assert [found[name] for name in ("generalise", "before_half", "half_to_end", "after", "none")] == [17, 7, 4, 2, 4]
    final = {row["run"]: row["final"] for row in found["runs"]}
    assert final["b128_lr1e-3_wd0"] == pytest.approx(0.45, abs=0.01)  # it falls by 20 % and never arrives
    low, high = found["before_half_interval"]
    assert low < 7 / 17 < high


def test_a_fall_while_weights_shrink_is_none(monkeypatch):
    """Watched from its first row, a run that rises to the end would raise an alarm at accuracy 0."""
    name = "b128_lr1e-3_wd5e-4"
    rows = read_trajectories()[name]
    assert run_row(name, rows)["alarm"] is None
    monkeypatch.setattr("numerics.studies.authors.analysis.LEARNING", 0.0)
    early = run_row(name, rows)
    assert (early["alarm"], early["accuracy_at_alarm"]) == (200, 0.0)
    assert analyse()["before_half"] == 9


def test_the_value_goes_along_with_the_validation_loss_of_its_own_run():
    found = analyse()
    assert found["correlation_interval"][0] > found["correlation_with_others_interval"][1]


def test_permuted_values_go_along_with_nothing():
    """The negative control: the value of each row from another row of the same run."""
    random, correlations = np.random.default_rng(0), []
    for name, rows in read_trajectories().items():
        llc = random.permutation([row.llc for row in rows])
        found = run_row(name, [replace(row, llc=float(x)) for row, x in zip(rows, llc, strict=True)])
        correlations.append(found["correlation"])
    known = [x for x in correlations if x is not None]
    assert abs(np.median(known)) < 0.3 < analyse()["correlation"]


def test_an_alarm_by_hand():
    rows = read_trajectories()[GROKKING]  # 41.054 at step 500; 95 % of it is 39.00, and 38.944 at step 800
    found = run_row(GROKKING, rows)
    assert (found["alarm"], found["peak"], found["loss_peak"], found["outcome"]) == (800, 500, 300, "generalised")
    assert found["accuracy_at_alarm"] == pytest.approx(0.59905)
    assert to_trajectory(GROKKING, rows).moved == 600


def test_the_section_says_what_was_found():
    found = analyse()
    text = "\n".join(section(found))
    assert f"0.5 in {found['before_half']} of these" in " ".join(text.split())
    assert f"{found['correlation']:.2f}" in text
    assert all(row["run"] in text for row in found["runs"])
