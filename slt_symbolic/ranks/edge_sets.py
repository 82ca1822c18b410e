r"""A minimising edge set: the upper bound for the generic rank on a set of training pairs.

Proposition. For a quadratic network of width ``K`` with ``p`` outputs on the pairs ``E`` and every
nonempty ``F ⊆ E``, with ``r(F)`` the vertices minus the components of ``F``,
    rank J <= p |E \ F| + K (p - 1 + r(F)).
Proof. A pair outside ``F`` has ``p`` rows. On ``F`` a unit with preactivation ``s`` has the tangent vectors
``R^p ⊗ s^2`` and ``V_j ⊗ s·(alpha(a) + beta(b))``; the second space has dimension ``r(F)`` and meets the
first in ``V_j ⊗ s^2``. QED

The best ``F`` minimises ``K r(F) + p |E \ F|``. It may be taken closed: the edges inside the blocks of a
partition of the vertices that minimises ``p·(crossing edges) - K·(blocks)``. That minimum is a Dilworth
truncation: one minimum cut a vertex finds it (W. Cunningham, Optimal attack and reinforcement of a
network, JACM 32, 1985). The search is not trusted: whoever uses ``F`` evaluates the bound.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from slt_symbolic.networks.data import Pair, TwoHotPairs, bipartite_graph, component_count

if TYPE_CHECKING:  # as in `networks.data`
    import networkx


def rank_bound(inputs: TwoHotPairs, kept: tuple[Pair, ...], outputs: int, units: int) -> int:
    """The proposition's bound for ``E = inputs.pairs`` and ``F = kept``.

    >>> square = TwoHotPairs(2, ((0, 0), (0, 1), (1, 0), (1, 1)))
    >>> rank_bound(square, square.pairs, outputs=2, units=1)
    4
    >>> rank_bound(square, (), outputs=2, units=1)
    Traceback (most recent call last):
        ...
    ValueError: kept: the edge set must be nonempty
    """
    if not kept:
        raise ValueError("kept: the edge set must be nonempty")
    forest_rank = inputs.width - component_count(inputs.modulus, kept)
    return outputs * (len(inputs.pairs) - len(kept)) + units * (outputs - 1 + forest_rank)


def minimising_edge_set(modulus: int, pairs: tuple[Pair, ...], units: int) -> tuple[Pair, ...]:
    r"""A closed ``F ⊆ pairs`` that minimises ``units·r(F) + modulus·|pairs \ F|`` (p = modulus); possibly empty.

    >>> minimising_edge_set(2, ((0, 0), (0, 1), (1, 1)), units=1)
    ((0, 0), (0, 1), (1, 1))
    >>> minimising_edge_set(2, ((0, 0), (0, 1), (1, 1)), units=3)
    ()
    """
    block = _best_partition(bipartite_graph(modulus, pairs), Fraction(units, modulus))
    return tuple((a, b) for a, b in pairs if block[a] == block[modulus + b])


def _best_partition(graph: networkx.Graph, reward: Fraction) -> dict[int, int]:
    """The block of each vertex in a partition that minimises ``crossing edges - reward·blocks``.

    Greedy for the Dilworth truncation of ``h(B) = den·d(B) - 2·num`` (``d`` the cut, ``reward = num/den``):
    ``level[v] = min {h(B) - level(B - v)}`` over the ``B`` that contain ``v`` and else processed vertices.
    """
    import networkx

    per_edge, per_block = reward.denominator, 2 * reward.numerator
    level: dict[int, int] = {}
    block = {vertex: vertex for vertex in graph}
    for vertex in graph:
        network = networkx.DiGraph()
        network.add_nodes_from((vertex, "sink"))
        for one, other in graph.edges:
            ends = {end if end == vertex or end in level else "sink" for end in (one, other)}
            if len(ends) == 2:
                for tail, head in (tuple(ends), tuple(ends)[::-1]):
                    previous = network.get_edge_data(tail, head, {"capacity": 0})["capacity"]
                    network.add_edge(tail, head, capacity=previous + per_edge)
        for processed, value in level.items():
            tail, head = (vertex, processed) if value > 0 else (processed, "sink")
            if value:
                previous = network.get_edge_data(tail, head, {"capacity": 0})["capacity"]
                network.add_edge(tail, head, capacity=previous + abs(value))
        cut, (inside, _) = networkx.minimum_cut(network, vertex, "sink")
        # A positive level is paid where its vertex stays outside: subtract the constant.
        level[vertex] = cut - sum(value for value in level.values() if value > 0) - per_block
        merged = {block[member] for member in inside}
        for member in level:
            if block[member] in merged:
                block[member] = block[vertex]
    return block
