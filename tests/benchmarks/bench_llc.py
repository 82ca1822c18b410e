"""Speed, memory and accuracy of `slt llc`: ``python -m tests.benchmarks.bench_llc [PART ...] [--fast] [--keep]``.

Speed: chain-steps per second of SGLD on the quadratic network (d, p, K) = (4, 3, 2), teacher and student, 2000 Gaussian
samples, beside devinterp 1.3.2 where it is installed (``pip install devinterp==1.3.2``). Both run on one core, in turn,
several times, in seconds of that core; imports, data and a warm-up are not timed. We compute in float64, devinterp in
its default float32 unless the line says float64. Its chains run one after another; with ``cores=2`` two processes share
them, whose start is subtracted (elapsed seconds: both cores should be idle otherwise). Its line "DataLoader" is the
documented call; "whole batches" indexes the tensors once a batch, the fastest loader that devinterp accepts.

Memory: what one step over all samples allocates at its peak, by torch's profiler.

Modules: the gradient of a user's module for many chains, recorded as a graph, beside the same through `torch.func`.

Sizes: `numerics.llc` at its defaults by the number of parameters, on two cores, in seconds of both together and of the
clock, and the peak of memory: tanh networks at the minimum and at the weights as they are, up to a million parameters
on 1000 samples, at two gammas; deep linear networks of 10^4 and 10^5 parameters, trained to a truth of low rank, to
noise, or of more rank than fits into memory, beside the exact value at the minimum that they were polished to, from the
ranks of its partial products.

Accuracy: networks whose learning coefficient is known, at automatic settings; two processes of one thread each, in
seconds of one core.
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise
from typing import Any

import torch
from joblib import Parallel, delayed
from torch import Tensor
from torch.nn.functional import mse_loss
from torch.utils.data import DataLoader, TensorDataset

from numerics.curvature.geometry import geometry
from numerics.estimation.entry import llc_of_entry
from numerics.estimation.result import Estimate
from numerics.estimation.settings import Settings
from numerics.losses import recorded
from numerics.losses.architectures import Quadratic
from numerics.losses.module import ModuleLoss, Objective
from numerics.losses.polynomial import Twin
from numerics.losses.samples import samples_of
from numerics.modules.llc import Kind, llc
from numerics.networks.catalogue import exact_point, random_teacher, twin_of_teacher
from numerics.sampling.steps import Posterior, sgld_step
from numerics.sampling.summary import EstimateError
from slt_symbolic import closed_forms
from tests.benchmarks.kept import Table, keep, show, spread
from tests.benchmarks.peer import SGLD, LLCEstimator, evaluate_mse, sample, whole_batches
from tests.benchmarks.trained import tanh

SAMPLES, NBETA, GAMMA, STEP = 2000, 2000 / math.log(2000), 1.0, 1e-5
QUADRATIC = Quadratic(4, 3, 2)

MODELS: list[tuple[str, dict[str, Any]]] = [
    ("quadratic-generic", {"d": 4, "p": 3, "K": 2}),
    ("quadratic-generic", {"d": 4, "p": 3, "K": 5}),
    ("modular-addition-generic", {"p": 5, "K": 2}),
    ("reduced-rank-regression", {"M": 2, "N": 3, "H": 2, "r": 1}),
    ("quadratic-dead-unit", {"d": 3, "p": 1}),
    ("quadratic-dead-unit", {"d": 4, "p": 5}),
    ("symmetric-factorisation", {"d": 3, "K": 2, "r": 1}),
    ("quadratic-dead-unit", {"d": 4, "p": 2}),
    ("reduced-rank-regression", {"M": 3, "N": 5, "H": 3, "r": 0}),
    ("deep-linear", {"widths": (2, 2, 2, 2), "r": 0}),
]
Module = tuple[torch.nn.Module, Tensor, Tensor]  # with its data
DEEP_LINEAR: list[tuple[tuple[int, ...], int, float]] = [  # widths, rank of the truth, noise
    ((60, 50, 50, 60), 5, 0.0), ((20, 220, 220, 220, 20), 5, 0.0), ((100, 300, 200, 100), 100, 0.1),
    ((50, 200, 200, 200, 50), 10, 0.0)]
Measured = tuple[Estimate | str, float, int | None, float]  # or why there is none; the exact value, its m, seconds
SGLD_MODELS: list[tuple[str, dict[str, Any]]] = [
    ("quadratic-generic", {"d": 4, "p": 3, "K": 2}),
    ("quadratic-dead-unit", {"d": 4, "p": 5}),
]


def main() -> None:
    """Print a table or two for each question."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all of them without")
    parser.add_argument("--fast", action="store_true", help="fewer repeats and seeds")
    parser.add_argument("--keep", action="store_true", help="write what the documentation shows")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"{part} is no part; try {', '.join(PARTS)}")
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # devinterp explains itself at each call
    os.environ |= {"PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1"}  # of worker processes
    sys.stdout.reconfigure(line_buffering=True)
    chosen = options.parts or list(PARTS)
    found = show(chain.from_iterable(PARTS[part](options.fast) for part in chosen))
    if options.keep:
        keep("llc", found)


