"""The main job end to end, and that it fails when it should."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from numerics.verification.checks import CHECKS, WITHOUT_CHECK
from slt_symbolic.closed_forms import Claim, ClosedForm, closed_forms
from slt_symbolic.commands.main import main
from slt_symbolic.storage.locks import LOCK
from tests import ROOT


@pytest.fixture
def quick(monkeypatch):
    """Checks run in this process, with a burn-in that is enough at regular points."""
    monkeypatch.setattr("numerics.verification.verify.side_by_side", lambda job, items, workers: map(job, items))
    monkeypatch.setattr("numerics.estimation.estimate.BURN_IN", 100)


@pytest.mark.sampled
@pytest.mark.usefixtures("quick")
@pytest.mark.long
def test_report_of_one_sampled_entry(tmp_path, capsys):
    check_report("quadratic-lazy", "441/40", tmp_path, capsys)


@pytest.mark.parametrize(("entry", "wrong"), [
    pytest.param("quadratic-lazy", "441/40", marks=pytest.mark.long),
    pytest.param("quadratic-dead-unit", "3/2", marks=pytest.mark.slow)])
def test_report_of_one_entry_that_processes_sample(tmp_path, capsys, entry, wrong):
    check_report(entry, wrong, tmp_path, capsys)


def check_report(entry, wrong, tmp_path, capsys):
    assert main(["verify", entry, "--out", str(tmp_path / "report"), "--json"]) == 0
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    written = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report == {**written, "asked": {"names": [entry], "level": "fast"}, "schema": 1}
    assert report["agrees"]
    assert any(row["estimate"] is not None for row in report["rows"])
    assert (tmp_path / "report" / "llc.png").stat().st_size > 1000
    text = (tmp_path / "report" / "report.md").read_text()
    assert entry in text
    assert f"negative control: {wrong} is rejected" in text
    for bar in ("derivations", "exact values", "training and sampling"):
        assert re.search(f"{bar}: .*{entry}", captured.err)  # what runs


def test_the_last_line_says_what_was_written(tmp_path, capsys):
    assert main(["verify", "quadratic-ntk", "--out", str(tmp_path)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"wrote {tmp_path / 'report.md'}, with every instance, report.json and llc.png"
    assert {path.name for path in tmp_path.iterdir()} == {"report.md", "report.json", "llc.png", "llc.svg", LOCK}


@pytest.mark.parametrize(("file", "old", "new", "entry"), [
    ("quadratic.py", "expr=r / 2", "expr=r / 3", "quadratic-ntk"),
    pytest.param("cullen_2026.py", "lower_expr=r / 2,\n    upper_expr=r / 2,",
                 "lower_expr=r / 2,\n    upper_expr=r / 3,", "cullen-2026-thm-5.1", marks=pytest.mark.long),
    pytest.param("cullen_2026.py", "(3 * MODULUS.symbol - 1) / 2", "(3 * MODULUS.symbol - 2) / 2",
                 "cullen-2026-cor-5.4", marks=pytest.mark.slow),
    pytest.param("cullen_2026.py", '_formula_record("0", r=4)', '_formula_record("1/2", r=4)', "cullen-2026-thm-5.1",
                 marks=pytest.mark.long),
])
def test_one_edited_coefficient_makes_verify_fail(tmp_path, file, old, new, entry):
    for package in ("slt_symbolic", "derivations", "numerics"):
        shutil.copytree(ROOT / package, tmp_path / package)
    path = tmp_path / "slt_symbolic" / "closed_forms" / file
    source = path.read_text()
    assert source.count(old) == 1
    path.write_text(source.replace(old, new))
    done = subprocess.run([sys.executable, "-m", "slt_symbolic", "verify", entry], cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "CONTRADICTED" in done.stdout


def test_every_entry_is_sampled_or_says_why_not():
    sampled = {entry for check in CHECKS for entry, _ in check.rows}
    assert sampled | set(WITHOUT_CHECK) == set(closed_forms)
    assert not sampled & set(WITHOUT_CHECK)


def test_every_check_meets_an_audited_row():
    for check in CHECKS:
        for name, sizes in check.rows:
            entry = closed_forms[name]
            if isinstance(entry, Claim):
                assert sizes in [record.sizes for record in entry.records]
            else:
                assert isinstance(entry, ClosedForm)
                assert sizes in entry.audits
