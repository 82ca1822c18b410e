"""Formulas in pages: letters of other alphabets are characters, and the embedded font has all that are used."""

import re

import pytest

from derivations import derivations as all_derivations
from derivations.pages import html
from derivations.render import markdown
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.rendering.atlas.font import FONT, LICENCE, font_style
from slt_symbolic.rendering.atlas.page import whole_latex
from slt_symbolic.rendering.mathml import Unreadable, mathml


@pytest.mark.parametrize(("latex", "character"), [
    (r"\mathbb R", "ℝ"), (r"\mathbb{R}", "ℝ"), (r"\mathbb P", "ℙ"), (r"\mathbf 1", "𝟏"), (r"\mathbf x", "𝐱"),
    (r"\mathcal O", "𝒪"), (r"\mathcal L", "ℒ"), (r"\mathfrak g", "𝔤"), (r"\mathfrak C", "ℭ")])
def test_letters_of_other_alphabets(latex, character):
    found = mathml(latex)
    assert re.sub("<[^>]*>", "", found) == character
    assert "mathvariant" not in found


def test_a_letter_that_no_alphabet_has_is_refused():
    with pytest.raises(Unreadable, match="no double-struck"):
        mathml(r"\mathbb é")


def test_brackets_grow_where_they_must_only():
    assert 'stretchy="true"' not in mathml(r"a \left(b \left(c + d\right) + 1\right)")
    assert mathml(r"\left(\frac{1}{2}\right)").count('stretchy="true"') == 2
    assert mathml(r"\left(1 + \left(\sum_i i\right)^2\right)").count('stretchy="true"') == 4
    assert "←" in mathml(r"\left(a \leftarrow b\right)")


def test_a_sign_that_joins_nothing_stands_close():
    assert mathml("-a+(-b)").count('form="prefix"') == 1  # the first one every browser knows
    assert mathml("a=-b<-c").count('form="prefix"') == 2
    assert 'form="prefix"' not in mathml("a-b+c")


def characters(pages):
    formulas = "".join(formula for page in pages for formula in re.findall("<math.*?</math>", page, re.DOTALL))
    return {ord(x) for x in re.sub("<[^>]*>|&[a-z]+;", "", formulas)}


def kept():
    ttlib = pytest.importorskip("fontTools.ttLib", reason="fonttools comes with matplotlib")
    return set(ttlib.TTFont(FONT).getBestCmap())


def test_the_font_has_the_characters_of_all_formulas_of_entries():
    found = characters(mathml(whole_latex(entry)) for entry in closed_forms.values())
    assert len(found) > 40
    assert found <= kept()
    assert ord("ぬ") not in kept()


@pytest.mark.long
def test_the_font_has_the_characters_of_all_derivations():
    found = characters(html(markdown(derivation), derivation.entry) for derivation in all_derivations.values())
    assert {chr(x) for x in found - kept()} <= set("\n\xa0")


def test_the_font_is_small_and_comes_with_its_licence():
    assert FONT.stat().st_size < 150_000
    assert "GUST Font License" in LICENCE.read_text()
    assert "url(" in font_style()
    assert "http" not in font_style()
