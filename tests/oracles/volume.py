"""A numerical estimate of lambda in the plane that shares nothing with the engine: areas of sublevel sets.

Near the origin ``V(e) = area{K <= e}`` is ``e^lambda (c_0 + c_1 log(1/e) + ... + c_{m-1} log(1/e)^{m-1})`` up to a
factor ``1 + O(e^delta)``, delta the distance to the next pole. For fixed x the set ``{y : K(x, y) <= e}`` is a union of
intervals between roots, so its length is known to rounding; the integral over ``x = +-exp(-t)`` is a sum over a grid of
t, which sees all scales alike. With m known, m + 1 areas at geometric levels decide lambda: the m-th difference of
``V(e) e^-lambda`` vanishes.
"""

from __future__ import annotations

import numpy as np
import sympy

X, Y = sympy.symbols("x y")
GRID = 1500
COARSEST, FINEST = 1e-12, 1e-18


def estimated_lambda(generators: list[str], multiplicity: int, function: bool = False) -> float:
    """lambda at the origin of the plane of x and y; ``multiplicity`` is 1 or 2, ``function`` as in `rlct`."""
    ratio = (FINEST / COARSEST) ** (1 / multiplicity)
    areas = [area(generators, COARSEST * ratio**i, function) for i in range(multiplicity + 1)]
    if multiplicity == 1:
        scale = areas[1] / areas[0]
    else:  # the areas are s^i (a + i b) with s = ratio^lambda: v_0 s^2 - 2 v_1 s + v_2 = 0, and b > 0 picks the root
        v_0, v_1, v_2 = areas
        scale = v_2 / (v_1 + np.sqrt(v_1**2 - v_0 * v_2))
    return float(np.log(scale) / np.log(ratio))


def area(generators: list[str], level: float, function: bool = False) -> float:
    """The area of ``K <= level`` in the square ``[-1, 1]^2``."""
    polynomials = [sympy.sympify(g.replace("^", "**"), locals={"x": X, "y": Y}) for g in generators]
    loss = polynomials[0] if function else sum(f**2 for f in polynomials)
    if function or len(polynomials) > 1:
        boundaries = [loss - sympy.Float(level)]
    else:  # the roots of f^2 = level are too close to one another for a machine
        boundaries = [polynomials[0] + sign * sympy.Float(level**0.5) for sign in (1, -1)]
    step = (10 - np.log(level)) / GRID
    x = np.exp(-(np.arange(GRID) + 0.5) * step)
    return float(sum(np.sum(_lengths(loss, boundaries, sign * x, level) * x) * step for sign in (1, -1)))


def _lengths(loss: sympy.Expr, boundaries: list[sympy.Expr], x: np.ndarray, level: float) -> np.ndarray:
    """The length of ``{-1 <= y <= 1 : K(x, y) <= level}`` for each x.

    Between consecutive real parts of the roots of ``K = level`` the sign of ``K - level`` is constant.
    """
    corners = np.broadcast_to([-1.0, 1.0], (len(x), 2))
    ends = np.concatenate([corners, *(_roots(sympy.Poly(b, Y), x) for b in boundaries)], axis=1)
    ends = np.sort(ends.clip(-1, 1))
    middles = (ends[:, 1:] + ends[:, :-1]) / 2
    inside = sympy.lambdify((X, Y), loss)(x[:, None], middles) <= level
    return np.sum(np.diff(ends) * inside, axis=1)


def _roots(polynomial: sympy.Poly, x: np.ndarray) -> np.ndarray:
    """The real parts of the roots in y, one row for each x: eigenvalues of companion matrices."""
    degree = polynomial.degree()
    leading, *others = (np.broadcast_to(sympy.lambdify(X, c)(x), x.shape) for c in polynomial.all_coeffs())
    companion = np.zeros((len(x), degree, degree))
    companion[:, np.arange(1, degree), np.arange(degree - 1)] = 1
    companion[:, 0, :] = -np.stack(others, axis=1) / leading[:, None]
    return np.linalg.eigvals(companion).real
