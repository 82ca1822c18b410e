"""Deep linear networks at any exact fit: ranks, strata near the point, and what they bound."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations, pairwise, product

from flint import fmpq_mat

from derivations import deep_linear, reduced_rank
from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_form, rlct
from slt_symbolic.closed_forms.deep_linear_local import codimension, multiplicities, normal_form, rank_of_jacobian
from slt_symbolic.networks.linear import LinearNetwork, germ_at

Lines = dict[tuple[int, int], int]


def _some_lines(rng: random.Random, layers: int) -> tuple[tuple[int, ...], Lines]:
    """Lines at random, and the widths that they make."""
    while True:
        lines = {(i, j): rng.randint(0, 1) for i in range(layers) for j in range(i, layers)}
        widths = tuple(sum(number for (i, j), number in lines.items() if i <= k <= j) for k in range(layers))
        if min(widths) >= 1:
            return widths, lines


def _ranks_of(matrices: list[list[list[int]]]) -> dict[tuple[int, int], int]:
    found = {}
    for i, j in combinations(range(len(matrices) + 1), 2):
        whole = fmpq_mat(matrices[i])
        for matrix in matrices[i + 1:j]:
            whole = fmpq_mat(matrix) * whole
        found[i, j] = int(whole.rank())
    return found


def _ranks_and_lines() -> None:
    rng = random.Random(0)
    for layers in (3, 4, 5) * 8:
        widths, lines = _some_lines(rng, layers)
        ranks = _ranks_of(normal_form(widths, lines))
        require_equal(multiplicities(widths, ranks), lines, f"lines from ranks at widths {widths}")


def _jacobian_rank() -> None:
    rng = random.Random(1)
    for layers in (3, 4, 5) * 6:
        widths, lines = _some_lines(rng, layers)
        matrices = normal_form(widths, lines)
        germ = germ_at(LinearNetwork(widths), matrices)
        origin = [0] * len(germ.variables)
        rows = [[f.derivative(i)(*origin) for i in range(len(origin))] for f in germ.generators]
        rank = int(fmpq_mat(rows).rank()) if rows else 0
        require_equal(rank_of_jacobian(widths, _ranks_of(matrices)), rank, f"the Jacobian at widths {widths}, lines {lines}")


def _codimension() -> None:
    rng = random.Random(2)
    for layers in (3, 4) * 6:
        widths, lines = _some_lines(rng, layers)
        matrices = [fmpq_mat(matrix) for matrix in normal_form(widths, lines)]
        parameters = sum(a * b for a, b in pairwise(widths))
        rows = []  # tangent vectors (g_{i+1} A_i - A_i g_i) of the orbit of changes of basis that leave the product alone
        for k, d in enumerate(widths[1:-1], 1):
            for x in range(d):
                for y in range(d):
                    unit = fmpq_mat([[int((a, b) == (x, y)) for b in range(d)] for a in range(d)])
                    parts = [0 * matrix for matrix in matrices]
                    parts[k - 1], parts[k] = unit * matrices[k - 1], -1 * (matrices[k] * unit)
                    rows.append([entry for part in parts for entry in part.entries()])
        inner = int(fmpq_mat(rows).rank())
        outer = _stabiliser_directions(widths, matrices)
        require_equal(codimension(widths, lines), parameters - int(fmpq_mat([*rows, *outer]).rank()),
                      f"codimension at widths {widths}, lines {lines} ({inner} of inner layers)")


def _stabiliser_directions(widths: tuple[int, ...], matrices: list[fmpq_mat]) -> list[list[object]]:
    """Changes of basis of the first and last layer that leave the product alone, as tangent vectors."""
    whole = matrices[0]
    for matrix in matrices[1:]:
        whole = matrix * whole
    units, images = [], []
    for layer, d in ((0, widths[0]), (len(widths) - 1, widths[-1])):
        for x in range(d):
            for y in range(d):
                unit = fmpq_mat([[int((a, b) == (x, y)) for b in range(d)] for a in range(d)])
                units.append((layer, unit))
                images.append((unit * whole if layer else -1 * (whole * unit)).entries())
    system = fmpq_mat([list(image) for image in images]).transpose()
    kernel, found = _kernel(system), []
    for combination in kernel:
        parts = [0 * matrix for matrix in matrices]
        for coefficient, (layer, unit) in zip(combination, units, strict=True):
            if layer:
                parts[-1] = parts[-1] + coefficient * (unit * matrices[-1])
            else:
                parts[0] = parts[0] - coefficient * (matrices[0] * unit)
        found.append([entry for part in parts for entry in part.entries()])
    return found


def _kernel(matrix: fmpq_mat) -> list[list[object]]:
    """A basis of the vectors that the matrix kills."""
    echelon, rank = matrix.rref()
    pivots = [next(j for j in range(matrix.ncols()) if echelon[i, j] != 0) for i in range(rank)]
    basis = []
    for free in sorted(set(range(matrix.ncols())) - set(pivots)):
        vector: list[object] = [0] * matrix.ncols()
        vector[free] = 1
        for i, pivot in enumerate(pivots):
            vector[pivot] = -echelon[i, free]
        basis.append(vector)
    return basis


def _against_the_engine() -> None:
    entry = closed_form("deep-linear-local")
    rng, decided = random.Random(3), 0
    for _ in range(25):
        widths, lines = _some_lines(rng, 4)
        if sum(a * b for a, b in pairwise(widths)) > 16:
            continue
        matrices = normal_form(widths, lines)
        ranks = ",".join(f"{i}.{j}:{rank}" for (i, j), rank in _ranks_of(matrices).items())
        stated = entry.at(widths=widths, ranks=ranks)
        germ = germ_at(LinearNetwork(widths), matrices)
        if germ.generators:
            found = rlct(germ, timeout=10)
            require(stated.lower <= found.upper and found.lower <= stated.upper, f"the engine at widths {widths}, ranks {ranks}")
            decided += stated.lambda_ is not None
    require(decided >= 3, "some of them are decided")


def _compare() -> None:
    require_equal((deep_linear.DERIVATION.entry, reduced_rank.LOCAL.entry), ("deep-linear", "reduced-rank-regression-local"),
                  "proved there")
    entry = closed_form("deep-linear-local")
    for widths, r, multiplicity in (((2, 2, 2, 2), 0, 3), ((3, 3, 3, 3), 1, 3), ((3, 2, 4), 2, 1)):  # m: Aoyagi (2024)
        last = len(widths) - 1
        costs = []
        for ranks in product(*(range(r, min(widths[i:j + 1]) + 1) for i, j in combinations(range(last + 1), 2))):
            pattern = dict(zip(combinations(range(last + 1), 2), ranks, strict=True))
            lines = multiplicities(widths, pattern)
            if pattern[0, last] == r and min(lines.values()) >= 0:
                costs.append(codimension(widths, lines))
        require_equal(entry.formula({"widths": widths, "r": r}), (Fraction(min(costs), 2), multiplicity), f"{widths}, {r}")


DERIVATION = Derivation(
    entry="deep-linear-local",
    statement=r"""Let $r_{ij}$ be the ranks of the partial products $A_j\cdots A_{i+1}$, $0\le i<j\le L$, at an exact fit of $L$ layers. Then
