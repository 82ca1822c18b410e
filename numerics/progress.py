"""Progress of what takes long: a bar in a terminal; elsewhere a plain line on stderr from time to time."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

SECONDS = 10.0  # between two lines where there is no terminal, and before the first


class Progress:
    """Steps of a ``stage``, counted; ``shown=False`` says nothing anywhere. ``remedy``: what makes it shorter.

    >>> with Progress("burn-in", 2, shown=False) as progress:
    ...     progress.advance()
    """

    def __init__(self, stage: str, total: int, *, shown: bool = True, unit: str = "step", remedy: str = "") -> None:
        """Begin at zero of ``total`` steps."""
        self._bar: tqdm[Any] = tqdm(total=total, desc=stage, unit=unit, leave=False, disable=None if shown else True)
        self._speaks = shown and bool(self._bar.disable)
        self._unit, self._remedy, self._said = unit, remedy, time.monotonic()
        self.stage(stage, total)

    def stage(self, stage: str, total: int | None = None) -> None:
        """What follows is another stage; of another ``total``, which begins at zero."""
        self._bar.set_description(stage, refresh=False)
        self._stage = stage
        if total is not None:
            self._bar.reset(total)
            self._total, self._done, self._began = total, 0, time.monotonic()

    def advance(self, steps: int = 1) -> None:
        """So many steps further."""
        self._bar.update(steps)
        self._done += steps
        now = time.monotonic()
        if self._speaks and now - self._said > SECONDS:
            self._said = now
            passed = now - self._began
            left = passed * (self._total - self._done) / max(self._done, 1)
            print(f"{self._stage}: {self._done} of at most {self._total} {self._unit}s, {passed:.0f} s, at most some "
                  f"{left:.0f} s left{self._remedy and '; ' + self._remedy}", file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        """Clear the bar."""
        self._bar.close()
