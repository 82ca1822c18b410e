"""Property tests for users: germs whose answer is known by construction, and a search for what refutes a formula.

`germs`: a `KnownGerm` carries the ``(lambda, m)`` that its construction forces, so any engine can be tested on it.
`formulas`: `check_formula` compares a formula of sizes with an oracle.
"""

from slt_symbolic.errors import install_command

try:
    import hypothesis  # noqa: F401
except ModuleNotFoundError:
    raise ModuleNotFoundError("slt_symbolic.testing: needs the testing extra (hypothesis is not installed); try "
                              + install_command("testing"), name="hypothesis") from None

from slt_symbolic.testing.formulas import Approximation, CounterExample, check_formula, engine, exact_rank, zero_weights
from slt_symbolic.testing.germs import (
    Germs,
    KnownGerm,
    architectures,
    arrangement,
    arrangements,
    in_other_coordinates,
    known_germs,
    linear_combinations,
    monomial_germ,
    monomial_germs,
    power_of,
    power_sum,
    power_sums,
    powers,
    product_of,
    products,
    sum_of,
    sums,
    with_units,
)

__all__ = [
    "Approximation", "CounterExample", "Germs", "KnownGerm", "architectures", "arrangement", "arrangements",
    "check_formula", "engine", "exact_rank", "in_other_coordinates", "known_germs", "linear_combinations",
    "monomial_germ", "monomial_germs", "power_of", "power_sum", "power_sums", "powers", "product_of",
    "products", "sum_of", "sums", "with_units", "zero_weights",
]
