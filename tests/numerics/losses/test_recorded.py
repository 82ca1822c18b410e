"""Recorded gradients are those of the module, to the last digit."""

from functools import partial

import pytest
import torch

from numerics.curvature.spectrum import hessian_product
from numerics.losses import recorded
from numerics.losses.module import ModuleLoss, Objective
from numerics.losses.samples import samples_of
from tests.numerics.attention import Attention

CE, MSE = torch.nn.functional.cross_entropy, torch.nn.functional.mse_loss


def problem_of(model, loss, inputs, targets) -> ModuleLoss:
    return ModuleLoss(Objective(model, loss), samples_of((inputs, targets)))


def attention() -> ModuleLoss:
    return problem_of(Attention(), MSE, torch.randn(9, 3, 2), torch.randn(9, 2))


def classifier() -> ModuleLoss:
    model = torch.nn.Sequential(torch.nn.Embedding(4, 3), torch.nn.LayerNorm(3), torch.nn.GELU(), torch.nn.Linear(3, 4))
    return problem_of(model, CE, torch.arange(4).repeat(5), torch.arange(20) % 3)


@pytest.mark.parametrize("make", [attention, classifier])
def test_the_graph_gives_the_same_numbers_at_any_parameters(make, monkeypatch):
    monkeypatch.setattr(recorded, "OFTEN", 1)
    torch.manual_seed(0)
    problem = make()
    problem._together = 3
    plain = recorded.Recorded(partial(problem._slopes, batch=problem.data.tree), 3)
    for chains in (5, 2, 5):  # more than go together, fewer
        theta = torch.randn(chains, problem.parameters, dtype=torch.float64)
        for _ in range(2):
            value, slope = problem.value_and_gradient(theta)
            alone = problem.value(theta)
        expected = [plain._plain(part) for part in theta.split(3)]
        assert torch.equal(slope, torch.cat([x for x, _ in expected]))
        assert torch.equal(value, torch.cat([x for _, x in expected]))
        torch.testing.assert_close(alone, value, rtol=1e-14, atol=0)
    graphs = [graph for one in problem._recorded.values() for graph in one._graphs.values()]
    assert len(graphs) == 4  # of losses and of gradients, at five chains in parts of three and two
    assert all(getattr(graph, "__name__", "") != "_plain" for graph in graphs)  # none fell back


def test_what_a_graph_cannot_hold_is_called_as_it_is(monkeypatch):
    monkeypatch.setattr(recorded, "OFTEN", 1)
    calls = []

    def changing(theta):  # is another function at each call
        calls.append(0)
        return len(calls) * theta, theta.sum(1)

    def branching(theta):
        return (theta if float(theta[0, 0]) > 0 else -theta), theta.sum(1)

    for slopes in (changing, branching):
        counted = recorded.Recorded(slopes, 4)
        for _ in range(3):
            counted(torch.ones(2, 3))
        assert [graph.__name__ for graph in counted._graphs.values()] == ["_plain"]
    assert torch.equal(recorded.Recorded(branching, 4)(-torch.ones(2, 3))[0], torch.ones(2, 3))


def test_products_with_the_hessian_are_its_own():
    torch.manual_seed(0)
    problem = classifier()
    z = torch.randn(2, problem.parameters, dtype=torch.float64)
    torch.testing.assert_close(hessian_product(problem, problem.start)(z), z @ problem.hessian(problem.start))
