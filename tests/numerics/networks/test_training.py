"""Training from random starts, polishing, and the networks of the catalogue."""

from fractions import Fraction

import pytest
import torch

from numerics.curvature.polish import POLISHED, polish, polish_any
from numerics.losses.module import ModuleLoss
from numerics.networks.catalogue import NETWORKS, exact_point, modular_addition, trained_point
from numerics.networks.training import train
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.errors import InvalidInput

PAIRS = ((0, 0), (0, 1), (1, 2), (2, 2))
SIZES = {
    "quadratic-generic": {"d": 3, "p": 2, "K": 2},
    "quadratic-lazy": {"p": 3, "K": 4, "l": 5},
    "quadratic-dead-unit": {"d": 3, "p": 2},
    "modular-addition-generic": {"p": 3, "K": 2},
    "modular-addition-dead-unit": {"p": 3},
    "modular-addition-fourier": {"p": 3},
    "symmetric-factorisation": {"d": 3, "K": 2, "r": 1},
    "reduced-rank-regression": {"M": 3, "N": 2, "H": 2, "r": 1},
    "reduced-rank-regression-local": {"M": 3, "N": 2, "H": 3, "r": 1, "a": 2, "b": 1},
    "deep-linear": {"widths": (2, 3, 2), "r": 1},
}


def nudge(size: int) -> torch.Tensor:
    return 1e-3 * torch.randn(size, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_training_is_reproducible_and_starts_at_random():
    twin = modular_addition(3, 8, PAIRS)
    first, again, other = (train(twin, seed, steps=400, batch=2) for seed in (0, 0, 1))
    assert torch.equal(first.theta, again.theta)
    assert first.history == again.history
    assert first.history[0][1] > 0.1
    assert first.history[0] != other.history[0]
    assert first.history[-1][0] == 400
    assert first.exact_fit


def test_a_local_minimum_is_not_an_exact_fit():
    twin = modular_addition(3, 1, ((0, 0), (0, 1), (1, 1), (2, 2)))  # labels 0, 1, 2: rank 2 for one unit
    assert not train(twin, 0, steps=300, batch=4).exact_fit


@pytest.mark.parametrize("name", NETWORKS)
def test_polishing_reaches_an_exact_fit_and_stays_near(name):
    """The minimiser that was nudged is as near as the nudge, and at most a few times that is what polishing moves."""
    point = exact_point(name, **SIZES[name])
    for size in (1, 100):
        moved = size * nudge(len(point.theta))
        polished = polish(point.loss, point.theta + moved)
        assert float(point.loss.value(polished[None])) < POLISHED
        assert float((polished - point.theta - moved).norm()) < 3 * float(moved.norm())


def test_polishing_any_loss_reaches_an_exact_fit():
    point = exact_point("quadratic-generic", d=3, p=2, K=2)
    nudged = point.theta + nudge(len(point.theta))
    assert float(point.loss.value(nudged[None])) > 1e-8
    polished = polish_any(point.loss, nudged)
    assert float(point.loss.value(polished[None])) < POLISHED
    assert float((polished - nudged).norm()) < 1  # the steps are not of least norm: it drifts along flat directions


def test_polishing_any_loss_finds_the_minimum_of_a_noisy_fit():
    """Least squares with targets that no line fits: the normal equations know the answer."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(30, 3, generator=generator, dtype=torch.float64)
    y = torch.randn(30, 1, generator=generator, dtype=torch.float64)
    loss = ModuleLoss(torch.nn.Linear(3, 1, bias=False), torch.nn.functional.mse_loss, x, y)
    solution = torch.linalg.lstsq(x, y).solution[:, 0]
    torch.testing.assert_close(polish_any(loss, loss.start), solution, rtol=1e-9, atol=1e-9)


def test_every_network_is_in_the_catalogue_and_has_sizes_here():
    assert set(NETWORKS) <= set(closed_forms)
    assert set(NETWORKS) == set(SIZES)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_exact_point_is_a_minimiser(name):
    point = exact_point(name, **SIZES[name])
    assert float(point.loss.value(point.theta[None])) < 1e-25
    assert float(point.loss.value((point.theta + 100 * nudge(len(point.theta)))[None])) > 1e-6
    answer = closed_forms[name].at(**SIZES[name])
    assert (point.lambda_, point.multiplicity) == (answer.lambda_, answer.multiplicity)


def test_an_undecided_entry_is_a_bracket():
    point = exact_point("modular-addition-generic", p=7, K=8, N=23)
    assert point.lambda_ is None
    assert (point.lower, point.upper) == (70, 76)


def test_a_trained_point_starts_at_random_and_does_not_end_at_the_teacher():
    point = trained_point("quadratic-generic", d=3, p=2, K=2)
    run = point.attempts[-1]
    teacher = exact_point("quadratic-generic", d=3, p=2, K=2)
    assert point.problem is None
    assert run.history[0][1] > 100 * max(run.history[-1][1], POLISHED)
    assert run.polished_loss < POLISHED
    assert float((point.theta - teacher.theta).norm()) > 0.1
    assert (point.lambda_, point.multiplicity) == (teacher.lambda_, 1)
    assert "as at the entry's own point" in point.evidence.how
    other = trained_point("quadratic-generic", seed=point.attempts[-1].seed + 1, d=3, p=2, K=2)
    assert not torch.equal(other.theta, point.theta)


def test_training_to_a_singular_point_keeps_a_value_that_holds_on_the_whole_fibre():
    point = trained_point("symmetric-factorisation", d=3, K=2, r=1)
    assert point.lambda_ == closed_forms["symmetric-factorisation"].at(d=3, K=2, r=1).lambda_
    assert point.evidence.how == "the entry holds at every minimiser"


def test_training_to_a_less_singular_point_recomputes_what_is_exact():
    """The entry's point has m = 3, all matrices zero; training ends where minimisers form a manifold."""
    sizes = {"widths": (2, 2, 2, 2), "r": 0}
    point, entry = trained_point("deep-linear", **sizes), exact_point("deep-linear", **sizes)
    assert (entry.lambda_, entry.multiplicity) == (Fraction(3, 2), 3)
    assert (point.lambda_, point.multiplicity) == (Fraction(3, 2), 1)


def test_without_a_fit_there_is_a_problem_and_no_value():
    point = trained_point("quadratic-generic", steps=1, d=3, p=2, K=2)
    assert point.problem == "no exact fit from 20 starts"
    assert point.lambda_ is None


@pytest.mark.parametrize(("name", "words"), [
    ("quadratic-ntk", "quadratic-ntk: has no network to sample; try one of quadratic-generic, "),
    ("nothing", "nothing: is not in the catalogue; try one of quadratic-generic, "),
])
def test_entries_without_a_network_name_those_that_have_one(name, words):
    with pytest.raises(InvalidInput) as error:
        exact_point(name, r=1)
    assert words in str(error.value)
