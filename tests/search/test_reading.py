"""What comes in: texts, SymPy and numbers are read as what they mean or refused in one line; nothing is evaluated."""

import json
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import GF, ZZ_I, Catalan, E, I, Indexed, IndexedBase, MatrixSymbol, Pow, Rational, Symbol, nan, oo, pi, zoo

from slt_symbolic import Germ, InvalidInput, rlct
from slt_symbolic.check.algebra.grammar import LARGEST_WORK, MOST_TOKENS, Expansion, identifiers, parse, rational
from slt_symbolic.check.algebra.ring import ring_of
from slt_symbolic.check.core import verify
from slt_symbolic.check.germ import LONGEST_NAME, MOST_VARIABLES
from slt_symbolic.commands.main import main
from slt_symbolic.germ.reading import read

x, y, z = sympy.symbols("x y z")
positive = Symbol("x", positive=True)
root = sympy.sqrt(2)

ACCEPTED = [
    (pi**2 * x, "1/2", 1, "pi^2 is a constant: a smooth hypersurface"),
    ([pi * x, pi * y], "1", 1, "two coordinates"),
    ([-E * x * y], "1/2", 2, "a crossing"),
    (root * (x + y), "1/2", 1, "smooth"),
    ((1 + root) * x**2, "1/4", 1, "a power"),
    (sympy.log(2) * x**2, "1/4", 1, "log 2 > 0"),
    ((1 - root) * x**2, "1/4", 1, "1 - sqrt(2) < 0"),
    (Catalan * x**2, "1/4", 1, "no variable of this name"),
    ([x / 3, Rational(1, 2) * y**2], "3/4", 1, "1/2 + 1/4"),
    (x**2 - y**3, "5/12", 1, "a cusp"),
    (sympy.Poly(x**2 - y**3), "5/12", 1, "a cusp"),
    (sympy.Poly(x**2 - y**3 / 2, x, y, domain="QQ"), "5/12", 1, "a cusp"),
    (sympy.Poly(x**2, x, extension=[root]), "1/4", 1, "a rational coefficient in a larger field"),
    ([x, 0, Fraction(0), Rational(0), np.int64(0)], "1/2", 1, "zeros add nothing"),
    ((x, y), "1", 1, "a tuple"),
    ((g for g in (x, "y")), "1", 1, "an iterator, of both kinds"),
    (positive**2, "1/4", 1, "a symbol with an assumption"),
    (sympy.Dummy("x") ** 2, "1/4", 1, "one Dummy"),
    (Symbol("pi") * x, "1/2", 2, "a symbol of this name is a variable"),
    (["pi*x"], "1/2", 2, "in a text each name is a variable"),
    (["x2 + y3"], "1/2", 1, "two variables, smooth"),
    (["0.5*x^2 - .25*y^3"], "5/12", 1, "decimals are rational numbers"),
    (["x**2\n - y**3"], "5/12", 1, "blanks of any kind"),
    (Pow(2, -1, evaluate=False) * x, "1/2", 1, "a rational number that SymPy has not computed"),
]


@pytest.mark.parametrize(("generators", "value", "multiplicity", "reason"), ACCEPTED)
def test_accepted(generators, value, multiplicity, reason):
    answer = rlct(generators)
    assert (answer.lambda_, answer.multiplicity) == (Fraction(value), multiplicity), reason


def test_a_symbol_named_like_a_constant_is_a_variable_and_the_constant_is_none():
    assert rlct(pi**2 * x).statement.variables == ("x",)
    assert rlct([x, Symbol("pi")]).statement.variables == ("x", "pi")


def test_a_sign_by_assumption_bounds_a_coordinate_that_is_0():
    assert rlct(x + y**2).lambda_ == Fraction(1, 2)
    for symbol, bound in ((positive, "x>=0"), (Symbol("x", nonnegative=True), "x>=0")):
        found = rlct(symbol + y**2)
        assert (found.lambda_, found.certificate) == (Fraction(3, 4), rlct(x + y**2, domain=bound).certificate)
    assert rlct(Symbol("x", negative=True) - y**2).lambda_ == Fraction(3, 4)
    assert rlct(positive * y, at={positive: 1, y: 0}).certificate["germ"].get("domain") is None
    with pytest.raises(InvalidInput, match="is against the assumptions of its symbol"):
        rlct(positive + y**2, at={positive: -1, y: 1})


