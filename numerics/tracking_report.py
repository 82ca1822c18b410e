"""The report of `numerics.tracking`: tables and figures, and in words what the numbers can and cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import spearmanr
from tabulate import tabulate

from numerics.history import GROKKED, History, grokking_severity

matplotlib.use("Agg")
Row = Mapping[str, Any]
SETTINGS = ("published", "local")
FAR = 0.5  # distance of the chains, relative to the weights' norm
LARGEST_RHAT = 1.1  # of a few short chains
NOTICEABLE = 0.1  # relative difference of sampled and Gaussian value
FEWEST_FOR_RANKS = 4
HEADERS = ("epoch", "train loss", "validation accuracy", "published LLC", "its Gaussian value", "chains at",
           "local LLC", "from the mode", "its Gaussian value", "trace", "negative", "rank (gap)",
           "units: active, dead, coinciding")


def write_report(folder: Path, histories: Mapping[int, History], rows: Sequence[Row]) -> None:
    """``report.md`` and three figures into ``folder``, from the histories and the measured snapshots of each seed."""
    _draw(folder, histories, rows)
    (folder / "report.md").write_text("\n\n".join(_report(histories, rows)) + "\n")


def _report(histories: Mapping[int, History], rows: Sequence[Row]) -> list[str]:
    seeds = sorted({row["seed"] for row in rows})
    parts = ["# Tracked training", _summary(rows), "## Settings", _settings(rows[0]), "## Grokking severity",
             tabulate([_severity(seed, histories[seed]) for seed in seeds if seed in histories],
                      ("seed", "epochs", "train accuracy", "validation accuracy", "severity"), tablefmt="github"),
             f"`GSM = 1[a_V(T) >= {GROKKED}]/T · sum |a_T - a_V|`, training less validation accuracy, the sum over all "
             "epochs by the trapezoid rule between those recorded. 0 for a run that did not generalise."]
    for seed in seeds:
        own = [row for row in rows if row["seed"] == seed]
        parts += [f"## Seed {seed}", tabulate([_cells(row, histories.get(seed)) for row in own], HEADERS,
                                              tablefmt="github", disable_numparse=True),
                  "\n".join(f"- {line}" for line in _findings(own))]
    return [*parts, "## Figures", *(f"![{title}]({name})" for name, title, *_ in FIGURES),
            "## What these numbers cannot tell", LIMITS]


def _summary(rows: Sequence[Row]) -> str:
    seconds = sum(row["seconds"] for row in rows)
    return (f"{len(rows)} snapshots of networks with {rows[0]['parameters']} parameters and {rows[0]['pairs']} "
            f"training pairs; measuring took {seconds:.0f} s. Estimates are `nbeta E[L(w) - L(w*)]` at the snapshot "
            "`w*` itself, which is *not polished*: no minimum of the loss. `±` is one standard error, of the chains or "
            "of random probes; it holds no bias.")


def _settings(row: Row) -> str:
    lines = [f"- **{name}**: nbeta = {row[name]['nbeta']:.4g}, gamma = {row[name]['gamma']:.4g}, HMC on all training "
             f"pairs. {what}" for name, what in (
                 ("published", "Those of Cullen et al. (2026), who sample by SGLD on minibatches; HMC samples the same "
                  "posterior without the bias of step size and minibatches."),
                 ("local", "gamma keeps the chains within a tenth of the trained weights' norm, and curvatures above "
                  "gamma/nbeta = 1e-3 count."))]
    return "\n".join([*lines, "- Each is the same for all snapshots, chains and draws too (`tracking.json`).",
                      "- **Gaussian value**: `1/2 sum t h/(t h + gamma)` over the positive eigenvalues h of the "
                      "Hessian at the snapshot, no sampling. *negative*: the sum of its negative eigenvalues, left out "
                      "there: off a minimum zeros turn into both signs, and the positive half is counted.",
                      "- **chains at**: their root mean square distance from the snapshot, in norms of its weights.",
                      "- **from the mode**: the LLC less its bias *reference point*, `nbeta (L(w0) - L(w*))`, w0 the "
                      "mode of the sampled posterior."])


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
            f"{published['distance'] / row['weight_norm']:.2f}" if row["weight_norm"] else "",
            _with_error(local["llc"], local["mcse"]), _with_error(local["llc_from_mode"], local["mcse"]),
            _with_error(local["gaussian"], local["gaussian_error"]),
            _with_error(hessian["trace"], hessian["trace_error"]), f"{hessian['negative_trace']:.2g}",
            "not known" if hessian["rank"] is None else f"{hessian['rank']}{gap}",
            f"{units['active']}, {units['dead']}, {units['coinciding']}")


def _with_error(value: float, error: float) -> str:
    return f"{value:.5g} ± {error:.2g}" if error else f"{value:.5g}"


def _findings(rows: Sequence[Row]) -> list[str]:
    """What this trajectory says about its own estimates."""
    return [line for name in SETTINGS for line in _findings_at(name, rows)] + _trace_finding(rows)


def _findings_at(name: str, rows: Sequence[Row]) -> list[str]:
    found = [row[name] for row in rows]
    lines = []
    unconverged = [str(row["epoch"]) for row in rows if not row[name]["rhat"] <= LARGEST_RHAT]
    if unconverged:
        lines.append(f"{name}: chains have NOT converged (R-hat above {LARGEST_RHAT}) at epochs "
                     f"{', '.join(unconverged)}; their error bars are too small.")
    distances = [row[name]["distance"] / max(row["weight_norm"], 1e-12) for row in rows]
    far = [str(row["epoch"]) for row, distance in zip(rows, distances, strict=True) if distance > FAR]
    lines.append(f"{name}: the chains are {min(distances):.2g} to {max(distances):.2g} norms of the weights away from "
                 "the snapshot" + (f"; at epochs {', '.join(far)} the value describes the loss on a ball of that size, "
                                   "not the snapshot." if far else "."))
    wrong = [row for row in rows if abs(row[name]["llc_from_mode"] - row[name]["gaussian"])
             > NOTICEABLE * abs(row[name]["gaussian"]) + 3 * np.hypot(row[name]["mcse"], row[name]["gaussian_error"])]
    lines.append(f"{name}: sampled value (from the mode) and Gaussian value " + (
        f"differ by more than {NOTICEABLE:.0%} at {len(wrong)} of {len(rows)} snapshots (epochs "
        f"{', '.join(str(row['epoch']) for row in wrong)}): where the chains are the loss is not "
        "the quadratic that the Hessian at the snapshot makes of it." if wrong
        else f"agree within {NOTICEABLE:.0%} and three errors at every snapshot."))
    saddles = [str(row["epoch"]) for row in rows if not row[name]["one_mode"]]
    if saddles:
        lines.append(f"{name}: at epochs {', '.join(saddles)} negative curvature outweighs gamma: the posterior lies "
                     "elsewhere, and the value is none of the snapshot.")
    first, last = found[0]["llc_from_mode"], found[-1]["llc_from_mode"]
    error = np.hypot(found[0]["mcse"], found[-1]["mcse"])
    told = "told apart by sampling error alone" if abs(last - first) > 3 * error else "NOT told apart"
    lines.append(f"{name}: from the mode {_with_error(first, found[0]['mcse'])} at the first and "
                 f"{_with_error(last, found[-1]['mcse'])} at the last snapshot, {told}."
                 + (f" An untrained network has {first / last:.0%} of that." if rows[0]["epoch"] == 0 else ""))
    return lines


def _trace_finding(rows: Sequence[Row]) -> list[str]:
    lines = []
    published = [row["published"] for row in rows]
    stiffest = max(x["nbeta"] * row["hessian"]["largest"] / x["gamma"] for x, row in zip(published, rows, strict=True))
    if stiffest < 1:
        lines.append(f"published: nbeta h/gamma is at most {stiffest:.2g} over all eigenvalues h: no direction "
                     "reaches half of its 1/2, and the Gaussian value is close to the trace in other units, "
                     "`nbeta tr H/(2 gamma)`.")
    trace = [row["hessian"]["trace"] for row in rows]
    if len(rows) >= FEWEST_FOR_RANKS and np.ptp(trace) > 0:
        ranks = ", ".join(f"{spearmanr(trace, [row[name]['llc'] for row in rows]).statistic:+.2f} ({name})"
                          for name in SETTINGS)
        lines.append(f"Rank correlation of LLC and trace over these {len(rows)} snapshots: {ranks}.")
    return lines


LIMITS = """\
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
- Beyond 3000 parameters the spectrum comes from a few Lanczos runs: smooth sums are accurate, a rank is not known. The
  rank of a dense Hessian is numerical; trust it where the gap is many orders of magnitude.
