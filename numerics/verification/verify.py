"""The main job: derive, certify, cross-check, report."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction

from joblib import cpu_count
from tqdm import tqdm

from derivations import derivations
from derivations.framework import StepFailed
from numerics.verification.checks import CHECKS, CheckResult, run_check
from numerics.verification.report import Report, Row
from numerics.workers import side_by_side
from slt_symbolic.audit import AuditRow, audit
from slt_symbolic.closed_forms import Entry


def verify(entries: Sequence[Entry], level: str, progress: bool = True) -> Report:
    """Run every derivation, audit and check of ``entries``; with ``progress`` bars.

    A failing step, a contradicted formula or a disagreeing estimate becomes a row of the report, never an exception.
    """
    start = time.perf_counter()
    names = [entry.name for entry in entries]
    quiet = not progress
    derived = tuple((name, _derive(name))
                    for name in _named([name for name in names if name in derivations], "derivations", quiet))
    by_name = {entry.name: entry for entry in entries}
    audits = [row for name in _named(names, "exact values", quiet)
              for row in audit(by_name[name], full=level == "full")]
    checks = _sample(names, audits, quiet)
    rows = tuple(Row(row, _check_for(row, checks)) for row in audits)
    return Report(level, derived, rows, tuple(checks), time.perf_counter() - start)


def _named(names: Sequence[str], title: str, quiet: bool) -> Iterator[str]:
    """The names in turn, under a bar that shows the present one."""
    with tqdm(names, title, disable=quiet, dynamic_ncols=True) as bar:
        for name in bar:
            bar.set_postfix_str(name)
            yield name


def _derive(name: str) -> str:
    try:
        for _ in derivations[name].run():
            pass
    except StepFailed as failure:
        return str(failure)
    return "holds"


def _sample(names: Sequence[str], audits: Sequence[AuditRow], quiet: bool) -> list[CheckResult]:
    """The checks that speak for ``names``, side by side on the cores, each against its audited exact value."""
    exact = {index: pair for index, check in enumerate(CHECKS) if any(entry in names for entry, _ in check.rows)
             and (pair := _exact_value(index, audits)) is not None}
    count = min(cpu_count(), len(CHECKS))
    found: dict[int, CheckResult] = {}
    with tqdm(total=len(exact), desc="training and sampling", disable=quiet, dynamic_ncols=True) as bar:
        bar.set_postfix_str(_running(exact, found, count))
        for index, result in side_by_side(_run, exact.items(), count):
            found[index] = result
            bar.set_postfix_str(_running(exact, found, count), refresh=False)
            bar.update()
    return [found[index] for index in sorted(found)]


def _running(indices: Iterable[int], found: Collection[int], workers: int) -> str:
    """The entries whose networks are sampled now: jobs start in their order, as many as there are workers."""
    return ", ".join(CHECKS[index].rows[0][0] for index in [i for i in indices if i not in found][:workers])


def _exact_value(index: int, audits: Sequence[AuditRow]) -> tuple[Fraction, int | None] | None:
    """The exact value and multiplicity of the first audited row that the check speaks for."""
    for entry, sizes in CHECKS[index].rows:
        for row in audits:
            if row.entry == entry and row.sizes == sizes and row.exact.lambda_ is not None:
                return row.exact.lambda_, row.exact.multiplicity
    return None


def _run(job: tuple[int, tuple[Fraction, int | None]]) -> tuple[int, CheckResult]:
    index, (exact, multiplicity) = job
    return index, run_check(CHECKS[index], exact, multiplicity)


def _check_for(row: AuditRow, checks: Sequence[CheckResult]) -> CheckResult | None:
    for result in checks:
        if (row.entry, row.sizes) in result.check.rows:
            return result
    return None
