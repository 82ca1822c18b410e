"""What pages say of the studies: sentences with the numbers of their committed results."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from statistics import fmean
from textwrap import fill
from typing import Any

import numpy as np

from numerics.estimation.settings import MONITOR_DROP
from numerics.studies.foresight.measures import LLC
from numerics.studies.published.figures import LARGEST_RHAT
from numerics.studies.published.measures import BLURRED, HOT
from numerics.studies.published.plan import SLOPES
from numerics.studies.published.report import answer as published_answer
from numerics.studies.tracking.analysis import converged_rows, correlation
from numerics.studies.tracking.report import answer as tracking_lines
from numerics.studies.tracking.statistics import rank_correlation
from numerics.studies.transition.report import answer as transition_lines

ROOT = Path(__file__).parents[1]
STUDY = ROOT / "numerics" / "studies" / "published" / "results" / "p53_K1024" / "results.json"
TRACKING = ROOT / "numerics" / "studies" / "tracking" / "results" / "results.json"
TRACKING_PUBLISHED = TRACKING.parent / "published" / "results.json"
TRACKING_FEW_PAIRS = TRACKING.parent / "few-pairs" / "results.json"
TRACKING_TRANSFORMER = TRACKING.parent / "transformer" / "results.json"
TRANSITION = ROOT / "numerics" / "studies" / "transition" / "results" / "results.json"
TRANSITION_PUBLISHED = TRANSITION.parent / "published" / "results.json"
FORESIGHT = ROOT / "numerics" / "studies" / "foresight" / "results" / "seeds_0" / "study.json"
SIZES = ROOT / "numerics" / "studies" / "published" / "results" / "figures.json"
START, END = "<!-- {}, written by docs/generate.py -->\n", "<!-- end of {} -->"
PUBLISHED_BLOCK, TRACKING_BLOCK = "the published LLC", "the study of tracking"
TRACKING_TRANSFORMER_BLOCK = "the study of tracking in a transformer"
TRACKING_PUBLISHED_BLOCK = "the study of tracking at the published size"
TRACKING_FEW_PAIRS_BLOCK = "the study of tracking at the published size on few pairs"
CONVERGED_BLOCK = "converged chains at the published size"
TRANSITION_BLOCK, TRANSITION_PUBLISHED_BLOCK = "the study of basins", "the study of basins at the published size"
FORESIGHT_BLOCK, SLOPES_BLOCK = "the study of foresight", "slopes at the published sizes"
WIDTH = 125  # of lines


def results(file: Path) -> dict[str, Any]:
    """What a study found."""
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def sentences(found: dict[str, Any], tracked: dict[str, Any], at_size: dict[str, Any], few: dict[str, Any],
              transformer: dict[str, Any]) -> str:
    """For the README's first screen: what the published LLC is, whether it tracks, whether it tells."""
    parts = (published(found), tracking(tracked, at_size, few, transformer), forecast(tracked, few))
    return fill(" ".join(parts), WIDTH, break_on_hyphens=False) + "\n"


def published(found: dict[str, Any]) -> str:
    """Three sentences on what it is; errors are two standard errors."""
    line, low_high = found["line"], found["closeness"]
    one, late = found["runs"]["true labels"][-1]["gamma 5"]["value"], found["late"]["generalised"]["value"]
    noise = f"{low_high['low']:+.1%} to {low_high['high']:+.1%} on {low_high['networks']} networks"
    ramp = f"{one:.0f} as published, {late:.0f} after 1500 steps of burn-in"
    norm = (f"{line['intercept']:.0f} ± {2 * line['intercept_error']:.0f} + "
            f"({line['slope']:.3f} ± {2 * line['slope_error']:.3f}) |w|² with R² = {line['r_squared']:.4f}")
    return (
        "And the *published* LLC of networks that grok? In [the run that was measured](docs/findings/published-llc.md) "
        "it is at gamma 100 the loss blurred by weight noise, an honest measure of flatness at one scale (chain and "
        f"noise differ by {noise}). At gamma 5 the chain stops on a ramp ({ramp}), and what it gives is the squared "
        f"weight norm, {norm}; both rise and fall on random labels too.")


def tracking(found: dict[str, Any], at_size: dict[str, Any], few: dict[str, Any], transformer: dict[str, Any]) -> str:
    """A sentence with 95 % intervals, beside the weight norm; transformers beside random labels."""
    small, large, rare = (", ".join(_intervals(one, "correlation")) for one in (found, at_size, few))
    counts = [one["families"]["quadratic"]["generalised"] for one in (found, at_size, few)]
    sizes = [one["settings"][0]["p"] for one in (found, at_size)]
    return (
        "Does it track? Until quadratic networks generalise, the [rank correlation](docs/findings/tracking.md) with "
        f"the validation loss at gamma 5, gamma 100, and of the weight norm is {small} at p = {sizes[0]} ({counts[0]} "
        f"runs), {large} at the published p = {sizes[1]} ({counts[1]} runs), {rare} there on few pairs ({counts[2]} "
        f"runs); in transformers {_of_runs(transformer, 'transformer')}.")


