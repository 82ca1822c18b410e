"""The summary of `slt verify`: a line for each entry, what disagrees below, nothing wider than a terminal."""

from dataclasses import replace
from fractions import Fraction

import pytest

from numerics.verification.checks import CHECKS, CheckResult
from numerics.verification.report import WIDTH, Report, Row
from slt_symbolic.audit import audit
from slt_symbolic.closed_forms import closed_forms


def report_of(*rows: Row, derivations: tuple[tuple[str, str], ...] = ()) -> Report:
    return Report("fast", derivations, rows, tuple(row.check for row in rows if row.check is not None), 1.0)


def audited(*names: str) -> list[Row]:
    return [Row(row, None) for name in names for row in audit(closed_forms[name])]


SOME = next(audit(closed_forms["quadratic-ntk"]))


def row_of(entry: str, verdict: str, agrees: bool = True, check: CheckResult | None = None) -> Row:
    return Row(replace(SOME, entry=entry, verdict=verdict, agrees=agrees), check)


def test_an_entry_is_a_line_and_a_proved_one_is_not_called_certified():
    text = report_of(*audited("quadratic-ntk", "cullen-2026-cor-4.2", "cullen-2026-thm-5.1"),
                     derivations=(("quadratic-ntk", "holds"),)).to_text()
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert closed_forms["quadratic-ntk"].evidence.grade == "proved"
    assert "certified" not in text
    records = closed_forms["cullen-2026-cor-4.2"].records
    outside = sum(record.kind == "outside its hypothesis" for record in records)
    assert outside == 4  # of a defective secant variety
    assert lines[2] == f"quadratic-ntk holds {len(closed_forms['quadratic-ntk'].audits)} agrees"
    assert lines[3] == f"cullen-2026-cor-4.2 {len(records)} holds, outside its hypothesis at 4 of {len(records)}"
    assert lines[4] == "cullen-2026-thm-5.1 2 holds"
    assert "all agree" in lines[-1]


def test_what_disagrees_is_told_below_the_table():
    sampled = CheckResult(CHECKS[0], Fraction(1), (), None, "no minimum was found")
    lines = [" ".join(line.split()) for line in report_of(
        row_of("quadratic-ntk", "CONTRADICTED: exact 1/2", agrees=False), row_of("quadratic-lazy", "agrees"),
        row_of("quadratic-lazy", "agrees", check=sampled),
        row_of("quadratic-generic", "NOT DECIDED: exact 1/2 .. 1", agrees=False),
        derivations=(("quadratic-ntk", "step 'Rank': 3 is not 4"),)).to_text().splitlines()]
    assert lines[2:-2] == [
        "quadratic-ntk FAILS 1 DISAGREES at 1 of 1",
        "quadratic-lazy 2 1 DISAGREES at 1 of 2",
        "quadratic-generic 1 NOT DECIDED at 1 of 1",
        "quadratic-ntk, derivation: step 'Rank': 3 is not 4",
        "quadratic-ntk r=0: states 0; CONTRADICTED: exact 1/2",
        "quadratic-lazy r=0: states 0; ESTIMATE DISAGREES: no minimum was found",
        "quadratic-generic r=0: states 0; NOT DECIDED: exact 1/2 .. 1"]
    assert "4 DISAGREE" in lines[-1]


@pytest.mark.parametrize(("verdict", "agrees"), [("CONTRADICTED: " + 99 * "x ", False), ("refuted: 1 too large", True)])
def test_the_summary_fits_a_terminal(verdict, agrees):
    rows = [row_of(name, verdict, agrees) for name in closed_forms for _ in range(100)]
    text = report_of(*rows, derivations=tuple((name, "holds") for name in closed_forms)).to_text()
    assert max(map(len, text.splitlines())) <= WIDTH == 100


def test_every_instance_stays_in_the_report():
    report = report_of(*audited("quadratic-ntk", "cullen-2026-thm-5.1"))
    text = report.to_markdown()
    assert all(f"| {row.audit.entry} " in text and f"| {row.audit.label} " in text for row in report.rows)
    assert len(report.to_json()["rows"]) == len(report.rows)
