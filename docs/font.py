"""The font of formulas in pages: what they need of Latin Modern Math, renamed as its licence asks.

``python docs/font.py latinmodern-math.otf`` (of CTAN's lm-math) writes it anew, beside the style sheet of the atlas.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FONT = Path(__file__).parents[1] / "slt_symbolic" / "rendering" / "atlas" / "math.woff"
NAME = "slt-symbolic math"
# Letters and digits; Greek; primes, dots, arrows, operators, relations, brackets; italic, double-struck, script, bold.
RANGES = ((0x20, 0x7E), (0xA0, 0xA0), (0xAF, 0xB7), (0xD7, 0xD7), (0x391, 0x3F6), (0x2015, 0x2016), (0x2026, 0x2026),
          (0x2032, 0x2034), (0x2061, 0x2064), (0x210E, 0x210E), (0x2102, 0x2124), (0x2190, 0x2194), (0x21A6, 0x21A6),
          (0x21D2, 0x21D4), (0x2200, 0x222B), (0x2245, 0x224D), (0x2260, 0x226B), (0x2282, 0x2287), (0x2295, 0x2297),
          (0x22A4, 0x22A5), (0x22C2, 0x22C5), (0x22EE, 0x22F1), (0x2308, 0x230B), (0x27C2, 0x27C2), (0x27E8, 0x27E9),
          (0x2A00, 0x2A02), (0x1D400, 0x1D433), (0x1D434, 0x1D467), (0x1D49C, 0x1D4B5),
          (0x1D538, 0x1D550), (0x1D6E2, 0x1D71B),
          (0x1D7CE, 0x1D7D7))


def characters() -> Iterator[int]:
    """The characters that are kept."""
    return (code for first, last in RANGES for code in range(first, last + 1))


def subset(source: Path) -> TTFont:
    """The font with these characters and what typesets them: the MATH table, sizes of brackets and roots."""
    font = TTFont(source)
    options = Options(layout_features=["ssty"], hinting=False, notdef_outline=True,
                      name_IDs=[0, 1, 2, 3, 4, 5, 6], drop_tables=["FFTM", "GPOS", "GDEF"])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    for number, text in ((1, NAME), (3, NAME), (4, NAME), (6, NAME.replace(" ", "-")),
                         (5, "A part of Latin Modern Math 1.959, changed for slt-symbolic")):
        font["name"].setName(text, number, 3, 1, 0x409)
    font.flavor = "woff"
    return font


if __name__ == "__main__":
    subset(Path(sys.argv[1])).save(FONT)
