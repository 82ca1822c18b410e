"""Property tests for users: germs whose answer is known by construction, and a search for what refutes a formula.

`germs`: a `KnownGerm` carries the ``(lambda, m)`` that its construction forces, so any engine can be tested on it.
`formulas`: `check_formula` compares a formula of sizes with an oracle; `try_formula` counts too.
`oracles`: the engine, exact ranks, and what samples.
"""

from slt_symbolic.errors import install_command

try:
    import hypothesis  # noqa: F401
except ModuleNotFoundError:
    raise ModuleNotFoundError("slt_symbolic.testing: needs the testing extra (hypothesis is not installed); try "
                              + install_command("testing"), name="hypothesis") from None

from slt_symbolic.testing.formulas import CounterExample, Pair, Trial, check_formula, try_formula
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
from slt_symbolic.testing.oracles import (
    Approximation,
    Undecided,
    engine,
    engine_on,
    exact_rank,
    jacobian_threshold,
    rank_of,
    sampled,
    zero_weights,
)

__all__ = [
    "Approximation", "CounterExample", "Germs", "KnownGerm", "Pair", "Trial", "Undecided", "architectures",
    "arrangement", "arrangements", "check_formula", "engine", "engine_on", "exact_rank", "in_other_coordinates",
    "jacobian_threshold", "known_germs", "linear_combinations", "monomial_germ", "monomial_germs", "power_of",
    "power_sum", "power_sums", "powers", "product_of", "products", "rank_of", "sampled", "sum_of", "sums",
    "try_formula", "with_units", "zero_weights",
]