$$\max\bigl(\tfrac12\rho,\lambda_{\min}\bigr)\le\lambda\le\tfrac12\min\operatorname{codim},\qquad\rho=\sum_{i=1}^L(r_{iL}-r_{i-1,L})\,r_{0,i-1}\quad(r_{0L}\text{ replaced by }0,\ r_{LL}=d_L,\ r_{00}=d_0),$$
$\lambda_{\min}$ the value of `deep-linear`, the codimensions those of the strata of exact fits near the point. If $\rho$ meets the codimension, $m=1$. If all $r_{ij}=r$ it is the value of `deep-linear`, with two matrices that of `reduced-rank-regression-local`.""",
    assumptions=("$f(x)=A_L\\cdots A_1x$, the inputs span; widths $d_0,\\dots,d_L$",),
    steps=(
        Step("Ranks and lines", r"""Up to bases of the layers a fit is a direct sum of lines, basis vectors that live from layer $i$ to layer $j$ (representations of a quiver of type A); their numbers are
$$m_{ij}=r_{ij}-r_{i-1,j}-r_{i,j+1}+r_{i-1,j+1}.$$
So the ranks determine $\lambda$ and $m$, and ranks are possible if and only if all $m_{ij}\ge0$.""", _ranks_and_lines),
        Step("The rank of the Jacobian", r"The derivative is $\sum_i(A_L\cdots A_{i+1})\,dA_i\,(A_{i-1}\cdots A_1)$. The images of $A_L\cdots A_{i+1}$ grow with $i$, the row spaces of $A_{i-1}\cdots A_1$ shrink: the sum of the $U_i\otimes W_i$ has dimension $\sum(u_i-u_{i-1})w_i=\rho$, and half of it is a lower bound.", _jacobian_rank),
        Step("Strata", r"""The fits of given ranks are an orbit of the changes of basis that leave the product alone. Its codimension is
$$\sum d_id_{i+1}-\Bigl(\sum d_i^2-\sum_{i\le x\le j\le y}m_{ij}m_{xy}\Bigr)+r(d_0+d_L)-r^2.$$
A stratum comes near the point if its ranks are at least as large (Abeasis and Del Fra 1980); half the least codimension of these is an upper bound. As $\lambda$ is not smaller than the least over the fibre, `deep-linear` bounds it from below.""", _codimension),
        Step("Against the engine", "At fits drawn at random, with certificates.", _against_the_engine),
        Step("Comparison", "Without ranks the entry is about the fit whose ranks are all $r$, and has the values of `deep-linear`, whose derivation has the proof: half the least codimension of all strata.", _compare),
    ),
)