def _intervals(found: dict[str, Any], key: str) -> list[str]:
    return [_interval(key, found["families"]["quadratic"]["measures"][name])
            for name in ("gamma 5", "gamma 100", "weight_norm")]


def forecast(found: dict[str, Any], few: dict[str, Any]) -> str:
    """A sentence with 95 % intervals: which of two seeds generalises first, and which of two has."""
    first, last = (" and ".join(_intervals(*one)[:2]) for one in ((found, "forecast"), (few, "diagnosis")))
    seeds = [run for run in few["runs"] if run["setting"] == few["settings"][0]["name"]]
    return (f"Does it tell? Of two seeds the one with the lower value early on generalises first in {first} of the "
            f"pairs (p = {found['settings'][0]['p']}); on few pairs at p = {few['settings'][0]['p']}, where "
            f"{few['families']['quadratic']['generalised']} of {len(seeds)} seeds do, one that has ends with the lower "
            f"value in {last}. 0.5 is nothing.")


def _of_runs(found: dict[str, Any], model: str) -> str:
    drawn = {setting["name"] for setting in found["settings"]
             if setting["model"] == model and setting["labels"] == "random"}
    every = found["families"][model]["all"]
    runs = [run for run in found["runs"] if run["setting"] in drawn]
    true, random = (" and ".join(f"{value:.2f}" for value in values) for values in zip(*(
        (every["measures"][name]["elsewhere"]["value"], fmean(correlation(run, name) for run in runs))
        for name in ("gamma 5", "gamma 100")), strict=True))
    return f"{true} (on random labels {random}; {every['runs']} runs)"


def _interval(key: str, row: dict[str, Any]) -> str:
    return f"{row[key]['value']:.2f} ({row[key]['low']:.2f} to {row[key]['high']:.2f})"


def tracking_answer(found: dict[str, Any]) -> str:
    """The answer of the study of tracking, as its report begins."""
    return "\n".join(tracking_lines(found)) + "\n"


def converged_chains(found: dict[str, Any]) -> str:
    """What converged chains gave along some of the runs, beside the literal ones at the same gamma."""
    runs = [rows for run in found["runs"] if (rows := converged_rows(run))]
    values = [[row["converged"] for row in rows] for rows in runs]
    first, most, last = (f"{min(x):.0f} to {max(x):.0f}" for x in zip(
        *((one[0], max(one), one[-1]) for one in values), strict=True))
    along = [rank_correlation(*(np.array([row[name] for row in rows]) for name in ("converged", "gamma 5")))
             for rows in runs]
    worst = max(row["converged_rhat"] for rows in runs for row in rows)
    return (f"Chains that have converged (R-hat at most {worst:.2f}), on {len(values)} seeds at the temperature of "
            f"gamma 5: {first} where they are first watched, {most} at their largest, {last} at the end. Along a run "
            f"their rank correlation with the literal chain is {min(along):.2f} to {max(along):.2f}.\n")


def transition_answer(found: dict[str, Any]) -> str:
    """The answer of the study of basins, as its report begins."""
    return "\n".join(transition_lines(found)) + "\n"


def answer(found: dict[str, Any]) -> str:
    """The study's own answer, as its report begins, and why the chain at gamma 5 stops where it does."""
    first, last = (HOT.variance(steps) / HOT.variance() for steps in (HOT.burn_in, HOT.steps))
    why = (
        "**Why the chain stops.** The variance of the noise in a weight nears its limit at the rate `step * gamma`. At "
        f"gamma 100 that takes {BLURRED.relaxation:.0f} steps, and the chain samples what its spring alone would. At "
        f"gamma 5 it takes {HOT.relaxation:.0f}: over the draws the variance goes from {first:.0%} to {last:.0%} of "
        "its final one, the loss rises with it, and the mean over this ramp is what is published.")
    return "\n".join([*published_answer(found)[2:], "", why]) + "\n"


def foretells(found: dict[str, Any]) -> str:
    """For the README: what the LLC foretells."""
    alarm, changes = found["default_alarm"], found["families"]["Changes along the run"]
    return fill(
        f"Does it foretell generalisation? [In {found['runs']} runs](docs/findings/foresight.md) a fall by "
        f"{MONITOR_DROP:.0%} preceded {alarm['hits']} of {alarm['generalised']} generalisations and was a false alarm "
        f"in {alarm['false_alarms']} of {alarm['never']} runs that never generalise; the best alarm on changes of the "
        f"LLC has a skill (hits less false alarms, on other runs) of {_skill(changes, changes['signal'])}.",
        WIDTH, break_on_hyphens=False) + "\n"


