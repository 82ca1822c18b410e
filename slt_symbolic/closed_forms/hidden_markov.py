"""Hidden Markov models of finite sequences: the minimum over the fibre of a truth with fewer states."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import sympy
from flint import nmod_mat

from slt_symbolic.closed_forms.at_weights import AUDIT_SECONDS
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Condition, Derived, Parameter, Sizes
from slt_symbolic.closed_forms.sources import THIS_PROJECT, YAMAZAKI_WATANABE_2005
from slt_symbolic.conventions import lambda_of_rank
from slt_symbolic.engine import rlct
from slt_symbolic.evidence import Evidence
from slt_symbolic.ranks.jacobian import PRIME
from slt_symbolic.threshold import Bound, Threshold

STATES = Parameter("k", "number of states of the model")
TRUE_STATES = Parameter("r", "number of states of the truth")
SYMBOLS = Parameter("s", "number of symbols", minimum=2)
LENGTH = Parameter("L", "length of the sequences", minimum=2)
k, r, s, L = (parameter.symbol for parameter in (STATES, TRUE_STATES, SYMBOLS, LENGTH))
U, m = sympy.symbols("U m")
MOST_WORDS = 300  # of a length whose Jacobian is computed; longer words know at least as much
MOST_STATES = 12  # up to which it is computed


def _derived(sizes: Sizes) -> tuple[int, int]:
    """``U, m``: four times lambda or an upper bound of it, and m.

    >>> _derived({"k": 2, "r": 1, "s": 4, "L": 5})
    (10, 3)
    """
    states, true, symbols = sizes["k"], sizes["r"], sizes["s"]
    if (states, true) == (2, 1):
        return 2 * (symbols - 1) + min(symbols, 4), {2: 2, 3: 1, 4: 3}.get(symbols, 2)
    if states == true:
        return 2 * dimension(states, symbols, sizes["L"]), 1
    return 2 * (true * (symbols - 1) + true * (states - 1) + states - 1), 1


def dimension(states: int, symbols: int, length: int) -> int:
    """The number of parameters, or of equations; of length 2 also that of matrices with one space of rows and columns.

    >>> dimension(2, 2, 2), dimension(2, 3, 2), dimension(2, 3, 3)
    (3, 5, 7)
    """
    bound: int = states * (symbols - 1) + states * (states - 1) + states - 1
    bound = min(bound, symbols**min(length, bound.bit_length()) - 1)  # 2^bit_length exceeds the bound
    if length == 2 and states < symbols:
        bound = min(bound, states * symbols - 1)
    return bound


def words_of(start: list[sympy.Expr], moves: list[list[sympy.Expr]], emissions: list[list[sympy.Expr]],
             length: int) -> list[sympy.Expr]:
    """The probabilities of all words of this length."""
    states, symbols = range(len(start)), range(len(emissions[0]))
    found = []
    for word in product(symbols, repeat=length):
        reached = [start[h] * emissions[h][word[0]] for h in states]
        for x in word[1:]:
            reached = [sum(reached[g] * moves[g][h] for g in states) * emissions[h][x] for h in states]
        found.append(sum(reached))
    return found


def generic_rank(states: int, symbols: int, length: int) -> int:
    """The rank of the probabilities of words in the parameters modulo a prime, at seeded parameters."""
    length = min(length, MOST_WORDS.bit_length())  # two symbols have more words of this length
    while symbols**length > MOST_WORDS and length > 2:
        length -= 1
    rng = random.Random(0)
    start, *moves = (_shares(rng, states) for _ in range(states + 1))
    emissions = [_shares(rng, symbols) for _ in range(states)]
    rows = [_derivatives(start, moves, emissions, word) for word in product(range(symbols), repeat=length)]
    return int(nmod_mat(rows, PRIME).rank())


def _shares(rng: random.Random, count: int) -> list[int]:
    """Random numbers modulo the prime whose sum is 1."""
    values = [rng.randrange(PRIME) for _ in range(count - 1)]
    return [*values, (1 - sum(values)) % PRIME]


def _derivatives(start: list[int], moves: list[list[int]], emissions: list[list[int]],
                 word: tuple[int, ...]) -> list[int]:
    """The gradient of a word's probability in the parameters: forward and backward sums; last shares depend."""
    states = range(len(start))
    forward = [[start[h] * emissions[h][word[0]] % PRIME for h in states]]
    for x in word[1:]:
        forward.append([sum(forward[-1][g] * moves[g][h] for g in states) * emissions[h][x] % PRIME for h in states])
    backward = [[1] * len(start)]
    for x in reversed(word[1:]):
        seen = [emissions[h][x] * backward[0][h] for h in states]
        backward.insert(0, [sum(moves[g][h] * seen[h] for h in states) % PRIME for g in states])
    full = [emissions[h][word[0]] * backward[0][h] for h in states]
    found = [full[h] - full[-1] for h in states[:-1]]
    for g in states:
        change = [sum(forward[t][g] * emissions[h][x] * backward[t + 1][h] for t, x in enumerate(word[1:]))
                  for h in states]
        found += [change[h] - change[-1] for h in states[:-1]]
    for h in states:
        before = [start[h], *(sum(forward[t][g] * moves[g][h] for g in states) for t in range(len(word) - 1))]
        change = [sum(before[t] * backward[t][h] for t, x in enumerate(word) if x == symbol)
                  for symbol in range(len(emissions[0]))]
        found += [value - change[-1] for value in change[:-1]]
    return [value % PRIME for value in found]


