"""Networks that are really trained, sampled, and compared with the exact values. Needs the numerics extra.

The names are loaded when they are first used: ``import numerics`` alone does not import torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numerics.estimation.oracle import sampler
    from numerics.estimation.result import Estimate
    from numerics.estimation.settings import Settings
    from numerics.grokking.track import track
    from numerics.modules.llc import llc
    from numerics.modules.monitor import LLCMonitor, Measurement, Signal
    from numerics.modules.sharpness import Sharpness, expected_sharpness
    from numerics.networks.polynomial_module import from_module
    from numerics.sampling.summary import EstimateError

__all__ = ["Estimate", "EstimateError", "LLCMonitor", "Measurement", "Settings", "Sharpness", "Signal",
           "expected_sharpness", "from_module", "llc", "sampler", "track"]

_HOMES = {
    "Estimate": "estimation.result", "EstimateError": "sampling.summary", "LLCMonitor": "modules.monitor",
    "Measurement": "modules.monitor", "Settings": "estimation.settings", "Sharpness": "modules.sharpness",
    "Signal": "modules.monitor", "expected_sharpness": "modules.sharpness", "llc": "modules.llc",
    "from_module": "networks.polynomial_module", "sampler": "estimation.oracle", "track": "grokking.track",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'numerics' has no attribute {name!r}")
    try:
        return getattr(import_module(f"numerics.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        from slt_symbolic.errors import install_command

        raise ModuleNotFoundError(f"numerics.{name}: needs the numerics extra ({error.name} is not installed); try "
                                  + install_command("numerics"), name=error.name) from None


def __dir__() -> list[str]:
    return __all__
