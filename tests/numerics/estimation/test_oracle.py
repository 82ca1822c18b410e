"""The sampler as an oracle: the loss of a germ and its derivatives by hand; what it finds stands in its doctests."""

import pytest
import torch

from numerics.estimation.oracle import GermLoss, sampled
from slt_symbolic import Germ
from slt_symbolic.testing import Undecided


def test_the_loss_of_a_germ_and_its_derivatives():
    """``K = (x^2 - y)^2 + (x y / 2)^2`` at (1, 2), and at 0, where the Hessian is that of ``y^2``."""
    loss = GermLoss(Germ.at(["x^2 - y", "x*y/2"], ("x", "y")))
    theta = torch.tensor([[1.0, 2.0], [0.0, 0.0]], dtype=torch.float64)
    value, gradient = loss.value_and_gradient(theta)
    assert value.tolist() == [2, 0]
    assert gradient.tolist() == [[-4 + 2, 2 + 1], [0, 0]]  # 4x(x^2-y) + x y^2/2, -2(x^2-y) + x^2 y/2
    assert loss.hessian(theta[1]).tolist() == [[0, 0], [0, 2]]
    with torch.inference_mode():
        assert loss.value_and_gradient(theta)[1].tolist() == gradient.tolist()


def test_a_loss_that_is_0_is_undecided():
    with pytest.raises(Undecided):
        sampled(lambda n: Germ.of(("x",), ()))(n=1)
