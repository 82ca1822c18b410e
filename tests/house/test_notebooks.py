"""The tutorials as notebooks: they run from end to end, and print what their pages show."""

import doctest
import os
import sys
from pathlib import Path

import pytest

from tests import ROOT

TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
SLOWEST = ("measure-a-module", "watch-training", "check-your-formula")  # their examples run as those of the pages, too
CHECKER = doctest.OutputChecker()
LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
pytest.importorskip("nbclient", reason="nbclient runs notebooks: the dev extra has it")


@pytest.fixture
def notebooks(monkeypatch):
    """The program that makes notebooks of pages."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    yield __import__("notebooks")
    sys.modules.pop("notebooks")


def text_of(output):
    if output.output_type == "stream":  # which may come in pieces
        return output.text
    return f"{output.ename}: {output.evalue}\n" if output.output_type == "error" else f"{output.data['text/plain']}\n"


def printed(cell):
    return "".join(map(text_of, cell.outputs))


def differences(wanted, found):
    """The cells that print something else than their page shows."""
    return [cell.source for cell, wants in zip(found.cells, wanted.cells, strict=True) if cell.cell_type == "code"
            and not CHECKER.check_output(printed(wants), printed(cell), LOOSELY)]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a notebook where this Python's commands are found; /tmp stands for itself."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))

    def program(notebook):
        from nbclient import NotebookClient

        return NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()

    return program


@pytest.mark.sampled
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("page", [
    pytest.param(page, marks=pytest.mark.slow if page.stem in SLOWEST else pytest.mark.long) for page in TUTORIALS],
    ids=lambda page: page.stem)
def test_a_notebook_prints_what_its_page_shows(page, notebooks, run):
    wanted = notebooks.notebook(page)
    assert differences(wanted, run(notebooks.notebook(page))) == []


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
def test_another_output_is_seen(tmp_path, notebooks, run):
    page = tmp_path / "page.md"
    page.write_text("Words.\n\n```python\n>>> x = 1\n>>> x + 1\n3\n\n>>> x / 0\nTraceback (most recent call last):\n"
                    "    ...\nZeroDivisionError: division by zero\n\n```\n\n```console\n$ echo one\none\n```\n")
    wanted = notebooks.notebook(page)
    assert [cell.cell_type for cell in wanted.cells] == ["markdown", "code", "code", "code"]
    assert differences(wanted, run(notebooks.notebook(page))) == ["x = 1\nx + 1"]


def test_every_example_of_a_page_is_in_its_notebook(notebooks):
    for page in TUTORIALS:
        made = notebooks.notebook(page)
        sources = "\n".join(cell.source for cell in made.cells if cell.cell_type == "code")
        text = page.read_text()
        assert all(line[4:] in sources for line in text.splitlines() if line.startswith(">>> "))
        assert sources.count("\nslt ") == text.count("\n$ slt ")
        assert "](../" not in "".join(cell.source for cell in made.cells)
