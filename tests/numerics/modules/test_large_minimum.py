"""`llc` at minima with more parameters than a dense Hessian allows: half a rank that is proved, or a refusal."""

import pytest
import torch
from torch.nn.functional import cross_entropy, mse_loss

from numerics.curvature import output_map
from numerics.curvature.output_map import OutputMap
from numerics.modules import minimum
from numerics.modules.llc import llc
from numerics.sampling.summary import EstimateError
from slt_symbolic.errors import InvalidInput
from tests.numerics.modules.test_llc import linear_network, normal

pytestmark = pytest.mark.sampled

ONE = torch.ones(1, 1, dtype=torch.float64)


class Hidden(torch.nn.Module):
    """Coordinates along ``slopes`` directions that no weight shows, and ``coefficient y^power`` of one more.

    At the weights all of them are zero: a minimum of the mean square.
    """

    def __init__(self, parameters: int, slopes: int, power: int, coefficient: float = 1.0):
        super().__init__()
        self.directions = torch.linalg.qr(normal(parameters, slopes + 1)).Q
        w = normal(parameters, seed=3)
        self.w = torch.nn.Parameter(w - self.directions @ (self.directions.T @ w))
        self.power, self.coefficient = power, coefficient

    def forward(self, x):
        y = self.directions.T @ self.w
        return x * torch.cat([y[:-1], self.coefficient * y[-1:] ** self.power])

    def zeros(self) -> torch.Tensor:
        return torch.zeros(1, self.directions.shape[1], dtype=torch.float64)


class Summed(Hidden):
    """The squares of the slopes and the power of the last in one output: ``x^2 + y^4``."""

    def forward(self, x):
        return super().forward(x).square().sum(1, keepdim=True)


def bottleneck(*widths: int) -> tuple[torch.nn.Sequential, tuple[torch.Tensor, torch.Tensor]]:
    """A deep linear network a little off an exact fit, on more samples than inputs."""
    model, x = linear_network(*widths), normal(widths[0] + 10, widths[0])
    data = x, model(x).detach()
    for index, layer in enumerate(model):
        layer.weight.data += 1e-4 * normal(*layer.weight.shape, seed=index + 50)
    return model, data


def refused(module: torch.nn.Module, loss, data, words: str) -> None:
    with pytest.raises(EstimateError, match=words) as error:
        llc(module, loss, data, progress=False)
    assert "\n" not in str(error.value)
    assert "is not determined" in str(error.value)
    assert error.value.point.keys() == module.state_dict().keys()


def refused_or_open(hidden, ranks: set[int], truth: float) -> None:
    """Rounding may leave a direction not quite zero, and then the rank open: it is never taken for a flat one."""
    try:
        found = llc(hidden, mse_loss, (ONE, hidden.zeros()), progress=False)
    except EstimateError:
        return
    assert {found.rank.value, *found.rank.others} == ranks
    assert abs(found.mean - truth) <= found.uncertainty


@pytest.mark.parametrize("widths", [(100, 30, 1, 30, 2), pytest.param((100, 95, 2, 95, 3), marks=pytest.mark.long)])
def test_deep_linear_networks_are_half_the_dimension_of_the_matrices_of_their_rank(widths):
    """M × N matrices of rank r are a manifold of dimension r (M + N - r); weights of that rank are regular."""
    model, data = bottleneck(*widths)
    found = llc(model, mse_loss, data, progress=False)
    first, rank, last = widths[0], widths[2], widths[-1]
    assert sum(x.numel() for x in model.parameters()) > 3000
    assert found.mean == rank * (first + last - rank) / 2
    assert found.uncertainty == 0
    assert found.regular
    assert 0 < found.moved < 0.01