- Units: dead means `|V_j| mean (w_j·x)^2` at most 1e-3 of the largest, coinciding `|cos| > 1 - 1e-3` of preactivations,
  means and cosines over all pairs. Other thresholds give other counts while weights decay.
- One trajectory a seed: that an LLC falls as a network generalises is an observation about these seeds, no cause."""


def _draw(folder: Path, histories: Mapping[int, History], rows: Sequence[Row]) -> None:
    seeds = sorted({row["seed"] for row in rows})
    for name, title, draw in FIGURES:
        figure = Figure(figsize=(6.5 * len(seeds), 4.2), layout="constrained")
        for place, seed in enumerate(seeds, 1):
            axes = figure.add_subplot(1, len(seeds), place)
            own = [row for row in rows if row["seed"] == seed]
            right = axes.twinx()
            draw(axes, right, histories.get(seed), own)
            smallest = min((row["epoch"] for row in own if row["epoch"] > 0), default=1)
            axes.set_xscale("symlog", linthresh=smallest)
            axes.set(xlabel="epoch", title=f"{title}, seed {seed}", xlim=(0, None))
            handles = [*axes.get_legend_handles_labels()[0], *right.get_legend_handles_labels()[0]]
            right.legend(handles, [h.get_label() for h in handles], fontsize=7, loc="center left")
        figure.savefig(folder / name, dpi=150)


def _losses(left: Axes, right: Axes, history: History | None, rows: Sequence[Row]) -> None:
    if history is not None:
        left.plot(history.epoch, history.train_loss, color="tab:blue", label="training loss")
        left.plot(history.epoch, history.validation_loss, color="tab:orange", label="validation loss")
    left.set(yscale="log", ylabel="loss")
    _llcs(right, rows)


def _accuracies(left: Axes, right: Axes, history: History | None, rows: Sequence[Row]) -> None:
    if history is not None:
        left.plot(history.epoch, history.train_accuracy, color="tab:blue", label="training accuracy")
        left.plot(history.epoch, history.validation_accuracy, color="tab:orange", label="validation accuracy")
    left.set(ylabel="accuracy", ylim=(-0.03, 1.03))
    _llcs(right, rows)


def _traces(left: Axes, right: Axes, _: History | None, rows: Sequence[Row]) -> None:
    left.errorbar([row["epoch"] for row in rows], [row["hessian"]["trace"] for row in rows],
                  yerr=[row["hessian"]["trace_error"] for row in rows], color="tab:purple", marker="^", capsize=3,
                  label="trace of the Hessian")
    left.set_ylabel("trace")
    _llcs(right, rows)


def _llcs(axes: Axes, rows: Sequence[Row]) -> None:
    """Both settings; the local one from the mode, where its reference point does not hide everything else."""
    for name, value, colour, words in (("published", "llc", "black", "LLC, published settings"),
                                       ("local", "llc_from_mode", "tab:red", "LLC, local settings, from the mode")):
        axes.errorbar([row["epoch"] for row in rows], [row[name][value] for row in rows],
                      yerr=[row[name]["mcse"] for row in rows], color=colour, marker="o", capsize=3, label=words)
    axes.set_ylabel("LLC ± one standard error")


Draw = Callable[[Axes, Axes, History | None, Sequence[Row]], None]
FIGURES: tuple[tuple[str, str, Draw], ...] = (
    ("losses.png", "losses and LLC", _losses), ("accuracies.png", "accuracies and LLC", _accuracies),
    ("traces.png", "trace and LLC", _traces))
