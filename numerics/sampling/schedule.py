"""How long chains run."""

from __future__ import annotations

from dataclasses import dataclass

SHORTER = "fewer draws, burn_in or chains take less"  # said while they run


@dataclass(frozen=True)
class Schedule:
    """``chains`` side by side, each of ``burn_in`` steps and ``draws`` that count; ``seed`` decides what is random."""

    chains: int
    burn_in: int
    draws: int
    seed: int = 0

    @property
    def steps(self) -> int:
        """Of each chain."""
        return self.burn_in + self.draws
