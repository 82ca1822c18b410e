"""`llc` on modules of a user."""

from itertools import pairwise

import pytest
import torch
from torch.nn.functional import mse_loss

from numerics.estimation import estimate
from numerics.estimation.estimate import estimate_llc
from numerics.estimation.settings import Settings
from numerics.losses.module import ModuleLoss, Objective
from numerics.losses.samples import samples_of
from numerics.modules.llc import llc
from numerics.sampling.summary import EstimateError
from slt_symbolic.errors import InvalidInput
from tests.sampled import beyond, within

QUICK = {"chains": 32, "draws": 200, "seed": 1}  # many chains and few draws: the cost is in the steps


@pytest.fixture(autouse=True)
def _short_burn_in(monkeypatch):
    monkeypatch.setattr(estimate, "BURN_IN", 100)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def linear_network(*widths: int) -> torch.nn.Sequential:
    layers = [torch.nn.Linear(a, b, bias=False) for a, b in pairwise(widths)]
    model = torch.nn.Sequential(*layers).double()
    for index, layer in enumerate(layers):
        layer.weight.data = normal(*layer.weight.shape, seed=index + 10)
    return model


def taught(model: torch.nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs, and the model's own outputs as targets."""
    x = normal(20, 3)
    return x, model(x).detach()


class Product(torch.nn.Module):
    """``w0 w1 x``, at zero: ``lambda = 1/2, m = 2``."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(2))

    def forward(self, x):
        return x * self.w[0] * self.w[1]


def agrees(found, exact: float) -> bool:
    return within(found.mean - exact, found.uncertainty, 5) and found.uncertainty < 0.1


def disagrees(found, wrong: float) -> bool:
    return beyond(found.mean - wrong, found.uncertainty, 5)


@pytest.mark.sampled
@pytest.mark.parametrize(("widths", "exact"), [
    ((3, 2), 3.0), *(pytest.param(*case, marks=pytest.mark.long) for case in (((3, 2, 2), 3.0), ((3, 1, 3), 2.5)))])
@pytest.mark.long
def test_linear_networks_are_half_the_dimension_of_their_matrices(widths, exact):
    """Matrices 3 × 2 of full rank have dimension 6; those 3 × 3 of rank 1 dimension 5."""
    model = linear_network(*widths)
    found = llc(model, mse_loss, taught(model), **QUICK)
    assert found.regular
    assert agrees(found, exact)
    assert disagrees(found, exact + 0.5)
    assert widths == (3, 2) or disagrees(found, sum(x.numel() for x in model.parameters()) / 2)


@pytest.mark.sampled
@pytest.mark.slow
def test_a_crossing_has_its_value_and_multiplicity():
    x = torch.linspace(-1, 1, 10)[:, None]
    found = llc(Product(), mse_loss, (x, 0 * x), multiplicity=2, chains=32, draws=500, seed=1)
    assert agrees(found, 0.5)
    assert disagrees(found, 0.4)
    assert not found.regular


@pytest.mark.sampled
@pytest.mark.slow
def test_float32_modules_and_all_kinds_of_data_give_the_same():
    model = linear_network(3, 2).float()
    x = normal(20, 3).float()
    data = torch.utils.data.TensorDataset(x, model(x).detach())
    found = [llc(model, mse_loss, kind, chains=8, draws=400, seed=1)
             for kind in (data.tensors, data, torch.utils.data.DataLoader(data, batch_size=7))]
    assert found[0] == found[1] == found[2]
    assert agrees(found[0], 3.0)
    assert model[0].weight.dtype == torch.float32


@pytest.mark.sampled
@pytest.mark.long
def test_frozen_parameters_are_not_counted():
    model = linear_network(3, 2, 2)
    model[0].requires_grad_(False)
    assert agrees(llc(model, mse_loss, taught(model), **QUICK), 2.0)  # the second matrix, 2 × 2


@pytest.mark.sampled
@pytest.mark.long
def test_polishing_finds_the_minimum_and_without_it_the_budget_corrects():
    model = linear_network(3, 2, 2)
    data = taught(model)
    exact, off = [layer.weight.data for layer in model], 1e-4
    for _ in range(2):  # until nbeta (L - L_min) is a tenth
        for layer, weight in zip(model, exact, strict=True):
            layer.weight.data = weight + off
        off *= (0.1 / (5e5 * float(mse_loss(model(data[0]), data[1]).detach()))) ** 0.5
    polished = llc(model, mse_loss, data, **QUICK)
    assert agrees(polished, 3.0)
    loss = ModuleLoss(Objective(model, mse_loss), samples_of(data))
    kept = estimate_llc(loss, loss.start, Settings(nbeta=5e5, **QUICK))
    assert agrees(kept, 3.0)
    reference = {row.cause: row for row in kept.budget}["reference point"]
    assert reference.corrected
    assert reference.size < -0.05
    assert beyond(reference.size, kept.mcse, 3)  # it is seen


@pytest.mark.parametrize("off", [0.3, 0.03])
def test_far_from_a_minimum_without_polishing_is_an_error(off):
    model = linear_network(3, 2, 2)
    data = taught(model)
    model[0].weight.data += off
    loss = ModuleLoss(Objective(model, mse_loss), samples_of(data))
    with pytest.raises(EstimateError, match="no local minimum"):
        estimate_llc(loss, loss.start, Settings(**QUICK))


def frozen_network():
    return linear_network(3, 2).requires_grad_(False)


@pytest.mark.parametrize(("model", "loss", "data", "words"), [
    (linear_network(3, 2), lambda a, b: (a - b).square().sum(), (normal(9, 3), normal(9, 2)),
     "loss: is not a mean over the samples; try reduction='mean'"),
    (linear_network(3, 2), torch.nn.MSELoss(reduction="none"), (normal(9, 3), normal(9, 2)),
     "loss: returns a tensor of shape (9, 2)"),
    (linear_network(3, 2), mse_loss, (normal(9, 3), normal(9, 2) * float("nan")), "loss: is nan"),
    (linear_network(100, 31), mse_loss, (normal(9, 100), normal(9, 31)),
     "3100 parameters: the Hessian of a minimum is dense"),
    (frozen_network(), mse_loss, (normal(9, 3), normal(9, 2)), "model: has no parameter with requires_grad"),
    (linear_network(3, 2), mse_loss, (normal(9, 3), normal(8, 2)), "data: is not inputs and targets"),
    (linear_network(3, 2), lambda a, b: (a @ b).mean(), normal(9, 3), "model, loss, data: do not work together"),
    (linear_network(3, 2), mse_loss, "no data", "data: is not inputs and targets"),
    (linear_network(3, 2), mse_loss, (normal(0, 3), normal(0, 2)), "data: has no samples"),
    (linear_network(4, 2), mse_loss, (normal(9, 3), normal(9, 2)), "model, loss, data: do not work together"),
])
def test_what_cannot_be_sampled_is_one_line(model, loss, data, words):
    with pytest.raises(InvalidInput) as error:
        llc(model, loss, data)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