def test_the_sign_of_a_function_is_kept():
    assert rlct(pi * x**2, function=True).lambda_ == Fraction(1, 2)
    assert rlct((root - 1) * x**2, function=True).lambda_ == Fraction(1, 2)
    for constant in (-pi, 1 - root, -E):
        with pytest.raises(InvalidInput, match="negative values"):
            rlct(constant * x**2, function=True)


nested = x
for _ in range(400):
    nested = sympy.Add(sympy.Mul(nested, y, evaluate=False), 1, evaluate=False)
shared = x + 1
for _ in range(40):
    shared = sympy.Mul(shared, shared, evaluate=False)

REFUSED = [
    (Catalan * x**2 + y**2, "Catalan is not rational"), (pi * x + y, "pi is not rational"),
    (pi * x + pi * y, "pi is not rational"), (root * x + y, r"sqrt\(2\) is not rational"),
    (sympy.exp(2) * x + y, r"exp\(2\) is not rational"), ([pi, x], "constant that is not rational|pi is not rational"),
    (I * x, "factor I is not known to be real"), (x + I * y, "I is not rational"),
    ([nan], "nan is not rational"), ([nan, x], "nan is not rational"), (oo * x, "factor oo is not known to be real"),
    ([x, zoo], "zoo is not rational"), ([x, oo], "oo is not rational"),
    (sympy.Function("f")(1) * x, r"f\(1\) is not known to be real"),
    (sympy.Mul(sympy.Add(pi, -pi, evaluate=False), x, evaluate=False), "not known to be real and nonzero"),
    (sympy.Float("0.5") * x, "float 0.5[0]* is not exact"), (x + 0.5 * y, "float 0.5[0]* is not exact"),
    ([0.5], "type float"), ([x, 0.5], "type float"), ([np.float64(0.5), x], "type float64"),
    (sympy.sin(x), r"sin\(x\) is of type sin"), (sympy.Abs(x), "of type Abs"),
    (x ** Rational(1, 2), r"exponent of sqrt\(x\) is not an integer"),
    (2**x, r"exponent of 2\*\*x"), (x**y, "exponent"),
    (1 / x, "is divided by x, which vanishes at x = 0"), ("x*y/x", "is divided by x, which vanishes"),
    ("y/(1/x)", "is divided by x, which vanishes"), ("y + x/(x - y)", r"is divided by x - y|is divided by -y \+ x"),
    (y / (x - x**2), "is divided by"), ("x/(y - y)", "division by something that is not a nonzero polynomial"),
    ("1/(1+x)", "does not vanish at x = 0.* .the value of its numerator is 1"),
    ("x/(1+y))", "unexpected"), ("x/(1+y", "parenthesis is not closed"),
    ("x/(1+sin(y))", "parenthesis|unknown variable sin"),
    (x * Pow(0, -1, evaluate=False), "not known to be real|division by"),
    (Indexed(IndexedBase("x"), 0), r"x\[0\] is (not rational|of type Indexed)"),
    (MatrixSymbol("M", 2, 2)[0, 0], r"M\[0, 0\] is of type MatrixElement"), (MatrixSymbol("M", 2, 2), "of type Matrix"),
    (sympy.Function("f")(x) * y, r"f\(x\) is of type f"),
    (sympy.Derivative(x**2, x, evaluate=False), "of type Derivative"),
    (sympy.Integral(x, (x, 0, 1)) * y, "of type Integral"),
    (Symbol("A", commutative=False) * x, "A: is no real number"),
    (Symbol("j", imaginary=True) * x, "j: is no real number"),
    (sympy.Eq(x, 0), "type Equality"), (x > 0, "type StrictGreaterThan"), ([x < 0], "type StrictLessThan"),
    (sympy.true, "type BooleanTrue"), ([True, "x"], "type bool"), (sympy.Matrix([x, y]), "no list"),
    (sympy.ImmutableMatrix([x, y]), "type ImmutableDenseMatrix"), ([sympy.Matrix([x, y])], "type MutableDenseMatrix"),
    (sympy.Poly(x / 2.0, x), "coefficients are in RR"), (sympy.Poly(x, x, domain="CC"), "coefficients are in CC"),
    (sympy.Poly(pi * x, x), "coefficient pi is not rational"), (sympy.Poly(root * x, x), "coefficient"),
    (sympy.Poly(root * x, x, extension=True), "coefficient"),
    (sympy.Poly(x**2, x, domain=GF(5)), "coefficients are in GF"),
    (sympy.Poly(I * x, x, domain=ZZ_I), "coefficient I is not rational"), (sympy.Poly(x * y, x), "coefficient y"),
    (sympy.Poly(sympy.sin(x)), r"generator sin\(x\) is no symbol"), (sympy.Poly(pi * x), "generator pi is no symbol"),
    ([x, positive], "name of two symbols"), ([sympy.Dummy("x"), sympy.Dummy("x")], "name of two symbols"),
    ([sympy.Dummy("x"), x], "name of two symbols"), ([sympy.Dummy("x"), "x"], "name of two symbols"),
    (Symbol("x*y") ** 2, "not an identifier"), (Symbol("é"), "not an identifier"), (Symbol("x:3"), "not an identifier"),
    ((x + y) ** 5000, "exponent"), (x ** (10**9), "exponent"), ((x + y + z) ** 500, "a power of more than"),
    (Pow(Pow(x + y, 400, evaluate=False), 400, evaluate=False), "degree|terms"),
    ([Pow(x + 1, 501, evaluate=False)], "exponent"), (x**400 * y**400 * z**400, "degree"),
    (sympy.Mul(Pow(Pow(9, 500, evaluate=False), 500, evaluate=False), x, evaluate=False), "numbers of more than"),
    (10**1001 * x, "more than 1000 digits"), (sympy.Integer(10) ** 5000 * x, "more than 1000 digits"),
    ([10**5000], "more than 1000 digits"), ((10**500 * x + y) ** 3, "coefficient of more than 1000 digits"),
    (sympy.Poly(10**1001 * x, x), "more than 1000 digits"), (sympy.Poly(x**501, x), "exponent above"),
    (nested, "nested operations"), (shared, "more than"),
    (None, "no list"), (3.5, "no list"), (b"x", "no list"), ({"x": 1}, "no list"), ({"x"}, "no list"),
    (5, "no variables"), ([None], "type NoneType"), ([b"x"], "type bytes"), ([["x"]], "type list"),
    ([{"x": 1}], "type dict"), ([1j, "x"], "type complex"), ([], "there are none"), (sympy.FiniteSet(x), "no list"),
    ("2x", "unexpected 'x'"), ("1e5*x", "unexpected 'e5'"), ("1.2.3*x", r"unexpected '\.3'"), ("x^2.0", "exponent 2.0"),
    ("x^.5", r"exponent \.5"), (".*x", r"unexpected '\.\*x'"), ("x²", "unexpected"), ("٣*x", "unexpected"),
    ("x^٣", "unexpected"), ("χ", "unexpected"), ("x + ", "unexpected 'the end'"),
    ("x/0", "division"), ("x/0.0", "division"),
    ("9^500*" * 20000 + "x", "numbers of more than"), ("(9^500)^400*(9^500)^400*x", "numbers of more than"),
    ("+".join(f"x/{n}^500" for n in range(1, 2000)), "numbers of more than"),
    ("+".join(["(x+y+z)^198"] * 300), "too long to expand"), ("(x+y+z)^198" + "*x" * 700, "too long to expand"),
    ("x+" * 950_000 + "x", f"more than {MOST_TOKENS}"), ("x" * 2_000_001, "characters"),
]


