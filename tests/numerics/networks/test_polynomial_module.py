"""A torch module as a germ: its polynomials against the module itself, its coefficients against the literature."""

import pytest
import sympy
import torch
from torch import nn

from numerics import from_module
from slt_symbolic import InvalidInput


class Tied(nn.Module):
    """``W W x``, with the same matrix twice."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(2, 2))

    def forward(self, x):
        return torch.einsum("ij,jk,nk->ni", self.w, self.w, x)


class Bumps(nn.Module):
    """Operations of many kinds, with a buffer and a scalar parameter."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv1d(1, 2, 2)
        self.second = nn.Linear(4, 2)
        self.scale = nn.Parameter(torch.tensor(0.5))
        self.register_buffer("shift", torch.tensor([1.0, -2.0]))

    def forward(self, x):
        y = self.first(x.unsqueeze(1)).flatten(1)
        y = torch.cat([y[:, :2] ** 2, y[:, 2:] * self.scale], dim=1)
        return (self.second(y) + self.shift).mean(1, keepdim=True) / 4 - y.sum(1, keepdim=True)


def at_zero(module):
    with torch.no_grad():
        for weights in module.parameters():
            weights.zero_()
    return module


def test_polynomials_are_those_of_the_module():
    torch.manual_seed(0)
    module, x = Bumps().double(), torch.tensor([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]], dtype=torch.float64)
    model = from_module(module, x)
    before = module(x)
    values = []
    with torch.no_grad():
        for weights in module.parameters():
            weights += torch.randint(-3, 4, weights.shape)
            values += weights.flatten().tolist()
    found = sympy.lambdify(list(model.point), model.generators)(*values)
    assert found == pytest.approx((module(x) - before).flatten().tolist(), abs=1e-12)
    assert "finitely many inputs" in model.statement


ROWS = [
    ("reduced rank 2 2 2", lambda: nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)), "gaussian",
     "3/2", 1),
    ("with biases", lambda: nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)), "gaussian", "1", 2),  # (b1 a1, c1)
    ("tied weights", Tied, torch.eye(2), "1", 2),  # codimension and blow-up meet
]


@pytest.mark.parametrize(("build", "inputs", "value", "m"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_literature(build, inputs, value, m):
    answer = from_module(at_zero(build()), inputs).rlct(timeout=60)
    assert (str(answer.lambda_), answer.multiplicity) == (value, m)


@pytest.mark.parametrize(("module", "inputs", "words"), [
    (nn.Sequential(nn.Linear(2, 2), nn.ReLU()), "gaussian", "relu, which is not polynomial"),
    (Tied(), "gaussian", "no nn.Linear says how many"),
    (nn.Linear(2, 2), "uniform", "no distribution that is known"),
    (nn.Flatten(), torch.eye(2), "does not depend on its parameters"),
    (nn.Linear(2, 2), [[1.0, 0.0]], "inputs: .* is no tensor"),
    (nn.Linear(2, 2), torch.eye(3), "inputs: are not what the module takes"),
], ids=["relu", "width", "distribution", "no parameters", "list", "shape"])
def test_refused(module, inputs, words):
    with pytest.raises(InvalidInput, match=words):
        from_module(module, inputs)
