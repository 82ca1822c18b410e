"""The report of `numerics.grokking.track`: tables and figures, and in words what the numbers can and cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import spearmanr
from tabulate import tabulate

from numerics.figures import COLOURS, drawn, styled
from numerics.grokking.history import GROKKED, History, grokking_severity, reached
from numerics.grokking.plan import FEWEST_DRAWS
from slt_symbolic.storage.files import write_atomically

Row = Mapping[str, Any]
SETTINGS = ("published", "local")
FAR = 0.5  # distance of the chains, relative to the weights' norm: the networks there have little in common
LARGEST_RHAT = 1.1  # of a few short chains
NOTICEABLE = 0.1  # relative difference of sampled and Gaussian value
FEWEST_FOR_RANKS = 4  # snapshots, for a rank correlation
TINY = 1e-12  # norm of weights
LONGER = 100  # draws of a chain, as advised
TOO_SHORT = "\n(chains TOO SHORT for error bars to be trusted)"
HEADERS = ("epoch", "train loss", "validation accuracy", "published excess", "its Gaussian value", "chains at",
           "local excess", "from the mode", "its Gaussian value", "trace", "negative", "rank (gap)",
           "units: active, idle, coinciding")


def write_report(folder: Path, histories: Mapping[int, History], rows: Sequence[Row]) -> None:
    """``report.md`` and three figures into ``folder``, from the histories and the measured snapshots of each seed."""
    for name, figure in figures(histories, rows):
        write_atomically(folder / name, drawn(figure, dpi=150))
    write_atomically(folder / "report.md", "\n\n".join(_report(histories, rows)) + "\n")


def _report(histories: Mapping[int, History], rows: Sequence[Row]) -> list[str]:
    seeds = sorted({row["seed"] for row in rows})
    parts = ["# Tracked training", _summary(rows), "## Settings", _settings(rows[0]), "## Grokking severity",
             tabulate([_severity(seed, histories[seed]) for seed in seeds if seed in histories],
                      ("seed", "epochs", "train accuracy", "validation accuracy", "severity"), tablefmt="github"),
             f"`GSM = 1[a_V(T) >= {GROKKED}]/T · sum |a_T - a_V|`, training less validation accuracy, the sum over all "
             "epochs by the trapezoid rule between those recorded. 0 for a run that did not generalise."]
    for seed in seeds:
        of_seed = [row for row in rows if row["seed"] == seed]
        parts += [f"## Seed {seed}", tabulate([_cells(row, histories.get(seed)) for row in of_seed], HEADERS,
                                              tablefmt="github", disable_numparse=True),
                  "\n".join(f"- {line}" for line in _findings(of_seed, histories.get(seed)))]
    return [*parts, "## Figures", *(f"![{title}]({name})" for name, title, *_ in FIGURES),
            "## What these numbers cannot tell", LIMITS]


def _summary(rows: Sequence[Row]) -> str:
    seconds = sum(row["seconds"] for row in rows)
    return (f"{len(rows)} snapshots of networks with {rows[0]['parameters']} parameters and {rows[0]['pairs']} "
            f"training pairs; measuring took {seconds:.0f} s. What is estimated is the *localised excess* "
            "`nbeta E[L(w) - L(w*)]` at the snapshot `w*` itself, which is *not polished*: no minimum of the loss, so "
            "that it is no local learning coefficient (LLC). `±` is one standard error, of the chains or of random "
            "probes; it holds no bias.")


def _settings(row: Row) -> str:
    lines = [f"- **{name}**: nbeta = {row[name]['nbeta']:.4g}, gamma = {row[name]['gamma']:.4g}, HMC on all training "
             f"pairs, {row[name]['chains']} chains of {row[name]['draws']} draws. {what}" for name, what in (
                 ("published", "Those of Cullen et al. (2026), who sample by SGLD on minibatches; HMC samples the same "
                  "posterior without the bias of step size and minibatches."),
                 ("local", "gamma keeps the chains within a tenth of the trained weights' norm, and curvatures above "
                  "gamma/nbeta = 1e-3 count."))]
    return "\n".join([*lines, "- Each is the same for all snapshots, chains and draws too (`tracking.json`).",
                      "- **Gaussian value**: `1/2 sum t h/(t h + gamma)` over the positive eigenvalues h of the "
                      "Hessian at the snapshot, no sampling. *negative*: the sum of its negative eigenvalues, left out "
                      "there: off a minimum zeros turn into both signs, and the positive half is counted.",
                      "- **chains at**: their root mean square distance from the snapshot, in norms of its weights.",
                      "- **from the mode**: the excess less its bias *reference point*, `nbeta (L(w0) - L(w*))`, w0 "
                      "the mode of the sampled posterior. *saddle*: negative curvature outweighs gamma, so that the "
                      "posterior lies elsewhere; nothing is sampled.",
                      "- **trace**: of the Hessian, exact; Hutchinson's estimator with random vectors has this mean."])


def _severity(seed: int, history: History) -> tuple[Any, ...]:
    return (seed, f"{history.epoch[-1]:.0f}", f"{history.train_accuracy[-1]:.3f}",
            f"{history.validation_accuracy[-1]:.3f}", f"{grokking_severity(history):.4f}")


def _cells(row: Row, history: History | None) -> tuple[str, ...]:
    published, local, hessian, units = (row[name] for name in (*SETTINGS, "hessian", "units"))
    accuracy = np.nan if history is None else np.interp(row["epoch"], history.epoch, history.validation_accuracy)
    gap = "" if hessian["gap"] is None else f" ({hessian['gap']:.1e})"
    return (str(row["epoch"]), f"{row['loss']:.2g}", f"{accuracy:.3f}",
            _with_error(published["llc"], published["mcse"]),
            _with_error(published["gaussian"], published["gaussian_error"]),
            "" if published["distance"] is None else f"{published['distance'] / max(row['weight_norm'], TINY):.2f}",
            _with_error(local["llc"], local["mcse"]), _with_error(local["llc_from_mode"], local["mcse"]),
            _with_error(local["gaussian"], local["gaussian_error"]),
            f"{hessian['trace']:.5g}", f"{hessian['negative_trace']:.2g}",
            "not known" if hessian["rank"] is None else f"{hessian['rank']}{gap}",
            f"{units['active']}, {units['idle']}, {units['coinciding']}")


def _with_error(value: float | None, error: float | None) -> str:
    if value is None:
        return "saddle"
    return f"{value:.5g} ± {error:.2g}" if error else f"{value:.5g}"


def _findings(rows: Sequence[Row], history: History | None) -> list[str]:
    """What this trajectory says about the excess along it, and about its own estimates."""
    return [line for name in SETTINGS for line in _findings_at(name, rows, history)] + _trace_finding(rows)


def _findings_at(name: str, rows: Sequence[Row], history: History | None) -> list[str]:
    saddles = [row for row in rows if row[name]["llc"] is None]
    lines = []
    if saddles:
        lines.append(f"{name}: not sampled at epochs {_epochs(saddles)}: negative curvature outweighs gamma there, the "
                     "posterior lies elsewhere, and no value would be one of the snapshot.")
    rows = [row for row in rows if row[name]["llc"] is not None]
    if not rows:
        return lines
    lines += _course_finding(name, rows, history)
    if rows[0][name]["draws"] < FEWEST_DRAWS:
        lines.append(f"{name}: {rows[0][name]['chains']} chains of {rows[0][name]['draws']} draws are TOO SHORT for "
                     "R-hat and error bars to be trusted; they start from draws of a Gaussian, and what they had no "
                     f"time to do is not seen. `slt grok` again with --draws {LONGER} measures with longer ones.")
    unconverged = [row for row in rows if not row[name]["rhat"] <= LARGEST_RHAT]
    if unconverged:
        lines.append(f"{name}: chains have NOT converged (R-hat above {LARGEST_RHAT}) at epochs "
                     f"{_epochs(unconverged)}; their error bars are too small. `slt grok` again with --draws "
                     f"{max(4 * rows[0][name]['draws'], LONGER)} gives them time.")
    distances = [row[name]["distance"] / max(row["weight_norm"], TINY) for row in rows]
    far = [row for row, distance in zip(rows, distances, strict=True) if distance > FAR]
    lines.append(f"{name}: the chains are {min(distances):.2g} to {max(distances):.2g} norms of the weights away from "
                 "the snapshot" + (f"; at epochs {_epochs(far)} the value describes the loss on a ball of that size, "
                                   "not the snapshot." if far else "."))
    wrong = [row for row in rows if abs(row[name]["llc_from_mode"] - row[name]["gaussian"])
             > NOTICEABLE * abs(row[name]["gaussian"]) + 3 * np.hypot(row[name]["mcse"], row[name]["gaussian_error"])]
    lines.append(f"{name}: sampled value (from the mode) and Gaussian value " + (
        f"differ by more than {NOTICEABLE:.0%} at {len(wrong)} of {len(rows)} snapshots (epochs "
        f"{_epochs(wrong)}): where the chains are the loss is not "
        "the quadratic that the Hessian at the snapshot makes of it." if wrong
        else f"agree within {NOTICEABLE:.0%} and three errors at every snapshot."))
    if rows[0]["epoch"] == 0:
        first, last = rows[0][name]["llc_from_mode"], rows[-1][name]["llc_from_mode"]
        lines.append(f"{name}: an untrained network has {first / last:.0%} of the value at the end.")
    return lines


def _course_finding(name: str, rows: Sequence[Row], history: History | None) -> list[str]:
    """Whether the excess (from the mode) peaks and falls, by its errors, and what the validation loss does then."""
    values = [row[name]["llc_from_mode"] for row in rows]
    top = int(np.argmax(values))
    start, peak, end = (_with_error(values[i], rows[i][name]["mcse"]) for i in (0, top, -1))

    def apart(i: int, j: int) -> bool:
        error = float(np.hypot(rows[i][name]["mcse"], rows[j][name]["mcse"]))
        return bool(abs(values[i] - values[j]) > 3 * error)

    if len(rows) == 1:
        said = f"{peak} at the only snapshot"
    elif not (apart(top, 0) or apart(top, -1)):
        said = f"{start} at the first and {end} at the last snapshot: no course is told apart from sampling error"
    elif not apart(top, -1):
        said = f"rises from {start} to {end} and does NOT fall"
    elif not apart(top, 0):
        said = f"falls from {start} at epoch {rows[0]['epoch']} to {end}; no rise before was seen"
    else:
        said = f"peaks, {start} at epoch {rows[0]['epoch']}, {peak} at {rows[top]['epoch']}, {end} at the end"
    if history is not None and len(rows) > 1:
        losses = [float(np.interp(rows[i]["epoch"], history.epoch, history.validation_loss)) for i in (top, -1)]
        said += f"; the validation loss is {losses[0]:.2g} where the excess is largest and {losses[1]:.2g} at the end"
    return [f"{name}: the excess {said} (± one standard error; told apart at three)."]


def _epochs(rows: Sequence[Row]) -> str:
    return ", ".join(str(row["epoch"]) for row in rows)


def _trace_finding(rows: Sequence[Row]) -> list[str]:
    lines = []
    published = [row["published"] for row in rows]
    stiffest = max(setting["nbeta"] * row["hessian"]["largest"] / setting["gamma"]
                   for setting, row in zip(published, rows, strict=True))
    if stiffest < 1:
        lines.append(f"published: nbeta h/gamma is at most {stiffest:.2g} over all eigenvalues h: no direction "
                     "reaches half of its 1/2, and the Gaussian value is close to the trace in other units, "
                     "`nbeta tr H/(2 gamma)`.")
    for name in SETTINGS:
        pairs = [(row["hessian"]["trace"], row[name]["llc"]) for row in rows if row[name]["llc"] is not None]
        if len(pairs) >= FEWEST_FOR_RANKS and np.ptp(pairs, axis=0).all():
            lines.append(f"{name}: rank correlation of excess and trace over {len(pairs)} snapshots: "
                         f"{spearmanr(*zip(*pairs, strict=True)).statistic:+.2f}.")
    return lines


LIMITS = """\
- An epoch is a pass over the training pairs; in a run that counted optimiser steps (`slt grok --steps`) it is one step.
- No value here is a learning coefficient: that is a limit at a minimum, with nbeta to infinity and the chains close to
  the point. `slt compare` polishes a network and takes half its numerical rank.
