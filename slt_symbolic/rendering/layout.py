"""A formula laid out: its cases, each with its condition, and pieces between which a line may break."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy
from sympy.printing.str import StrPrinter

from slt_symbolic.closed_forms.latex import latex

LONG_PIECE = 24  # characters of plain text, beyond which a sum or a minimum is taken apart


@dataclass(frozen=True)
class Case:
    """A value, and when it is the one: the first case whose condition holds decides. True: in all other cases."""

    value: sympy.Expr
    condition: sympy.Basic


def cases(formula: sympy.Expr) -> tuple[Case, ...]:
    """The cases of a formula, without cases inside cases; where an equation fixes a symbol, its value is put in.

    The first that holds decides, as in the formula: cases of a part are taken in its order, under the condition of the
    case that holds the part.

    >>> x, y = sympy.symbols("x y")
    >>> inner = sympy.Piecewise((1, sympy.Eq(x, 2)), (0, True))
    >>> for case in cases(y / 2 - inner):
    ...     print(case.value, "if", case.condition)
    y/2 - 1 if Eq(x, 2)
    y/2 if True
    """
    kept: list[Case] = []
    for case in _unfolded(formula, sympy.true):
        fixed = _fixed(case.condition)
        value, condition = case.value.subs(fixed), _simplified(case.condition, fixed)
        if condition != sympy.false and all(condition != earlier.condition for earlier in kept):
            kept.append(Case(value, condition))
    while len(kept) > 1 and kept[-2].value == kept[-1].value:  # the last two say the same
        kept[-2:] = [kept[-1]]
    return tuple(kept)


def _unfolded(formula: sympy.Expr, condition: sympy.Basic) -> Iterator[Case]:
    """The cases under a condition, those that never hold among them."""
    parts = sorted(formula.atoms(sympy.Piecewise), key=lambda part: (-len(part.atoms(sympy.Piecewise)), str(part)))
    if not parts:
        yield Case(formula, condition)
        return
    for value, holds in parts[0].args:
        yield from _unfolded(formula.xreplace({parts[0]: value}), sympy.And(condition, holds, evaluate=False))


def _conjuncts(condition: sympy.Basic) -> list[sympy.Basic]:
    if not isinstance(condition, sympy.And):
        return [condition]
    return [part for whole in condition.args for part in _conjuncts(whole)]


def _fixed(condition: sympy.Basic) -> dict[sympy.Basic, sympy.Basic]:
    """The symbols that the condition equates with a number."""
    equations = (part.args for part in _conjuncts(condition) if isinstance(part, sympy.Eq))
    return {left: right for left, right in equations if left.is_Symbol and right.is_Number}


def _simplified(condition: sympy.Basic, fixed: dict[sympy.Basic, sympy.Basic]) -> sympy.Basic:
    """The same condition, with fixed symbols put into its other parts."""
    kept = []
    for part in _conjuncts(condition):
        is_fixing = isinstance(part, sympy.Eq) and part.args[0] in fixed and part.args[1] == fixed[part.args[0]]
        put_in = part if is_fixing else part.subs(fixed)
        if put_in == sympy.false:
            return sympy.false
        if put_in != sympy.true and put_in not in kept:
            kept.append(put_in)
    return sympy.And(*kept, evaluate=False) if len(kept) > 1 else kept[0] if kept else sympy.true


def pieces(formula: sympy.Basic) -> list[str]:
    r"""LaTeX of the parts of a formula, which side by side are the formula.

    >>> d, p = sympy.symbols("d p")
    >>> pieces(d * (d + 1) / 2 + p - sympy.Min(d, p))
    ['\\frac{d \\left(d + 1\\right)}{2}', '+ p', '- \\min\\left(d, p\\right)']
    """
    return list(_split(sympy.factor_terms(formula) if formula.is_number else formula))


def _split(formula: sympy.Basic) -> Iterator[str]:
    if len(str(formula)) > LONG_PIECE and isinstance(formula, sympy.Min | sympy.Max):
        yield from _call(formula)
    elif isinstance(formula, sympy.Add):
        for place, term in enumerate(formula.as_ordered_terms()):
            is_minus = term.could_extract_minus_sign()
            sign = ("{} - " if is_minus else "{} + ") if place else "-" if is_minus else ""
            body = -term if is_minus else term
            first, *rest = [rf"\left({latex(body)}\right)"] if isinstance(body, sympy.Add) else _split(body)
            yield sign + first
            yield from rest
    elif isinstance(formula, sympy.Mul) and len(str(formula)) > LONG_PIECE:
        yield from _product(formula)
    else:
        yield latex(formula)


def _call(formula: sympy.Basic) -> Iterator[str]:
    """A minimum or maximum, one argument a piece."""
    name = r"\min" if isinstance(formula, sympy.Min) else r"\max"
    arguments = sorted(formula.args, key=lambda part: (len(str(part)), str(part)))
    for place, argument in enumerate(arguments):
        *before, last = _split(argument)
        end = r"\bigr)" if place == len(arguments) - 1 else ","
        start = rf"{name}\bigl(" if place == 0 else ""
        whole = [*before, last + end]
        yield start + whole[0]
        yield from whole[1:]


def _product(formula: sympy.Mul) -> Iterator[str]:
    """A product of one long factor with short ones before it; where there is no such factor it is one piece."""
    number, factors = formula.as_coeff_mul()
    long = [part for part in factors if isinstance(part, sympy.Min | sympy.Max) and len(str(part)) > LONG_PIECE]
    sums = [part for part in factors if isinstance(part, sympy.Add) and len(str(part)) > LONG_PIECE]
    chosen = long or sums
    if not chosen:
        yield latex(formula)
        return
    before = sympy.Mul(number, *(part for part in factors if part is not chosen[0]))
    start = "" if before == 1 else "-" if before == -1 else latex(before) + r"\,"
    parts = list(_split(chosen[0]))
    if not long:
        parts[0], parts[-1] = rf"\bigl({parts[0]}", parts[-1] + r"\bigr)"
    yield start + parts[0]
    yield from parts[1:]


def in_words(condition: sympy.Basic, print_part: Callable[[sympy.Basic], str]) -> str:
    """A condition in words: ``and``, ``or``, ``otherwise``; relations are printed by ``print_part``.

    >>> x, y = sympy.symbols("x y")
    >>> in_words((x > 1) & (sympy.Eq(y, 2) | (y < x)), plain)
    'x > 1 and (y = 2 or y < x)'
    """
    if condition == sympy.true:
        return "otherwise"
    if not isinstance(condition, sympy.And | sympy.Or):
        return print_part(condition)
    word = " and " if isinstance(condition, sympy.And) else " or "
    parts = sorted(condition.args, key=lambda part: (isinstance(part, sympy.And | sympy.Or), str(part)))
    return word.join(f"({in_words(part, print_part)})" if isinstance(part, sympy.And | sympy.Or)
                     else in_words(part, print_part) for part in parts)


def plain(formula: sympy.Basic) -> str:
    """The formula for a terminal: ``=`` for an equation, ``p mod 3``; no cases.

    >>> p = sympy.Symbol("p")
    >>> plain(sympy.Eq(p % 3, 0)), plain(sympy.Min(p, 2) ** 2)
    ('p mod 3 = 0', 'min(2, p)^2')
    """
    return str(_Plain().doprint(formula)).replace("**", "^")


class _Plain(StrPrinter):  # type: ignore[misc]
    """SymPy's text, with the words of mathematics."""

    def _print_Relational(self, expr: sympy.Rel) -> str:
        sign = {"==": "=", "!=": "!="}.get(expr.rel_op, expr.rel_op)
        return f"{self._print(expr.lhs)} {sign} {self._print(expr.rhs)}"

    def _print_Mod(self, expr: sympy.Mod) -> str:
        left, right = (f"({self._print(part)})" if part.is_Add else self._print(part) for part in expr.args)
        return f"{left} mod {right}"

    def _print_Min(self, expr: sympy.Min) -> str:
        return f"min({', '.join(sorted(map(self._print, expr.args), key=lambda text: (len(text), text)))})"

    def _print_Max(self, expr: sympy.Max) -> str:
        return f"max({', '.join(sorted(map(self._print, expr.args), key=lambda text: (len(text), text)))})"
