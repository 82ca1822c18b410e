"""The sub-command ``export``: the catalogue for others, with certificates and derivations."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from derivations import derivations
from derivations.framework import Derivation, Held
from derivations.record import recorded
from derivations.render import write
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.arguments import Command, folder_name, output_folder
from slt_symbolic.errors import install_command
from slt_symbolic.rendering.export import export
from slt_symbolic.storage.files import subfolder


def write_pages(chosen: Sequence[Derivation], out: Path, runs: Mapping[str, Sequence[Held]]) -> None:
    """Write derivations into ``out``: Markdown, and HTML too, or one line on stderr that says what would add it."""
    write(chosen, out, runs)
    try:
        from derivations.pages import write_html
    except ModuleNotFoundError as error:
        print(f"{out}: Markdown only; the pages extra adds HTML ({error.name} is not installed): "
              f"{install_command('pages')}", file=sys.stderr)
    else:
        write_html(chosen, out, runs)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=folder_name, default=Path("export"), metavar="DIR", help="default: export/")


def _export(options: argparse.Namespace) -> int:
    with output_folder(options.out) as out:
        entries = list(closed_forms.values())
        exported = export(entries, out)
        try:
            from slt_symbolic.rendering.atlas.site import write_atlas
        except ModuleNotFoundError as error:
            print(f"{out}: no atlas; the pages extra adds it, a page for each entry to browse and compute in "
                  f"({error.name} is not installed): {install_command('pages')}", file=sys.stderr)
        else:
            write_atlas(entries, exported, out)
        chosen = list(derivations.values())
        write_pages(chosen, subfolder(out, "derivations"), recorded(chosen))
    return 0


EXPORT = Command("the catalogue as LaTeX, Markdown and JSON, with certificates and derivations",
                 ("export --out export",), _arguments, _export)
