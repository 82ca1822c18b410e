"""The catalogue for others: LaTeX with BibTeX, Markdown, JSON with its schema, certificates for `slt check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from slt_symbolic.audit import AuditRow, audit
from slt_symbolic.check.core import verify
from slt_symbolic.closed_forms import Entry
from slt_symbolic.errors import Contradiction
from slt_symbolic.rendering import text as printing
from slt_symbolic.storage.files import subfolder, write_atomically

FORMAT = "slt-symbolic catalogue 1"
SCHEMA = Path(__file__).with_name("catalogue.schema.json")
RECHECK = Path(__file__).parents[1] / "recheck.py"
CONTRACT = Path(__file__).parents[1] / "check" / "FORMAT.md"


def export(entries: Sequence[Entry], out: Path) -> list[dict[str, Any]]:
    """Write catalogue.tex, references.bib, catalogue.md, catalogue.json, its schema, and certificates/ into ``out``.

    Returns what catalogue.json says of each entry. The folder is held by the caller.

    Beside the certificates lie their format and a checker for a bare Python, recheck.py.
    Every instance is computed now; progress goes to stderr. Raises `Contradiction` if an entry fails its audit.
    """
    certificates = subfolder(out, "certificates")
    exported = [_entry(entry, out) for entry in entries]
    data = {"format": FORMAT, "entries": exported}
    write_atomically(out / "catalogue.json", json.dumps(data, indent=1) + "\n")
    for source, folder in ((SCHEMA, out), (RECHECK, certificates), (CONTRACT, certificates)):
        write_atomically(folder / source.name, source.read_bytes())
    write_atomically(out / "catalogue.md", "\n\n".join(["# Catalogue", *map(printing.entry_markdown, entries)]) + "\n")
    write_atomically(out / "catalogue.tex", document(map(printing.entry_latex, entries)))
    cited = {source.key: source for entry in entries for source in printing.sources_of(entry)}
    write_atomically(out / "references.bib", "\n".join(source.bibtex + "\n" for source in cited.values()))
    return exported


def _entry(entry: Entry, out: Path) -> dict[str, Any]:
    instances = [_instance(entry, row, out, f"certificates/{entry.name}-{number:02}.json")
                 for number, row in enumerate(audit(entry), 1)]
    certified = sum(instance["certificate"] is not None for instance in instances)
    print(f"{entry.name}: {len(instances)} instances, {certified} certificates", file=sys.stderr, flush=True)
    return printing.entry_json(entry) | {"instances": instances}


def _instance(entry: Entry, row: AuditRow, out: Path, file: str) -> dict[str, Any]:
    """The answer at one size beside an exact computation that does not read the formula, with its certificate."""
    if not row.agrees:
        raise Contradiction(entry.name, row.label, row.verdict)
    sizes, exact = entry.check(**row.sizes), row.exact
    certificate = None
    if exact.certificate is not None:
        statement = verify(exact.certificate)
        write_atomically(out / file, json.dumps(exact.certificate, indent=1) + "\n")
        certificate = {"file": file, "statement": printing.statement_text(statement)}
    return {
        "sizes": sizes,
        "symbols": {x.name: value for x, value in zip(entry.symbols, entry.arguments(sizes), strict=True)},
        "answer": entry.at(**row.sizes).to_json(),
        "recomputed": {"lower": str(exact.lower), "upper": str(exact.upper), "multiplicity": exact.multiplicity,
                       "how": exact.evidence.how},
        "verdict": row.verdict,
        "certificate": certificate,
    }


def document(paragraphs: Iterable[str]) -> str:
    """The LaTeX document of these paragraphs, with its bibliography."""
    body = "\n\n".join(paragraphs)
    return rf"""\documentclass{{article}}
\usepackage[T1]{{fontenc}}
\usepackage{{amsmath,amssymb}}
\emergencystretch=2em
\title{{Learning coefficients in closed form}}
\author{{slt-symbolic}}
\begin{{document}}
\maketitle
\noindent $\lambda$ is the real log canonical threshold of the loss $K\ge0$ at a zero, $m$ its multiplicity:
$\int K^z$ has its largest pole at $-\lambda$, of order $m$. The loss $K=x^2$ has $\lambda=\frac12$.

{body}

\bibliographystyle{{plain}}
\bibliography{{references}}
\end{{document}}
"""
