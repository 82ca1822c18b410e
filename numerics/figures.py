"""Figures as bytes, so that they are written like every other result."""

from __future__ import annotations

import io

from matplotlib.figure import Figure


def drawn(figure: Figure, kind: str = "png", dpi: int = 120) -> bytes:
    """The figure in a format of matplotlib's, ``png`` or ``svg``; the same bytes for the same figure."""
    buffer = io.BytesIO()
    undated = {"png": {"Software": None}, "svg": {"Date": None}}
    figure.savefig(buffer, format=kind, dpi=dpi, metadata=undated[kind], bbox_inches="tight" if kind == "svg" else None)
    return buffer.getvalue()
