"""The exact audit of the catalogue: every entry against computations that do not read its formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from slt_symbolic.closed_forms import Claim, ClosedForm, Entry
from slt_symbolic.closed_forms.claims import OUTSIDE
from slt_symbolic.closed_forms.parameter import Sizes, format_sizes
from slt_symbolic.threshold import Threshold


@dataclass(frozen=True)
class AuditRow:
    """One entry at one size: what it states, what is exact, and whether that agrees with what is on record."""

    entry: str
    sizes: Sizes
    stated: str
    exact: Threshold
    verdict: str
    agrees: bool

    @property
    def exact_label(self) -> str:
        """The exact value with its multiplicity where that is not 1, or the bracket."""
        return self.exact.label

    @property
    def undecided(self) -> bool:
        """Whether the exact computation left a bracket that holds what is stated."""
        return self.verdict.startswith("NOT DECIDED")

    @property
    def refuted(self) -> bool:
        """Whether the row is a published claim that is false at these sizes, and on record as such."""
        return self.verdict.startswith("refuted")

    @property
    def outside(self) -> bool:
        """Whether the row is a published claim at sizes where its hypothesis fails, and on record as such."""
        return self.verdict.startswith(OUTSIDE)

    @property
    def label(self) -> str:
        """The sizes for printing."""
        return format_sizes(self.sizes)


def audit(entry: Entry, full: bool = False) -> Iterator[AuditRow]:
    """One row for each size on record; a row that does not agree is a defect of the catalogue.

    >>> from slt_symbolic import closed_forms
    >>> [row.verdict for row in audit(closed_forms["cullen-2026-thm-5.1"])]
    ['holds', 'holds']
    """
    return _audit_claim(entry) if isinstance(entry, Claim) else _audit_formula(entry, full)


def _audit_formula(entry: ClosedForm, full: bool) -> Iterator[AuditRow]:
    for given in entry.audits + (entry.more_audits() if full else ()):
        sizes = entry.check(**given)
        value, multiplicity = entry.formula(sizes)
        stated, exact = Threshold(value, value, multiplicity, entry.evidence), entry.recompute(sizes)
        agrees = (value, multiplicity) == (exact.lambda_, exact.multiplicity)
        possible = exact.lower <= value <= exact.upper and exact.multiplicity in (None, multiplicity)
        wrong = "NOT DECIDED" if possible else "CONTRADICTED"
        verdict = "agrees" if agrees else f"{wrong}: exact {exact.label}"
        yield AuditRow(entry.name, given, stated.label, exact, verdict, agrees)


def _audit_claim(claim: Claim) -> Iterator[AuditRow]:
    for record in claim.records:
        sizes = claim.check(**record.sizes)
        exact = claim.recompute(sizes)
        lower, upper = claim.ends(sizes)
        stated = str(lower) if lower == upper else f"{lower} .. {upper}"
        if exact.lambda_ is None:
            yield AuditRow(claim.name, record.sizes, stated, exact, "NOT DECIDED: on record as decided", False)
            continue
        found = claim.judge(sizes, exact.lambda_)
        agrees = (found.below, found.above, found.kind) == (record.below, record.above, record.kind)
        verdict = found.verdict if agrees else f"CONTRADICTED: {found.verdict}, on record as {record.verdict}"
        yield AuditRow(claim.name, record.sizes, stated, exact, verdict, agrees)
