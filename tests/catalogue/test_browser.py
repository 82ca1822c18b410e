"""The atlas in a real browser, from a folder and without a network: sizes are typed, answers are those of `slt at`."""

import json
import random
import shutil
from fractions import Fraction

import pytest

from slt_symbolic.closed_forms import Claim, closed_forms
from slt_symbolic.closed_forms.parameter import format_sizes
from slt_symbolic.errors import InvalidInput
from slt_symbolic.rendering.atlas import values
from slt_symbolic.rendering.atlas.values import recorded_sizes
from tests.catalogue.atlases import write

pytestmark = pytest.mark.long
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
if BROWSER is None:
    pytest.skip("no Chromium on this machine: apt-get install chromium", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser: the dev extra has it")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "GRID", 2)
        return write(list(closed_forms.values()), tmp_path_factory.mktemp("atlas"))


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser):
    opened = browser.new_page(offline=True)
    opened.errors = []
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.on("request", lambda request: opened.errors.extend([] if request.url.startswith("file:") else [request.url]))
    yield opened
    assert opened.errors == []
    opened.close()


def as_typed(value):
    return "-".join(map(str, value)) if isinstance(value, tuple) else str(value)


def choices(entry):
    """Sizes to type: some of the tables, some beyond, some that are refused."""
    rng, recorded = random.Random(entry.name), recorded_sizes(entry)
    numbers = [x for x in entry.parameters if not x.is_flag and not x.length]
    found = [recorded[-1], recorded[-min(2, len(recorded))]]
    found += [{**rng.choice(recorded), **{x.name: rng.randint(x.minimum, x.minimum + most) for x in numbers}}
              for most in (2, 2, 5, 9, 30, 30)]
    if numbers:
        found += [{**recorded[0], rng.choice(numbers).name: text} for text in ("-1", "x", str(10**19), "4.0")]
    return found


def expected(entry, sizes):
    """What Python says: an error in words, or the answer with the formula's value."""
    read = {name: int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value
            for name, value in sizes.items()}
    try:
        checked = entry.check(**read)
    except InvalidInput as error:
        return {"error": str(error)}
    ends = entry.ends(checked) if isinstance(entry, Claim) else entry.formula(checked)
    try:
        answer = json.loads(json.dumps(entry.at(**read).to_json()))
    except InvalidInput:  # found by more than the conditions, which are all that a page has
        answer = None
    return {"sizes": checked, "answer": answer, "formula": list(map(Fraction, ends))}


def disagreement(entry, shown, text, wanted):
    """What the page says that Python does not; None if they agree."""
    if shown is None or "error" in wanted:
        unknown = entry.derived.symbols and text.startswith("The formula uses")
        return None if text == wanted.get("error") or unknown else text
    if shown["sizes"] != format_sizes(wanted["sizes"]):
        return shown["sizes"]
    if shown["row"] is not None and shown["row"] != wanted["answer"]:
        return shown["row"]
    if shown["unknown"] is not None:
        return None if entry.derived.symbols and shown["row"] is None and "slt at" in text else shown["unknown"]
    ends = ("lower", "upper") if isinstance(entry, Claim) else ("lambda", "multiplicity")
    if [Fraction(shown[end]) for end in ends] != wanted["formula"]:
        return shown
    if wanted["answer"] is None or (shown["row"] is None and (isinstance(entry, Claim) or entry.decide)):
        return None if "slt at" in text and shown["row"] is None else text
    number = wanted["answer"]["lambda"]
    return None if number is None or f"λ = {number}" in text else text


@pytest.mark.parametrize("name", closed_forms)
def test_typed_sizes(name, folder, page):
    entry, seen = closed_forms[name], 0
    page.goto((folder / "entries" / f"{name}.html").as_uri())
    for sizes in choices(entry):
        for parameter in entry.parameters:
            field, text = page.locator(f"[name={parameter.name}]"), as_typed(sizes.get(parameter.name, ""))
            if parameter.is_flag:
                field.select_option({"": "", "0": "false", "1": "true"}.get(text, text.lower()))
            else:
                field.fill(text)
        output = page.locator("#answer")
        data = output.get_attribute("data-answer")
        shown = None if data is None else json.loads(data)
        assert disagreement(entry, shown, output.inner_text().strip(), expected(entry, sizes)) is None, sizes
        seen += shown is not None and shown["row"] is not None
    assert seen >= 2


def test_a_wrong_formula_in_the_page_is_seen(folder, page):
    entry = closed_forms["linear-convolution"]
    path = folder / "entries" / "linear-convolution.html"
    text = path.read_text()
    wrong = path.with_name("wrong.html")
    wrong.write_text(text.replace('["Rational", 1, 2]', '["Rational", 1, 3]'))
    assert wrong.read_text() != text
    page.goto(wrong.as_uri())
    page.locator("[name=a]").fill("40")
    page.locator("[name=b]").fill("50")
    output = page.locator("#answer")
    shown = json.loads(output.get_attribute("data-answer"))
    wrong.unlink()
    assert disagreement(entry, shown, output.inner_text(), expected(entry, {"a": 40, "b": 50})) is not None


@pytest.mark.parametrize("width", [360, 1200])
def test_no_page_is_wider_than_the_screen(folder, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    for path in sorted(folder.rglob("*.html")):
        page.goto(path.as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        formulas = page.evaluate("[...document.querySelectorAll('.formula')].filter(x => x.scrollWidth > x.clientWidth)"
                                 ".map(x => x.textContent)")
        assert (wide, formulas) == (0, []), path.name


def test_search(folder, page):
    page.goto((folder / "index.html").as_uri())
    page.locator("[name=words]").fill("linear network")
    names = page.locator(".cards li:visible a").all_inner_texts()
    assert "deep-linear" in names
    assert "naive-bayes" not in names
    page.locator("[name=words]").fill("")
    page.locator("[name=grade]").select_option("claim")
    assert all(closed_forms[name].kind == "claim" for name in page.locator(".cards li:visible a").all_inner_texts())


def test_a_click_on_the_map_fills_the_fields(folder, page):
    page.goto((folder / "entries" / "quadratic-lazy.html").as_uri())
    button = page.locator(".map button").nth(3)
    sizes = dict(part.split("=") for part in button.get_attribute("data-sizes").split())
    button.click()
    assert {name: page.locator(f"[name={name}]").input_value() for name in sizes} == sizes
    assert button.inner_text().split()[0] in page.locator("#answer strong").inner_text()


def test_a_polyhedron_turns(folder, page):
    page.goto((folder / "germs.html").as_uri())
    slider, circle = page.locator("input.turn").first, page.locator("svg.space circle").first.locator("..")
    drawn = circle.get_attribute("transform")
    move = "(x, angle) => { x.value = angle; x.dispatchEvent(new Event('input')); }"
    slider.evaluate(move, 37)  # nearly the angle that it was drawn at
    places = [[float(x) for x in text[10:-1].split(",")] for text in (drawn, circle.get_attribute("transform"))]
    assert all(abs(a - b) < 2 for a, b in zip(*places, strict=True))
    slider.evaluate(move, 80)
    moved = [float(x) for x in circle.get_attribute("transform")[10:-1].split(",")]
    assert max(abs(a - b) for a, b in zip(places[0], moved, strict=True)) > 10


def test_steps_of_a_resolution_open_by_key(folder, page):
    page.goto((folder / "germs.html").as_uri())
    step = page.locator(".tree summary").nth(1)
    assert not step.evaluate("x => x.parentElement.open")
    step.focus()
    page.keyboard.press("Enter")
    assert step.evaluate("x => x.parentElement.open")
