"""Rank and regularity of the loss at a point, against the catalogue and against points known to be singular."""

from dataclasses import replace
from fractions import Fraction

import pytest
import torch

from numerics.curvature.geometry import geometry
from numerics.curvature.polish import polish_near
from numerics.curvature.threshold import value_there
from numerics.losses.architectures import Quadratic
from numerics.losses.module import ModuleLoss, Objective
from numerics.losses.polynomial import Population, Twin
from numerics.losses.samples import samples_of
from numerics.networks.catalogue import exact_point, random_teacher
from slt_symbolic.closed_forms import closed_forms


@pytest.mark.parametrize(("name", "sizes"), [
    ("quadratic-generic", {"d": 4, "p": 3, "K": 2}),
    ("quadratic-generic", {"d": 4, "p": 3, "K": 5}),  # the defective case: rank 29
    ("quadratic-lazy", {"p": 3, "K": 7, "l": 8}),
    ("modular-addition-generic", {"p": 5, "K": 2}),
    ("reduced-rank-regression", {"M": 3, "N": 4, "H": 2, "r": 2}),
    ("reduced-rank-regression-local", {"M": 3, "N": 4, "H": 3, "r": 1, "a": 2, "b": 2}),
    ("deep-linear", {"widths": (3, 2, 3), "r": 2}),
    ("symmetric-factorisation", {"d": 4, "K": 2, "r": 2}),
], ids=str)
def test_regular_points_have_the_exact_rank(name, sizes):
    answer, point = closed_forms[name].at(**sizes), exact_point(name, **sizes)
    found = geometry(point.loss, point.theta)
    assert found.regular
    assert found.spectrum.rank == 2 * answer.lambda_
    assert found.spectrum.largest_zero < 1e-9 * found.spectrum.smallest_nonzero


@pytest.mark.parametrize(("name", "sizes"), [
    ("quadratic-dead-unit", {"d": 3, "p": 2}),
    ("modular-addition-dead-unit", {"p": 5, "components": 8, "centred": False}),
    ("reduced-rank-regression", {"M": 3, "N": 3, "H": 2, "r": 1}),
    ("reduced-rank-regression-local", {"M": 3, "N": 3, "H": 3, "r": 1, "a": 2, "b": 1}),
    ("deep-linear", {"widths": (3, 3, 3), "r": 1}),
    ("deep-linear", {"widths": (3, 3, 3, 3), "r": 1}),  # the reduced loss is of order 6
    ("symmetric-factorisation", {"d": 4, "K": 3, "r": 2}),
], ids=str)
def test_singular_points_are_not_regular(name, sizes):
    answer, point = closed_forms[name].at(**sizes), exact_point(name, **sizes)
    found = geometry(point.loss, point.theta)
    assert not found.regular
    assert found.spectrum.rank < 2 * answer.lambda_


def test_a_dead_unit_beside_a_live_one_is_not_regular():
    teacher = random_teacher(10)
    teacher[3:6], teacher[8:] = 0, 0  # w and V of the second of two units
    twin = Twin(Quadratic(3, 2, 2), Population(teacher))
    assert not geometry(twin, teacher).regular
    teacher = random_teacher(10)
    assert geometry(Twin(Quadratic(3, 2, 2), Population(teacher)), teacher).regular


class Product(torch.nn.Module):
    """``x^power y`` as the slope of a line."""

    def __init__(self, x, y, power=1):
        super().__init__()
        self.w, self.power = torch.nn.Parameter(torch.tensor([x, y], dtype=torch.float64)), power

    def forward(self, inputs):
        return inputs * self.w[0] ** self.power * self.w[1]


