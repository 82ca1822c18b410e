"""Data models: which evaluations of the network the loss sees.

For a quadratic network the loss depends on the inputs only through the values ``(w·x)^2``, so a data
model is a finite list of integer inputs, one a row, and whether the loss is centred (constants over
the inputs are not seen). Three numbers describe it:

``width``       number ``d`` of input coordinates
``equations``   number ``M`` of independent values per output: squares ``(w·x)^2`` span them all
``span``        rank ``r`` of the input matrix: the directions of ``w`` that the data see
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from slt_symbolic.errors import InvalidInput

if TYPE_CHECKING:  # importing it takes longer than most look-ups, which need no graph
    import networkx

Pair = tuple[int, int]


class Counts(Protocol):
    """The numbers of a data model: enough for bounds that hold for every data set with these numbers."""

    @property
    def width(self) -> int:
        """The number d of coordinates of an input."""

    @property
    def equations(self) -> int:
        """The number M of independent values per output that the loss sees."""

    @property
    def span(self) -> int:
        """The rank r of the input matrix: the directions of the inner weights that the data see."""


class Inputs(Counts, Protocol):
    """A data model whose inputs are known, one a row of `matrix`."""

    @property
    def centred(self) -> bool:
        """Whether constants over the inputs are not seen."""

    def matrix(self) -> NDArray[np.int64]:
        """The inputs, integers, one a row: (number of inputs, width)."""


@dataclass(frozen=True)
class QuadraticForms:
    """Inputs that identify quadratic forms on R^d (Gaussian inputs, say).

    They are represented by the ``d(d+1)/2`` inputs ``e_a`` and ``e_a + e_b``: a quadratic form is
    determined by its values there, so the ideal of the loss is the same.

    >>> QuadraticForms(2).matrix().tolist()
    [[1, 0], [0, 1], [1, 1]]
    """

    width: int

    @property
    def centred(self) -> bool:
        """False: a constant over the inputs is seen."""
        return False

    @property
    def equations(self) -> int:
        """The number ``d(d+1)/2`` of monomials of a quadratic form on R^d."""
        return self.width * (self.width + 1) // 2

    @property
    def span(self) -> int:
        """All d directions."""
        return self.width

    def matrix(self) -> NDArray[np.int64]:
        """The inputs ``e_a``, then ``e_a + e_b`` for a < b: (d(d+1)/2, d)."""
        identity = np.eye(self.width, dtype=np.int64)
        first, second = np.triu_indices(self.width, 1)
        return np.vstack([identity, identity[first] + identity[second]])


@dataclass(frozen=True)
class TwoHotPairs:
    """Two-hot inputs ``[e_a; e_b]`` in R^{2p} of modular addition, for the given pairs ``(a, b)``.

    The pairs are the edges of a bipartite graph on ``2p`` vertices; ``(u, v)·[e_a; e_b] = u(a) + v(b)``.
    Squares ``(u(a) + v(b))^2`` span all functions on the pairs (polarise: they contain ``u(a) v(b)``),
    so there are ``N`` equations per output, ``N - 1`` if centred; ``span = 2p - components``.

    >>> data = TwoHotPairs(2, ((0, 0), (0, 1), (1, 1)), centred=True)
    >>> data.equations, data.span, data.components
    (2, 3, 1)
    """

    modulus: int
    pairs: tuple[Pair, ...]
    centred: bool = True

    @property
    def number(self) -> int:
        """The number N of pairs."""
        return len(self.pairs)

    @property
    def width(self) -> int:
        """The length 2p of an input: one place for each a, one for each b."""
        return 2 * self.modulus

    @property
    def equations(self) -> int:
        """The number of independent values per output: N, or N - 1 if centred."""
        return self.number - int(self.centred)

    @property
    def span(self) -> int:
        """The rank of the inputs: 2p less the components."""
        return self.width - self.components

    @cached_property
    def components(self) -> int:
        """Connected components of the bipartite graph, isolated vertices included."""
        return component_count(self.modulus, self.pairs)

    def matrix(self) -> NDArray[np.int64]:
        """The inputs ``[e_a; e_b]``, in the order of the pairs: (N, 2p)."""
        rows = np.zeros((len(self.pairs), self.width), dtype=np.int64)
        first, second = np.array(self.pairs, dtype=np.int64).reshape(-1, 2).T
        index = np.arange(len(self.pairs))
        rows[index, first] = 1
        rows[index, self.modulus + second] = 1
        return rows


@dataclass(frozen=True)
class PairCounts:
    """Modular addition on ``number`` pairs with ``components`` components; which pairs is not known.

    >>> PairCounts(3, number=9, components=1, centred=True).equations
    8
    >>> PairCounts(3, number=3, components=1, centred=True)
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: components=1: 3 pairs at p=3 have 3 to 3 components; try components=3
    """

    modulus: int
    number: int
    components: int
    centred: bool = True

    def __post_init__(self) -> None:
        p, n = self.modulus, self.number
        if not int(self.centred) < n <= p * p:
            low = 1 + int(self.centred)
            raise InvalidInput(f"N={n}", f"must be from {low} to p^2 = {p * p}", f"N={p * p}")
        # A forest has the fewest components; a complete bipartite block, as square as can be, the most.
        low = max(1, 2 * p - n)
        block = math.isqrt(4 * n - 1) + 1  # least number of vertices whose bipartite graphs can have n edges
        high = 2 * p - block + 1
        if not low <= self.components <= high:
            raise InvalidInput(f"components={self.components}",
                               f"{n} pairs at p={p} have {low} to {high} components", f"components={low}")

    @property
    def width(self) -> int:
        """The length 2p of an input."""
        return 2 * self.modulus

    @property
    def equations(self) -> int:
        """The number of independent values per output: N, or N - 1 if centred."""
        return self.number - int(self.centred)

    @property
    def span(self) -> int:
        """The rank of the inputs: 2p less the components."""
        return self.width - self.components


def all_pairs(modulus: int, centred: bool = True) -> TwoHotPairs:
    """Modular addition on all ``p^2`` pairs."""
    return TwoHotPairs(modulus, tuple((a, b) for a in range(modulus) for b in range(modulus)), centred)


def path_of_pairs(modulus: int, components: int) -> tuple[Pair, ...]:
    """The path 0 - p - 1 - (p+1) - ...: a tree with that many components, those of the isolated vertices included.

    >>> path_of_pairs(3, 3)
    ((0, 0), (1, 0), (1, 1))
    """
    return tuple(((edge + 1) // 2, edge // 2) for edge in range(2 * modulus - components))


def bipartite_graph(modulus: int, pairs: Iterable[Pair]) -> networkx.Graph:
    """The edges ``a - (p + b)`` for the pairs ``(a, b)``; vertices without an edge are left out."""
    import networkx

    return networkx.Graph((a, modulus + b) for a, b in pairs)


def component_count(modulus: int, pairs: Iterable[Pair]) -> int:
    """Connected components of the graph on all ``2p`` vertices, isolated ones included.

    >>> component_count(3, [(0, 0), (1, 1)])
    4
    """
    import networkx

    graph = bipartite_graph(modulus, pairs)
    return 2 * modulus - len(graph) + int(networkx.number_connected_components(graph))


def check_pairs(modulus: int, pairs: object, centred: bool) -> tuple[Pair, ...]:
    """``pairs`` as a tuple of distinct pairs of residues, or `InvalidInput`.

    >>> check_pairs(3, [[0, 1], [2, 2]], True)
    ((0, 1), (2, 2))
    >>> check_pairs(3, [[0, 3], [1, 1]], True)
    Traceback (most recent call last):
        ...
    slt_symbolic.errors.InvalidInput: pairs: entry 0 is [0, 3], not two integers from 0 to 2; try [[0, 1], [1, 2], ...]
    """
    example = "[[0, 1], [1, 2], ...]"
    if not isinstance(pairs, Iterable) or isinstance(pairs, (str, bytes, Mapping)):
        raise InvalidInput("pairs", "must be a list of [a, b]", example)
    checked = []
    for index, pair in enumerate(pairs):
        ordered = isinstance(pair, (list, tuple)) or hasattr(pair, "tolist")  # a set has no order
        residues = [_residue(x, modulus) for x in np.atleast_1d(np.array(pair, dtype=object))] if ordered else []
        if len(residues) != 2 or None in residues:
            shown = " ".join(f"{pair!r:.60}".split())
            raise InvalidInput("pairs", f"entry {index} is {shown}, not two integers from 0 to {modulus - 1}", example)
        checked.append((residues[0], residues[1]))
    if len(set(checked)) < len(checked):
        raise InvalidInput("pairs", "a pair occurs twice", "a list of distinct pairs")
    if len(checked) <= int(centred):
        raise InvalidInput("pairs", f"{len(checked)} of them leave no equation", f"at least {1 + int(centred)} pairs")
    return tuple(checked)  # type: ignore[arg-type]


def _residue(value: object, modulus: int) -> int | None:
    """``value`` if it is an integer from 0 to ``modulus - 1``, else None."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None
    return number if 0 <= number < modulus and not isinstance(value, bool) else None
