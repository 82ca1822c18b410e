"""``nbeta E[K]`` to many digits where the dimension allows: a third way, independent of any sampler.

For ``K = c |u|^2 |v|^k`` with ``u`` in R^a, ``v`` in R^b (one quadratic unit at zero truth, one hidden unit of a linear
network) the integral over u is Gaussian and that over v is radial; what is left has one dimension.
"""

from __future__ import annotations

from dataclasses import dataclass

import mpmath

DIGITS = 30
LOWEST, HIGHEST, PIECE = -90, 6, 3  # of log |v|; beyond, the integrand is below the last digit for gamma = 1


@dataclass(frozen=True)
class RadialProduct:
    """``K = factor |u|^2 |v|^power``, ``u`` in R^a (``quadratic``), ``v`` in R^b (``radial``)."""

    factor: float
    quadratic: int
    radial: int
    power: int

    def expectation(self, nbeta: float, gamma: float) -> mpmath.mpf:
        """``nbeta E[K]`` under ``exp(-nbeta K - gamma/2 (|u|^2 + |v|^2))``.

        Given v, u is Gaussian of precision ``gamma + 2 nbeta c |v|^k`` in each direction.

        >>> mpmath.nstr(RadialProduct(1.0, 1, 1, 2).expectation(1e4, 1.0), 4)  # K = x^2 y^2, lambda = 1/2, m = 2
        '0.4123'
        """
        with mpmath.workdps(DIGITS):
            def stiff(s: mpmath.mpf) -> mpmath.mpf:
                return 2 * mpmath.mpf(nbeta) * self.factor * mpmath.exp(self.power * s)

            def weight(s: mpmath.mpf) -> mpmath.mpf:
                radius = mpmath.exp(2 * s)
                return (mpmath.exp(self.radial * s - gamma * radius / 2)
                        * (gamma + stiff(s)) ** (-mpmath.mpf(self.quadratic) / 2))

            shift = -mpmath.log(gamma) / 2
            ends = [shift + x for x in range(LOWEST, HIGHEST + 1, PIECE)]
            above = mpmath.quad(lambda s: weight(s) * stiff(s) / (gamma + stiff(s)), ends)
            return self.quadratic * above / mpmath.quad(weight, ends) / 2