@pytest.mark.parametrize(("x", "y", "target", "regular", "rank"), [
    (2.0, 3.0, 6.0, True, 1),  # the hyperbola xy = 6
    (0.0, 3.0, 0.0, True, 1),  # the axis x = 0
    (0.0, 0.0, 0.0, False, 0),  # the crossing
])
def test_a_product_of_two_parameters(x, y, target, regular, rank):
    inputs = torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None]
    loss = ModuleLoss(Objective(Product(x, y), torch.nn.functional.mse_loss), samples_of((inputs, target * inputs)))
    found = geometry(loss, loss.start)
    assert (found.regular, found.spectrum.rank) == (regular, rank)


def test_spectrum_and_decrement_of_a_known_quadratic():
    inputs = torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]], dtype=torch.float64)
    targets = torch.tensor([[1.0], [2.0]], dtype=torch.float64)
    loss = ModuleLoss(Objective(torch.nn.Linear(3, 1, bias=False), torch.nn.functional.mse_loss),
                      samples_of((inputs, targets)))
    found = geometry(loss, torch.tensor([1.5, 1.0, 7.0], dtype=torch.float64))  # off by 1/2 where the Hessian is 1
    torch.testing.assert_close(found.eigenvalues, torch.tensor([4.0, 1.0, 0.0], dtype=torch.float64))
    assert found.spectrum.rank == 2
    assert found.newton_decrement == pytest.approx(1 / 8)
    assert found.loss == pytest.approx(1 / 8)


def test_a_point_slightly_off_the_minimum_is_as_regular_as_the_minimum():
    """What it gains by going to the minimum is no sign of a singularity."""
    point = exact_point("quadratic-generic", d=3, p=2, K=2)
    nudge = 1e-4 * torch.randn(10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    found = geometry(point.loss, point.theta + nudge)
    assert found.regular
    assert found.spectrum.rank == 8
    assert 0 < found.newton_step < 10 * float(nudge.norm())
    assert found.newton_decrement == pytest.approx(found.loss, rel=0.05)


@pytest.mark.sampled
def test_off_the_minimum_the_rank_is_that_of_the_minimum_in_all_directions():
    point = exact_point("quadratic-generic", d=3, p=2, K=2)
    nudges = 1e-5 * torch.randn(40, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert [geometry(point.loss, point.theta + nudge).spectrum.rank for nudge in nudges] == [8] * 40


@pytest.mark.sampled
def test_off_the_minimum_of_a_product_zeros_are_not_taken_for_curvature():
    """They become eigenvalues of both signs: two matrices have 10 parameters, and rank 6."""
    generator = torch.Generator().manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 2, bias=False), torch.nn.Linear(2, 2, bias=False)).double()
    for layer in model:
        torch.nn.init.orthogonal_(layer.weight, generator=generator)  # else its least singular value is small at times
    inputs = torch.randn(20, 3, generator=generator, dtype=torch.float64)
    loss = ModuleLoss(Objective(model, torch.nn.functional.mse_loss), samples_of((inputs, model(inputs))))
    for size in (0.0, 1e-6, 1e-4):
        found = geometry(loss, loss.start + size * torch.randn(10, generator=generator, dtype=torch.float64))
        assert (found.spectrum.rank, found.regular) == (6, True)


class Soft(torch.nn.Module):
    """Slopes ``x - 1`` and ``soft y + y^2``, of which a third parameter is no part."""

    def __init__(self, y, soft):
        super().__init__()
        self.w, self.soft = torch.nn.Parameter(torch.tensor([1.0, y, 1.0], dtype=torch.float64)), soft

    def forward(self, inputs):
        return inputs * torch.stack([self.w[0] - 1, self.soft * self.w[1] + (not self.soft) * self.w[1].square()])


@pytest.mark.parametrize(("y", "soft", "regular", "rank"), [
    (0.0, 3e-6, True, 2),  # what a layer's normalisation makes of the scale before it: the loss rises by that alone
    (0.0, 0.0, False, 1),  # y^4
    (1e-6, 0.0, False, 1)])  # as soft next to it, but the loss soon rises by more
