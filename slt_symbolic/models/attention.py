"""One-head softmax attention at a zero-padded teacher, in the coordinates to which its loss was reduced."""

from __future__ import annotations

import sympy

from slt_symbolic.errors import InvalidInput
from slt_symbolic.germ.germ import Germ
from slt_symbolic.models.model import Model, model
from slt_symbolic.models.polynomials import expression_of
from slt_symbolic.networks.attention import reduced_germ
from slt_symbolic.networks.linear import LinearNetwork, germ_at

STATEMENT = ("K is comparable to the squares of E U and of the differences of scores E_a Q (E_t - E_v)^T, modulo "
             "constants in each row and less the teacher's; {} (derivations/one_head_attention.py)")
REGULAR = "the Jacobian of these 2v(v - 1) functions is onto"
REDUCED = ("e0 (2v - 1) of these are coordinates y, and what is left is the ideal of L W, L R G^T, S G^T at 0: G is L "
           "without its last row")
UNIFORM = "logits are means of rows of E U, so that these alone decide: reduced rank regression at zero"


def attention(v: int, e: int, e0: int) -> Model:
    """Logits ``sum_t softmax(E_{x_T} Q E_{x_t}^T) E_{x_t} U``, v tokens, dimension e, at a teacher of dimension e0.

    Theorem: for inputs that are uniform on strings of two tokens or more, at a generic teacher that is padded by zeros
    to the dimension e, the loss is comparable to the squares of ``e0 (2v - 1)`` coordinates and of the ideal of
    ``L W, L R G^T, S G^T`` (`slt_symbolic.networks.attention.reduced_germ`) if ``1 <= e0 < v``; of ``2v(v - 1)``
    coordinates if ``e0 >= v``; and ``e0 = 0``, the uniform truth, is reduced rank regression. The point of the model
    is 0 in these coordinates, whatever the teacher. Raises `InvalidInput`.

    >>> print(attention(2, 2, 1).rlct().threshold)
    lambda = 2, m = 2
    """
    if not all(type(size) is int for size in (v, e, e0)) or v < 2 or e < 1 or not 0 <= e0 <= e:
        raise InvalidInput(f"attention({v!r:.20}, {e!r:.20}, {e0!r:.20})", "is no network with its teacher",
                           "v >= 2 tokens, dimension e >= 1, teacher 0 <= e0 <= e")
    regular = 2 * v * (v - 1) if e0 >= v else e0 * (2 * v - 1)
    coordinates = list(sympy.symbols(f"y0:{regular}"))
    if e0 >= v or e0 == e:
        return _at_zero(coordinates, [], REGULAR if e0 >= v else "these e0 (2v - 1) coordinates are all")
    rest = reduced_germ(v, e0, e - e0) if e0 else _regression(v, e)
    symbols = sympy.symbols(rest.variables)
    return _at_zero(coordinates, [expression_of(g, symbols) for g in rest.generators], REDUCED if e0 else UNIFORM)


def _regression(v: int, e: int) -> Germ:
    return germ_at(LinearNetwork((v - 1, e, v)), [[[0] * (v - 1)] * e, [[0] * e] * v])


def _at_zero(coordinates: list[sympy.Symbol], rest: list[sympy.Expr], words: str) -> Model:
    generators = (*coordinates, *rest)
    symbols = dict.fromkeys([*coordinates, *sorted({s for g in rest for s in g.free_symbols}, key=str)],
                            sympy.Integer(0))
    return model(generators, symbols, None, None, STATEMENT.format(words))
