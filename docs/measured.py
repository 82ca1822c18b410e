"""What the README and the findings say of the published LLC: sentences with the numbers of the committed study."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from textwrap import fill
from typing import Any

ROOT = Path(__file__).parents[1]
STUDY = ROOT / "numerics" / "studies" / "published" / "results" / "p53_K1024"
TRACKING = ROOT / "numerics" / "studies" / "tracking" / "results"
START, END = "<!-- {}, written by docs/generate.py -->\n", "<!-- end of {} -->"
PUBLISHED_BLOCK, TRACKING_BLOCK = "the published LLC", "the study of tracking"


def results(study: Path) -> dict[str, Any]:
    """What a study found."""
    found: dict[str, Any] = json.loads((study / "results.json").read_text())
    return found


def sentences(found: dict[str, Any], tracked: dict[str, Any]) -> str:
    """For the README's first screen: what the published LLC is (two standard errors), and whether it tracks."""
    line, low_high = found["line"], found["closeness"]
    one, late = found["runs"]["true labels"][-1]["gamma 5"]["value"], found["late"]["generalised"]["value"]
    noise = f"{low_high['low']:+.1%} to {low_high['high']:+.1%} on {low_high['networks']} networks"
    ramp = f"{one:.0f} as published, {late:.0f} after 1500 steps of burn-in"
    norm = (f"{line['intercept']:.0f} ± {2 * line['intercept_error']:.0f} + "
            f"({line['slope']:.3f} ± {2 * line['slope_error']:.3f}) |w|² with R² = {line['r_squared']:.4f}")
    return fill(
        "And the *published* LLC of networks that grok? In [the run that was measured](docs/findings/published-llc.md) "
        "it is at gamma 100 the loss blurred by weight noise, an honest measure of flatness at one scale (chain and "
        f"noise differ by {noise}). At gamma 5 the chain stops on a ramp ({ramp}), and what it gives is the squared "
        f"weight norm, {norm}; both rise and fall on random labels too. " + tracking(tracked), 125,
        break_on_hyphens=False) + "\n"


def tracking(found: dict[str, Any]) -> str:
    """Two sentences with 95 % intervals: tracking, and forecast with diagnosis."""
    family = found["families"]["quadratic"]
    hot, blurred, norm = (family["measures"][name] for name in ("gamma 5", "gamma 100", "weight_norm"))

    def interval(key: str, row: dict[str, Any]) -> str:
        return f"{row[key]['value']:.2f} ({row[key]['low']:.2f} to {row[key]['high']:.2f})"

    relu, drawn = found["families"]["relu"]["all"], found["controls"].get("relu, random labels")
    other = " and ".join(interval("elsewhere", relu["measures"][name]) for name in ("gamma 5", "gamma 100"))
    if drawn:
        other += " (on random labels, where it falls as well, " + " and ".join(
            f"{drawn['measures'][name]['elsewhere']['value']:.2f}" for name in ("gamma 5", "gamma 100")) + ")"
    return (
        f"Does it track? [In {family['generalised']} runs that generalise](docs/findings/tracking.md) its rank "
        f"correlation with the validation loss is {interval('correlation', hot)} at gamma 5 or "
        f"{interval('correlation', blurred)} at gamma 100, "
        f"the weight norm's {interval('correlation', norm)}, and that of runs that do not generalise "
        f"{interval('elsewhere', hot)}; in {relu['runs']} runs of a ReLU network it is {other}. "
        "Of seeds of one setting it foretells who generalises first with concordance "
        f"{interval('forecast', hot)} or {interval('forecast', blurred)}, where 0.5 is nothing.")


def tracking_answer(found: dict[str, Any]) -> str:
    """The answer of the study of tracking, as its report begins."""
    from numerics.studies.tracking.report import answer as lines

    return "\n".join(lines(found)) + "\n"


def answer(found: dict[str, Any]) -> str:
    """The study's own answer, as its report begins, and why the chain at gamma 5 stops where it does."""
    from numerics.studies.published.measures import BLURRED, HOT
    from numerics.studies.published.report import answer as lines

    first, last = (HOT.variance(steps) / HOT.variance() for steps in (HOT.burn_in, HOT.steps))
    why = (
        "**Why the chain stops.** The variance of the noise in a weight nears its limit at the rate `step * gamma`. At "
        f"gamma 100 that takes {BLURRED.relaxation:.0f} steps, and the chain samples what its spring alone would. At "
        f"gamma 5 it takes {HOT.relaxation:.0f}: over the draws the variance goes from {first:.0%} to {last:.0%} of "
        "its final one, the loss rises with it, and the mean over this ramp is what is published.")
    return "\n".join([*lines(found)[2:], "", why]) + "\n"


def with_block(text: str, block: str, name: str = PUBLISHED_BLOCK) -> str:
    """A page with a block of today between the two marks of this name."""
    first = START.format(name)
    start, end = text.index(first) + len(first), text.index(END.format(name))
    return text[:start] + block + text[end:]


def copy_report(study: Path, folder: Path) -> None:
    """The report with its figures, as a page of the site."""
    folder.mkdir()
    for figure in re.findall(r"\]\((\w+\.png)\)", (study / "report.md").read_text()):
        shutil.copy(study / figure, folder)
    shutil.copy(study / "report.md", folder)