# Speed

def throughput(fast: bool) -> Iterator[Table]:
    """Chain-steps per second, then ratios within each repeat."""
    repeats = 3 if fast else 5
    twin = _twin(SAMPLES)
    cases = {f"ours, {chains} chains, {_batch(batch)}": _ours(twin, chains, batch)
             for chains in (8, 64) for batch in (32, 128, None)}
    ratios: list[tuple[str, str]] = []
    if sample is None:
        print("devinterp is not installed: the side-by-side is skipped\n", file=sys.stderr)
    else:
        for chains, steps in ((8, 200), (64, 60)):
            for batch in (32, 128):
                for kind in ("DataLoader", "whole batches"):
                    name = f"devinterp, {chains} chains, {_batch(batch)}, {kind}"
                    cases[name] = _devinterp(twin, chains, batch, steps, whole=kind != "DataLoader")
                    ratios.append((f"ours, {chains} chains, {_batch(batch)}", name))
                    if chains == 64 and batch == 32:
                        ratios.append(("ours, 64 chains, all samples", name))
        for kind, steps in (("DataLoader", 4), ("whole batches", 30)):
            name = f"devinterp, 64 chains, all samples, {kind}"
            cases[name] = _devinterp(twin, 64, SAMPLES, steps, whole=kind != "DataLoader")
            ratios.append(("ours, 64 chains, all samples", name))
        name = "devinterp in float64, 8 chains, batch 32, DataLoader"
        cases[name] = _devinterp(twin, 8, 32, 200, dtype=torch.float64)
        ratios.append(("ours, 8 chains, batch 32", name))
    for run in cases.values():
        run()
    speeds: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(repeats):
        for name, run in cases.items():
            speeds[name].append(run())
    yield Table("Steps of all chains a second, on one core", ("sampler", "median", "range"),
                [(name, *spread(values)) for name, values in speeds.items()])
    rows = [(a, b, *spread([x / y for x, y in zip(speeds[a], speeds[b], strict=True)])) for a, b in ratios]
    if rows:
        yield Table("Ratios of speeds", ("numerator", "denominator", "median", "range"), rows)
        yield _two_processes(twin, 1 if fast else 3)


def _two_processes(twin: Twin, repeats: int) -> Table:
    """devinterp with two worker processes, their start subtracted; we stay on one core."""
    ours, few, many = _ours(twin, 8, 32), 200, 3000
    rows = []
    for _ in range(repeats):
        short, long = (_seconds(_devinterp(twin, 8, 32, steps, cores=2)) for steps in (few, many))
        rows.append((ours(), 8 * (many - few) / (long - short)))
    return Table("Beside two processes of devinterp", ("what", "median", "range"), [
        ("devinterp, 8 chains, batch 32, cores=2", *spread([theirs for _, theirs in rows])),
        ("ours, 8 chains, batch 32, one core / that", *spread([a / b for a, b in rows]))])