@pytest.mark.parametrize(("generators", "message"), [
    pytest.param(*case, id=str(number), marks=[pytest.mark.long] * (case[0] is shared))
    for number, case in enumerate(REFUSED)])
@pytest.mark.parametrize("door", [rlct, lambda g: Germ.at(g, ["x", "y", "z"])], ids=["rlct", "germ"])
def test_refused(generators, message, door):
    if door is not rlct and "no variables" in message:
        message = "does not vanish"
    with pytest.raises(InvalidInput, match=message) as caught:
        door(generators)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700


@pytest.mark.parametrize(("variables", "message"), [
    ("x,y", "not a list of names"), ("x", "not a list of names"), (x, "not a list of names"), ({"x"}, "not a list"),
    ([x, positive], "two symbols"), ([x, "x"], "named twice"), ([positive], "two symbols"), ([1], "neither a name nor"),
    ([None], "neither"), (["x", "y z"], "not an identifier"), (["x:3"], "not an identifier"), ([], "no variables"),
    ([sympy.Dummy("x")], "two symbols"), (["y"], "unknown variable x"), ([sympy.sin(x)], "neither"), (3, "not a list"),
])
def test_refused_variables(variables, message):
    for door in (rlct, Germ.at):
        with pytest.raises(InvalidInput, match=message):
            door([x**2], variables)


