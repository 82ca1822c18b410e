"""Statistical models at a truth, each reduced to a germ by a theorem that says what it needs.

>>> import sympy
>>> from slt_symbolic import models
>>> t, a, b = sympy.symbols("t a b")
>>> two_coins = [t*a**2 + (1-t)*b**2, 2*t*a*(1-a) + 2*(1-t)*b*(1-b), t*(1-a)**2 + (1-t)*(1-b)**2]
>>> half = sympy.Rational(1, 2)
>>> print(models.categorical(two_coins, {t: half, a: half, b: half}).rlct().threshold)
lambda = 3/4, m = 1
"""

from slt_symbolic.models.attention import attention
from slt_symbolic.models.categorical import categorical, softmax
from slt_symbolic.models.covariance import covariance
from slt_symbolic.models.jets import jets
from slt_symbolic.models.mixture import mixture
from slt_symbolic.models.model import Model
from slt_symbolic.models.regression import regression

__all__ = ["Model", "attention", "categorical", "covariance", "jets", "mixture", "regression", "softmax"]
