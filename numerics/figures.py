"""Figures in one style, as bitmap and as vectors, written like every other result."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib.figure import Figure

from slt_symbolic.storage.files import write_atomically

# Okabe and Ito, Color Universal Design (2008): eight colours that the colour-blind tell apart.
COLOURS = {"black": "#000000", "blue": "#0072B2", "vermillion": "#D55E00", "green": "#009E73", "purple": "#CC79A7",
           "orange": "#E69F00", "sky": "#56B4E9", "yellow": "#F0E442"}
STYLE: dict[Any, Any] = {
    "axes.prop_cycle": cycler(color=list(COLOURS.values())[1:]), "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "axes.axisbelow": True, "grid.color": "0.9", "grid.linewidth": 0.6, "font.size": 9,
    "axes.titlesize": 10, "axes.labelsize": 9, "legend.frameon": False, "legend.fontsize": 8, "lines.linewidth": 1.5,
    "lines.markersize": 4.5, "figure.facecolor": "white", "svg.fonttype": "none", "svg.hashsalt": "slt-symbolic",
}


def styled() -> AbstractContextManager[None]:
    """The one style of all figures, for what is drawn inside."""
    return matplotlib.rc_context(STYLE)


def drawn(figure: Figure, kind: str = "png", dpi: int = 120) -> bytes:
    """The figure in a format of matplotlib's, ``png`` or ``svg``; the same bytes for the same figure."""
    buffer = io.BytesIO()
    undated = {"png": {"Software": None}, "svg": {"Date": None}}
    with matplotlib.rc_context({key: STYLE[key] for key in ("svg.fonttype", "svg.hashsalt")}):
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=undated[kind],
                       bbox_inches="tight" if kind == "svg" else None)
    return buffer.getvalue()


def write_figure(path: Path, figure: Figure, dpi: int = 120) -> None:
    """The figure as a bitmap, ``path``, and as vectors beside it (``.svg``). Raises `OSError`."""
    write_atomically(path, drawn(figure, dpi=dpi))
    write_atomically(path.with_suffix(".svg"), drawn(figure, "svg"))