def test_weights_of_less_rank_than_the_network_has_are_refused():
    """There matrices of more rank are next to them: a singular point, whose coefficient is no half rank."""
    model = linear_network(100, 30, 2, 30, 3)
    for layer in (model[1], model[2]):
        layer.weight.data[-1 if layer is model[1] else slice(None), slice(None) if layer is model[1] else -1] = 0
    x = normal(110, 100)
    refused(model, mse_loss, (x, model(x).detach()), r"rank 102 there and (19|20)\d next to")


@pytest.mark.parametrize(("parameters", "slopes"), [
    (3200, 1), (3200, 100), pytest.param(10**4, 1, marks=pytest.mark.long),
    pytest.param(5100, 99, marks=pytest.mark.long)])  # the last with a kernel of dimension 5001
def test_a_direction_of_order_four_is_never_taken_for_a_flat_one(parameters, slopes):
    hidden = Hidden(parameters, slopes, 2)
    refused_or_open(hidden, {slopes, slopes + 1}, slopes / 2 + 1 / 4)
    plain = Hidden(parameters, slopes, 1)
    assert llc(plain, mse_loss, (ONE, plain.zeros()), progress=False).mean == (slopes + 1) / 2


@pytest.mark.parametrize("power", [2, 3])
@pytest.mark.parametrize("coefficient", [1e-3, 1.0, 1e4])
def test_next_to_such_a_direction_a_point_is_refused_or_its_rank_is_left_open(power, coefficient):
    """There the rank is whole: but it is that of the distance from the minimum, where polishing ends."""
    hidden = Hidden(3200, 2, power, coefficient)
    hidden.w.data += 0.01 * normal(3200, seed=9)
    refused_or_open(hidden, {2, 3}, 1 + 1 / (2 * power))


def test_where_other_points_have_more_rank_minimisers_may_be_a_manifold_all_the_same(monkeypatch):
    """A product of rank 1 by factors of rank 3 and 2, the most that there can be: the fibre is smooth there.

    Next to it factors have more rank, and so have Jacobians; along it they have not.
    """
    monkeypatch.setattr(minimum, "allows_dense", lambda parameters: False)
    model = linear_network(6, 4, 5)
    with torch.no_grad():
        model[0].weight[2:] = 0
        model[1].weight[:, :1] = 0
    x = normal(20, 6, seed=2)
    data = x, model(x).detach()
    found = llc(model, mse_loss, data, progress=False)
    assert (found.mean, found.uncertainty) == ((5 * 2 + 6 * 3 - 2 * 3) / 2, 0)
    with torch.no_grad():
        model[0].weight[1], model[1].weight[:, 1] = 0, 0  # rank 0 by 2 and 1, less than the most: a singular point
    refused(model, mse_loss, (x, model(x).detach()), "next to")


def test_a_quartic_in_the_outputs_or_in_the_loss_is_refused():
    summed = Summed(3200, 1, 2)
    zero = torch.zeros(1, 1, dtype=torch.float64)
    refused(summed, mse_loss, (ONE, zero), "rank 0 there and 1 next to")
    refused(summed, lambda output, target: (output - target).mean(), (ONE, zero), "rank 0 there and 1 next to")
    torch.nn.init.zeros_(summed.w)
    refused(summed, mse_loss, (ONE, zero), "rank 0 there and 1 next to")
    plain = Hidden(3200, 1, 1)
    refused(plain, lambda output, target: (output - target)[:, 1].pow(4).mean(), (ONE, plain.zeros()),
            "not told from zero")
    refused(plain, lambda output, target: ((output - target)[:, 0].square() + (output - target)[:, 1] ** 4).mean(),
            (ONE, plain.zeros()), "not told from zero")


def test_a_loss_that_sees_the_weights_themselves_is_refused():
    plain = Hidden(3200, 1, 1)

    def decayed(output, target):
        return mse_loss(output, target) + plain.w.square().mean() ** 2

    refused(plain, decayed, (ONE, plain.zeros()), "other than through the outputs")
    with pytest.raises(EstimateError, match="evaluate= hides the outputs"):
        llc(plain, None, (ONE, plain.zeros()), progress=False,
            evaluate=lambda model, batch: mse_loss(model(batch[0]), batch[1]))


