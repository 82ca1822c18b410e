"""Sampled values compared in units of their errors, other streams of random numbers, and a record of both.

``SEED_OFFSET=7`` gives every test that is marked `sampled` other random numbers, the same whenever it is 7.
``SAMPLED_Z=FILE`` appends a line of JSON for each run of such a test: outcome, seconds of processor, each comparison.
`tests/benchmarks/failure_rates.py` runs them many times and reads that file.
"""

from __future__ import annotations

import json
import math
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

STRIDE = 1_000_003  # between the streams of two offsets: seeds of one test are neighbours
DOCTESTS = ("numerics.modules.llc.llc", "numerics.modules.monitor.LLCMonitor",
            "numerics.estimation.oracle.sampler")  # that sample: a docstring carries no mark
_compared: list[tuple[str, float, float]] = []
_outcome: dict[str, Any] = {}


def within(difference: float, error: float, sigmas: float) -> bool:
    """Whether ``|difference| <= sigmas * error``: what a right program passes."""
    return abs(_z("right", difference, error, sigmas)) <= sigmas


def beyond(difference: float, error: float, sigmas: float) -> bool:
    """Whether ``|difference| > sigmas * error``: how a negative control must fail."""
    return abs(_z("wrong", difference, error, sigmas)) > sigmas


def size(scores: Sequence[float]) -> tuple[float, float]:
    """How far the standard deviation of independent scores is from 1, and how far it may be.

    That is 25 %, and what so many scores cannot tell: chi-square's quantiles, 10^-6 on either side. Told in cube roots
    of the variance, which are nearly Gaussian (Wilson and Hilferty 1931).
    """
    import numpy as np
    from scipy.stats import chi2

    freedom = len(scores) - 1
    least, most = np.cbrt(chi2.ppf([1e-6, 1 - 1e-6], freedom) / freedom * np.array([1.25 ** -2, 1.25 ** 2]))
    return float(np.cbrt(np.var(scores, ddof=1)) - (least + most) / 2), float(most - least) / 2


def _z(kind: str, difference: float, error: float, sigmas: float) -> float:
    difference, error = float(difference), float(error)
    z = difference / error if error > 0 else math.copysign(math.inf, difference) if difference else 0.0
    _compared.append((kind, z, sigmas))
    return z


@contextmanager
def shifted(offset: int) -> Iterator[None]:
    """Add ``offset`` strides to every seed that is given to torch, numpy or `random`."""
    if not offset:
        yield
        return
    import numpy as np
    import torch

    from numerics.networks import catalogue

    shift, seed_torch, numpy_generator = STRIDE * offset, torch.manual_seed, np.random.default_rng

    class Generator(torch.Generator):
        def manual_seed(self, seed: int) -> torch.Generator:
            return super().manual_seed(seed + shift)

    class Random(random.Random):
        def seed(self, a: Any = None, version: int = 2) -> None:
            super().seed(a + shift if isinstance(a, int) else f"{a} {shift}" if isinstance(a, str) else a, version)

    def default_rng(seed: Any = None) -> np.random.Generator:
        return numpy_generator(seed + shift if isinstance(seed, int) else [*seed, shift] if isinstance(
            seed, list | tuple) else seed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "TEACHER_SEED", catalogue.TEACHER_SEED - shift)  # the problem, not a draw: it stays
        patch.setattr(torch, "Generator", Generator)
        patch.setattr(torch, "manual_seed", lambda seed: seed_torch(seed + shift))
        patch.setattr(np.random, "default_rng", default_rng)
        patch.setattr(random, "Random", Random)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if item.name in DOCTESTS:
            item.add_marker("sampled")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Around fixtures too, which draw as well."""
    if item.get_closest_marker("sampled") is None:
        return (yield)
    offset, path = int(os.environ.get("SEED_OFFSET", "0")), os.environ.get("SAMPLED_Z")
    _compared.clear()
    _outcome.update(passed=True, why="")
    began = _processor()
    try:
        with shifted(offset):
            done = yield
        if path:
            line = {"test": item.nodeid, "offset": offset, "kernel": os.environ.get("ATEN_CPU_CAPABILITY", "its own"),
                    "threads": int(os.environ["OMP_NUM_THREADS"]), "seconds": round(_processor() - began, 3),
                    **_outcome, "compared": _compared}
            with Path(path).open("a") as file:
                file.write(json.dumps(line) + "\n")
        return done
    finally:
        _outcome.clear()


def _processor() -> float:
    """Of this process and the children that it waited for: what other programs do meanwhile does not count."""
    return sum(os.times()[:4])


@pytest.fixture(autouse=True)
def _short_burn_in_of_docstrings(request: pytest.FixtureRequest) -> None:
    """Enough at regular points, where the scales are known from the Hessian."""
    if request.node.name in DOCTESTS:
        request.getfixturevalue("monkeypatch").setattr("numerics.estimation.estimate.BURN_IN", 100)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if _outcome and report.nodeid:
        _outcome["passed"] &= not report.failed
        if report.failed:
            _outcome["why"] = str(report.longrepr)[-800:]