- A Gaussian value depends on the cut `gamma/nbeta`: curvature below it does not count. Two snapshots can differ there
  and have the same lambda, and the other way round.
- Far from the snapshot (`chains at` above 0.5) two networks that compute different functions may have the same value,
  and one network two values at two settings.
- While training has not converged, the reference point is a bias of its own: it is proportional to nbeta and says how
  far the loss can still fall nearby. The mode is found by L-BFGS with a limit of steps.
- The standard errors of few short chains are themselves uncertain by tens of percent; R-hat sees only that chains
  differ.
- Beyond 3000 parameters everything is in float32, and the spectrum comes from a few Lanczos runs: a rank is not known,
  and where many eigenvalues lie around zero, as at saddles, the Gaussian value swings with the number of steps (its
  error holds that). The rank of a dense Hessian is numerical; trust it where the gap is many orders of magnitude.
- Units: idle means `|V_j| |w_j·x|^2` at most 1e-3 of the largest, coinciding `|cos| > 1 - 1e-3` of preactivations,
  norms and cosines over the training pairs. Other thresholds give other counts while weights decay.
- One trajectory a seed: that the excess falls as a network generalises is an observation about these seeds, no
  cause."""


def figures(histories: Mapping[int, History], rows: Sequence[Row]) -> Iterator[tuple[str, Figure]]:
    """The figures by name: a column a seed, a row a setting, since beside the other the smaller excess is flat."""
    seeds = sorted({row["seed"] for row in rows})
    for name, title, draw in FIGURES:
        with styled():
            figure = Figure(figsize=(6.5 * len(seeds), 7), layout="constrained")
            for place, (setting, seed) in enumerate(product(SETTINGS, seeds), 1):
                axes = figure.add_subplot(len(SETTINGS), len(seeds), place)
                _panel(axes, setting, draw, histories.get(seed), [row for row in rows if row["seed"] == seed])
                axes.set_title(f"{title}, seed {seed}")
        yield name, figure


def _panel(axes: Axes, setting: str, draw: Draw, history: History | None, rows: Sequence[Row]) -> None:
    """A quantity on the left, the excess on the right, and since when the network had memorised and generalised."""
    right = axes.twinx()
    draw(axes, history, rows)
    _excess(right, setting, rows)
    if history is not None:
        for what, accuracy, line in (("memorised", history.train_accuracy, ":"),
                                     ("generalised", history.validation_accuracy, "--")):
            since = reached(history.epoch, accuracy)
            if since is not None:
                axes.axvline(since, color="0.4", linestyle=line, label=f"{what} from epoch {since:.0f} on")
    smallest = min((row["epoch"] for row in rows if row["epoch"] > 0), default=1)
    axes.set_xscale("symlog", linthresh=smallest)
    axes.set(xlabel="epoch", xlim=(0, None))
    right.grid(False)
    handles = [*axes.get_legend_handles_labels()[0], *right.get_legend_handles_labels()[0]]
    right.legend(handles, [str(line.get_label()) for line in handles], loc="center left")


def _losses(left: Axes, history: History | None, rows: Sequence[Row]) -> None:
    if history is not None:
        left.plot(history.epoch, history.train_loss, color=COLOURS["blue"], label="training loss")
        left.plot(history.epoch, history.validation_loss, color=COLOURS["orange"], label="validation loss")
    left.set(yscale="log", ylabel="loss")


def _accuracies(left: Axes, history: History | None, rows: Sequence[Row]) -> None:
    if history is not None:
        left.plot(history.epoch, history.train_accuracy, color=COLOURS["blue"], label="training accuracy")
        left.plot(history.epoch, history.validation_accuracy, color=COLOURS["orange"], label="validation accuracy")
    left.set(ylabel="accuracy", ylim=(-0.03, 1.03))


def _traces(left: Axes, _: History | None, rows: Sequence[Row]) -> None:
    left.plot([row["epoch"] for row in rows], [row["hessian"]["trace"] for row in rows], color=COLOURS["purple"],
              marker="^", label="trace of the Hessian, exact")
    left.set_ylabel("trace")


def _excess(axes: Axes, name: str, rows: Sequence[Row]) -> None:
    """From the mode, where the reference point does not hide everything else, beside the closed form."""
    axes.plot([row["epoch"] for row in rows], [row[name]["gaussian"] for row in rows], "-.",
              color=COLOURS["vermillion"], label="its Gaussian value, in closed form")
    sampled = [row for row in rows if row[name]["llc"] is not None]
    short = sampled and sampled[0][name]["draws"] < FEWEST_DRAWS
    axes.errorbar([row["epoch"] for row in sampled], [row[name]["llc_from_mode"] for row in sampled],
                  yerr=[row[name]["mcse"] for row in sampled], color="black", marker="o", capsize=3,
                  label=f"localised excess, {name} settings, from the mode" + (TOO_SHORT if short else ""))
    axes.set_ylabel("localised excess ± one standard error")


Draw = Callable[[Axes, History | None, Sequence[Row]], None]
FIGURES: tuple[tuple[str, str, Draw], ...] = (
    ("losses.png", "losses and localised excess", _losses),
    ("accuracies.png", "accuracies and localised excess", _accuracies),
    ("traces.png", "trace and localised excess", _traces))
