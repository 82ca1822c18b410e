"""The sampler as an oracle for `slt_symbolic.testing.check_formula`: formulas against numerics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from numerics.estimation.entry import llc_of_entry
from numerics.estimation.estimate import estimate_llc
from numerics.estimation.settings import Settings
from numerics.losses.polynomial import hessian_of
from numerics.sampling.summary import EstimateError
from slt_symbolic.check.algebra.ring import terms
from slt_symbolic.germ.germ import Germ
from slt_symbolic.testing import Approximation, Undecided

SMALLEST_UNCERTAINTY = 1e-6  # an estimate without any scatter is not free of rounding


def sampler(name: str, point: str = "exact", **settings: Any) -> Callable[..., Approximation]:
    """The oracle that samples the network of the catalogue entry ``name`` at the sizes it is asked for.

    Of the entry only the network, its point and m are used, never its value.

    >>> from fractions import Fraction
    >>> from slt_symbolic.testing import check_formula
    >>> wrong = lambda d, p, K: Fraction(K * (d + p), 2)  # forgets that each unit can be rescaled
    >>> sizes = {"d": range(2, 3), "p": range(2, 3), "K": range(1, 2)}
    >>> print(str(check_formula(wrong, against=sampler("quadratic-generic"), sizes=sizes))[:39])
    d=2 p=2 K=1: formula 2, truth estimated
    >>> check_formula(lambda d, p, K: Fraction(K * (d + p - 1), 2), against=sampler("quadratic-generic"), sizes=sizes)
    """
    def oracle(**sizes: Any) -> Approximation:
        estimate = llc_of_entry(name, sizes, point=point, settings=Settings(**settings)).estimate
        return Approximation(estimate.mean, max(estimate.uncertainty, SMALLEST_UNCERTAINTY))

    return oracle


class GermLoss:
    """The sum of squares of the generators of a germ, a population: nbeta is free."""

    samples = None

    def __init__(self, germ: Germ) -> None:
        """Keep coefficients (generators, monomials) and exponents (monomials, variables)."""
        monomials = sorted({exponent for g in germ.generators for exponent in terms(g)})
        index = {exponent: i for i, exponent in enumerate(monomials)}
        self._coefficients = torch.zeros(len(germ.generators), len(monomials), dtype=torch.float64)
        for row, g in enumerate(germ.generators):
            for exponent, c in terms(g).items():
                self._coefficients[row, index[exponent]] = int(c.p) / int(c.q)
        self._exponents = torch.tensor(monomials, dtype=torch.int64)
        self.parameters = len(germ.variables)

    @property
    def shapes(self) -> Sequence[tuple[int, ...]]:
        """One vector."""
        return [(self.parameters,)]

    def value(self, theta: Tensor) -> Tensor:
        """(C, P) -> (C,)."""
        monomials = torch.ones(len(theta), len(self._exponents), dtype=theta.dtype)
        for j, powers in enumerate(self._powers(theta)):
            monomials = monomials * powers[:, self._exponents[:, j]]
        return ((monomials @ self._coefficients.T) ** 2).sum(1)

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """(C, P) -> (C,), (C, P)."""
        with torch.inference_mode(False), torch.enable_grad():  # the sampler runs without gradients
            theta = theta.clone().detach().requires_grad_()
            value = self.value(theta)
            (gradient,) = torch.autograd.grad(value.sum(), theta)
        return value.detach(), gradient

    def minibatch(self, theta: Tensor, size: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """All of it: there are no samples."""
        return self.value_and_gradient(theta)

    def hessian(self, theta: Tensor) -> Tensor:
        """(P,) -> (P, P)."""
        return hessian_of(lambda point: self.value(point[None])[0], theta)

    def _powers(self, theta: Tensor) -> Iterator[Tensor]:
        """For each variable its powers from 0 on: (C, degree + 1)."""
        for j, degree in enumerate(self._exponents.amax(0).tolist()):
            powers = [torch.ones_like(theta[:, j])]
            for _ in range(degree):
                powers.append(powers[-1] * theta[:, j])
            yield torch.stack(powers, 1)


def sampled(germ: Callable[..., Germ], *, draws: int = 300, **settings: Any) -> Callable[..., Approximation]:
    """The oracle that samples the sum of squares of the generators of ``germ(**sizes)``.

    `slt_symbolic.testing.sampled` finds it by its entry point. Where chains do not converge it is undecided.

    >>> from fractions import Fraction
    >>> from slt_symbolic.testing import check_formula
    >>> plane = sampled(lambda n: Germ.at([f"x{i}" for i in range(n)], [f"x{i}" for i in range(n)]))
    >>> print(str(check_formula(lambda n: Fraction(n), against=plane, sizes={"n": range(1, 2)}))[:31])
    n=1: formula 1, truth estimated
    """
    def oracle(**sizes: Any) -> Approximation:
        found = germ(**sizes)
        if not found.generators:
            raise Undecided("the loss is 0")
        loss = GermLoss(found)
        try:
            estimate = estimate_llc(loss, torch.zeros(loss.parameters, dtype=torch.float64),
                                    Settings(draws=draws, **settings))
        except EstimateError as error:
            raise Undecided(str(error)) from None
        return Approximation(estimate.mean, max(estimate.uncertainty, SMALLEST_UNCERTAINTY))

    return oracle
