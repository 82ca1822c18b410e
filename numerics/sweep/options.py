"""The options that say who runs the jobs of a sweep or a study: ``--backend``, ``--scheduler``, ``--workers``."""

from __future__ import annotations

import argparse

from slt_symbolic.errors import InvalidInput


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument("--backend", choices=("joblib", "dask"), default="joblib",
                        help="processes of this machine, or a Dask cluster (default: joblib)")
    parser.add_argument("--scheduler", metavar="URL",
                        help="of a Dask cluster that runs, tcp://HOST:8786 (default: start one on this machine)")
    parser.add_argument("--workers", type=int, metavar="N", help="started on this machine (default: one for each core)")


def check_workers(options: argparse.Namespace) -> None:
    """Raise `InvalidInput` where they contradict each other."""
    if options.scheduler is not None and options.backend != "dask":
        raise InvalidInput(f"--scheduler {options.scheduler}", "is for --backend dask", "--backend dask with it")
    if options.scheduler is not None and options.workers is not None:
        raise InvalidInput(f"--workers {options.workers}", "is for workers started here; a scheduler has its own",
                           "without --workers")
    if options.workers is not None and options.workers < 1:
        raise InvalidInput(f"--workers {options.workers}", "must be an integer >= 1", "--workers 2")
