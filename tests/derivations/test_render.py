"""The pages of the derivations: complete, every formula typeset, what is committed up to date."""

import dataclasses
import re
from functools import partial

import pytest

import derivations.__main__
from derivations import derivations as all_derivations
from derivations.framework import Derivation, Step, StepFailed, require
from derivations.pages import Unreadable, html, write_html
from derivations.record import recorded
from derivations.render import index, linked, markdown
from slt_symbolic.rendering.markup import escape_markdown
from slt_symbolic.storage.locks import LOCK
from tests import ROOT

RENDERED = ROOT / "derivations" / "rendered"
REFRESH = "out of date; run: python -m derivations --out derivations/rendered"
EVERY = pytest.mark.parametrize("derivation", all_derivations.values(), ids=lambda derivation: derivation.entry)


def _prose(page):
    return re.sub(r"<code.*?</code>|<style>.*?</style>", "", page, flags=re.DOTALL)


@EVERY
def test_what_is_committed_is_up_to_date(derivation):
    path = RENDERED / f"{derivation.entry}.md"
    assert path.exists(), REFRESH
    assert path.read_text() == markdown(derivation), REFRESH


def test_the_committed_index_is_up_to_date():
    assert (RENDERED / "index.md").read_text() == index(list(all_derivations.values()), ".md"), REFRESH
    assert {path.stem for path in RENDERED.glob("*.md")} == {"index", *all_derivations}, REFRESH
    assert sum(path.stat().st_size for path in RENDERED.glob("*.md")) < 600_000, "too large to commit"


@EVERY
def test_a_page_has_every_step_with_its_check(derivation):
    page = markdown(derivation)
    for number, step in enumerate(derivation.steps, 1):
        check = getattr(step.check, "func", step.check)
        assert f"## {number}. {step.title}\n" in page
        assert f"Check <code>{check.__name__}</code>" in page
        assert f"def {check.__name__}(" in page
    assert all(linked(text, derivation.entry).split("$")[0] in page
               for text in (derivation.statement, *derivation.assumptions))
    assert f"**Grade:** {derivation.grade}" in page
    assert page.count("*Checked (") == len(derivation.steps)


@EVERY
def test_every_formula_is_typeset(derivation):
    text = markdown(derivation)
    page = _prose(html(text, derivation.entry))
    formulas = "".join(re.split(r"```python.*?```", text, flags=re.DOTALL)).replace("$$", "$").count("$") / 2
    assert page.count("<math") == formulas > 0
    assert "$" not in page
    assert "\\" not in page


@EVERY
def test_formulas_hold_nothing_that_markdown_reads(derivation):
    """GitHub undoes a backslash before punctuation and needs the dollar signs to touch the formula."""
    prose = "".join(re.split(r"```python.*?```", markdown(derivation), flags=re.DOTALL))
    for formula in prose.split("$")[1::2]:
        assert not re.search(r"\\[^a-zA-Z ]|[*<>\n]", formula), formula
        assert formula == formula.strip()


@pytest.mark.parametrize(("latex", "parts"), [
    (r"\begin{pmatrix}0&A&-B\\-A&0&C\\B&-C&0\end{pmatrix}", {"<mtr>": 3, "<mtd>": 9}),
    (r"\operatorname{rank}A", {">rank<": 1}),
    (r"\tfrac12 x^{-\top}", {"<mfrac>": 1, "<msup>": 1}),
    (r"\begin{cases}1&\text{if }a<b\\2\,c&\text{otherwise}\end{cases}", {"<mtr>": 2, "&lt;|&#x0003C;": 1}),
    (r"\sum_{j\le K}\|w_j\|^2", {"<munder>|<msub>": 2}),
])
def test_mathematics(latex, parts):
    step = Step("A step", f"See ${latex}$.", test_the_committed_index_is_up_to_date)
    derivation = dataclasses.replace(next(iter(all_derivations.values())), steps=(step,))
    page = html(markdown(derivation), "page").split("1. A step")[1].split("<details>")[0]
    for part, count in parts.items():
        assert len(re.findall(part, page)) == count, page


@pytest.mark.parametrize("text", [r"$\nosuchcommand x$", "one $x$ and $y", r"$\frac{1$", "a $"])
def test_an_unreadable_formula_is_refused(text):
    with pytest.raises(Unreadable):
        html(text, "page")


def test_a_check_with_arguments_shows_its_function_and_theirs():
    steps = (Step("A step", "", partial(require, derivations.__main__.main)),)
    page = markdown(Derivation("quadratic-ntk", "", (), steps))
    assert "def require(" in page
    assert "def main(" in page


def test_prose_is_not_read_as_markup():
    page = html(escape_markdown("a_1 * b_2 ~ [c] <d> |e| `at`"), "page")
    assert "<p>a_1 * b_2 ~ [c] &lt;d&gt; |e| <code>at</code></p>" in page


def test_pages_are_written_after_the_checks_held(tmp_path, capsys, monkeypatch):
    assert derivations.__main__.main(["quadratic-ntk", "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "quadratic-ntk.md", "quadratic-ntk.html", "index.md", "index.html", "math.css", "scopes.json", LOCK}
    assert 'href="quadratic-ntk.html"' in (tmp_path / "index.html").read_text()
    page = _prose((tmp_path / "quadratic-ntk.html").read_text()).replace("http://www.w3.org/1998", "")
    assert "http" not in re.sub('<a href="https[^"]*">', "", page)  # links only: nothing is fetched when it is read

    failing = Step("No", "", partial(require, False, "it does not hold"))
    broken = dataclasses.replace(all_derivations["quadratic-ntk"], steps=(failing,))
    monkeypatch.setattr(derivations.__main__, "derivations", {"quadratic-ntk": broken})
    assert derivations.__main__.main(["--out", str(tmp_path / "not")]) == 1
    assert "it does not hold" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "not").iterdir()] == [LOCK]
    with pytest.raises(StepFailed):
        list(broken.run())


@EVERY
def test_a_page_names_its_sources_and_links_the_pages_that_it_names(derivation):
    page = markdown(derivation)
    prose = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
    assert re.search(r"\n## Sources\n\n- \S", page)
    for name in set(re.findall(r"`([\w.-]+)`", prose)) & set(all_derivations) - {derivation.entry}:
        assert f"[`{name}`]({name}.md)" in prose
        assert not re.search(rf"(?<!\[)`{re.escape(name)}`", prose)


def test_names_become_links_once_and_never_to_the_page_itself():
    assert linked("see `deep-linear`, [`deep-linear`](deep-linear.md), `deep`", "vandermonde") == (
        "see [`deep-linear`](deep-linear.md), [`deep-linear`](deep-linear.md), `deep`")
    assert linked("`deep-linear-local` and `deep-linear`", "deep-linear") == (
        "[`deep-linear-local`](deep-linear-local.md) and `deep-linear`")


def test_links_between_pages_lead_to_pages_of_their_kind(tmp_path):
    for derivation in all_derivations.values():
        for name in re.findall(r"\]\(([\w.-]+)\.md\)", markdown(derivation)):
            assert name in all_derivations, derivation.entry
    chosen = [all_derivations["single-frequency-fits"]]
    write_html(chosen, tmp_path, recorded(chosen))
    page = (tmp_path / "single-frequency-fits.html").read_text()
    assert 'href="least-width.html"' in page
    assert ".md" not in page


def test_a_folder_that_cannot_be_written(capsys):
    assert derivations.__main__.main(["quadratic-ntk", "--out", "/dev/null/pages"]) == 2
    assert capsys.readouterr().err.startswith("error: --out /dev/null/pages: cannot be a folder")
