"""One thread for each process of the tests, and interrupts; Hypothesis profiles, the same in CI, fresh at a desk."""

import os
import signal

from hypothesis import settings

pytest_plugins = ["tests.sampled"]

for library in ("OMP", "MKL", "OPENBLAS"):  # read when torch and numpy are loaded; programs that tests start inherit it
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # inherited by what a shell starts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
