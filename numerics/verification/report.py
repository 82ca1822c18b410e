"""The result of `slt verify`: a summary by entry for the terminal; every instance as Markdown and JSON; one figure."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from tabulate import tabulate

from numerics.estimation.agreement import wrong_value
from numerics.figures import COLOURS, styled, write_figure
from numerics.verification.checks import WITHOUT_CHECK, CheckResult
from slt_symbolic.audit import AuditRow
from slt_symbolic.closed_forms import Claim, closed_forms
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.storage.files import write_atomically

HEADERS = ("entry", "sizes", "states", "exact", "estimate", "verdict")
SUMMARY_HEADERS = ("entry", "derivation", "instances", "sampled", "verdict")
WIDTH = 100  # columns of the summary
FIGURE = "llc.png"


@dataclass(frozen=True)
class Row:
    """One line of the table: an exact audit with the estimate that speaks for the same entry and sizes, if any."""

    audit: AuditRow
    check: CheckResult | None

    @property
    def agrees(self) -> bool:
        """Whether exact computation and estimate both agree with the catalogue."""
        return self.audit.agrees and (self.check is None or self.check.agrees)

    @property
    def estimate(self) -> str:
        """The estimate with its combined uncertainty."""
        if self.check is None:
            return ""
        if self.check.estimate is None or self.check.agreement is None:
            return "none"
        return f"{self.check.estimate.mean:.3f} ± {self.check.agreement.uncertainty:.3f}"

    @property
    def verdict(self) -> str:
        """The exact verdict, then what the estimate says."""
        if self.check is None:
            return self.audit.verdict
        if not self.check.agrees:
            return "; ".join(dict.fromkeys((self.audit.verdict, *self.problems)))
        words = "the estimate agrees"
        claim = closed_forms.get(self.audit.entry)
        if isinstance(claim, Claim) and self.check.estimate is not None and self.check.agreement is not None:
            lower, upper = claim.ends(claim.check(**self.audit.sizes))
            outside = max(float(lower) - self.check.estimate.mean, self.check.estimate.mean - float(upper))
            if outside > 3 * self.check.agreement.uncertainty:
                words = "the estimate rejects it too"
            elif self.audit.refuted:
                words = "the estimate cannot tell"
        return f"{self.audit.verdict}; {words}"

    @property
    def problems(self) -> tuple[str, ...]:
        """What does not agree with the catalogue: the exact computation, the estimate, or neither."""
        exact = () if self.audit.agrees else (self.audit.verdict,)
        if self.check is None or self.check.agrees:
            return exact
        return (*exact, f"ESTIMATE DISAGREES: {_disagreement(self.check)}")

    def cells(self) -> tuple[str, ...]:
        """The cells of the table."""
        return (self.audit.entry, self.audit.label, self.audit.stated, self.audit.exact_label, self.estimate,
                self.verdict)


def _disagreement(check: CheckResult) -> str:
    if check.problem is not None:
        return check.problem
    if not check.at_generic_rank:
        return "the trained point has another Jacobian rank"
    if not check.negative_control_fails:
        return "a wrong value would have passed too"
    return "outside 3u, or u too large"


@dataclass(frozen=True)
class Report:
    """Everything that one run of `slt verify` found."""

    level: str
    derivations: tuple[tuple[str, str], ...]  # entry, "holds" or the failing step
    rows: tuple[Row, ...]
    checks: tuple[CheckResult, ...]
    seconds: float

    @property
    def agrees(self) -> bool:
        """Whether nothing contradicts the catalogue."""
        return all(row.agrees for row in self.rows) and all(outcome == "holds" for _, outcome in self.derivations)

    @property
    def disagreements(self) -> int:
        """Rows and derivations that contradict the catalogue."""
        return sum(not row.agrees for row in self.rows) + sum(outcome != "holds" for _, outcome in self.derivations)

    def summary(self) -> str:
        """One line."""
        outcome = "all agree" if self.agrees else f"{self.disagreements} DISAGREE"
        return (f"{len(self.rows)} rows, {len(self.derivations)} derivations, {len(self.checks)} sampled networks: "
                f"{outcome} ({self.seconds:.0f} s)")

    def to_text(self) -> str:
        """A line for each entry, then what disagrees, in at most `WIDTH` columns."""
        entries = dict.fromkeys(row.audit.entry for row in self.rows)
        table = tabulate(map(self._summary_of, entries), SUMMARY_HEADERS, disable_numparse=True)
        failed = [f"{name}, derivation: {outcome}" for name, outcome in self.derivations if outcome != "holds"]
        failed += [f"{row.audit.entry} {row.audit.label}: states {row.audit.stated}; {problem}"
                   for row in self.rows for problem in row.problems]
        return "\n".join([table, *_wrapped(failed), "", self.summary()])

    def _summary_of(self, entry: str) -> tuple[str, ...]:
        rows = [row for row in self.rows if row.audit.entry == entry]
        refuted, undecided = sum(row.audit.refuted for row in rows), sum(row.audit.undecided for row in rows)
        wrong = sum(not row.agrees for row in rows) - undecided
        verdict = "agrees"  # with what was recomputed; an entry may be graded better than an instance is
        if wrong:
            verdict = f"DISAGREES at {wrong} of {len(rows)}"
        elif undecided:
            verdict = f"NOT DECIDED at {undecided} of {len(rows)}"
        elif isinstance(closed_forms.get(entry), Claim):
            verdict = f"refuted again at {refuted} of {len(rows)}" if refuted else "holds"
            if outside := sum(row.audit.outside for row in rows):
                verdict += f", outside its hypothesis at {outside} of {len(rows)}"
        outcome = dict(self.derivations).get(entry)
        return (entry, {None: "", "holds": "holds"}.get(outcome, "FAILS"), str(len(rows)),
                str(sum(row.check is not None for row in rows) or ""), verdict)

    def to_markdown(self) -> str:
        """The report to read: table, derivations, sampled networks with their budgets and training."""
        parts = [
            "# slt verify", self.summary(),
            "Each row compares what the catalogue states with an exact computation that does not read the formula and, "
            "where a network was sampled, with the estimate of its local learning coefficient (`± u`, Monte-Carlo "
            "error and bias budget together). A claim that is on record as refuted, or as outside its "
            "hypothesis, and is so again is agreement.",
            tabulate([row.cells() for row in self.rows], HEADERS, tablefmt="github", disable_numparse=True),
            "## Derivations",
            tabulate(self.derivations, ("entry", "outcome"), tablefmt="github"),
            "## Sampled networks", f"![exact against estimated]({FIGURE})",
            *(_check_markdown(check) for check in self.checks),
            "## Entries that are not sampled",
            "\n".join(f"- {name}: {reason}" for name, reason in WITHOUT_CHECK.items()),
            "## How the exact values were found",
            "\n".join(f"- {row.audit.entry}, {row.audit.label}: {row.audit.exact.evidence.how}" for row in self.rows),
        ]
        return "\n\n".join(parts) + "\n"

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "agrees": self.agrees, "level": self.level, "seconds": round(self.seconds, 1),
            "derivations": [{"entry": name, "outcome": outcome} for name, outcome in self.derivations],
            "rows": [{
                "entry": row.audit.entry, "sizes": dict(row.audit.sizes), "states": row.audit.stated,
                "lower": str(row.audit.exact.lower), "upper": str(row.audit.exact.upper),
                "multiplicity": row.audit.exact.multiplicity, "how": row.audit.exact.evidence.how,
                "estimate": None if row.check is None or row.check.estimate is None else row.check.estimate.mean,
                "uncertainty": None if row.check is None or row.check.agreement is None
                else row.check.agreement.uncertainty,
                "verdict": row.verdict, "agrees": row.agrees,
            } for row in self.rows],
            "checks": [check.to_json() for check in self.checks],
        }

    def write(self, out: Path) -> None:
        """``report.md``, ``report.json`` and the figure, as bitmap and as vectors, into ``out``."""
        write_atomically(out / "report.json", json.dumps(self.to_json(), indent=2) + "\n")
        write_figure(out / FIGURE, draw(self), dpi=130)
        write_atomically(out / "report.md", self.to_markdown())


def _wrapped(lines: Iterable[str]) -> Iterable[str]:
    """The lines within `WIDTH` columns, what goes on indented."""
    return (textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines)


def _check_markdown(check: CheckResult) -> str:
    name, sizes = check.check.rows[0]
    lines = [f"### {name}, {format_sizes(sizes)}: {check.check.network}", ""]
    for run in check.attempts:
        (_, first), (steps, last) = run.history[0], run.history[-1]
        outcome = "exact fit" if run.exact_fit else "no exact fit"
        lines.append(f"- start {run.seed}: loss {first:.3g} at random, {last:.3g} after {steps} steps of Adam, "
                     f"{run.polished_loss:.1e} polished ({outcome})")
    if check.estimate is None or check.agreement is None:
        return "\n".join([*lines, f"- no estimate: {check.problem}"])
    estimate = check.estimate
    lines += [
        f"- exact {check.exact}, estimate {estimate.mean:.4f}, MCSE {estimate.mcse:.4f}, ESS {estimate.ess:.0f}, "
        f"R-hat {estimate.rhat:.4f}, u = {check.agreement.uncertainty:.4f}",
        f"- negative control: {wrong_value(check.exact)} is "
        f"{'rejected' if check.negative_control_fails else 'NOT rejected'}",
        f"- {estimate.used['sampler'].upper()}: {estimate.used['chains']} chains, {estimate.used['draws']} draws, "
        f"{len(estimate.ladder)} temperatures up to nbeta = {estimate.nbeta:.3g}, gamma = {estimate.gamma:.3g}, "
        f"seed {estimate.used['seed']}",
        f"- Hessian: rank {estimate.spectrum.rank}, nonzero from {estimate.spectrum.smallest_nonzero:.2g} to "
        f"{estimate.spectrum.largest:.2g}, zeros up to {estimate.spectrum.largest_zero:.1g}", "",
        tabulate([(row.cause, f"{row.size:+.4f}", f"{row.uncertainty:.4f}", "yes" if row.corrected else "no", row.how)
                  for row in estimate.budget],
                 ("bias", "size", "left uncertain", "corrected", "how"), tablefmt="github", disable_numparse=True),
    ]
    return "\n".join(lines)


def draw(report: Report) -> Figure:
    """Estimate minus exact value in units of u, with the wrong value that must be rejected; beside it the losses.

    Inside the band of three units an estimate agrees; the axis is linear there and logarithmic beyond.
    """
    sampled = [(row, row.check.exact, row.check.agreement) for row in report.rows
               if row.check is not None and row.check.agreement is not None]
    with styled():
        figure = Figure(figsize=(11, 1.6 + 0.34 * max(len(sampled), 6)))
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        for height, (row, exact, agreement) in enumerate(sampled):
            u = agreement.uncertainty
            if u == 0:
                continue  # the difference is exact: nothing to be measured in its units
            if isinstance(closed_forms[row.audit.entry], Claim):
                ends = [float(Fraction(end) - exact) / u for end in row.audit.stated.split(" .. ")]
                left.plot(ends, [height] * len(ends), "D-", color=COLOURS["orange"], markerfacecolor="none")
            left.plot((float(wrong_value(exact)) - float(exact)) / u, height, "x", color=COLOURS["vermillion"])
            left.plot(agreement.difference / u, height, "o", color=COLOURS["blue"])
        _finish_comparison(left, [f"{row.audit.entry}  {row.audit.label}: {exact}" for row, exact, _ in sampled])
        _draw_training(right, [check for check in report.checks if check.attempts])
        figure.tight_layout()
    return figure


def _finish_comparison(axes: Axes, labels: list[str]) -> None:
    axes.axvspan(-3, 3, color=COLOURS["sky"], alpha=0.25, linewidth=0)
    axes.axvline(0, color=COLOURS["black"], linewidth=0.8)
    axes.set_xscale("symlog", linthresh=3)
    low, high = axes.get_xlim()
    ticks = [0, *(sign * size for size in (3, 10, 100, 1000, 10000) for sign in (1, -1))]
    axes.set_xticks([x for x in ticks if low <= x <= high], [f"{x:g}" for x in ticks if low <= x <= high])
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.invert_yaxis()
    axes.set(xlabel="(value - exact) / u", title="Sampled beside exact values: an estimate agrees inside the band")
    marks = [("o", "blue", "estimate"), ("x", "vermillion", "wrong value, to be rejected by the same chains"),
             ("D", "orange", "published claim")]
    axes.legend(handles=[Line2D([], [], marker=mark, linestyle="", color=COLOURS[colour], label=words)
                         for mark, colour, words in marks], loc="lower center", bbox_to_anchor=(0.5, -0.35), ncols=3)


def _draw_training(axes: Axes, trained: list[CheckResult]) -> None:
    for check in trained:
        steps, losses = zip(*check.attempts[-1].history, strict=True)
        name, sizes = check.check.rows[0]
        axes.semilogy(steps, [max(loss, 1e-32) for loss in losses], label=f"{name}\n{format_sizes(sizes)}")
    axes.set(xlabel="step of Adam", ylabel="loss", title="Training from a random start, before polishing")
    if trained:
        axes.legend(fontsize=6, loc="upper left", bbox_to_anchor=(1.02, 1))