@pytest.mark.parametrize("length", [MOST_VARIABLES, 200_000])  # FLINT ends the process at the second
def test_as_many_variables_as_the_checker_takes(length):
    names = [f"x{i}" for i in range(length + 1)]
    if length == MOST_VARIABLES:
        Germ.at(["x0"], names[:-1])
    with pytest.raises(InvalidInput, match=f"variables x0, x1, x2, ...: are {length + 1}, and at most"):
        Germ.at(["x0"], names)


def test_names_as_long_as_the_checker_takes():
    rlct(f"{'x' * LONGEST_NAME}*y")
    with pytest.raises(InvalidInput, match=f"variable xxxxxxxxxxxxxxxxxxxx...: has a name of {LONGEST_NAME + 1} "):
        rlct(f"{'x' * (LONGEST_NAME + 1)}*y")


def test_what_the_checker_cannot_afford_is_said_in_a_line(monkeypatch):
    monkeypatch.setattr("slt_symbolic.engine.verify", partial(verify, work=1))
    with pytest.raises(InvalidInput, match="is over the budget of the checker: the verification costs"):
        rlct("x*y")


@pytest.mark.parametrize(("at", "message"), [
    ({"x": 0.0}, "not a rational number"), ({"x": nan}, "not a rational"), ({"x": float("nan")}, "not a rational"),
    ({"x": root}, "not a rational"), ({"x": sympy.Float(0)}, "not a rational"), ({"x": True}, "not a rational"),
    ({"x": None}, "not a rational"), ({"x": "1e3"}, "not a rational"), ({"x": "1/0"}, "divides by zero"),
    ({"x": 10**5000}, "at most 1000 digits"), ({"y": 0}, "names no variable"), ({1: 0}, "names no variable"),
    ({positive: 0}, "two symbols"), ({"x": 0, x: 0}, "given twice"), ({"x": 1}, "does not vanish at x = 1"),
    ("x=1", "not a table"), ([("x", 1)], "not a table"), ({sympy.Dummy("x"): 0}, "two symbols"),
    ({"x": y}, "not a rational"),
])
def test_refused_points(at, message):
    for door in (rlct, Germ.at):
        with pytest.raises(InvalidInput, match=message):
            door([x**2], [x], at)


@pytest.mark.parametrize("half", ["1/2", "0.5", ".5", Fraction(1, 2), Rational(1, 2)])
@pytest.mark.parametrize("key", ["x", x])
def test_points(half, key):
    assert rlct([(2 * x - 1) ** 2], at={key: half}).lambda_ == Fraction(1, 4)
    assert rlct(["(x - 3)^2"], at={"x": np.int64(3)}).lambda_ == Fraction(1, 4)


@pytest.mark.parametrize("text", ["x^300*y^300*z^300 - 1", "x^333*y^333*z^333 - x"])
def test_a_long_translation_is_refused_before_it_is_made(text):
    with pytest.raises(InvalidInput, match="terms in coordinates at the point"):
        rlct(text, at={"x": 1, "y": 1, "z": 1})
    with pytest.raises(InvalidInput, match="at the point, numbers of more than"):
        rlct("x^500 - x", at={"x": "1/" + "7" * 999})


# No door evaluates.


@pytest.mark.parametrize("door", [
    rlct, lambda text: rlct([x, text]), lambda text: rlct("x", [text]), lambda text: rlct("x", at={"x": text}),
    lambda text: rlct("x", at={text: 0}), lambda text: Germ.at([text], (x,)), lambda text: Germ.at([x], (text,)),
    lambda text: Germ.at([x], (x,), {x: text}), lambda text: rlct(Germ((text,), ())),
    lambda text: Germ(("x",), (text,)), lambda text: Germ.at([Symbol(text)], (x,)), rational, identifiers,
], ids=range(13))
def test_no_text_is_evaluated(door, tmp_path):
    path = tmp_path / "evaluated"
    text = f"__import__('os').system('touch {path}') or x"
    with pytest.raises(InvalidInput) as caught:
        door(text)
    assert "\n" not in str(caught.value)
    assert not path.exists()


