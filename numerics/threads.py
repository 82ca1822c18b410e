"""One thread for what is small."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread(small: bool = True) -> Iterator[None]:
    """Use one thread inside where what is done is ``small``; results then do not depend on the number of cores.

    Threads wait for each other after each product. Small ones gain little by them, and where other programs take the
    cores, a hundred times the time is lost.
    """
    before = torch.get_num_threads()
    if small:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
