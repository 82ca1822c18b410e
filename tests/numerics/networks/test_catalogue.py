"""The networks of the catalogue: their exact points, and points where training ends."""

from fractions import Fraction

import pytest
import torch

from numerics.curvature.polish import POLISHED
from numerics.curvature.threshold import value_there
from numerics.networks.catalogue import NETWORKS, exact_point, trained_point
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.errors import InvalidInput
from slt_symbolic.threshold import Threshold

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
    "tanh-zero-truth": {"H": 2},
}


def nudge(size: int, seed: int = 0) -> torch.Tensor:
    return 1e-3 * torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_every_network_is_in_the_catalogue_and_has_sizes_here():
    assert set(NETWORKS) <= set(closed_forms)
    assert set(NETWORKS) == set(SIZES)


@pytest.mark.sampled
@pytest.mark.parametrize("name", NETWORKS)
def test_the_exact_point_is_a_minimiser(name):
    point = exact_point(name, **SIZES[name])
    assert float(point.loss.value(point.theta[None])) < 1e-25
    beside = point.theta + 100 * torch.stack([nudge(len(point.theta), seed) for seed in range(8)])
    assert float(point.loss.value(beside).mean()) > 1e-9  # one alone can be as small at a dead unit, of order six
    answer = closed_forms[name].at(**SIZES[name])
    assert (point.lambda_, point.multiplicity) == (answer.lambda_, answer.multiplicity)


def test_an_undecided_entry_is_a_bracket():
    point = exact_point("modular-addition-generic", p=7, K=8, N=23)
    assert point.lambda_ is None
    assert (point.lower, point.upper) == (70, 76)


@pytest.mark.sampled
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


@pytest.mark.sampled
def test_training_to_a_singular_point_keeps_a_value_that_holds_on_the_whole_fibre():
    point = trained_point("symmetric-factorisation", d=3, K=2, r=1)
    assert point.lambda_ == closed_forms["symmetric-factorisation"].at(d=3, K=2, r=1).lambda_
    assert point.evidence.how == "the entry holds at every minimiser"


@pytest.mark.sampled
def test_training_to_a_less_singular_point_recomputes_what_is_exact():
    """The entry's point has m = 3, all matrices zero; training ends where minimisers form a manifold.

    Across it there are three directions, or four where one matrix is zero and the others are invertible.
    """
    sizes = {"widths": (2, 2, 2, 2), "r": 0}
    point, entry = trained_point("deep-linear", **sizes), exact_point("deep-linear", **sizes)
    assert (entry.lambda_, entry.multiplicity) == (Fraction(3, 2), 3)
    first, middle, last = (matrix.reshape(2, 2) for matrix in point.theta.split(4))
    one = torch.eye(2, dtype=torch.float64)
    jacobian = torch.cat([torch.kron(last @ middle, one), torch.kron(last, first.T.contiguous()),
                          torch.kron(one, (middle @ first).T.contiguous())], dim=1)  # of the product
    assert (point.lambda_, point.multiplicity) == (Fraction(int(torch.linalg.matrix_rank(jacobian, rtol=1e-6)), 2), 1)


@pytest.mark.sampled
def test_fits_in_another_stratum_are_passed_over_where_the_entrys_is_asked_for(monkeypatch):
    """As if each first fit had a rank of two more."""
    def elsewhere_at_first(found, answer):
        seen.append(found)
        there = value_there(found, answer)
        return there if len(seen) > 1 else Threshold(there.lower + 1, there.upper + 1, 1, there.evidence)

    for anywhere, fits in ((True, 1), (False, 2)):
        seen = []
        monkeypatch.setattr("numerics.networks.catalogue.value_there", elsewhere_at_first)
        point = trained_point("quadratic-generic", anywhere=anywhere, d=3, p=2, K=2)
        assert sum(run.exact_fit for run in point.attempts) == len(seen) == fits
        assert (point.lambda_ == closed_forms["quadratic-generic"].at(d=3, p=2, K=2).lambda_) != anywhere


@pytest.mark.sampled
def test_without_a_fit_there_is_a_problem_and_no_value():
    point = trained_point("quadratic-generic", steps=1, d=3, p=2, K=2)
    assert point.problem == "no exact fit from 20 starts"
    assert point.lambda_ is None


@pytest.mark.parametrize(("name", "words"), [
    ("quadratic-ntk", "quadratic-ntk: has no network to sample; try one of quadratic-generic, "),
    ("nothing", "nothing: is not in the catalogue; try a name that slt list prints"),
])
def test_entries_without_a_network_name_those_that_have_one(name, words):
    with pytest.raises(InvalidInput) as error:
        exact_point(name, r=1)
    assert words in str(error.value)


HUGE = {"quadratic-generic": {"d": 10**5, "p": 10**5, "K": 10**5}, "quadratic-lazy": {"p": 1, "K": 1, "l": 10**9},
        "quadratic-dead-unit": {"d": 10**9, "p": 1}, "modular-addition-generic": {"p": 10**5, "K": 1},
        "modular-addition-dead-unit": {"p": 10**5}, "modular-addition-fourier": {"p": 10**5 + 1},
        "symmetric-factorisation": {"d": 10**5, "K": 10**5, "r": 0},
        "reduced-rank-regression": {"M": 10**5, "N": 10**5, "H": 9, "r": 0},
        "reduced-rank-regression-local": {"M": 10**5, "N": 10**5, "H": 9, "r": 0, "a": 0, "b": 0},
        "deep-linear": {"widths": (10**5, 10**5, 10**5), "r": 0}, "tanh-zero-truth": {"H": 10**5}}


@pytest.mark.parametrize("name", NETWORKS)
def test_huge_networks_are_refused_before_they_are_made(name):
    with pytest.raises(InvalidInput, match="and at most 3000 are sampled"):
        exact_point(name, **HUGE[name])