@pytest.mark.parametrize(("loss", "exact"), [
    pytest.param(mse_loss, 2 * 40 / 2, marks=pytest.mark.long), (cross_entropy, 40 / 2)])
def test_at_a_minimum_that_is_no_exact_fit(loss, exact):
    """Two outputs of 40 inputs, of which softmax sees the difference alone; each input has both labels."""
    model = linear_network(40, 77, 2)
    x = torch.cat([normal(60, 40)] * 3)
    labels = torch.arange(180) // 60 % 2
    targets = normal(180, 2, seed=5) if loss is mse_loss else labels ^ (torch.arange(180) % 7 == 0)
    optimiser = torch.optim.LBFGS(model.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    def slope():
        optimiser.zero_grad()
        value = loss(model(x), targets)
        value.backward()
        return value

    optimiser.step(slope)
    found = llc(model, loss, (x, targets), progress=False)
    assert found.mean == exact
    assert found.uncertainty == 0


def test_sampling_such_a_minimum_is_refused():
    model, data = bottleneck(100, 30, 2, 30, 3)
    with pytest.raises(InvalidInput, match="sampled by its dense Hessian"):
        llc(model, mse_loss, data, sampler="hmc", progress=False)


def test_jacobians_along_the_kernel_are_not_needed_where_its_own_reaches_all_outputs(monkeypatch):
    """A matrix 6 x 3 of full rank: 18 dimensions of outputs. Those of rank 1 span more than their own dimension."""
    computed = []
    plain = OutputMap.above
    monkeypatch.setattr(OutputMap, "above", lambda self, x, *most: computed.append(x) or plain(self, x, *most))
    counts = []
    for widths, exact in (((6, 400, 3), 9.0), ((6, 500, 1, 40, 3), 4.0)):
        model, data = bottleneck(*widths)
        assert llc(model, mse_loss, data, progress=False).mean == exact
        counts.append(len(computed))
        computed.clear()
    assert counts == [0, 2]  # far along the kernel, and close


def test_a_rank_beyond_memory_is_refused_with_that_reason(monkeypatch):
    """That of 100 x 2 matrices of rank 1 is 101."""
    model, data = bottleneck(100, 30, 1, 30, 2)
    monkeypatch.setattr(output_map, "LARGEST_ROWS", 90)
    refused(model, mse_loss, data, "a rank of 90 or more, beyond what fits into memory")
    monkeypatch.setattr(output_map, "LARGEST_ROWS", 110)
    assert llc(model, mse_loss, data, progress=False).mean == 101 / 2


def test_a_start_of_more_rank_than_memory_allows_is_no_refusal(monkeypatch):
    """Factors of ranks 7 and 8 through 14 units, product of rank 1: 244 dimensions, and 364 where they have full rank.

    At such factors (7 + 8 = 14 + 1) the fibre is smooth.
    """
    monkeypatch.setattr(minimum, "allows_dense", lambda parameters: False)
    monkeypatch.setattr(output_map, "LARGEST_ROWS", 300)
    model, basis, x = linear_network(20, 14, 20), torch.linalg.qr(normal(14, 14)).Q, normal(100, 20, seed=4)
    with torch.no_grad():
        model[0].weight.copy_(basis[:, :7] @ normal(7, 20, seed=1) / 4)
        model[1].weight.copy_(normal(20, 8, seed=2) / 4 @ basis[:, 6:].T)
        data = x, model(x)
        for index, layer in enumerate(model):
            layer.weight += 0.1 * normal(*layer.weight.shape, seed=index + 50) / 4
    found = llc(model, mse_loss, data, progress=False)
    assert (found.mean, found.uncertainty) == (244 / 2, 0)
    monkeypatch.setattr(output_map, "LARGEST_ROWS", 200)
    refused(model, mse_loss, data, "a rank of 200 or more, beyond what fits into memory")
