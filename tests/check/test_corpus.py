"""False certificates, one for each way: tests/data/refused holds them, and each is refused for the right reason.

Some were accepted once; the others are what somebody would try. Most of them state something false.
"""


import pytest

from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import verify
from slt_symbolic.check.file import read_certificate
from slt_symbolic.check.step import Refused
from slt_symbolic.commands.main import main
from slt_symbolic.recheck import main as recheck
from tests import DATA

FOLDER = DATA / "refused"
REASONS = {
    "another_germ": "root, step newton: states orders other than those derived",
    "chart_forgotten": "root, step blowup: needs 3 children to cover",
    "closure_in_a_circle": "needs a combination of monomials that are kept",
    "constant_reducible": "is not 1 times a prime",
    "constant_too_small_a_value": "5 is too small to show that .* is irreducible",
    "constant_without_real_root": "has no real root",
    "form_with_zeros": "needs an argument for the face",
    "function_with_lambda_of_the_square": "root: the tree proves .*, the certificate states",
    "generator_of_millions_of_terms": "a power of more than 20000 terms",
    "key_given_twice": "a key is given twice in one object",
    "lemma_of_another_germ": "root, step lemma: lemma 0 speaks of another stratum",
    "lemma_of_itself": "lemma 0, step lemma: there is no lemma 0",
    "lemmas_in_a_circle": "lemma 0, step lemma: there is no lemma 1",
    "lower_above_upper": "root, step newton: proves .*, states",
    "multiplicity_float": "root, step newton: proves .*, states",
    "multiplicity_true": "root, step newton: proves .*, states",
    "near_as_a_word": "generators, near and units are lists",
    "optimum_of_too_small_a_rank": "general position among the optimal ones",
    "rank_of_a_double_line": "the cofactors do not combine to 1",
    "renaming_moves_the_constant": "a renaming moves the constant",
    "square_with_a_minus": "needs positive coefficients; here -4 is one",
    "stratum_without_points_as_argument": "root.1.0, step newton: the stratum has no points, which is step empty",
    "two_constants_contradiction": "more than one algebraic constant",
    "two_constants_false_exact": "more than one algebraic constant",
    "undeclared_variable": "unknown variable y",
    "unit_that_is_missing": "root.1, step newton: the units stated leave the factor y of y",
    "unit_that_is_not_derived": "root.0, step units: a unit is stated that divides none of those derived",
    "weights_not_optimal": "combination and weights have different values",
    "wrong_cofactors": "the cofactors do not combine to",
    "zero_loss_with_m_2": "root, step product: needs a generator; here the loss is 0",
}


def test_every_file_has_its_reason():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(REASONS)


@pytest.mark.parametrize("name", REASONS)
def test_false_certificates(name, capsys):
    path = FOLDER / f"{name}.json"
    with pytest.raises((Refused, OverBudget), match=REASONS[name]):
        verify(read_certificate(path))
    over = name == "generator_of_millions_of_terms"
    assert main(["check", str(path)]) == (3 if over else 1)
    assert capsys.readouterr().err.startswith("over budget: " if over else "refused: ")
    assert recheck([str(path)]) == (3 if over else 1)
