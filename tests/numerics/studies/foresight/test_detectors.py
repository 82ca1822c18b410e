"""Alarms and their scores: by hand, on runs whose answer is known, and on noise, where there must be no skill."""

import itertools
import math

import numpy as np
import pytest

from numerics.studies.foresight.detectors import (
    CHANGES,
    LEVELS,
    Detector,
    Trajectory,
    calibrated,
    halves,
    points,
    score,
    skill_interval,
    thresholds,
    wilson,
)

EPOCHS = np.array([10.0, 20, 40, 80, 160])


def run(x, outcome="never", moved=None, cluster="a"):
    x = np.array(x, float)
    return Trajectory(cluster, EPOCHS[: len(x)], {"x": x, "y": x[::-1], "epoch": EPOCHS[: len(x)]}, outcome, moved)


def alarm(x, shape, threshold):
    return Detector((("x", shape, threshold),)).alarm(run(x))


def test_falls_are_from_the_highest_so_far():
    assert alarm([5, 10, 9, 8, 3], "falls by", 0.2) == 80  # 8 is 0.2 below 10
    assert alarm([5, 10, 9, 8.1, 8.1], "falls by", 0.2) == math.inf
    assert alarm([5, 6, 7, 8, 9], "falls by", 0.001) == math.inf
    assert alarm([-1, -2, -3, -4, -5], "falls by", 0.1) == math.inf  # no share of what is negative


def test_rises_are_from_the_lowest_so_far():
    assert alarm([5, 4, 5, 8, 3], "rises by", 0.5) == 80  # 8 is twice 4
    assert alarm([5, 4, 5, 7.9, 3], "rises by", 0.5) == math.inf


def test_levels():
    assert alarm([5, 4, 3, 8, 3], "is below", 3) == 40
    assert alarm([5, 4, 3, 8, 3], "is above", 8) == 80
    assert alarm([5, 4, 3, 8, 3], "is above", 8.1) == math.inf
    assert alarm([-5, -4, 3, 8, 3], "is below", -4.5) == 10


def test_nothing_later_changes_an_alarm():
    x = np.random.default_rng(0).lognormal(size=5)
    for shape, length in itertools.product((*CHANGES, *LEVELS), range(1, 6)):
        early = Detector((("x", shape, 0.3),)).alarm(run(x[:length]))
        if early < math.inf:
            assert alarm(x, shape, 0.3) == early


def test_all_conditions_must_have_been_met():
    both = Detector((("x", "falls by", 0.5), ("y", "rises by", 0.5)))
    assert both.alarm(run([8, 4, 4, 4, 9])) == 160  # x fell at 20; y = 9 4 4 4 8 rises at the end
    assert both.alarm(run([8, 4, 4, 4, 4])) == 160
    assert both.alarm(run([8, 4, 4, 4, 1])) == 20
    assert both.alarm(run([4, 8, 8, 8, 8])) == math.inf
    assert str(both) == "x falls by 50 % and y rises by a factor 2"


def test_hits_come_before_validation_accuracy_moves():
    detector = Detector((("x", "falls by", 0.5),))
    runs = [run([8, 8, 4], "generalised", 41), run([8, 8, 4], "generalised", 40), run([8, 8, 8], "generalised", 41),
            run([8, 4, 4], "between", 41), run([8, 8, 4]), run([8, 8, 8])]
    found = score(detector, runs)
    assert (found.hits, found.generalised, found.false_alarms, found.never) == (1, 3, 1, 2)
    assert found.lead_epochs == (1.0,)
    assert found.skill == pytest.approx(1 / 3 - 1 / 2)
    assert points(detector, runs).tolist() == [1, 0, 0, 0, -1, 0]


