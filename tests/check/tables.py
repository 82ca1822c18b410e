"""Tables of what the checker accepts and refuses: each row is run, and says what has to come out.

Every test module here has a list ACCEPTED and a list REFUSED; test_completeness.py runs all rows that are refused and
compares the places where they are with the hypotheses that the checker has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import slt_symbolic.check
from slt_symbolic.check.algebra.grammar import parse
from slt_symbolic.check.algebra.ring import Ring, ring_of
from slt_symbolic.check.bracket import INFINITE, Bracket, End
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import FORMAT, verify
from slt_symbolic.check.step import Refused
from slt_symbolic.check.steps import STEPS
from slt_symbolic.check.stratum import Derived, Stratum, canonical
from slt_symbolic.search.tree import settled

CHECKER = Path(slt_symbolic.check.__file__).parent
Table = Mapping[str, Any]


@dataclass(frozen=True)
class Accepted:
    """A call and what it gives."""

    name: str
    run: Callable[[], object]
    value: object

    def __str__(self) -> str:
        return self.name

    def check(self) -> None:
        """Does it give that?"""
        found = self.run()
        assert found == self.value, f"{found} is not {self.value}"


@dataclass(frozen=True)
class Denied:
    """A call and the sentence with which it is refused, a regular expression; or for which it is over its budget."""

    name: str
    run: Callable[[], object]
    sentence: str
    error: type[Exception] = Refused
    damaged: Callable[[], dict[str, Any]] = dict  # the certificate, where the row is about one

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence}"

    def check(self) -> Exception:
        """Is it refused for this reason?"""
        with pytest.raises(self.error) as caught:
            self.run()
        assert re.search(self.sentence, str(caught.value)), f"{caught.value} is not {self.sentence}"
        return caught.value


def sites(error: BaseException | None) -> Iterator[tuple[str, int]]:
    """Where a refusal, and those that it passes on, were raised: the innermost lines of the checker but `require`."""
    while error is not None:
        if isinstance(error, Refused | OverBudget):
            frames = [(Path(frame.f_code.co_filename), line, frame.f_code.co_name)
                      for frame, line in _frames(error)]
            path, line, _ = [f for f in frames if CHECKER in f[0].parents and f[2] != "require"][-1]
            yield str(path.relative_to(CHECKER)), line
        error = error.__context__


def _frames(error: BaseException) -> Iterator[tuple[Any, int]]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def end(text: str) -> End:
    """``"1/2"`` is the end ``(1/2, 1)``, ``"1/2,2"`` has multiplicity 2, ``"oo"`` is infinity."""
    value, _, multiplicity = text.partition(",")
    return INFINITE if text == "oo" else End(Fraction(value), int(multiplicity or 1))


def bracket(text: str) -> Bracket:
    """``"1/2,2 .. oo"``, or one end that is both ends."""
    lower, _, upper = text.partition(" .. ")
    return Bracket(end(lower), end(upper or lower))


def stratum(generators: Sequence[str], names: str = "x y z", free: str = "", orders: Mapping[str, int] | None = None,
            jacobian: Mapping[str, int] | None = None, units: Sequence[str] = (),
            constants: Mapping[str, str] | None = None) -> Stratum:
    """A stratum in canonical form; all variables are near 0 but those that are free or constants."""
    ring = ring_of(names.split())
    known = constants or {}

    def vector(table: Mapping[str, int] | None) -> tuple[int, ...]:
        return tuple((table or {}).get(name, 0) for name in names.split())

    near = frozenset(j for j, name in enumerate(names.split()) if name not in (*free.split(), *known))
    stated = [parse(u, ring) for u in units]
    return canonical(Derived(ring, tuple(parse(g, ring) for g in generators), near, vector(orders), vector(jacobian),
                             tuple(stated), {ring.variable_to_index(c): parse(q, ring) for c, q in known.items()}),
                     stated)


def described(derived: Derived) -> str:
    """A derived stratum, in canonical form: ``generators | near .. | orders .. | ..``, without what is empty."""
    table = settled(derived).to_json()
    parts = [", ".join(table["generators"]), *(f"{key} {', '.join(table[key])}" for key in ("near", "units")),
             *(f"{key} {', '.join(f'{n}: {v}' for n, v in table[key].items())}"
               for key in ("orders", "jacobian", "constants"))]
    return " | ".join(part for i, part in enumerate(parts) if i == 0 or not part.endswith(" "))


def applied(step: str, s: Stratum, data: Any, given: Sequence[str]) -> tuple[list[str], Bracket]:
    """The children that a step derives, and its bracket for brackets that the children are given."""
    children, combine = STEPS[step](s, data)
    return [described(child) for child in children], combine([bracket(text) for text in given])


def accepts(step: str, s: Stratum, data: Any, children: Mapping[str, str] | Sequence[tuple[str, str]], result: str,
            ) -> Accepted:
    """A step that is accepted: the children derived, with brackets given for them, and the bracket that results."""
    listed = list(children.items()) if isinstance(children, Mapping) else list(children)
    given = [text for _, text in listed]
    return Accepted(f"{step} {list(map(str, s.generators))} {_short(data)}", lambda: applied(step, s, data, given),
                    ([text for text, _ in listed], bracket(result)))


def refuses(step: str, s: Stratum, data: Any, sentence: str, error: type[Exception] = Refused) -> Denied:
    """A step that is refused."""
    return Denied(f"{step} {_short(data)}", lambda: STEPS[step](s, data), sentence, error)


def _short(data: Any) -> str:
    text = str(data)
    return text if len(text) <= 60 else text[:57] + "..."


def reader(names: str) -> tuple[Ring, Callable[[str], Any]]:
    """A ring, and what reads its polynomials."""
    ring = ring_of(names.split())
    return ring, lambda text: parse(text, ring)


class _Removed:
    """Stands for no value; its text is the same in every process, and part of the names of tests."""

    def __str__(self) -> str:
        return "(removed)"


REMOVED = _Removed()


def edited(certificate: Table, path: str, value: object) -> dict[str, Any]:
    """A copy in which one place, like ``tree.children.0.step``, is something else, or removed."""
    copied = json.loads(json.dumps(certificate))
    *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    place: Any = copied
    for key in way:
        place = place[key]
    if value is REMOVED:
        del place[last]
    else:
        place[last] = value
    return copied


def denies(certificate: Table, path: str, value: object, sentence: str, error: type[Exception] = Refused) -> Denied:
    """A certificate that is refused when one place of it is edited."""
    def damaged() -> dict[str, Any]:
        return edited(certificate, path, value)

    return Denied(f"{path} = {_short(value)}", lambda: verify(damaged()), sentence, error, damaged)


def node(step: str, data: Any, stated: Table, result: str, children: Sequence[Table] = ()) -> dict[str, Any]:
    """A node of a tree."""
    return {"step": step, "data": data, "stratum": stated, "bracket": bracket_table(result), "children": list(children)}


def table(generators: Sequence[str], near: str, orders: Table | None = None, jacobian: Table | None = None,
          units: Sequence[str] = (), constants: Table | None = None) -> dict[str, Any]:
    """A stratum as a node states it."""
    return {"generators": list(generators), "near": near.split(), "orders": orders or {}, "jacobian": jacobian or {},
            "units": list(units), "constants": constants or {}}


def bracket_table(text: str) -> list[list[Any] | None]:
    """A bracket as a node states it."""
    found = bracket(text)
    return [None if p == INFINITE else [str(p.value), p.multiplicity] for p in (found.lower, found.upper)]


def certificate(variables: str, generators: Sequence[str], tree: Table, result: str, constants: Sequence[Table] = (),
                lemmas: Sequence[Table] = (), point: Sequence[str] = (), function: bool = False) -> dict[str, Any]:
    """A certificate, at the origin if no other point is given."""
    names = variables.split()
    return {"format": FORMAT, "germ": {"variables": names, "generators": list(generators),
                                       "point": list(point) or ["0"] * len(names), "function": function},
            "constants": list(constants), "bracket": bracket_table(result), "lemmas": list(lemmas), "tree": tree}


def rows(accepted: Sequence[Accepted], refused: Sequence[Denied]) -> tuple[Callable[..., None], Callable[..., None]]:
    """Two tests, one row each time."""
    @pytest.mark.parametrize("row", accepted, ids=str)
    def test_accepted(row: Accepted) -> None:
        row.check()

    @pytest.mark.parametrize("row", refused, ids=str)
    def test_refused(row: Denied) -> None:
        row.check()

    return test_accepted, test_refused
