"""The picture of the README: a published formula beside what is exact. ``python docs/pictures.py`` draws it anew."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from numerics.figures import COLOURS, drawn, styled
from slt_symbolic.closed_forms import claim, closed_form

PICTURE = Path(__file__).parent / "figures" / "claim.svg"
MODULUS, WIDEST = 5, 16


def picture() -> bytes:
    """Lambda of modular addition on all pairs against the width: claimed by Cor. 5.4, exact, and the Fourier fit's."""
    published = claim("cullen-2026-cor-5.4")
    fourier = closed_form("modular-addition-fourier")
    widths = list(range(1, WIDEST + 1))
    answers = [published.at(p=MODULUS, K=width) for width in widths]
    special = [(width, fourier.at(p=MODULUS, units=width)) for width in widths if width >= 2 * MODULUS - 1]
    with styled():
        figure = Figure(figsize=(6.4, 3.1))
        axes = figure.add_subplot()
        claimed = [float(published.ends(answer.sizes)[0]) for answer in answers]
        axes.plot(widths, claimed, "--", color=COLOURS["vermillion"], label="published formula, K(3p-1)/2: refuted")
        axes.plot(widths, [float(answer.lower) for answer in answers], "o-", color=COLOURS["blue"],
                  label="exact, at a generic fit")
        axes.errorbar([width for width, _ in special], [float(x.lower + x.upper) / 2 for _, x in special],
                      [float(x.upper - x.lower) / 2 for _, x in special], fmt="s", color=COLOURS["green"], capsize=3,
                      label="exact or proved bracket, at the Fourier fit")
        axes.set(xlabel="units K", ylabel="learning coefficient", title=f"Modular addition, p = {MODULUS}, all pairs")
        axes.legend(loc="upper left")
        figure.tight_layout()
    return drawn(figure, "svg")


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(picture())