def _twin(samples: int) -> Twin:
    inputs = torch.randn(samples, QUADRATIC.inputs, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return twin_of_teacher(QUADRATIC, inputs, centred=False, teacher=random_teacher(QUADRATIC.parameters))


def _batch(batch: int | None) -> str:
    return "all samples" if batch is None else f"batch {batch}"


def _chains(twin: Twin, chains: int, batch: int | None) -> Callable[[int], None]:
    """A function that takes so many steps."""
    found = geometry(twin, random_teacher(QUADRATIC.parameters))
    nbeta = torch.full((chains,), NBETA, dtype=torch.float64)
    posterior = Posterior(twin, found.point, found.basis, nbeta, GAMMA)
    state = posterior.at(torch.zeros(chains, twin.parameters, dtype=torch.float64))
    step, scale = torch.full_like(nbeta, STEP), torch.ones(1, twin.parameters, dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)

    @torch.inference_mode()  # as in numerics.sampling.ladder
    def run(steps: int) -> None:
        here = state
        for _ in range(steps):
            here, info = sgld_step(posterior, here, step, scale, batch, generator)
        if not info.accepted.all():
            raise SystemExit("a chain diverged")

    return run


def _ours(twin: Twin, chains: int, batch: int | None) -> Callable[[], float]:
    run, steps = _chains(twin, chains, batch), 2000 if chains < 64 else 1000

    def speed() -> float:
        start = time.process_time()
        run(steps)
        return chains * steps / (time.process_time() - start)

    return speed


class Network(torch.nn.Module):
    """The same network for devinterp, at the teacher."""

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        w, v = random_teacher(QUADRATIC.parameters).to(dtype).split([8, 6])
        self.w, self.v = torch.nn.Parameter(w.reshape(2, 4).clone()), torch.nn.Parameter(v.reshape(2, 3).clone())

    def forward(self, x: Tensor) -> Tensor:
        """(n, d) -> (n, p)."""
        return (x @ self.w.T).square() @ self.v


def _devinterp(twin: Twin, chains: int, batch: int, steps: int, whole: bool = False,
               dtype: torch.dtype = torch.float32, cores: int = 1) -> Callable[[], float]:
    tensors = twin.data.inputs.to(dtype), twin.data.targets.to(dtype)
    if whole:
        loader = whole_batches(*tensors, size=batch)
    else:
        loader = DataLoader(TensorDataset(*tensors), batch_size=batch, shuffle=True)

    def speed() -> float:
        callback = LLCEstimator(num_chains=chains, num_draws=steps, init_loss=0.0, nbeta=NBETA)
        start = time.process_time()
        sample(model=Network(dtype), loader=loader, callbacks=[callback], evaluate=evaluate_mse, sampling_method=SGLD,
               optimizer_kwargs={"lr": STEP, "nbeta": NBETA, "localization": GAMMA}, num_draws=steps,
               num_chains=chains, init_loss=1e-9, cores=cores, seed=1, verbose=False)
        return chains * steps / (time.process_time() - start)

    return speed


def _seconds(run: Callable[[], float]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


# Memory

def memory(fast: bool) -> Iterator[Table]:
    """Peak of one step over all samples, on top of the data; ``fast`` or not, it takes seconds."""
    rows = []
    for samples in (2_000, 200_000):
        twin = _twin(samples)
        for chains in (64, 1024, 16384):
            peak = _peak(_chains(twin, chains, None))
            rows.append((str(samples), str(chains), f"{peak / 2**20:.3f}",
                         f"{peak / (chains * twin.parameters * 8):.1f}",
                         f"{chains * samples * QUADRATIC.outputs * 8 / 2**20:,.0f}"))
    yield Table("Memory of a step over all samples", (
        "n", "chains", "peak, MiB", "in chains × parameters × 8 bytes", "chains × n × outputs would be, MiB"), rows)


def _peak(run: Callable[[int], None]) -> int:
    """Bytes that tensors hold at most during one step."""
    run(1)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        run(1)
    events = [event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    held = peak = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        held += event.nbytes()
        peak = max(peak, held)
    return peak


# Modules

def modules(fast: bool) -> Iterator[Table]:
    """Milliseconds of a gradient."""
    rows = []
    for name, widths, samples, chains in (("tanh 4-4-1", (4, 4, 1), 60, 24), ("tanh 4-4-1", (4, 4, 1), 60, 1024),
                                          ("tanh 8-60-1", (8, 60, 1), 1000, 4), ("tanh 8-60-1", (8, 60, 1), 1000, 64)):
        model, x, y = tanh(widths, samples, 0)
        plain, problem = (ModuleLoss(Objective(model, mse_loss), samples_of((x, y))) for _ in range(2))
        theta = problem.start + torch.randn(chains, problem.parameters, dtype=torch.float64) / 10
        for _ in range(recorded.OFTEN):
            problem.value_and_gradient(theta)
        times, ratios = [], []
        for _ in range(3 if fast else 9):
            plain._recorded.clear()  # what is called so seldom is not recorded
            slow, quick = (_of_a_gradient(one, theta) for one in (plain, problem))
            ratios.append(slow / quick)
            times.append(1e3 * quick)
        rows.append((name, str(problem.parameters), str(samples), str(chains), f"{statistics.median(times):.2f}",
                     *spread(ratios)))
    yield Table("A gradient of a module, recorded, on one core", (
        "module", "parameters", "samples", "chains", "ms", "torch.func / recorded", "range"), rows)


def _of_a_gradient(problem: ModuleLoss, theta: Tensor) -> float:
    start = time.process_time()
    with torch.inference_mode():
        for _ in range(20):
            problem.value_and_gradient(theta)
    return (time.process_time() - start) / 20


# Sizes

def sizes(fast: bool) -> Iterator[Table]:
    """From small to large, as the peak of a process never falls; without the largest if ``fast``."""
    torch.set_num_threads(2)
    yield from chain(_of_any_network(fast), _of_deep_linear_networks(fast))
    torch.set_num_threads(1)


def _of_any_network(fast: bool) -> Iterator[Table]:
    large = [(8, 600, 1), (8, 300, 300, 1), (8, 1000, 1000, 1)][:2 if fast else 3]
    jobs: list[tuple[tuple[int, ...], Kind, dict[str, float]]] = [
        *(((8, width, 1), "minimum", {}) for width in (60, 120, 240)[:1 if fast else 3]),
        *((widths, "here", {"gamma": gamma}) for widths in large for gamma in (100.0, 10.0))]
    rows = []
    for widths, at, settings in jobs:
        module = tanh(widths, 1000, 300 if len(widths) == 3 else 20)
        found, *seconds = _timed(module, at=at, **settings)
        rows.append((f"tanh {'-'.join(map(str, widths))}", str(sum(q.numel() for q in module[0].parameters())), at,
                     "".join(f"{gamma:g}" for gamma in settings.values()),
                     *(("", found) if isinstance(found, str) else (f"{found.rhat:.3f}", repr(found))),
                     *(f"{x:.0f}" for x in (*seconds, _peak_memory()))))
    yield Table("Any network, at the defaults", (
        "module", "parameters", "at", "gamma", "R-hat", "value", "CPU s", "elapsed s", "peak MiB so far"), rows)


def _of_deep_linear_networks(fast: bool) -> Iterator[Table]:
    rows = []
    for widths, rank, noise in DEEP_LINEAR[:1 if fast else None]:
        model, x, y = _deep_linear(widths, rank, 4 * widths[0], noise)
        found, *seconds = _timed((model, x, y))
        exact = "" if isinstance(found, str) else f"{_exact_there(model, widths, found):g}"
        rows.append(("-".join(map(str, widths)), str(sum(q.numel() for q in model.parameters())), str(rank),
                     f"{noise:g}", exact,
                     found if isinstance(found, str) else f"{found.mean:g} ± {found.uncertainty:g}",
                     *(f"{x:.0f}" for x in (*seconds, _peak_memory()))))
    yield Table("Deep linear networks at the minimum that they were trained to", (
        "widths", "parameters", "rank of the truth", "noise", "exact there", "half a rank", "CPU s", "elapsed s",
        "peak MiB so far"), rows)


def _timed(module: Module, **options: Any) -> tuple[Estimate | str, float, float]:
    """The estimate, or why there is none; seconds of all cores together, and of the clock."""
    (model, x, y), start, clock = module, time.process_time(), time.monotonic()
    try:
        found: Estimate | str = llc(model, mse_loss, (x, y), progress=False, **options)
    except EstimateError as error:
        found = str(error)
    return found, time.process_time() - start, time.monotonic() - clock


def _peak_memory() -> float:
    """Of this process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _deep_linear(widths: Sequence[int], rank: int, samples: int, noise: float = 0.0) -> Module:
    """Trained from a random start by Adam, whose steps fall to nothing."""
    torch.manual_seed(0)
    truth = torch.randn(widths[-1], rank).double() @ torch.randn(rank, widths[0]).double() / (rank * widths[0]) ** 0.5
    model = torch.nn.Sequential(*(torch.nn.Linear(*pair, bias=False) for pair in pairwise(widths))).double()
    x = torch.randn(samples, widths[0]).double()
    y, steps = x @ truth.T + noise * torch.randn(samples, widths[-1]).double(), 600
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        mse_loss(model(x), y).backward()
        optimiser.step()
        slower.step()
    return model, x, y


def _exact_there(model: torch.nn.Module, widths: tuple[int, ...], found: Estimate) -> float:
    """By the catalogue, from the ranks of the partial products at the point."""
    assert found.point is not None
    model.load_state_dict(found.point)
    weights, ranks = [q.detach() for q in model.parameters()], []
    for first in range(len(weights)):
        product = torch.eye(widths[first]).double()
        for last, weight in enumerate(weights[first:], first + 1):
            product = weight @ product
            ranks.append(f"{first}.{last}:{int(torch.linalg.matrix_rank(product, rtol=1e-9))}")
    value = closed_forms["deep-linear-local"].at(widths=widths, ranks=",".join(ranks)).lambda_
    return math.nan if value is None else float(value)


# Accuracy

def accuracy(fast: bool) -> Iterator[Table]:
    """HMC at automatic settings."""
    seeds = 1 if fast else 3
    jobs = [(name, sizes, Settings(seed=seed)) for name, sizes in MODELS for seed in range(seeds)]
    yield _accuracy_table(_all(jobs), seeds)


def _accuracy_table(found: list[Measured], seeds: int) -> Table:
    rows, far = [], []
    for index, (name, sizes) in enumerate(MODELS):
        results = found[index * seeds : (index + 1) * seeds]
        good = [result for result in results if isinstance(result[0], Estimate)]
        refused = [result[0] for result in results if isinstance(result[0], str)]
        exact, multiplicity = results[0][1], results[0][2]
        differences = [estimate.mean - exact for estimate, *_ in good]
        inside = [abs(x) / result[0].uncertainty for x, result in zip(differences, good, strict=True)]
        far += [f"{name} {sizes}, seed {result[0].used['seed']}: estimate {result[0].mean:.5f}, exact {exact:g}, "
                f"|difference|/u = {x:.2f}" for x, result in zip(inside, good, strict=True) if x > 3]
        far += [f"{name} {sizes}: {problem}" for problem in refused]
        if good:
            rows.append((name, _sizes(sizes), str(multiplicity), f"{exact:g}",
                         _percent(statistics.mean(differences) / exact),
                         _percent(max(map(abs, differences)) / exact, sign=""),
                         _percent(statistics.mean(x[0].uncertainty for x in good) / exact, sign=""),
                         f"{max(inside):.2f}",
                         _percent(max(x[0].ladder[-1].mcse / abs(x[0].ladder[-1].mean) for x in good), sign=""),
                         f"{statistics.mean(x[3] for x in good):.1f}", f"{max(x[3] for x in good):.1f}"))
    return Table(f"HMC at automatic settings, {seeds} seeds each", (
        "entry", "sizes", "m", "exact", "mean error %", "largest error %", "mean u %", "largest error/u",
        "largest MCSE of raw %", "mean CPU s", "largest CPU s"), rows,
        "; ".join(far or ["No error is above 3u, and nothing was refused"]) + ".")


def sgld(fast: bool) -> Iterator[Table]:
    """SGLD at automatic settings beside HMC at the same temperature and localisation."""
    seeds = 2 if fast else 5
    jobs = [(name, sizes, Settings(sampler="sgld", seed=seed)) for name, sizes in SGLD_MODELS for seed in range(seeds)]
    yield _sgld_table(jobs, _all(jobs))


def _sgld_table(jobs: list[tuple[str, dict[str, Any], Settings]], found: list[Measured]) -> Table:
    rows = []
    for (name, sizes, settings), (estimate, exact, _, seconds) in zip(jobs, found, strict=True):
        if isinstance(estimate, str):
            rows.append((name, _sizes(sizes), str(settings.seed), estimate, "", "", f"{seconds:.1f}"))
            continue
        corrected = estimate.raw - next(row.size for row in estimate.budget if row.cause == "step size")
        rows.append((name, _sizes(sizes), str(settings.seed), _percent(corrected / estimate.reference - 1),
                     _percent(estimate.raw / estimate.reference - 1), _percent(estimate.mean / exact - 1),
                     f"{seconds:.1f}"))
    return Table("SGLD at automatic settings, beside HMC at the same temperature and localisation", (
        "entry", "sizes", "seed", "less HMC %", "before the step size correction %", "estimate less exact %", "CPU s"),
        rows)


def _all(jobs: list[tuple[str, dict[str, Any], Settings]]) -> list[Measured]:
    found = []
    for job, result in zip(jobs, Parallel(n_jobs=2, return_as="generator")(delayed(_measure)(*job) for job in jobs),
                           strict=True):
        found.append(result)
        print(f"{job[0]} {_sizes(job[1])} seed {job[2].seed}: {result[3]:.0f} s", file=sys.stderr)
    return found


def _measure(name: str, sizes: dict[str, Any], settings: Settings) -> Measured:
    """The estimate, or why there is none; the exact value, its multiplicity, seconds."""
    torch.set_num_threads(1)
    point = exact_point(name, **sizes)
    start = time.process_time()
    try:
        estimate: Estimate | str = llc_of_entry(name, sizes, settings=settings).estimate
    except EstimateError as error:
        estimate = f"seed {settings.seed} refused: {error}"
    return estimate, float(point.lambda_), point.multiplicity, time.process_time() - start


def _sizes(sizes: dict[str, Any]) -> str:
    return " ".join(f"{name}={'-'.join(map(str, x)) if isinstance(x, tuple) else x}" for name, x in sizes.items())


def _percent(share: float, sign: str = "+") -> str:
    return f"{100 * share:{sign}.2f}"


PARTS: dict[str, Callable[[bool], Iterator[Table]]] = {
    "throughput": throughput, "memory": memory, "modules": modules, "sizes": sizes,
    "accuracy": accuracy, "sgld": sgld}

if __name__ == "__main__":
    main()
