"""One thread for each process of the tests; Hypothesis profiles, the same examples in CI, fresh ones at a desk."""

import os

from hypothesis import settings

pytest_plugins = ["tests.sampled"]

for library in ("OMP", "MKL", "OPENBLAS"):  # read when torch and numpy are loaded; programs that tests start inherit it
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
