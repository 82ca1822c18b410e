"""The pages of the atlas, without a browser: complete, valid, self-contained, and their data are the answers."""

import json
import re
from html.parser import HTMLParser

import pytest

from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.rendering.atlas import values
from slt_symbolic.rendering.atlas.families import FAMILIES, OTHERS, family_of
from slt_symbolic.rendering.atlas.page import KINDS, page_of
from slt_symbolic.rendering.atlas.values import grid_of
from tests.catalogue.atlases import exported, write

NAMES = ("quadratic-ntk", "linear-convolution", "deep-linear", "cullen-2026-thm-5.1")
VOID = {"meta", "link", "input", "br", "hr", "img"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "GRID", 3)
        return write([closed_forms[name] for name in NAMES], tmp_path_factory.mktemp("atlas"))


class Reader(HTMLParser):
    """Collects what a page refers to, its ids and labels, and elements that are not closed."""

    def __init__(self, text):
        super().__init__()
        self.references, self.ids, self.open, self.unlabelled, self.problems = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.references += [found[key] for key in ("href", "src") if key in found]
        self.ids += [found["id"]] if "id" in found else []
        if tag in ("input", "select") and "label" not in self.open and "aria-label" not in found:
            self.unlabelled.append(found)
        if tag == "svg" and "aria-label" not in found:
            self.unlabelled.append(found)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        """Nothing is opened."""

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(tag)


def pages(folder):
    return {path: path.read_text() for path in folder.rglob("*.html")}


def test_pages_are_well_formed_and_labelled(folder):
    for path, text in pages(folder).items():
        page = Reader(text)
        assert page.problems == [], path
        assert page.open == [], path
        assert page.unlabelled == [], path
        assert len(page.ids) == len(set(page.ids)), path
        assert '<html lang="en">' in text
        assert text.count("<h1>") == 1
        assert text.count("<main") == text.count("<nav") == 1


def test_nothing_is_fetched_and_every_link_of_the_atlas_resolves(folder):
    elsewhere = {"catalogue.json", "catalogue.tex", "references.bib", "recheck.py", "FORMAT.md"}  # of the export
    for path, text in pages(folder).items():
        assert not re.search(r'(?:src|<link[^>]*href)="https?:', text)
        for reference in Reader(text).references:
            if re.match("https?:|#", reference):
                continue
            target = path.parent / reference
            assert target.is_file() or target.name in elsewhere or target.parent.name in (
                "derivations", "certificates"), reference
    assert "fetch(" not in (folder / "atlas.js").read_text()
    assert re.findall(r"url\((.{6})", (folder / "atlas.css").read_text()) == ['"data:']


def test_a_page_holds_what_at_answers(folder):
    for name in NAMES:
        entry = closed_forms[name]
        text = (folder / "entries" / f"{name}.html").read_text()
        data = json.loads(re.search(r'<script type="application/json" id="entry">(.*?)</script>', text, re.DOTALL)[1])
        assert data["name"] == name
        assert len(data["rows"]) > 3
        for row in data["rows"][-4:]:
            sizes = {key: tuple(value) if isinstance(value, list) else value for key, value in row["sizes"].items()}
            assert row["answer"] == json.loads(json.dumps(entry.at(**sizes).to_json()))
            assert row["kind"] in KINDS


def test_the_index_lists_every_entry(folder):
    text = (folder / "index.html").read_text()
    assert re.findall(r'href="entries/(.*?)\.html"', text) == list(NAMES)


@pytest.mark.parametrize("name", closed_forms)
def test_every_entry_has_a_family(name):
    assert family_of(closed_forms[name]) in FAMILIES or closed_forms[name].kind == "claim"


def test_few_entries_are_in_no_family_of_their_own():
    assert sum(family_of(entry) is OTHERS for entry in closed_forms.values()) <= 5


@pytest.mark.long
@pytest.mark.parametrize("name", closed_forms)
def test_every_entry_has_a_page(name, monkeypatch, tmp_path):
    monkeypatch.setattr(values, "GRID", 2)
    entry = closed_forms[name]
    page = page_of(entry, exported(entry), tmp_path)
    assert all("<math" in formula for formula in page.formulas)
    assert set(page.kinds) <= set(KINDS)
    assert json.loads(page.data)["name"] == name


def test_the_grid_says_what_at_says(monkeypatch):
    monkeypatch.setattr(values, "GRID", 4)
    entry = closed_forms["quadratic-generic"]
    grid = grid_of(entry)
    assert [x.name for x in grid.axes] == ["p", "K"]
    sizes = {**grid.fixed, "p": grid.rows[2], "K": grid.columns[3]}
    assert grid.answers[2][3] == entry.at(**sizes)
