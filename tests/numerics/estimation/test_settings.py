"""Settings of the sampler: what is refused."""

import pytest

from numerics.estimation.settings import Settings
from slt_symbolic.errors import InvalidInput


@pytest.mark.parametrize(("settings", "words"), [
    ({"sampler": "gibbs"}, "sampler=gibbs: is not known; try hmc or sgld"),
    ({"nbeta": -1.0}, "nbeta=-1.0: must be a positive number"),
    ({"nbeta": "x"}, "nbeta=x: must be a positive number"),
    ({"gamma": 10**400}, "must be a positive number"),
    ({"step_size": [1]}, "step_size=[1]: must be a positive number"),
    ({"gamma": float("nan")}, "gamma=nan: must be a positive number"),
    ({"step_size": float("inf")}, "step_size=inf: must be a positive number"),
    ({"chains": 3}, "chains=3: must be an integer >= 4"),
    ({"draws": 99}, "draws=99: must be an integer >= 100"),
    ({"draws": 1e3}, "draws=1000.0: must be an integer >= 100"),
    ({"seed": -1}, "seed=-1: must be an integer >= 0"),
    ({"batch": 0, "sampler": "sgld"}, "batch=0: must be an integer >= 1"),
    ({"draws": 10**30}, "must be an integer from 100 to 10000000; try draws=100"),
    ({"chains": 10**9}, "must be an integer from 4 to 10000; try chains=4"),
    ({"chains": 10**4, "draws": 10**4}, "chains=10000 draws=10000: are more than 10000000 draws in all"),
    ({"seed": 10**30}, "must be an integer from 0 to 9223372036854775807"),
    ({"batch": 32}, "batch=32: HMC needs all samples; try sampler=sgld"),
])
def test_invalid_settings_are_one_line(settings, words):
    with pytest.raises(InvalidInput) as error:
        Settings(**settings)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
