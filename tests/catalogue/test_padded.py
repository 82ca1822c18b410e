"""Units that do nothing beside generic ones."""

import itertools
from fractions import Fraction

import pytest

from slt_symbolic import closed_forms


@pytest.mark.parametrize(("d", "p", "K", "dead", "silent", "blind", "value", "m"), [
    (2, 2, 3, 7, 2, 1, "3", 1), (1, 4, 2, 3, 0, 0, "2", 1),  # active units of full rank: idle ones cost nothing
    (4, 3, 2, 0, 2, 0, "9", 1),  # two atoms of 6 directions, and two V of 3
    (3, 2, 1, 0, 0, 1, "11/4", 1),  # 4 directions, and |w|^4 on R^3
    (6, 4, 2, 0, 1, 2, "14", 1),  # 2 of 9 directions, V of 4, twice |w|^4 on R^6
    (2, 2, 1, 0, 0, 1, "2", 2),  # 3 directions, then w_2 (w_1, w_2): 1/2 twice
    (2, 1, 1, 1, 0, 0, "5/4", 1),  # 2 directions, then V w_2^2
    (4, 1, 2, 1, 0, 0, "4", 2), (9, 1, 4, 1, 0, 0, "31/2", 1),  # symmetric matrices of rank K, then V |w|^2 on R^(d-K)
    (3, 1, 1, 1, 0, 0, "2", 2),  # 3 directions, then |V|^2 |w|^4 on R x R^2
    (2, 2, 1, 1, 1, 0, "3", 3),  # all but V_2 w_1 w_2
    (3, 2, 2, 1, 0, 0, "9/2", 1),  # 8 directions, then w_3 = 0
    (7, 4, 3, 1, 2, 0, "83/4", 1), (6, 3, 2, 1, 0, 0, "19/2", 2),  # min(p/2, d/4) on top
])
def test_padded_known_answers(d, p, K, dead, silent, blind, value, m):
    answer = closed_forms["quadratic-padded"].at(d=d, p=p, K=K, dead=dead, silent=silent, blind=blind)
    assert (answer.lambda_, answer.multiplicity) == (Fraction(value), m)
    assert answer.evidence.grade == "proved"


def test_padding_is_a_bracket_elsewhere():
    entry = closed_forms["quadratic-padded"]
    several = entry.at(d=5, p=3, K=2, dead=3)
    assert (several.lambda_, several.lower, several.upper) == (None, 7 + Fraction(5, 4), 7 + Fraction(15, 4))
    wide = entry.at(d=12, p=2, K=2, dead=3)
    assert (wide.lambda_, wide.multiplicity) == (13 + 3, None)  # 3 times p/2
    many = entry.at(d=4, p=3, K=5, dead=1, silent=1)
    assert (many.lower, many.upper) == (Fraction(29, 2), Fraction(29, 2) + Fraction(3, 2) + 1)
    assert entry.at(d=10**16, p=10**17, K=10**15, dead=1).lambda_ is not None
    assert entry.at(d=40, p=30, K=400, dead=2, silent=3, blind=1).lower >= closed_forms["quadratic-generic"].at(
        d=40, p=30, K=400).lower


def test_padding_by_what_the_other_entries_know():
    """At most what a dead unit costs alone; nearby it is silent on the atom, and near that silent elsewhere."""
    padded, dead = closed_forms["quadratic-padded"], closed_forms["quadratic-dead-unit"]
    for d, p in itertools.product(range(2, 7), range(1, 5)):
        generic = closed_forms["quadratic-generic"].at(d=d, p=p, K=1).lambda_
        answer = padded.at(d=d, p=p, K=1, dead=1)
        assert generic <= answer.lambda_ <= generic + dead.at(d=d, p=p).lambda_
        coinciding = closed_forms["quadratic-coinciding-units"].at(d=d, p=p, active=1, rank=1).lambda_
        assert answer.lambda_ <= coinciding <= padded.at(d=d, p=p, K=1, dead=0, silent=1).lambda_
