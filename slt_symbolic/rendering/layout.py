"""A formula laid out: its cases, each with its condition, and pieces between which a line may break."""

from __future__ import annotations

import re
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
    ['\\frac{d \\left(d + 1\\right)}{2}', '{} + p', '{} - \\min\\left(d, p\\right)']
    """
    return list(_split(sympy.factor_terms(formula) if formula.is_number else formula))


def cases_latex(formula: sympy.Expr) -> str:
    r"""The whole formula as LaTeX (amsmath), with its cases below each other.

    >>> x = sympy.Symbol("x")
    >>> print(cases_latex(sympy.Piecewise((x / 2, sympy.Eq(x, 2) & (x < 5)), (0, True))))
    \begin{cases} 1 & \text{if } x = 2 \\ 0 & \text{otherwise} \end{cases}
    """
    found = cases(formula)
    values = [" ".join(pieces(case.value)).replace("{} ", "") for case in found]
    if len(found) == 1:
        return values[0]
    rows = r" \\ ".join(f"{value} & {_when(case.condition)}" for value, case in zip(values, found, strict=True))
    return rf"\begin{{cases}} {rows} \end{{cases}}"


def _when(condition: sympy.Basic) -> str:
    if condition == sympy.true:
        return r"\text{otherwise}"
    return r"\text{if } " + re.sub(" (and|or) ", r" \\text{ \1 } ", in_words(condition, latex))


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
    """A product of one long factor with others before it; where there is none, one sum or minimum a piece."""
    number, factors = formula.as_coeff_mul()
    long = sorted((part for part in factors if len(str(part)) > LONG_PIECE and isinstance(
        part, sympy.Min | sympy.Max | sympy.Add)), key=lambda part: isinstance(part, sympy.Add))
    if long:
        inside = list(_split(long[0]))
        if isinstance(long[0], sympy.Add):
            inside[0], inside[-1] = rf"\bigl({inside[0]}", inside[-1] + r"\bigr)"
        before = _before(sympy.Mul(number, *(part for part in factors if part is not long[0])))
        yield from [before, *inside] if len(before) > LONG_PIECE else [before + inside[0], *inside[1:]]
        return
    parts = [part for part in factors if isinstance(part, sympy.Min | sympy.Max | sympy.Add)]
    if len(parts) < 2:
        yield latex(formula)
        return
    first, *rest = (rf"\left({latex(part)}\right)" if part.is_Add else latex(part) for part in parts)
    yield _before(sympy.Mul(number, *(part for part in factors if part not in parts))) + first
    yield from rest


def _before(factor: sympy.Expr) -> str:
    """A factor that others follow."""
    if factor in (1, -1):
        return "" if factor == 1 else "-"
    return (rf"\left({latex(factor)}\right)" if factor.is_Add else latex(factor)) + r"\,"


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
