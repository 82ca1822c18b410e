"""CP decompositions: half the rank at generic terms, a monomial at one term that is zero, brackets between."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import prod

from derivations.framework import Derivation, Step, require, require_equal
from slt_symbolic import closed_form, rlct
from slt_symbolic.closed_forms.tensors import expected_dimension, generic_rank, tensor_germ
from slt_symbolic.search.proofs.newton import monomial_threshold

SHAPES = ((2, 2, 2), (2, 2, 3), (2, 3, 3), (3, 3, 3), (2, 2, 2, 2))


def _one_term() -> None:
    for shape in SHAPES:
        places = [[int(k == index) for k in range(size)] for size in shape for index in range(size)]
        starts = [sum(shape[:mode]) for mode in range(len(shape))]
        exponents = []
        for entry in product(*map(range, shape)):
            chosen = [start + index for start, index in zip(starts, entry, strict=True)]
            exponents.append(tuple(int(k in chosen) for k in range(len(places))))
        require_equal(monomial_threshold(exponents), (Fraction(min(shape), 2), shape.count(min(shape))), f"Howald at {shape}")


def _scalings() -> None:
    deficient = {}
    for shape in SHAPES:
        for terms in range(1, 6):
            rank, expected = generic_rank(shape, terms), expected_dimension(shape, terms)
            require(rank <= expected, f"not more than expected at {shape}, {terms}")
            if rank < expected:
                deficient[shape, terms] = expected - rank
    require_equal(deficient, {((3, 3, 3), 4): 1, ((2, 2, 2, 2), 3): 1}, "the deficient cases, of which two are classical")


def _more_terms() -> None:
    for shape, terms, true in (((2, 2, 2), 2, 0), ((2, 2, 2), 2, 1)):
        found = rlct(tensor_germ(shape, terms, true), timeout=10)
        upper = Fraction(expected_dimension(shape, true) + (terms - true) * min(shape), 2)
        require(found.lower <= upper and found.upper >= Fraction(min(shape), 2), f"the engine at {shape}, {terms}, {true}")


def _nearby() -> None:
    for shape, terms in (((2, 2, 2), 4), ((2, 2, 3), 6)):
        require_equal(generic_rank(shape, terms // 2), prod(shape), f"half of {terms} terms are onto at {shape}")


def _compare() -> None:
    entry = closed_form("cp-tensor")
    for shape in SHAPES:
        expected = Fraction(min(shape), 2), shape.count(min(shape))
        require_equal(entry.formula({"shape": shape, "H": 1, "r": 0}), expected, f"one term, {shape}")
        for terms in range(1, 4):
            value = Fraction(min(terms * (sum(shape) - len(shape) + 1), prod(shape)), 2)
            require_equal(entry.formula({"shape": shape, "H": terms, "r": terms}), (value, 1), f"{terms} terms, {shape}")
    answer = entry.at(shape=(3, 3, 3), H=4, r=4)
    require_equal((answer.lower, answer.upper), (Fraction(13), Fraction(27, 2)), "a deficient case stays a bracket")


DERIVATION = Derivation(
    entry="cp-tensor",
    statement=r"""For tensors of sizes $n_1,\dots,n_d$, $d\ge3$, at a truth of $r$ generic terms, the other $H-r$ at zero,
$$\tfrac12\rho\le\lambda\le\tfrac12\bigl(D_r+(H-r)\min_in_i\bigr),\qquad D_r=\min\bigl(r(\textstyle\sum n_i-d+1),\prod n_i\bigr).$$
Here $\rho\le D_r$ is the rank of the Jacobian at the point. $\lambda=\tfrac12D_r$, $m=1$, if $\rho=D_r$ and $H=r$ or $D_r=\prod n_i$; one term at zero has $\lambda=\tfrac12\min n_i$, $m$ the number of $i$ that attain it. At $r=0$ $\lambda\ge\tfrac12\min n_i$.""",
    instances="One term is proved; ranks are certified size by size.",
    assumptions=(r"$T=\sum_{h\le H}a_h\otimes b_h\otimes\dots$, $K$ comparable to the squared distance to the true $T$",
                 "Abo, Ottaviani and Peterson (2009) have the dimensions and the deficient cases of many shapes"),
    steps=(
        Step("One term", r"The entries $a_ib_jc_k\cdots$ generate the product of the ideals $(a_i)$, $(b_j)$, …: separate variables, $\lambda=\min\tfrac{n_i}2$, and $m$ counts ties.", _one_term),
        Step("Generic terms", r"Each term may be scaled in $d-1$ ways without a change: the rank is at most $r(\sum n_i-d+1)$, and at most $\prod n_i$. From below, the rank modulo a prime. It is constant near a generic point, so $\lambda$ is half of it, if $H=r$ or if all entries are reached. The shape $(3,3,3)$ with 4 terms and $(2,2,2,2)$ with 3 have one less.", _scalings),
        Step("More terms", r"$K\le C\bigl(K_r+\sum_{h>r}|a_h|^2|b_h|^2\cdots\bigr)$ in separate variables: each other term adds at most $\tfrac12\min n_i$. From below, half the rank at the point. At $r=0$ half the complex threshold is a lower bound, and that of an ideal is at least that of its restriction to a linear space (inversion of adjunction), here of one term alone: $\min n_i$, monomial.", _more_terms),
        Step("All entries", r"If $r+\lfloor\frac{H-r}2\rfloor$ generic terms have rank $\prod n_i$, then so has an exact fit arbitrarily near, whose other terms come in pairs $(a,b,\dots)$, $(-a,b,\dots)$: $\lambda\le\tfrac12\prod n_i$.", _nearby),
        Step("Comparison", "The catalogue entry has these values.", _compare),
    ),
)
