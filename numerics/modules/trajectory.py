"""What was measured along a training run: ``trajectory.csv``, the figure ``trajectory`` and ``report.md``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from tabulate import tabulate

from numerics.estimation.settings import LITERAL
from numerics.figures import COLOURS, styled, write_figure
from numerics.modules.task import CONVERGED
from slt_symbolic.errors import one_line
from slt_symbolic.storage.files import write_atomically
from slt_symbolic.storage.tables import csv_text

ERRORS = 2.0  # standard errors that bars show
WORDS = """The excess is `nbeta (E[L(w)] - L(w*))` under the density `exp(-nbeta L(w) - gamma/2 |w - w*|^2)` around the
weights `w*` of the checkpoint. It belongs to its nbeta and gamma, which are the same along the run. It is a learning
coefficient only at a minimum, with gamma small against nbeta times the curvatures; below zero the weights are no
minimum at that scale. A restriction leaves all other parameters as they are."""
PUBLISHED_WORDS = """
An estimator `published-GAMMA` is the chain of arXiv:2603.01192 at its own length. Its error holds what the chain has
gained from its first draws to its last where R-hat says that it has not arrived; then its value belongs to the chain's
length, and is no mean under that density."""


@dataclass(frozen=True)
class Row:
    """A checkpoint, restriction and estimator: the ``excess`` with its ``error``, or the ``problem`` that left none."""

    step: int
    checkpoint: str
    restriction: str
    estimator: str
    parameters: int
    loss: float
    seconds: float
    excess: float | None = None
    error: float | None = None
    ess: float | None = None
    rhat: float | None = None
    nbeta: float | None = None
    gamma: float | None = None
    notes: Sequence[str] = ()
    problem: str | None = None


@dataclass(frozen=True)
class Trajectory:
    """The ``rows`` in order, and which checkpoints were ``left_out`` and why."""

    rows: tuple[Row, ...]
    left_out: tuple[str, ...]
    checkpoints: str
    task: str

    @property
    def estimators(self) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(dict.fromkeys(row.estimator for row in self.rows))

    @property
    def complete(self) -> bool:
        """Whether every checkpoint has all its values."""
        return not self.left_out and all(row.problem is None for row in self.rows)

    def to_text(self) -> str:
        """The table."""
        several = len(self.estimators) > 1
        rows = [(row.step, row.restriction, *([row.estimator] if several else []), row.parameters, *_value(row),
                 f"{row.loss:.4g}") for row in self.rows]
        return str(tabulate(rows, ("step", "restriction", *(["estimator"] if several else []), "parameters", "excess",
                                   "error", "R-hat", "loss"), disable_numparse=True))

    def write(self, folder: Path) -> None:
        """Into a folder that the caller holds. Raises `OSError`."""
        write_atomically(folder / "trajectory.csv", self._csv())
        with styled():
            write_figure(folder / "trajectory.png", self._figure())
        write_atomically(folder / "report.md", self._report())

    def _csv(self) -> str:
        return csv_text(({**asdict(row), "notes": "; ".join(row.notes)} for row in self.rows),
                        [field.name for field in fields(Row)])

    def _report(self) -> str:
        problems = [f"- {_place(row)}: {row.problem}" for row in self.rows if row.problem]
        problems += [f"- {line}: left out" for line in self.left_out]
        notes = [f"- {_place(row)}: {note}" for row in self.rows for note in row.notes]
        settings = {(row.estimator, row.nbeta, row.gamma) for row in self.rows if row.problem is None}
        return "\n".join([
            "# The localised excess along a training run", "",
            f"Checkpoints `{one_line(self.checkpoints)}`, task `{one_line(self.task)}`.",
            *(f"{name}: nbeta = {nbeta:.6g}, gamma = {gamma:.6g}." for name, nbeta, gamma in sorted(settings)), "",
            WORDS, *([PUBLISHED_WORDS] if set(self.estimators) & set(LITERAL) else []), "",
            "![The excess and the loss along the run](trajectory.png)", "", "```", self.to_text(), "```", "",
            *_section("Without a value", problems), *_section("Notes", notes)])

    def _figure(self) -> Figure:
        """A panel for each estimator, whose scales differ by orders of magnitude, above the loss."""
        figure = Figure(figsize=(8, 3 + 3 * len(self.estimators)), layout="constrained")
        *above, below = figure.subplots(len(self.estimators) + 1, sharex=True)
        for axes, estimator in zip(above, self.estimators, strict=True):
            self._draw(axes, [row for row in self.rows if row.estimator == estimator])
            axes.set_ylabel(f"localised excess, {estimator}")
        losses = {row.step: row.loss for row in self.rows}
        below.plot(list(losses), list(losses.values()), "o-", color=COLOURS["black"])
        below.set(xlabel="step", ylabel="loss")
        return figure

    @staticmethod
    def _draw(axes: Axes, rows: Sequence[Row]) -> None:
        for restriction in dict.fromkeys(row.restriction for row in rows):
            known = [(row.step, row.excess, ERRORS * row.error) for row in rows
                     if row.restriction == restriction and row.excess is not None and row.error is not None]
            if known:
                steps, values, errors = zip(*known, strict=True)
                axes.errorbar(steps, values, errors, fmt="o-", capsize=3, label=f"{restriction}, two errors")
        if axes.get_legend_handles_labels()[1]:
            axes.legend()
        else:
            axes.text(0.5, 0.5, "no value here: the report says why", transform=axes.transAxes, ha="center")


def _place(row: Row) -> str:
    return f"{row.checkpoint}, {row.restriction}" + ("" if row.estimator == CONVERGED else f", {row.estimator}")


def _value(row: Row) -> tuple[str, str, str]:
    if row.excess is None or row.error is None or row.rhat is None:
        return "-", "-", "-"
    return f"{row.excess:.4g}", f"{row.error:.2g}", f"{row.rhat:.3f}"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *lines, ""] if lines else []
