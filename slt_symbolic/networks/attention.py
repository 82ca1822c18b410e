"""One-head softmax attention: what its loss sees near a teacher with distinct token logits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq_mat

from slt_symbolic.check.algebra.ring import Polynomial, ring_of
from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.germ import Germ
from slt_symbolic.networks.linear import Matrix, shifted, times


@dataclass(frozen=True)
class OneHeadAttention:
    """Logits ``sum_t softmax(E_{x_T} Q E_{x_t}^T) E_{x_t} U``; E is tokens × dimension, U dimension × tokens."""

    tokens: int
    dimension: int


def germ_at(network: OneHeadAttention, embedding: Matrix, scores: Matrix, unembedding: Matrix) -> Germ:
    """The germ at rational E, Q, U of the loss whose truth is the network itself, inputs uniform, two places or more.

    The generators are the entries of ``E U`` modulo constants in each row, and of the differences of scores
    ``E_a Q (E_t - E_v)^T``, minus their values. Logits on constant strings are the first; and where the tokens' logits
    differ modulo constants, those on strings of two tokens show the differences of scores.

    Raises `InvalidInput` if two tokens have the same logits modulo constants.

    >>> germ = germ_at(OneHeadAttention(2, 1), [[1], [2]], [[1]], [[1, 0]])
    >>> len(germ.expressions)
    4
    """
    v, e = network.tokens, network.dimension
    shapes = {"e": (v, e), "q": (e, e), "u": (e, v)}
    ring = ring_of([f"{name}{i}_{j}" for name, (m, n) in shapes.items() for i in range(m) for j in range(n)])
    variables = iter(ring.gens())
    first, second, third = (shifted(matrix, variables) for matrix in (embedding, scores, unembedding))
    seen = _modulo_last(times(first, third))
    origin = [0] * len(ring.gens())
    logits = [tuple(entry(*origin) for entry in row) for row in seen]
    if len(set(logits)) < v:
        raise InvalidInput("U", "gives two tokens the same logits, so that scores are not seen", "another teacher")
    differences = times(times(first, second), _modulo_last(_transposed(first)))
    return Germ.of(ring.names(), (f - f(*origin) for matrix in (seen, differences) for row in matrix for f in row))


def reduced_germ(tokens: int, known: int, extra: int) -> Germ:
    """What is left at a teacher of dimension ``known < tokens``, padded by ``extra`` zeros, of the germ.

    The ideal of ``L W, L rho G^T, sigma G^T`` at 0, ``L`` of shape (tokens - known) × extra, G all of its rows but the
    last, W with tokens - 1 columns, rho square, sigma with ``known`` rows (derivations/one_head_attention.py).

    >>> reduced_germ(2, 1, 1).expressions
    (l0_0*w0_0,)
    """
    shapes = {"l": (tokens - known, extra), "w": (extra, tokens - 1), "r": (extra, extra), "s": (known, extra)}
    ring = ring_of([f"{name}{i}_{j}" for name, (m, n) in shapes.items() for i in range(m) for j in range(n)])
    variables = iter(ring.gens())
    rows, columns, square, others = (shifted([[0] * n for _ in range(m)], variables) for m, n in shapes.values())
    products = [times(rows, columns)]
    if rows[:-1]:
        upper = _transposed(rows[:-1])
        products += [times(times(rows, square), upper), times(others, upper)]
    return Germ.of(ring.names(), (f for matrix in products for row in matrix for f in row))


def linear_rank(germ: Germ) -> int:
    """The rank over Q of the linear parts of the generators."""
    origin = [0] * len(germ.variables)
    rows = [[f.derivative(i)(*origin) for i in range(len(origin))] for f in germ.generators]
    return int(fmpq_mat(rows).rank())


def _transposed(matrix: Sequence[Sequence[Polynomial]]) -> list[list[Polynomial]]:
    return [list(column) for column in zip(*matrix, strict=True)]


def _modulo_last(matrix: Sequence[Sequence[Polynomial]]) -> list[list[Polynomial]]:
    """Each row less its last entry, which is left out."""
    return [[entry - row[-1] for entry in row[:-1]] for row in matrix]