def foresight_answer(found: dict[str, Any]) -> str:
    """The page's answer. Raises where the words would not fit the numbers any more."""
    alarm, (changes, levels) = found["default_alarm"], found["families"].values()
    follows = found["follows_weight_norm"]["llc_monitor"]["median"]
    clearest = [changes["trials"][name]["skill_interval"][0] for name in (*LLC, "weight_norm", "trace", "train_loss",
                                                                        "active_units", "effective_rank")]
    if max(clearest) > 0 or levels["trials"]["fraction"]["skill_interval"][0] <= 0:
        raise ValueError("something foretells now: write the sentences anew")
    return fill(
        f"**What the signal is worth** was measured on {found['runs']} runs of quadratic networks. As a forecast of "
        f"generalisation the best alarm on changes of the LLC has a skill of {_skill(changes, changes['signal'])}: "
        "hits less false alarms, thresholds fixed on other runs, with 95 % intervals. A fall of the LLC by "
        f"{MONITOR_DROP:.0%}, the monitor's alarm of then (of one chain, and without the error of the peak), preceded "
        f"{alarm['hits']} of {alarm['generalised']} generalisations and was a false alarm in {alarm['false_alarms']} "
        f"of {alarm['never']} runs that never generalise; no threshold does better, because at such settings the LLC "
        f"follows the weight norm (rank correlation {follows:.2f} within a run), which weight decay lowers whether "
        "anything is learned or not. No change of the LLC along a run, at three settings, foretells better than chance "
        "on runs that its threshold was not fixed on, nor does one of the weight norm, the trace, the training loss, "
        f"active units or rank. The best level of the LLC has a skill of {_skill(levels, levels['signal'])}, the "
        f"training fraction alone {_skill(levels, 'fraction')}, and that is known before training.",
        WIDTH, break_on_hyphens=False) + "\n"


def _skill(family: dict[str, Any], name: str) -> str:
    trial = family["trials"][name]
    low, high = trial["skill_interval"]
    return f"{trial['skill']:.2f} ({low:.2f} to {high:.2f})"


def slopes(found: dict[str, Any]) -> str:
    """How the values of converged chains grow with the size, beside the paper's, and from where on lambda does not."""
    fits = [row for row in found["slopes"] if row["line"] == "published"]
    ours = {along: [row for row in fits if along not in row] for along in ("K", "p")}
    shown = {along: _listed([f"{row['slope']:.3g}" for row in rows]) for along, rows in ours.items()}
    paper = {along: _listed([f"{value:g}" for value in SLOPES["the paper"][along]]) for along in ("K", "p")}
    values = [row["published"] for row in found["cells"]]
    moduli = {row["p"]: row["N"] for row in found["cells"]}
    filled = _listed([f"{p * (n - 1) // (3 * p - 2) + 1} at `p = {p}`" for p, n in moduli.items()])
    return fill(
        f"At the published sizes chains that have converged (R-hat below {LARGEST_RHAT:g}; HMC, not the published "
        f"{HOT.steps} steps of SGLD) give slopes of {shown['K']} in `K` and {shown['p']} in `p`, where the paper has "
        f"{paper['K']} and {paper['p']}: the published chains stop on their way, and a line of about their slopes is "
        "found with all weights zero ([what the published LLC is](published-llc.md)). That posterior is as linear as "
        f"published, but neither its values ({min(values):.0f} to {max(values):.0f}) nor its slopes are those of a "
        "coefficient: at a generic truth that does not depend on `K` once `K(3p-2)` exceeds `p(N-1)`, from `K` = "
        f"{filled} on.", WIDTH, break_on_hyphens=False) + "\n"


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def block_of(text: str, name: str) -> str:
    """What a page has between the two marks of this name."""
    return text.partition(START.format(name))[2].partition(END.format(name))[0]


def with_block(text: str, block: str, name: str) -> str:
    """A page with this between the two marks of this name."""
    start = text.index(START.format(name)) + len(START.format(name))
    return text[:start] + block + text[text.index(END.format(name)):]


def copy_report(study: Path, folder: Path) -> None:
    """The report with its figures, as a page of the site."""
    folder.mkdir()
    for figure in re.findall(r"\]\((\w+\.png)\)", (study / "report.md").read_text()):
        shutil.copy(study / figure, folder)
    shutil.copy(study / "report.md", folder)