def test_a_soft_curvature_is_one_where_the_loss_rises_by_it_alone(y, soft, regular, rank):
    inputs = torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None]
    objective = Objective(Soft(y, soft), torch.nn.functional.mse_loss)
    loss = ModuleLoss(objective, samples_of((inputs, torch.zeros(20, 2, dtype=torch.float64))))
    alone = ModuleLoss(objective, loss.data, mask={"w": torch.tensor([True, True, False])})  # no zero behind it
    for problem in (loss, alone):
        found = geometry(problem, problem.start)
        assert (found.regular, found.spectrum.rank) == (regular, rank)
        assert found.spectrum.others == ()


class Powers(torch.nn.Module):
    """``x - 1/2`` and ``(y - 1)^order`` at 1.02, as training leaves it; a third parameter is no part."""

    def __init__(self, order):
        super().__init__()
        self.w, self.order = torch.nn.Parameter(torch.tensor([0.51, 1.02, 0.3], dtype=torch.float64)), order

    def forward(self, inputs):
        return inputs * torch.stack([self.w[0] - 0.5, (self.w[1] - 1)**self.order])


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("noise", [0.0, 0.5])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_curvature_of_an_offset_from_a_singular_minimum_is_none(order, noise, flat):
    """Where polishing ends ``y^4`` still has a curvature, a thousand times what counts; Newton's steps halve it."""
    inputs = torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None]
    unexplained = noise * inputs.square().expand(20, 2)  # orthogonal to the inputs
    loss = ModuleLoss(Objective(Powers(order), torch.nn.functional.mse_loss), samples_of((inputs, unexplained)),
                      mask={"w": torch.tensor([True, True, flat])})
    found = geometry(loss, polish_near(loss, loss.start).point)
    assert found.is_minimum
    assert (found.regular, found.spectrum.rank) == ((True, 2) if order == 1 else (False, 1))


class Quartic(torch.nn.Module):
    """``x^2 + sign y^4 + y^6``: no minimum where the sign is negative, without a negative curvature."""

    def __init__(self, sign):
        super().__init__()
        self.w, self.sign = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64)), sign

    def forward(self, inputs):
        return inputs[:, 0] * (self.w[0]**2 + self.sign * self.w[1]**4 + self.w[1]**6)


def test_a_loss_that_falls_where_it_has_no_curvature_has_no_minimum():
    for sign in (1, -1):
        loss = ModuleLoss(Objective(Quartic(sign), lambda outputs, _: outputs.mean()), samples_of(torch.ones(4, 1)))
        found = geometry(loss, loss.start)
        assert not found.regular
        assert (found.is_minimum, found.falls) == (sign == 1, sign == -1)


def test_rounding_errors_of_terms_that_cancel_are_no_rise():
    """Of a divergence from probabilities that were rounded to single precision; with one that is of order four."""
    x = torch.randn(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    model = torch.nn.Linear(2, 3).double()
    torch.nn.init.normal_(model.weight, generator=torch.Generator().manual_seed(1))

    def divergence(outputs, known, more):
        apart = (known.exp() * (known - outputs.log_softmax(1))).sum(1).mean()
        return apart + more * model.bias.sum()**4  # which softmax does not see

    torch.nn.init.zeros_(model.bias)
    targets = model(x).log_softmax(1).detach().float()
    for more, regular in ((0.0, True), (1.0, False)):
        objective = Objective(model, lambda *both, more=more: divergence(*both, more))
        loss = ModuleLoss(objective, samples_of((x, targets)))
        found = geometry(loss, polish_near(loss, loss.start).point)
        assert (found.regular, found.spectrum.rank) == (regular, 6)


def test_where_no_gap_shows_the_rank_lambda_is_a_bracket():
    inputs = torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None]
    loss = ModuleLoss(Objective(Product(2.0, 3.0), torch.nn.functional.mse_loss), samples_of((inputs, 6 * inputs)))
    here = geometry(loss, torch.tensor([2.0, 3.0], dtype=torch.float64))
    assert value_there(here).lambda_ == Fraction(1, 2)
    known = value_there(replace(here, spectrum=replace(here.spectrum, others=(2,))))
    assert (known.lower, known.upper, known.multiplicity) == (Fraction(1, 2), 1, None)


