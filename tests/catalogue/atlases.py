"""An atlas without the audits: its answers are those of `at`, which is quick."""

from slt_symbolic.rendering.atlas.site import write_atlas
from slt_symbolic.rendering.atlas.values import recorded_sizes
from slt_symbolic.rendering.text import entry_json


def exported(entry):
    """What catalogue.json says of an entry, with instances at its last recorded sizes, not recomputed."""
    instances = []
    for given in recorded_sizes(entry)[-3:]:
        answer, sizes = entry.at(**given), entry.check(**given)
        symbols = {x.name: value for x, value in zip(entry.symbols, entry.arguments(sizes), strict=True)}
        instances.append({"sizes": sizes, "symbols": symbols, "answer": answer.to_json(), "certificate": None,
                          "verdict": answer.verdict or "agrees"})
    return entry_json(entry) | {"instances": instances}


def write(entries, out):
    """The atlas of these entries in the folder ``out``."""
    write_atlas(entries, [exported(entry) for entry in entries], out)
    return out
