"""`llc` on modules of a user."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch.nn.functional import mse_loss

from numerics.curvature.eigenvalues import Spectrum
from numerics.estimation import estimate
from numerics.estimation.estimate import estimate_llc
from numerics.estimation.settings import Settings
from numerics.losses.module import ModuleLoss, Objective
from numerics.losses.samples import samples_of
from numerics.modules import minimum
from numerics.modules.llc import llc
from numerics.sampling.summary import EstimateError
from slt_symbolic.errors import InvalidInput
from tests.benchmarks.trained import tanh, train
from tests.numerics.attention import Attention
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
    assert disagrees(found, 0.3)
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
    for layer in model:  # a singular value may be 0.03, along which chains are slow
        left, _, right = torch.linalg.svd(layer.weight.data, full_matrices=False)
        layer.weight.data = left @ torch.diag(torch.tensor([2.0, 1.0]).double()) @ right
    data = taught(model)
    exact, off = [layer.weight.data for layer in model], 1e-4
    for _ in range(2):  # until nbeta (L - L_min) is a tenth
        for layer, weight in zip(model, exact, strict=True):
            layer.weight.data = weight + off
        off *= (0.1 / (5e5 * float(mse_loss(model(data[0]), data[1]).detach()))) ** 0.5
    polished = llc(model, mse_loss, data, **QUICK)
    assert agrees(polished, 3.0)
    loss = ModuleLoss(Objective(model, mse_loss), samples_of(data))
    kept = estimate_llc(loss, loss.start, Settings(nbeta=5e5, **{**QUICK, "draws": 600}))  # 200 seldom come together
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


@pytest.mark.sampled
def test_attention_as_torch_ships_it():
    """Of 24 parameters 12 matter at a generic point."""
    torch.manual_seed(0)
    model, x = Attention(), normal(20, 3, 2).float()
    found = llc(model, mse_loss, (x, model(x).detach()))
    assert (found.mean, found.kind, found.rank.value, found.rank.others) == (6.0, "coefficient", 12, ())
    assert found.moved < 1e-3
    assert found.point.keys() == model.state_dict().keys()
    assert "rank 12" in str(found)


def test_an_infimum_at_infinity_is_named_and_the_point_is_in_the_error():
    x = normal(20, 2)
    torch.manual_seed(0)
    model = torch.nn.Linear(2, 2)
    with pytest.raises(EstimateError, match="its infimum is at infinity") as error:
        llc(model, torch.nn.functional.cross_entropy, (x, (x[:, 0] > 0).long()))
    assert error.value.point["weight"].norm().item() > 10 * model.weight.norm().item()
    assert error.value.partial["moved"] > 10


def test_a_side_on_which_the_loss_is_flat_is_no_infimum_at_infinity():
    """`test_an_infimum_at_infinity_is_named_and_the_point_is_in_the_error` has one that is."""
    class OneSided(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.w = torch.nn.Parameter(torch.tensor(1.5))

        def forward(self, x):
            return x * torch.relu(self.w - 1)

    x = normal(20, 1)
    with pytest.raises(EstimateError, match="on one side of where it ends the loss does not rise"):
        llc(OneSided(), mse_loss, (x, 0 * x), progress=False)


def test_an_infimum_at_infinity_is_named_where_no_ray_leads_to_it():
    """Units of tanh that separate two classes: the loss and all of its curvatures fall together."""
    x = normal(60, 2, seed=15)
    labels = (x.prod(1) > 0).long()
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2)).double()
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(1200):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimiser.step()
    while float(torch.nn.functional.cross_entropy(model(x), labels).detach()) > 1e-9:
        model[2].weight.data *= 1.3
    with pytest.raises(EstimateError, match="its infimum is at infinity"):
        llc(model, torch.nn.functional.cross_entropy, (x, labels))


def test_an_infimum_at_infinity_is_named_where_most_of_the_weights_arrive():
    """One class has a feature of its own: that weight has no end, also where it is so large that little is left."""
    x = torch.cat([normal(60, 2), (torch.arange(60) < 10)[:, None]], 1)
    y = (torch.arange(60)[:, None] % 2 == 0).double().clamp(min=x[:, 2:])
    model = torch.nn.Linear(3, 1).double()
    torch.nn.init.zeros_(model.bias)
    for last in (2.0, 25.0):
        model.weight.data = torch.tensor([[0.0, 0.0, last]], dtype=torch.float64)
        with pytest.raises(EstimateError, match="its infimum is at infinity"):
            llc(model, torch.nn.functional.binary_cross_entropy_with_logits, (x, y))


def test_a_loss_that_branches_on_values_has_its_minimum_and_is_not_sampled():
    x = normal(60, 2)
    model = torch.nn.Linear(2, 2).double()
    torch.nn.init.zeros_(model.weight)
    torch.nn.init.ones_(model.bias)

    def spread(outputs, targets):
        return torch.nn.functional.gaussian_nll_loss(outputs[:, 0], targets, torch.exp(outputs[:, 1]))

    data = x, 1 + 0.1 * x[:, 0] + 1.6 * normal(60, seed=1)
    assert (found := llc(model, spread, data)).mean == 3
    assert found.moved < 0.5
    with pytest.raises(InvalidInput, match=r"torch\.func"):
        llc(model, spread, data, sampler="hmc")


def test_a_minimum_that_is_far_is_refused_with_the_distance():
    """``w = 3`` from 1: twice the norm of the weights."""
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.ones_(model.weight)
    x = torch.linspace(-1, 1, 20)[:, None]
    with pytest.raises(EstimateError, match="moved by 2 times the norm of the weights") as error:
        llc(model, mse_loss, (x, 3 * x))
    assert float(error.value.point["weight"]) == pytest.approx(3)
    torch.nn.init.constant_(model.weight, 2.5)
    assert llc(model, mse_loss, (x, 3 * x)).moved == pytest.approx(0.2)


class Bumps(torch.nn.Module):
    """Half of ``exp(-(x - a)^2)`` and half of ``exp(-(x - b)^2)``."""

    def __init__(self, *centres):
        super().__init__()
        self.centres = torch.nn.Parameter(torch.tensor(centres))

    def forward(self, x):
        return torch.exp(-(x - self.centres).square()).mean(1, keepdim=True)


@pytest.mark.parametrize(("centres", "ranks"), [((0.3, 0.3), (1, 2)), ((0.3, -0.9), (2, 2))])
def test_rounded_data_do_not_make_a_rank(centres, ranks):
    """At two centres in one place K is ``y^2 + v^4``, 3/4; with targets in float32 ``y^2 + 1e-9 v^2 + v^4``, 1."""
    x = torch.linspace(-3, 3, 60)[:, None]
    model = Bumps(*centres)
    found = llc(model, mse_loss, (x, model(x).detach()))
    assert found.rank.others == tuple(range(*ranks))
    assert found.mean == sum(ranks) / 4
    assert found.uncertainty == pytest.approx((ranks[1] - ranks[0]) / 4)


def test_where_polishing_finds_no_minimum_it_does_not_speak_of_one():
    """Three of four words follow each word, unequally often: a logit goes to minus infinity, at a logarithm's pace."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Embedding(4, 2), torch.nn.Linear(2, 4))
    x = torch.arange(4).repeat(6)
    with pytest.raises(EstimateError, match=r"no minimum was found near|its infimum is at infinity") as error:
        llc(model, torch.nn.functional.cross_entropy, (x, (x + torch.arange(24) // 4 % 3) % 4))
    assert error.value.partial["moved"] > 0.5


class HalfUsed(torch.nn.Module):
    """``w0 x``, and a second parameter that no output hangs on."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.tensor([0.5, 0.5]))

    def forward(self, x):
        return x * self.w[0] + 0 * self.w[1]


@pytest.mark.parametrize("settings", [{}, {"at": "here"}])
def test_a_loss_that_does_not_hang_on_what_is_sampled_has_the_coefficient_zero(settings):
    x = normal(200, 1)
    of_one, of_other = (llc(HalfUsed(), mse_loss, (x, x / 2), mask={"w": torch.arange(2) == entry}, progress=False,
                            **settings, **QUICK) for entry in (0, 1))
    assert of_one.mean == pytest.approx(0.5, abs=0.1)
    assert (of_other.mean, of_other.uncertainty) == (0.0, 0.0)


def test_soft_directions_that_have_not_arrived_are_no_infimum_at_infinity():
    """A scale before GroupNorm changes the outputs by its ``eps`` alone: a curvature of 3e-11, but a minimum."""
    torch.manual_seed(9)
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 2), torch.nn.GroupNorm(1, 2), torch.nn.Tanh(),
                                torch.nn.Flatten(), torch.nn.Linear(8, 1))
    x = normal(150, 1, 3, 3).float()
    y = model(x).detach()
    with torch.no_grad():
        for index, weights in enumerate(model.parameters()):
            weights.add_(1e-3 * weights.abs().mean() * normal(*weights.shape, seed=index).float())
    found = llc(model, mse_loss, (x, y), progress=False)
    assert {found.rank.value, *found.rank.others} == {21, 22}  # of 23: shifts before it are no change at all
    assert found.mean == 10.75


def test_a_saddle_point_is_named():
    """``w0 w1 = 1`` from zero, where polishing has nowhere to go."""
    x = torch.linspace(-1, 1, 20)[:, None]
    with pytest.raises(EstimateError, match="polishing ends at a saddle point"):
        llc(Product(), mse_loss, (x, x), progress=False)


class Keeps(torch.nn.Module):
    """Keeps its last outputs, and counts the calls in place."""

    def __init__(self):
        super().__init__()
        self.layer, self.last = torch.nn.Linear(3, 1), torch.zeros(())
        self.register_buffer("calls", torch.zeros((), dtype=torch.long))

    def forward(self, x):
        self.calls += 1
        self.last = self.layer(x)
        return self.last


@pytest.mark.parametrize("asked", [{}, {"at": "here", "sampler": "sgld", "step_size": 1e-3, "burn_in": 0,
                                         "draws": 100, "chains": 4}])
def test_the_module_is_left_as_it_is(asked):
    model = Keeps().double()
    x, y = taught(model)
    calls, last = int(model.calls), model.last
    llc(model, mse_loss, (x, y), progress=False, **asked)
    assert int(model.calls) == calls
    assert model.last is last


def test_a_loss_that_is_linear_in_pieces_has_a_slope_and_no_curvature():
    """A quantile, the least of which is at a kink."""
    model, x = linear_network(2, 1), normal(40, 2)
    with pytest.raises(EstimateError, match="still has a slope, and no curvature: is it smooth"):
        llc(model, lambda output, target: torch.maximum(0.7 * (target - output), 0.3 * (output - target)).mean(),
            (x, x.sum(1, keepdim=True) + normal(40, 1, seed=2)), progress=False)


def test_a_valley_whose_end_is_not_near_is_left_early(monkeypatch):
    """A product of inputs is a limit of tanh networks whose weights run away."""
    monkeypatch.setattr("numerics.curvature.polish.NEWTON_STEPS", 100)
    model, *data = tanh((4, 12, 1), 300, 300)
    with pytest.raises(EstimateError, match="polishing creeps along a valley, 0") as error:
        llc(model, mse_loss, tuple(data), progress=False)
    assert 0.1 < error.value.partial["moved"] < 1


@pytest.mark.long
def test_iterations_begin_what_dense_hessians_end(monkeypatch):
    """600 parameters, trained a little: half the dimension of the matrices of rank 15, once iterated and once not."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(20, 15, bias=False), torch.nn.Linear(15, 20, bias=False)).double()
    x = normal(100, 20)
    y = x @ normal(20, 20, seed=1) / 5 + normal(100, 20, seed=2) / 10
    train(model, mse_loss, x, y, 100)
    found = llc(model, mse_loss, (x, y), progress=False)
    monkeypatch.setattr(minimum, "EXPENSIVE", 601)
    dense = llc(model, mse_loss, (x, y), progress=False)
    assert found.mean == dense.mean == (20 * 15 + 15 * 20 - 15 * 15) / 2
    assert found.moved == pytest.approx(dense.moved, rel=0.2)
    assert 0.01 < found.moved < 0.2


@pytest.mark.sampled
@pytest.mark.long
def test_a_spectrum_without_a_gap_says_which_ranks_are_possible():
    """All 13 eigenvalues are positive, down to 8e-24 of the largest (in 80 digits): 13/2.

    The weights are given and not drawn: at others the ranks that are possible differ, and take longer to tell apart.
    """
    model = torch.nn.Sequential(torch.nn.Linear(1, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    given = [[0.24, 0.24, -1.63, -1.16], [-1.97, -1.84, 1.97, 1.65], [0.24, 0.95, -0.36, -0.57], [0.85]]
    with torch.no_grad():
        for weights, numbers in zip(model.parameters(), given, strict=True):
            weights.copy_(torch.tensor(numbers).reshape(weights.shape))
    x = torch.linspace(-2, 2, 100)[:, None]
    found = llc(model, mse_loss, (x, model(x).detach()))
    assert 13 in found.rank.others
    assert abs(found.mean - 13 / 2) <= found.uncertainty
    assert found.notes


@pytest.mark.parametrize(("words", "ours"), [
    ({"lr": 1e-4}, "step_size"), ({"num_chains": 4}, "chains"), ({"localization": 5.0}, "gamma"),
    ({"num_burnin_steps": 10}, "burn_in"), ({"chain": 4}, "chains"), ({"at": "there"}, '"minimum" or "here"'),
    ({"device": "cuda:7"}, "cpu")])
def test_words_of_other_tools_are_answered_with_ours(words, ours):
    with pytest.raises(InvalidInput) as error:
        llc(linear_network(3, 2), mse_loss, (normal(9, 3), normal(9, 2)), **words)
    assert str(error.value).endswith(f"try {ours}")


@pytest.mark.sampled
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_at_the_weights_as_they_are(dtype):
    """No minimum, no second derivatives: the answer is an excess at its nbeta and gamma, below zero here."""
    model = linear_network(3, 2).to(dtype)
    before = model[0].weight.clone()
    found = llc(model, mse_loss, (normal(40, 3), 3 + normal(40, 2, seed=1)), at="here", gamma=20.0, seed=1)
    assert (found.kind, found.gamma, found.nbeta) == ("excess", 20.0, pytest.approx(40 / 3.6888794541))
    assert beyond(found.mean, found.mcse, 5)
    assert found.mean < 0
    assert any(note.startswith("negative") for note in found.notes)
    assert torch.equal(model[0].weight, before)
    assert model[0].weight.dtype == dtype


def test_without_a_gap_and_with_chains_that_stay_apart_the_answer_is_the_bracket_of_the_ranks():
    """Of 13 parameters of a tanh network 8 to 13 curvatures are told from zero; 13/2 is right, in 60 digits."""
    spectrum = Spectrum(8, 1.0, 1e-9, 1e-10, (9, 10, 11, 12, 13))
    found = minimum.half_a_rank(spectrum, 13, regular=False, note="not sampled")
    assert (found.mean - found.uncertainty, found.mean + found.uncertainty) == (4.0, 6.5)
    wider = minimum.half_a_rank(replace(spectrum, others=(9,)), 13, regular=False)
    assert (wider.mean - wider.uncertainty, wider.mean + wider.uncertainty) == (4.0, 4.5 + (13 - 9) / 4)
    assert minimum.half_a_rank(replace(spectrum, others=()), 13).uncertainty == 0


@pytest.mark.parametrize("kind", [torch.nn.GRU, torch.nn.LSTM])
def test_recurrent_layers_have_values_for_many_chains(kind):
    """As torch's rules for batches of chains have them with gradients alone."""
    class Recurrent(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = kind(1, 2, batch_first=True)

        def forward(self, x):
            return self.layer(x)[0][:, -1]

    module = Recurrent()
    problem = ModuleLoss(Objective(module, mse_loss), samples_of((normal(9, 3, 1), normal(9, 2))))
    theta = torch.stack([problem.start, 2 * problem.start])
    _, batch = next(problem.chunks())
    torch.testing.assert_close(problem.value(theta), torch.stack([problem.single(x, batch) for x in theta]))
    torch.testing.assert_close(problem.value(theta), problem.value_and_gradient(theta)[0])
