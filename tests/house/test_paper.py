"""The example of a paper that uses verified formulas: its checks pass, and fail where the paper is wrong."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

BIN = f"{Path(sys.executable).parent}{os.sep}"


@pytest.fixture(scope="module")
def checked_paper(tmp_path_factory):
    """A copy of the folder whose certificates are made."""
    folder = shutil.copytree(ROOT / "docs" / "paper", tmp_path_factory.mktemp("repository") / "paper")
    assert make(folder, "check").returncode == 0
    return folder


def make(folder, *targets):
    return subprocess.run(["make", "-C", folder, f"BIN={BIN}", *targets], capture_output=True, text=True, check=False)


def replaced(path, old, new):
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.long
def test_what_the_text_reads_is_made(checked_paper):
    assert make(checked_paper, "generated/quadratic-dead-unit.tex", "generated/references.bib").returncode == 0
    assert r"\frac{d}{4}" in (checked_paper / "generated" / "quadratic-dead-unit.tex").read_text()
    assert "@misc{slt-symbolic," in (checked_paper / "generated" / "references.bib").read_text()


@pytest.mark.long
def test_a_wrong_formula_fails(checked_paper, tmp_path):
    paper = shutil.copytree(checked_paper, tmp_path / "paper")
    replaced(paper / "formulas.py", "if b > a:", "if b > a + 1:")
    found = make(paper, "check")
    assert found.returncode != 0
    assert "is wrong at a=1 b=2 c=2" in found.stdout


@pytest.mark.long
def test_a_certificate_of_another_value_fails(checked_paper, tmp_path):
    paper = shutil.copytree(checked_paper, tmp_path / "paper")
    replaced(paper / "certificates" / "cusps.json", "7/20", "2/5")
    found = make(paper, "check")
    assert found.returncode != 0
    assert "cusps.json: " in found.stdout + found.stderr
