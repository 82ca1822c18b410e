"""Formulas in LaTeX as MathML, which browsers typeset without a script. Needs the pages extra."""

from __future__ import annotations

import html
import re
import unicodedata

from latex2mathml.converter import convert

_UPRIGHT = re.compile(r'(?:<mi mathvariant="normal">\w</mi>){2,}')
_ALPHABET = re.compile(r'<(m[ino]) mathvariant="(double-struck|bold|bold-italic|script|fraktur)">(\w)</m[ino]>')
LONGEST_IN_A_LINE = 50  # characters of LaTeX, on a phone
# Brackets that need not grow: some browsers give one that may grow the room of its largest size.
_TALL = r"\\(?:left|right|[dt]?frac|sum|prod|begin|binom)(?![A-Za-z])"
_FLAT = re.compile(rf"\\left([(\[|])((?:(?!{_TALL}).)*)\\right([)\]|])")
_SIGN = re.compile(r"((?:[(\[,=<≤≥]|&lt;)</mo>)<mo>([−+±])</mo>")
_BAR = re.compile(r'<mo stretchy="false">([|‖])</mo>')


class Unreadable(ValueError):
    """A text with a formula that cannot be typeset."""


def mathml(latex: str, display: str = "inline") -> str:
    r"""A formula as a ``<math>`` element; raises `Unreadable` where TeX would stop.

    >>> "ℝ" in mathml(r"\mathbb{R}^d") and "ℝ" in mathml(r"\mathbb R^d")
    True
    >>> mathml(r"\frac{1}{2")
    Traceback (most recent call last):
        ...
    slt_symbolic.rendering.mathml.Unreadable: { without } in $\frac{1}{2$
    """
    for start, end in (("{", "}"), (r"\begin{", r"\end{")):  # the converter forgives what TeX does not
        if latex.count(start) != latex.count(end):
            raise Unreadable(f"{start} without {end} in ${latex}$")
    while (flatter := _FLAT.sub(r"\1\2\3", latex)) != latex:
        latex = flatter
    found: str = convert(latex, display=display)
    if "\\" in found:  # a command that the converter does not know comes out as it went in
        raise Unreadable(f"unknown command in ${latex}$")
    characters = re.sub(r"&#x([0-9A-F]+);", _character, found)
    return _spaced(_ALPHABET.sub(_letter, characters)).replace("thinmathspace", "0.167em")


def scrolling(latex: str, display: str = "inline") -> str:
    """The formula of `mathml`; one that may be wider than a page scrolls by itself (the class ``wide``).

    >>> scrolling("x")[:5], scrolling("+".join("x" * 60))[:6]
    ('<math', '<span ')
    """
    found = mathml(latex, display)
    return found if display == "inline" and len(latex) <= LONGEST_IN_A_LINE else f'<span class="wide">{found}</span>'


def _character(reference: re.Match[str]) -> str:
    """The character itself, but for those that are markup; the operator of sets that fonts have."""
    return html.escape(chr(int(reference[1], 16))).replace("⧵", "∖")


def _letter(element: re.Match[str]) -> str:
    """A letter of another alphabet as its own character: browsers heed ``mathvariant`` no more."""
    tag, alphabet, plain = element.groups()
    kind = re.sub("(LATIN|GREEK) |LETTER ", "", unicodedata.name(plain))
    name = f"{alphabet.replace('bold-', 'bold ').upper()} {kind}"
    for known in (f"MATHEMATICAL {name}", name.replace("FRAKTUR", "BLACK-LETTER")):  # some are older than the others
        try:
            return f"<{tag}>{unicodedata.lookup(known)}</{tag}>"
        except KeyError:
            continue
    raise Unreadable(f"no {alphabet} {plain}")


def _spaced(element: str) -> str:
    """Words as one upright name; bars without the room that browsers give a relation; signs that join nothing."""
    words = _UPRIGHT.sub(lambda match: f"<mi>{re.sub('<[^>]*>', '', match[0])}</mi>", element)
    words = _SIGN.sub(r'\1<mo form="prefix">\2</mo>', words)
    return _BAR.sub(r'<mo stretchy="false" lspace="0" rspace="0">\1</mo>', words)
