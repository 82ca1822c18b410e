"""The sub-command ``export``: the catalogue for others, with certificates and derivations."""

from __future__ import annotations

import argparse
from pathlib import Path

from derivations import derivations
from derivations.render import write
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.arguments import Command, output_folder
from slt_symbolic.rendering.export import export


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("export"), metavar="DIR", help="default: export/")


def _export(options: argparse.Namespace) -> int:
    out = output_folder(options.out)
    export(list(closed_forms.values()), out)
    write(list(derivations.values()), output_folder(out / "derivations"))
    return 0


EXPORT = Command("the catalogue as LaTeX, Markdown and JSON, with certificates and derivations",
                 ("export --out export",), _arguments, _export)