def synthetic(number, informative, seed):
    """Runs in clusters of four; x falls by half before the move where it is informative, by chance otherwise."""
    random = np.random.default_rng(seed)
    runs = []
    for index in range(number):
        generalises = (index // 4) % 2 == 0
        falls = generalises if informative else random.random() < 0.5
        x = np.array([8, 8, 4 if falls else 8, 8, 8]) * random.uniform(0.95, 1.05, 5)
        runs.append(run(x, "generalised" if generalises else "never", 70.0 if generalises else None,
                        cluster=str(index // 4)))
    return runs


@pytest.mark.sampled
def test_skill_is_found_where_it_is():
    runs = synthetic(80, True, 0)
    first, second = halves(runs)
    detector = calibrated(["x"], CHANGES, first)
    found = score(detector, second)
    assert found.skill > 0.95
    assert skill_interval(points(detector, second), second)[0] > 0.8
    assert detector.conditions[0][1] == "falls by"


@pytest.mark.sampled
def test_no_skill_is_found_in_noise():
    """Calibrating finds a threshold that seems good by chance; on the other half the interval must hold zero.

    It does with probability 0.93, and one calibration in three is fooled: bounds that 60 miss once in 10^5.
    """
    held = fooled = 0
    for seed in range(60):
        first, second = halves(synthetic(160, False, seed), seed)
        detector = calibrated(["x"], CHANGES, first)
        low, high = skill_interval(points(detector, second), second)
        held += low <= 0 <= high
        fooled += score(detector, first).skill > 0.1
    assert held >= 45
    assert fooled >= 4  # so the second half is needed


@pytest.mark.sampled
def test_a_useless_second_condition_adds_nothing():
    runs = synthetic(80, True, 0)
    first, second = halves(runs)
    alone, both = (score(calibrated(names, CHANGES, first), second).skill for names in (["x"], ["x", "epoch"]))
    assert both <= alone + 1e-9


@pytest.mark.sampled
def test_calibrating_finds_what_trying_all_finds():
    runs = synthetic(40, False, 3)
    best = score(calibrated(["x"], (*CHANGES, *LEVELS), runs), runs).skill
    tried = [Detector((("x", shape, x),)) for shape in (*CHANGES, *LEVELS) for x in thresholds("x", shape, runs)]
    assert best == pytest.approx(max(score(other, runs).skill for other in tried))


@pytest.mark.sampled
def test_of_two_conditions_those_are_found_that_are_best_together():
    """Of the shapes that are best alone, with every tenth threshold."""
    runs = synthetic(40, False, 3)
    alone = [calibrated([name], LEVELS, runs).conditions[0] for name in ("x", "y")]
    found = calibrated(["x", "y"], LEVELS, runs)
    assert [condition[:2] for condition in found.conditions] == [condition[:2] for condition in alone]
    tried = itertools.product(*([(name, shape, x) for x in thresholds(name, shape, runs)[::10]]
                                for name, shape, _ in alone))
    assert score(found, runs).skill >= max(score(Detector(pair), runs).skill for pair in tried) - 1e-12


@pytest.mark.sampled
def test_halves_share_no_cluster_and_are_balanced():
    runs = synthetic(80, True, 0)
    first, second = halves(runs)
    assert {x.cluster for x in first}.isdisjoint({x.cluster for x in second})
    assert len(first) + len(second) == len(runs)
    counts = [sum(x.outcome == "generalised" for x in half) for half in (first, second)]
    assert abs(counts[0] - counts[1]) <= 4  # a cluster
    assert [x.cluster for x in halves(runs)[0]] == [x.cluster for x in first]
    assert {x.cluster for x in halves(runs, 1)[0]} != {x.cluster for x in first}


@pytest.mark.sampled
def test_clusters_widen_the_interval():
    """Runs of one cluster that all agree count as one."""
    gains, runs = [], []
    for cluster in range(12):
        outcome = "generalised" if cluster % 2 else "never"
        hit = float(cluster // 2 % 2)
        gains += [hit if outcome == "generalised" else -hit] * 6
        runs += [run([1, 1], outcome, 30.0, cluster=str(cluster))] * 6
    alone = [run([1, 1], one.outcome, 30.0, cluster=str(i)) for i, one in enumerate(runs)]
    width = np.diff(skill_interval(np.array(gains), runs))
    assert width > 1.5 * np.diff(skill_interval(np.array(gains), alone))


def test_wilson():
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)  # Newcombe (1998) has the formula
