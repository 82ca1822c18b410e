"""The documentation is built without a warning, its links resolve, and nothing is fetched when it is read."""

import fcntl
import re
import subprocess
import sys
from urllib.parse import unquote

import pytest

from tests import ROOT

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pytest.importorskip("sphinx", reason="Sphinx builds the documentation: the dev extra has it")
    out = tmp_path_factory.mktemp("site")
    with (tmp_path_factory.getbasetemp().parent / "docs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of the processes that test, one at a time writes docs/generated
        subprocess.run([sys.executable, "-m", "sphinx", "-b", "html", "-W", "-q", "-d", out / "doctrees",
                        ROOT / "docs", out / "html"], check=True, capture_output=True, text=True)
    return out / "html"


def broken_links(site):
    found = []
    for page in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text()):
            path, _, anchor = unquote(link).partition("#")
            if re.match("[a-z]+:", path):
                continue
            target = (page.parent / path.partition("?")[0]) if path else page
            is_page = target.exists() and target.suffix == ".html"
            if not target.exists() or (anchor and is_page and f'id="{anchor}"' not in target.read_text()):
                found.append((page.name, link))
    return found


def test_every_link_resolves(site):
    assert broken_links(site) == []
    page = site / "tutorials" / "cite-a-formula.html"
    text = page.read_text()
    page.write_text(text.replace("certificates-in-a-paper.html", "nowhere.html"))
    assert broken_links(site)
    page.write_text(text)


def test_nothing_is_fetched(site):
    for page in site.rglob("*.html"):
        assert not re.search(r'<(?:script|img|iframe)[^>]*src="https?:|<link[^>]*rel="stylesheet"[^>]*href="https?:',
                             page.read_text()), page.name
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?https?:|@import", style.read_text()), style.name


def test_formulas_are_typeset(site):
    page = (site / "generated" / "catalogue.html").read_text()
    assert page.count("<math") > 30
    assert "$" not in re.sub(r"<(code|pre|script).*?</\1>", "", page, flags=re.DOTALL)
