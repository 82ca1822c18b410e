"""The atlas in Firefox, from a folder and without a network: sizes are typed, values are those of `slt at`."""

import shutil
from fractions import Fraction

import pytest

from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.rendering.atlas import values
from tests.catalogue.atlases import write
from tests.catalogue.firefox import started

pytestmark = pytest.mark.long
BROWSER = next(filter(None, map(shutil.which, ("firefox", "firefox-esr"))), None)
if BROWSER is None:
    pytest.skip("no Firefox on this machine: apt-get install firefox-esr", allow_module_level=True)
TYPED = {"reduced-rank-regression": {"M": 7, "N": 5, "H": 4, "r": 2}, "quadratic-ntk": {"r": 31},
         "symmetric-factorisation": {"d": 40, "K": 30, "r": 9}, "quadratic-lazy": {"p": 30, "K": 11, "l": 17}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "GRID", 2)
        return write([closed_forms[name] for name in TYPED], tmp_path_factory.mktemp("atlas"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with started(BROWSER, tmp_path_factory.mktemp("firefox") / "profile") as session:
        yield session


def shown(browser):
    return browser.run("return document.getElementById('answer').dataset.answer "
                       "? JSON.parse(document.getElementById('answer').dataset.answer).lambda : null")


@pytest.mark.parametrize("name", TYPED)
def test_typed_sizes(name, folder, browser):
    browser.open(folder / "entries" / f"{name}.html")
    for size, value in TYPED[name].items():
        browser.type(size, str(value))
    assert Fraction(shown(browser)) == closed_forms[name].at(**TYPED[name]).lambda_
    size = next(iter(TYPED[name]))
    browser.type(size, str(TYPED[name][size] + 1))  # the value is that of the fields, and of no others
    moved = closed_forms[name].at(**TYPED[name] | {size: TYPED[name][size] + 1}).lambda_
    assert Fraction(shown(browser)) == moved


def test_an_error_is_in_words(folder, browser):
    browser.open(folder / "entries" / "quadratic-lazy.html")
    browser.type("p", "x")
    assert shown(browser) is None
    assert "p=x: must be an integer" in browser.run("return document.getElementById('answer').innerText")


def test_formulas_have_their_font(folder, browser):
    browser.open(folder / "entries" / "quadratic-lazy.html")
    loaded = browser.run("return [...document.fonts].map(x => x.family + ' ' + x.status)")
    assert [x.replace('"', "") for x in loaded] == ["slt-symbolic math loaded"]


@pytest.mark.parametrize("width", [500, 1200])
def test_no_page_is_wider_than_the_screen(folder, browser, width):
    browser.ask("WebDriver:SetWindowRect", {"width": width, "height": 900})
    for path in sorted(folder.rglob("*.html")):
        browser.open(path)
        assert browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_a_polyhedron_turns(folder, browser):
    browser.open(folder / "germs.html")
    place = "document.querySelector('svg.space circle').parentElement.getAttribute('transform')"
    before, after = browser.run(f"const x = document.querySelector('input.turn'), before = {place}; x.value = 80;"
                                f"x.dispatchEvent(new Event('input')); return [before, {place}];")
    assert before != after
