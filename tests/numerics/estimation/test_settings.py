"""Settings of the sampler: what is refused."""

import pytest

from numerics.estimation.settings import Settings
from slt_symbolic.errors import InvalidInput


@pytest.mark.parametrize(("settings", "words"), [
    ({"sampler": "gibbs"}, "sampler=gibbs: is not known; try hmc or sgld"),
    ({"nbeta": -1.0}, "nbeta=-1.0: must be a positive number"),
    ({"gamma": float("nan")}, "gamma=nan: must be a positive number"),
    ({"step_size": float("inf")}, "step_size=inf: must be a positive number"),
    ({"chains": 3}, "chains=3: must be an integer >= 4"),
    ({"draws": 99}, "draws=99: must be an integer >= 100"),
    ({"draws": 1e3}, "draws=1000.0: must be an integer >= 100"),
    ({"seed": -1}, "seed=-1: must be an integer >= 0"),
    ({"batch": 0, "sampler": "sgld"}, "batch=0: must be an integer >= 1"),
    ({"batch": 32}, "batch=32: HMC needs all samples; try sampler=sgld"),
])
def test_invalid_settings_are_one_line(settings, words):
    with pytest.raises(InvalidInput) as error:
        Settings(**settings)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