def _decide(sizes: Sizes) -> Threshold:
    value, multiplicity = HIDDEN_MARKOV.formula(sizes)
    states, true, symbols = sizes["k"], sizes["r"], sizes["s"]
    if (states, true) in ((1, 1), (2, 1)):
        how = "differences of emissions times those of the chain, monomials"
        return Threshold(value, value, multiplicity, Evidence("proved", how, (THIS_PROJECT,)))
    if states != true:
        return Threshold.between(Bound(Fraction(symbols - 1, 2), "the first symbol's distribution"),
                                 Bound(value, "true states, and others that are never reached"), None, "proved")
    if symbols**2 > MOST_WORDS or states > MOST_STATES:
        return Threshold.between(Bound(Fraction(symbols - 1, 2), "the first symbol's distribution"),
                                 Bound(value, "parameters, or equations"), None, "proved")
    rank = generic_rank(states, symbols, sizes["L"])
    return Threshold.between(Bound(lambda_of_rank(rank), f"rank {rank} modulo {PRIME}"),
                             Bound(value, "parameters, or equations"), 1 if 2 * value == rank else None, "certified")


def _recompute(sizes: Sizes) -> Threshold:
    """The engine where a second state is never reached, or half the rank of a model of its own states."""
    if sizes["k"] == sizes["r"]:
        return _decide(sizes)
    start, first, second = sympy.symbols("start first second")
    names = [sympy.symbols(f"b{h}_0:{sizes['s'] - 1}") for h in (0, 1)]
    share = sympy.Rational(1, sizes["s"])
    words = words_of([1 - start, start], [[1 - first, first], [1 - second, second]],
                     [[*row, 1 - sum(row)] for row in names], sizes["L"])
    at = dict.fromkeys((start, first, second), 0) | {x: share for row in names for x in row}
    return rlct([sympy.expand(word - share**sizes["L"]) for word in words], [*at], at=at,
                domain="start>=0, first>=0, second>=0", timeout=AUDIT_SECONDS).threshold


HIDDEN_MARKOV = ClosedForm(
    name="hidden-markov",
    title="Hidden Markov model of sequences of a fixed length",
    parameters=(STATES, SYMBOLS, LENGTH, TRUE_STATES),
    sources=(YAMAZAKI_WATANABE_2005, THIS_PROJECT),
    derived=Derived((U, m), _derived),
    expr=U / 4,
    multiplicity=m,
    conditions=(Condition(r <= k, "the truth has more states than the model", "r <= k"),),
    assumptions=(
        "words of length L over s symbols; start, transition and emission probabilities are free, >= 0 with sums 1",
        "k = r: at a generic true model; U / 2 is the least of k(s - 1) + k^2 - 1, s^L - 1 and, if L = 2 and k < s, "
        "k s - 1; the value where the rank reaches it, decided at each size",
        "k = 2, r = 1, a truth of independent symbols of positive probability: U = 2(s - 1) + min(s, 4), m = 2, 1, 3 "
        "for s = 2, 3, 4 and 2 for s >= 5; the minimum over all parameters with that distribution",
        "else U / 4, U = 2(r(s - 1) + r(k - 1) + k - 1), is an upper bound of that minimum, and `at` gives the bracket",
    ),
    evidence=Evidence("certified", "half the rank, computed, if k = r; proved for two states at one", (THIS_PROJECT,)),
    recompute=_recompute,
    decide=_decide,
    audits=({"k": 2, "s": 2, "L": 2, "r": 1}, {"k": 2, "s": 2, "L": 3, "r": 1}, {"k": 2, "s": 3, "L": 2, "r": 1},
            {"k": 2, "s": 2, "L": 4, "r": 2}, {"k": 2, "s": 3, "L": 2, "r": 2}, {"k": 3, "s": 3, "L": 3, "r": 3}),
    derivation="hidden_markov",
)
