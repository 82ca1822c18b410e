"""The LaTeX of every entry, typeset: it compiles, every citation is found, and no line is wider than the page."""

import re
import shutil
import subprocess

import pytest

from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.rendering.export import document
from slt_symbolic.rendering.text import entry_latex, sources_of

pytestmark = pytest.mark.long
if not (shutil.which("pdflatex") and shutil.which("bibtex")):
    pytest.skip("no TeX on this machine: apt-get install texlive-latex-recommended", allow_module_level=True)


def complaints(folder, paragraphs):
    """What TeX and BibTeX say about a document of these paragraphs."""
    (folder / "catalogue.tex").write_text(document(paragraphs))
    cited = {source.key: source for entry in closed_forms.values() for source in sources_of(entry)}
    (folder / "references.bib").write_text("\n".join(source.bibtex + "\n" for source in cited.values()))
    for program in ("pdflatex", "bibtex", "pdflatex", "pdflatex"):
        options = ["-interaction=nonstopmode"] if program == "pdflatex" else []
        subprocess.run([program, *options, "catalogue"], cwd=folder, capture_output=True, check=False, timeout=120)
    logs = "".join((folder / f"catalogue.{kind}").read_text(errors="replace") for kind in ("log", "blg"))
    assert (folder / "catalogue.pdf").exists(), logs[-2000:]
    return re.findall(r"^(?:!|Overfull|.*Warning(?!: You have requested)).*", logs, re.MULTILINE)


def test_every_entry_is_typeset(tmp_path):
    assert complaints(tmp_path, map(entry_latex, closed_forms.values())) == []


def test_a_wide_formula_and_a_missing_source_are_seen(tmp_path):
    wide = "$" + "+".join("abcdefgh") * 9 + r"$ \cite{nobody}"
    found = complaints(tmp_path, [entry_latex(closed_forms["quadratic-ntk"]), rf"\mbox{{{wide}}}"])
    assert any(line.startswith("Overfull") for line in found)
    assert any("nobody" in line for line in found)