def gone_round(*layers: torch.nn.Module, inputs: torch.Tensor) -> ModuleLoss:
    """An exact fit in double precision, with statistics of the inputs where layers keep them."""
    model = torch.nn.Sequential(*layers).double()
    model(inputs)
    model.eval()
    return ModuleLoss(Objective(model, torch.nn.functional.mse_loss), samples_of((inputs, model(inputs).detach())))


def singular_values(problem: ModuleLoss) -> torch.Tensor:
    """Of the Jacobian of the outputs by the weights, over the largest."""
    _, batch = next(problem.chunks())
    theta = problem.start.clone().requires_grad_()
    outputs = problem.outputs(theta, batch).flatten()
    rows = [torch.autograd.grad(y, theta, retain_graph=True)[0] for y in outputs]
    found = torch.linalg.svdvals(torch.stack(rows))
    return found / found[0]


def test_soft_directions_that_turn_do_not_hide_a_manifold():
    """Curvatures down to 1e-11 of the largest: Newton's method with one Hessian leads nowhere next to displacements."""
    torch.manual_seed(17)
    layers = [torch.nn.Linear(2, 4), torch.nn.BatchNorm1d(4), torch.nn.Tanh(), torch.nn.Linear(4, 1)]
    inputs = torch.randn(200, 2, generator=torch.Generator().manual_seed(30), dtype=torch.float64)
    problem = gone_round(*layers, inputs=inputs)
    singular = singular_values(problem)
    assert float(singular[16]) > 1e7 * float(singular[17])
    found = geometry(problem, problem.start)
    assert found.regular
    assert 17 in (found.spectrum.rank, *found.spectrum.others)
    assert found.spectrum.rank <= 17


def test_a_scale_that_only_eps_fixes_leaves_the_rank_open():
    """Group normalisation: two scales of its input hardly matter, and the rank is 47 or 45 as one takes it."""
    torch.manual_seed(3)
    layers = [torch.nn.Conv1d(1, 4, 3), torch.nn.GroupNorm(2, 4), torch.nn.Tanh(), torch.nn.Flatten(),
              torch.nn.Linear(24, 1)]
    inputs = torch.randn(120, 1, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    problem = gone_round(*layers, inputs=inputs)
    singular = singular_values(problem)
    assert float(singular[44]) > 1e2 * float(singular[45])
    assert float(singular[46]) > 1e6 * float(singular[47])
    found = geometry(problem, problem.start)
    assert found.regular
    assert {found.spectrum.rank, *found.spectrum.others} <= {45, 46, 47}
    assert 47 in (found.spectrum.rank, *found.spectrum.others)


@pytest.mark.parametrize(("bend", "regular"), [
    (lambda v: torch.relu(v - 0.02), True), (lambda v: torch.relu(v - 1e-4), False), (torch.relu, False),
    (lambda v: torch.relu(v) ** 2, False), (lambda v: v ** 5, False), (lambda v: v ** 8, False)],
    ids=["a kink beyond", "a kink too near", "at a kink", "order 4", "order 10", "order 16"])
def test_a_kink_beyond_a_flat_neighbourhood_is_no_singularity(bend, regular):
    """``w x + bend(v) x^2`` at zero, that is, units that are dead here and not everywhere."""
    class Bent(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.w = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))

        def forward(self, x):
            return x * self.w[0] + x**2 * bend(self.w[1])

    x = torch.linspace(-1, 1, 20, dtype=torch.float64)[:, None]
    loss = ModuleLoss(Objective(Bent(), torch.nn.functional.mse_loss), samples_of((x, 0 * x)))
    found = geometry(loss, loss.start)
    assert (found.spectrum.rank, found.regular) == (1, regular)
