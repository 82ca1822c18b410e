"""Who runs the jobs of a study: processes of this machine, or a Dask cluster."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from numerics.sweep.options import check_workers
from numerics.workers import side_by_side
from slt_symbolic.commands.arguments import needs

Run = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]  # a job, its items; results as they are done


@contextmanager
def workers_of(options: argparse.Namespace) -> Iterator[Run]:
    """What `add_workers` was given, while the jobs run. Raises `InvalidInput`."""
    check_workers(options)
    if options.backend == "joblib":
        yield partial(side_by_side, workers=options.workers)
        return
    with needs("--backend dask", "cluster"):
        from numerics.sweep.dask import dask
    with dask(options.scheduler, options.workers) as cluster:
        yield cluster.results