@pytest.mark.parametrize("arguments", [["{}"], ["x", "--vars", "{}"], ["x", "--at", "x={}"], ["x", "--at", "{}=0"]])
def test_the_command_line_evaluates_nothing(arguments, tmp_path, capsys):
    path = tmp_path / "evaluated"
    text = f"__import__('os').system('touch {path}') or x"
    assert main(["rlct", *(a.format(text) for a in arguments)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not path.exists()


# All forms mean the same.

EXPONENTS = st.tuples(*[st.integers(0, 3)] * 3).filter(any)
TABLES = st.dictionaries(EXPONENTS, st.fractions(-9, 9, max_denominator=7).filter(bool), min_size=1, max_size=5)


@settings(max_examples=40)
@given(TABLES, TABLES)
def test_texts_expressions_and_polys_are_one_polynomial(first, second):
    def expression(table):
        return sympy.Add(*(Rational(c.numerator, c.denominator) * x**i * y**j * z**k for (i, j, k), c in table.items()))

    def text(table):
        return "+".join(f"({c})*x^{i}*y^{j}*z**{k}" for (i, j, k), c in table.items())

    product = expression(first) * expression(second)
    question = read([f"({text(first)})*({text(second)})", product, sympy.Poly(product, x, y, z)], ["x", "y", "z"], None)
    typed, expr, poly = question.polynomials
    assert typed == expr == poly
    assert typed == parse(question.texts[1], typed.context())
    assert sympy.expand(product) == sympy.expand(sympy.sympify(str(typed).replace("^", "**")))


def test_germ_at_and_rlct_read_alike():
    assert Germ.at(["(x - 1)^2 - y"], ("x", "y"), {"x": 1}) == Germ.at([(x - 1) ** 2 - y], (x, y), {x: 1})
    assert Germ.at("x*y", ("x", "y")).expressions == (x * y,)
    with pytest.raises(InvalidInput, match="no python-flint polynomial"):
        Germ(("y",), (ring_of(["x"]).gens()[0],))


# The grammar.


@pytest.mark.parametrize(("text", "same"), [
    ("0.5*x", "x/2"), (".5*x", "x/2"), ("2.*x", "2*x"), ("0.125*x - 1.50*x^2", "x/8 - 3/2*x^2"), ("x/0.5", "2*x"),
    ("x**2", "x^2"), ("-x^2", "0 - x^2"), ("--x", "x"), ("x\t*\n x", "x^2"), ("0^0*x", "x"), ("2^3^1*x", None)])
def test_texts(text, same):
    ring = ring_of(["x"])
    if same is None:
        with pytest.raises(InvalidInput):
            parse(text, ring)
    else:
        assert parse(text, ring) == parse(same, ring)


def test_a_long_text_is_cut_into_tokens_once(monkeypatch):
    terms = 30_000
    text = "  +  ".join(f"{i}*x^{i % 7}" for i in range(terms))
    monkeypatch.setattr("slt_symbolic.check.algebra.grammar.MOST_TOKENS", 5 * terms + terms - 1)
    total = sum(i for i in range(terms) if i % 7 == 6)
    assert parse(text, ring_of(["x"])).leading_coefficient() == total
    monkeypatch.setattr("slt_symbolic.check.algebra.grammar.MOST_TOKENS", 5 * terms + terms - 2)
    with pytest.raises(InvalidInput, match="more than 179998 numbers, names and symbols"):
        parse(text, ring_of(["x"]))
    monkeypatch.setattr("slt_symbolic.check.algebra.grammar.MOST_TOKENS", 1)
    assert identifiers("x" + " " * 300_000) == ["x"]


def test_what_is_counted_is_not_computed():
    class Number:
        """Too long to be multiplied."""

        def __len__(self):
            return 200

        def __mul__(self, other):
            raise AssertionError("computed")

        def total_degree(self):
            return 1

        def coeffs(self):
            return []

    expansion = Expansion(None, lambda problem: InvalidInput("it", problem, "less"))
    with pytest.raises(InvalidInput, match="a product of more than"):
        expansion.product(Number(), Number())
    with pytest.raises(InvalidInput, match="too long"):
        expansion.count(LARGEST_WORK + 1, 0)


# The command line.


def run(capsys, *arguments):
    code = main(["rlct", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize(("arguments", "hint"), [
    (["x2+y3"], "hint: x2, y3 are read as variables; a power is written x^2\n"),
    (["x + y3"], "hint: y3 is read as a variable; a power is written y^3\n"),
    (["x2+y3", "--vars", "x2,y3"], ""), (["x2 + y^3"], ""), (["x1*x2"], ""), (["x2 + x3"], ""), (["x1 + y1"], ""),
    (["x_2"], ""), (["x2*y", "z**2"], ""), (["x^2 + y^3"], "")])
def test_powers_without_a_sign_are_variables_and_said_to_be(capsys, arguments, hint):
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, hint)
    assert "hint" not in out


def test_the_question_is_in_the_answer(capsys):
    _, out, _ = run(capsys, "x2+y3")
    assert "x2+y3 at x2 = 0, y3 = 0" in out
    _, out, _ = run(capsys, "x2+y3", "--json")
    answer = json.loads(out)
    assert (answer["lambda"], answer["multiplicity"]) == ("1/2", 1)
    assert answer["asked"] == {"variables": ["x2", "y3"], "generators": ["x2+y3"], "at": {"x2": "0", "y3": "0"},
                               "function": False}
    _, out, _ = run(capsys, "(x - 0.5)^4", "--vars", "x, y", "--at", "x=0.5", "--function", "--json")
    assert json.loads(out)["asked"] == {"variables": ["x", "y"], "generators": ["(x - 0.5)^4"],
                                        "at": {"x": "1/2", "y": "0"}, "function": True}


@pytest.mark.parametrize(("divided", "numerators", "at", "function"), [
    (["x/(1+y)", "y^2"], ["x", "y^2"], None, False), (["x/(1+y) - x/(1+y)^2"], ["x*y"], None, False),
    ([x / (1 + y) + y**2 / (2 - x)], ["x*(2-x) + y^2*(1+y)"], None, False), (["x*y/((z))"], ["x*y"], {"z": 2}, False),
    (["(x/(y/(1+z)) - 1)^2"], ["(x*(1+z) - y)^2"], {"x": 3, "y": 3}, False),
    (["x^2/(1-3*y) + y^4/7"], ["7*x^2 + (1-3*y)*y^4"], None, True), (["-(x^2+y^4)/(y-1)"], ["x^2+y^4"], None, True),
    (["x + y/(1+x) - -y/(-1-x)"], ["x"], None, False), (["x/2/(3+y)*z"], ["x*z"], None, False),
])
def test_quotients_are_their_numerators_times_units(divided, numerators, at, function):
    """Multiplied out by hand."""
    variables = ["x", "y", "z"]
    found, other = (rlct(g, variables, at, function=function) for g in (divided, numerators))
    assert (found.lambda_, found.multiplicity) == (other.lambda_, other.multiplicity)
    assert verify(json.loads(json.dumps(found.certificate))) == found.statement
    assert found.asked()["generators"] == [" ".join(str(g).split()) for g in divided]
    assert "denominators" in found.certificate["germ"]


def test_what_is_certified_is_what_was_typed():
    """The quotient that the statement prints is the one that was typed, as SymPy cancels it."""
    for text in ("x/(1+y) + y/(3-x*y)^2", "(x/(1+y/2))^3 - x/(1+y)", "x/(2*y-1)/(x+3)+y"):
        statement = rlct(text, ["x", "y"]).statement
        printed = sympy.sympify(statement.fractions()[0].replace("^", "**"))
        assert sympy.cancel(printed - sympy.sympify(text.replace("^", "**"))) == 0


def test_germs_of_quotients_have_their_numerators():
    assert Germ.at(["x/(1+y)", "y^2 - x/(2-x)"], ["x", "y"]) == Germ.at(["x", "2*y^2 - x*y^2 - x"], ["x", "y"])
    assert Germ.at([(x * y - 1) / (x + y)], ["x", "y"], {"x": 1, "y": 1}) == Germ.at(["x*y + x + y"], ["x", "y"])
    with pytest.raises(InvalidInput, match="divided by y, which vanishes at x = 0, y = 0"):
        Germ.at(["x/y"], ["x", "y"])
