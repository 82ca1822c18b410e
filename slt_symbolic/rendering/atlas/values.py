"""What a page knows of values: answers over a grid of two sizes, with their grades, computed now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slt_symbolic.closed_forms import Answer, Claim, Entry
from slt_symbolic.closed_forms.parameter import Parameter, Sizes
from slt_symbolic.errors import InvalidInput

GRID = 8  # values of each of the two sizes
SPAN = 3  # times as many are tried


@dataclass(frozen=True)
class Grid:
    """Answers over at most two sizes, the others fixed; None where the entry says nothing.

    ``rows``  the values of ``axes[0]``, or one row that has none
    """

    axes: tuple[Parameter, ...]
    fixed: Sizes
    rows: tuple[int | None, ...]
    columns: tuple[int, ...]
    answers: tuple[tuple[Answer | None, ...], ...]

    def __iter__(self) -> Iterator[Answer]:
        """The answers that there are."""
        return (answer for row in self.answers for answer in row if answer is not None)


def grid_of(entry: Entry) -> Grid | None:
    """The answers over the last two sizes that must be given, or that may be; None for an entry without a size.

    The others are fixed as at most of the recorded sizes, of these where their sum is largest. Values at which the
    domain has nothing are left out.
    """
    numbers = [x for x in entry.parameters if not x.is_flag and not x.length]
    needed = [x for x in numbers if x.default is None]
    axes = tuple(needed[-2:] if len(needed) > 1 else numbers[-2:])
    if not axes:
        return None
    fixed = _fixed(entry, axes)
    spans = [range(x.minimum, x.minimum + SPAN * GRID) for x in axes]
    rows: tuple[int | None, ...] = tuple(spans[0]) if len(axes) > 1 else (None,)
    inside = [(row, column) for row in rows for column in spans[-1] if _is_inside(entry, fixed, axes, row, column)]
    rows = tuple(row for row in rows if any(row == other for other, _ in inside))[:GRID]
    columns = _spread(sorted({column for row, column in inside if row in rows}), inside, rows)
    answers = tuple(tuple(_answer(entry, fixed, axes, row, column) for column in columns) for row in rows)
    return Grid(axes, fixed, rows, columns, answers)


def _spread(columns: Sequence[int], inside: Collection[tuple[int | None, int]], rows: Iterable[int | None],
            ) -> tuple[int, ...]:
    """The first columns if they have something of every row; else as many from the first to the last."""
    first = columns[:GRID]
    if len(first) == len(columns) or all(any((row, column) in inside for column in first) for row in rows):
        return tuple(first)
    return tuple(columns[place * (len(columns) - 1) // (GRID - 1)] for place in range(GRID))


def _is_inside(entry: Entry, fixed: Sizes, axes: tuple[Parameter, ...], row: int | None, column: int) -> bool:
    try:
        entry.check(**fixed, **_moving(axes, row, column))
    except InvalidInput:
        return False
    return True


def _moving(axes: tuple[Parameter, ...], row: int | None, column: int) -> Sizes:
    return {axes[-1].name: column} | ({} if row is None else {axes[0].name: row})


def recorded_sizes(entry: Entry) -> list[Sizes]:
    """The sizes at which the entry is audited, without those that data fix."""
    given = [record.sizes for record in entry.records] if isinstance(entry, Claim) else list(entry.audits)
    known = {x.name for x in entry.parameters}
    return [sizes for sizes in given if set(sizes) <= known]


def _fixed(entry: Entry, axes: tuple[Parameter, ...]) -> dict[str, Any]:
    names = {x.name for x in entry.parameters if x.default is None} - {x.name for x in axes}
    found = [{name: value for name, value in sizes.items() if name in names} for sizes in recorded_sizes(entry)]
    return max(found, key=lambda sizes: (found.count(sizes), sum(_total(value) for value in sizes.values())))


def _total(size: object) -> int:
    return sum(size) if isinstance(size, tuple) else int(str(size))


def _answer(entry: Entry, fixed: Sizes, axes: tuple[Parameter, ...], row: int | None, column: int) -> Answer | None:
    try:
        return entry.at(**fixed, **_moving(axes, row, column))
    except InvalidInput:
        return None


def kind_of(answer: Mapping[str, Any]) -> str:
    """One word for the legend, from an answer as plain data: the verdict on a claim, else the grade, or ``bracket``."""
    if "verdict" in answer:
        return "outside" if answer["verdict"].startswith("outside") else str(answer["verdict"])
    return "bracket" if answer["lambda"] is None else str(answer["evidence"]["grade"])


def rows_of(entry: Entry, instances: Iterable[Mapping[str, Any]], grid: Grid | None) -> Iterator[Mapping[str, Any]]:
    """Answers with the values of all symbols of the formula: those of recorded sizes, then those of the grid."""
    known = {x.name for x in entry.parameters}
    for instance in instances:
        if set(instance["sizes"]) <= known:
            kept = {key: instance[key] for key in ("sizes", "symbols", "answer")}
            yield kept | {"kind": kind_of(instance["answer"])}
    for found in grid or ():
        symbols = dict(zip((x.name for x in entry.symbols), entry.arguments(found.sizes), strict=True))
        answer = found.to_json()
        yield {"sizes": dict(found.sizes), "symbols": symbols, "answer": answer, "kind": kind_of(answer)}
