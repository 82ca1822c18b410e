"""The font of formulas, embedded in a style sheet: pages from a folder may not fetch one in every browser.

``math.woff`` is a part of Latin Modern Math under the GUST Font License that lies beside it.
``docs/font.py`` makes it anew.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

FONT = Path(__file__).with_name("math.woff")
LICENCE = Path(__file__).with_name("GUST-FONT-LICENSE.txt")


def font_style() -> str:
    """The rules of a style sheet by which formulas are set in the font, and wide ones scroll.

    >>> font_style().splitlines()[-1]
    'math { font-family: "slt-symbolic math", math; }'
    """
    data = b64encode(FONT.read_bytes()).decode()
    return (f'@font-face {{ font-family: "slt-symbolic math";\n'
            f'  src: url("data:font/woff;base64,{data}") format("woff"); }}\n'
            '.wide { display: inline-block; max-width: 100%; overflow: auto hidden; vertical-align: middle; }\n'
            'math { font-family: "slt-symbolic math", math; }\n')
