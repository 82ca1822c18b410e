"""Polynomials without real zeros: the proofs that hold, and each hypothesis failing."""

from slt_symbolic.check.algebra import signs
from tests.check.tables import Accepted, Denied, reader, rows

RING, read = reader("x y z c")
ROOT = {3: read("c^2-2")}


def _units(texts):
    return [read(text) for text in texts]


def nonzero(text, proof, units=(), constant=False):
    return lambda: signs.require_nonzero(read(text), proof, _units(units), ROOT if constant else {})


def empty(texts, proof, units=(), constant=False):
    return lambda: signs.require_empty([read(t) for t in texts], proof, _units(units), ROOT if constant else {})


def independent(texts, rank, proof, units=(), coordinates=(0, 1, 2)):
    return lambda: signs.require_independent([read(t) for t in texts], rank, coordinates, proof, _units(units), {})


def yes(run):
    return Accepted(f"proof {len(ACCEPTED)}", run, None)


def no(run, sentence):
    return Denied(f"proof {len(REFUSED)}", run, sentence)


def scaled(x="x", weights=None, plus="even", minus="even"):
    return {"scaled": x, "weights": weights or {"x": 1, "y": 1}, "plus": plus, "minus": minus}


def discriminant(*factors, y="y"):
    return {"discriminant": y, "factors": [list(f) for f in factors]}


def planar(*special, samples: object = ("0",), base="x", fibre="y"):
    return {"planar": base, "fibre": fibre, "special": [list(s) for s in special],
            "samples": list(samples) if isinstance(samples, tuple) else samples}


ACCEPTED: list[Accepted] = []
REFUSED: list[Denied] = []
ACCEPTED += [yes(run) for run in (
    nonzero("3", []), nonzero("x^2+1", "even"), nonzero("x*(x^2+y^4)", "even", ["x"]),
    nonzero("-x^2-y^2*z^2", "even", ["x"]), nonzero("2*x*y^3", [["x", 1, "unit"], ["y", 3, "unit"]], ["x", "3*y"]),
    nonzero("c*x^2+c", [["c", 1, "field"], ["x^2+1", 1, "even"]], constant=True),
    nonzero("5", [["5", 1, "field"]], constant=True),
    nonzero("x^4+x+1", [["x^4+x+1", 1, "sturm"]]),
    # scaled to x = ±1: y^2 ± y + 1
    nonzero("x^2+x*y+y^2", [["x^2+x*y+y^2", 1, scaled(
        plus=[["y^2+y+1", 1, "sturm"]], minus=[["y^2-y+1", 1, "sturm"]])]], ["x"]),
    # -3 x^2 is negative where x is a unit
    nonzero("x^2+x*y+y^2", [["x^2+x*y+y^2", 1, discriminant(["x", 2, "unit"])]], ["x"]),
    # discriminant x^2 - 4 (x^2 + 1) = -(3 x^2 + 4): an odd power, negative everywhere
    nonzero("x^2+x*y+y^2+1", [["x^2+x*y+y^2+1", 1, discriminant(["3*x^2+4", 1, "even"])]]),
    # S = 256 (x^2 + 1)^3 has no real root
    nonzero("y^4+x^2+1", [["y^4+x^2+1", 1, planar(["x^2+1", 3, "rootless"])]]),
    # a number, too, is a polynomial in x alone, or in y alone, and has no root
    nonzero("y^4+x^2+1", [["y^4+x^2+1", 1, planar(["x^2+1", 3, "rootless"], ["2", 1, "rootless"])]]),
    nonzero("y^4+x^2+1", [["y^4+x^2+1", 1, planar(["x^2+1", 3, "rootless"],
                                                  ["2", 1, {"resultant": [["3", 1, "sturm"]]}])]]),
    # S = 4 x^2, and x is a unit
    nonzero("y^2+x^2", [["y^2+x^2", 1, planar(["x", 2, "unit"], samples=["-1", "1"])]], ["x"]),
    # a zero of y^2 + x^2 with x = 0 has y = 0, where y is a unit
    nonzero("y^2+x^2", [["y^2+x^2", 1, planar(["x", 4, {"resultant": [["y", 2, "unit"]]}], samples=["-1", "1"])]],
            ["y"]),
    empty(["x*y-1", "x"], {"cofactors": [[0, "-1"], [1, "y"]], "units": []}),
    empty(["x*y-z", "y"], {"cofactors": [[0, "-1"], [1, "x"]], "units": [["z", 1]]}, ["z"]),
    empty(["x", "y^2+1"], {"form": 1, "nonzero": "even"}),
    # x = 1/c = c/2, but then 2 x - c + 1 = 1
    # common zeros at x^2 = -1 alone: x^2 + 1 has no real root
    empty(["y-x", "x*y+1"], {"cofactors": [[0, "-x"], [1, "1"]], "units": [["x^2+1", 1, "sturm"]]}),
    empty(["y-x", "z*(x*y+1)"], {"cofactors": [[0, "-x*z"], [1, "1"]], "units": [["z", 1], ["x^2+1", 1, "sturm"]]},
          ["z"]),
    empty(["c*x-1", "2*x-c+1"], {"cofactors": [[0, "c"], [1, "-1"]], "units": []}, constant=True),
    independent(["x^2-y^3"], 1, {"minors": [[[0], ["x"]]], "empty": {"cofactors": [[1, "1"]],
            "units": [["x", 1]]}}, ["x"]),
    independent(["x-z", "y^2-z"], 2, {"minors": [[[0, 1], ["x", "y"]]],
                                     "empty": {"cofactors": [[2, "1"]], "units": [["y", 1]]}}, ["y"]),
    independent(["x+y", "y+z", "x+z"], 3, {"minors": [[[0, 1, 2], ["x", "y", "z"]]],
                                          "empty": {"cofactors": [[3, "1"]], "units": []}}),
)]
NONZERO = [
    (nonzero("0", "even"), "0 is zero everywhere"),
    (nonzero("x", "even"), "x is not shown to be even and of one sign"),
    (nonzero("x^2", "even"), r"x\^2 is not shown to be even"),
    (nonzero("x^2-y^2", "even", ["x", "y"]), "is not shown to be even and of one sign"),
    (nonzero("x^2+x*y+y^2", "even", ["x", "y"]), "is not shown to be even and of one sign"),
    (nonzero("x^2+y^2", "even", ["x+y"]), "is not shown to be even"),  # x + y is no single variable
    (nonzero("c^2-2", "even", constant=True), "is not shown to be even"),
    (nonzero("x", "because"), "a factor needs a polynomial, its power and a reason"),
    (nonzero("x", [["x", 1]]), "a factor needs a polynomial, its power and a reason"),
    (nonzero("x", None), "a factor needs a polynomial, its power and a reason"),
    (nonzero("x", [], ["x"]), "the factors listed do not multiply to x"),
    (nonzero("x^2", [["x", 1, "unit"]], ["x"]), r"the factors listed do not multiply to x\^2"),
    (nonzero("x", [["x", 1, "unit"], ["0", 1, "unit"]], ["x"]), "the factors listed do not multiply to x"),
    (nonzero("x", [["x", 0, "unit"]], ["x"]), "the power of a factor is 0, not an integer >= 1"),
    (nonzero("x", [["x", True, "unit"]], ["x"]), "the power of a factor is True, not an integer"),
    (nonzero("x", [["x", 1, "unit"]], ["y"]), "x is no unit"),
    (nonzero("c*x", [["c*x", 1, "field"]], constant=True), r"x\*c is no polynomial in the constant"),
    (nonzero("c", [["c", 1, "field"]]), "c is no polynomial in the constant"),
    (nonzero("5", [["5", 1, "field"]]), "5 is no polynomial in the constant"),
    (nonzero("c^3-2*c", [["c^3-2*c", 1, "field"]], constant=True), "vanishes at the constant"),
    (nonzero("x^2-1", [["x^2-1", 1, "even"]]), "is not shown to be even and of one sign"),
    (nonzero("x^3+x+1", [["x^3+x+1", 1, "sturm"]]), "has a real root"),
    (nonzero("(x-1)^2", [["x-1", 2, "sturm"]]), "x - 1 has a real root"),
    (nonzero("x^2+y^2+1", [["x^2+y^2+1", 1, "sturm"]]), "does not involve exactly one variable"),
    (nonzero("7", [["7", 1, "sturm"]]), "7 does not involve exactly one variable"),
    (nonzero("x", [["x", 1, "obvious"]], ["x"]), "there is no such reason for x to have no zero"),
    (nonzero("x", [["x", 1, ["unit"]]], ["x"]), "there is no such reason for x to have no zero"),
]
QUADRATIC = "x^2+x*y+y^2"
SCALED = [
    (nonzero(QUADRATIC, [[QUADRATIC, 1, scaled()]]), "x is no unit"),
    (nonzero(QUADRATIC, [[QUADRATIC, 1, scaled(weights={"y": 1})]], ["x"]), "x has no weight"),
    (nonzero(QUADRATIC, [[QUADRATIC, 1, scaled(weights={"x": 1})]], ["x"]), "is not quasi-homogeneous"),
    (nonzero(QUADRATIC, [[QUADRATIC, 1, scaled(weights={"x": 1.0, "y": 1})]], ["x"]), "the weight of x is 1.0, not an"),
    (nonzero(QUADRATIC, [[QUADRATIC, 1, scaled(x="w")]], ["x"]), "there is no variable w"),
    (nonzero("x^3+y^2*x", [["x^3+x*y^2", 1, scaled(minus=[["y^2+2", 1, "even"]])]], ["x"]), "do not multiply to -y"),
    # x + y + z at x = 1 may vanish although x + z is a unit: only variables stay units when they are scaled
    (nonzero("x+z", [["x+z", 1, scaled(weights={"x": 1, "z": 1}, plus=[["z+1", 1, "unit"]])]], ["x", "x+z", "z+1"]),
     "z \\+ 1 is no unit"),
    # c - x is not 0 at x = 1, where c^2 = 2; but it is at x = c
    (nonzero("c-x", [["c-x", 1, scaled(weights={"x": 1, "c": 1}, plus=[["c-1", 1, "field"]])]], ["x"], True),
     "is no polynomial in the constant"),
]
DISCRIMINANT = [
    (nonzero(QUADRATIC, [[QUADRATIC, 1, discriminant(["x", 2, "unit"])]]), "x is no unit"),
    (nonzero(QUADRATIC, [[QUADRATIC, 1, discriminant(y="z")]], ["x"]), "is not of degree 2 in z"),
    (nonzero("(x+y)^2", [["x^2+2*x*y+y^2", 1, discriminant()]], ["x"]), "the discriminant of .* is 0"),
    (nonzero("x^2-3*x*y+y^2", [["x^2-3*x*y+y^2", 1, discriminant(["x", 2, "unit"])]], ["x"]), "in y is not negative"),
    # an odd power of a unit changes its sign: y^2 + x is 0 for negative x
    (nonzero("y^2+x", [["y^2+x", 1, discriminant(["x", 1, "unit"])]], ["x"]), "x is no unit"),
    # a positive discriminant, whatever sign its factors are given
    (nonzero("y^2-x^2-1", [["y^2-x^2-1", 1, discriminant(["x^2+1", 1, "even"])]]), "in y is not negative"),
    (nonzero("y^2-x^2-1", [["y^2-x^2-1", 1, discriminant(["-x^2-1", 1, "even"])]]), "in y is not negative"),
    (nonzero("y^2-c", [["y^2-c", 1, discriminant(["c", 1, "field"])]], constant=True),
     "is no polynomial in the constant"),
]
SUM = "y^2+x^2"
PLANAR = [
    (nonzero("x^2+y^2+1", [["x^2+y^2+1", 1, planar(["x^2+1", 1, "even"])]]), "data needs exactly the keys resultant"),
    (nonzero("x^2+y^2+z^2", [["x^2+y^2+z^2", 1, planar()]], ["x"]), "does not involve exactly x and y"),
    (nonzero("x^2+1", [["x^2+1", 1, planar(fibre="x")]]), "does not involve exactly x and x"),
    (nonzero("(y^2+x^2)^2", [["(y^2+x^2)^2", 1, planar()]], ["x"]), "has a critical point over every x"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 4, "unit"], samples=["-1", "1"])]], ["y"]), "x is no unit"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, "unit"], samples=[])]], ["x"]),
     "there are no samples, or they do not increase"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, "unit"], samples=["1", "-1"])]], ["x"]), "or they do not increase"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, "unit"], samples=["1", "1"])]], ["x"]), "or they do not increase"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, "unit"], samples=["-1", "0"])]], ["x"]), "the sample 0 is a root of"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, "unit"], samples=["1"])]], ["x"]), "have no sample between them"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, "unit"], samples=["-1"])]], ["x"]), "have no sample between them"),
    # negative between 0 and 1, where there is no sample
    (nonzero("y^2+x*(x-1)", [["y^2+x^2-x", 1, planar(["x", 1, "unit"], ["x-1", 1, "unit"], samples=["-1", "2"])]],
             ["x", "x-1"]), "have no sample between them"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, "unit"], samples=[1])]], ["x"]), "1 is no rational number a or a/b"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, "unit"], samples="11")]], ["x"]), "samples are rationals"),
    (nonzero("y^2-x^2", [["y^2-x^2", 1, planar(["x", 2, "unit"], samples=["-1", "1"])]], ["x"]),
     "has a zero over the sample"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, "rootless"])]], ["x"]), "x has a real root"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 1, "unit"])]], ["x"]), "the factors listed do not multiply to"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 4, {"resultant": [["y", 2, "even"]]}], samples=["-1", "1"])]], ["y"]),
     "there is no such reason for y to have no root"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, {"resultant": [["y", 2, "sturm"]]}], samples=["-1", "1"])]], ["x"]),
     "y has a real root"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, {"resultant": [["y", 2, "unit"]]}], samples=["-1", "1"])]], ["x"]),
     "y is no unit"),
    (nonzero(SUM, [[SUM, 1, planar(["x", 2, "sturm"], samples=["-1", "1"])]], ["x"]),
     "data needs exactly the keys resultant"),
    # x (y^2 + 1) vanishes over x = 0: the resultant is 0
    (nonzero("x*(y^2+1)", [["x*y^2+x", 1, planar(["x", 4, {"resultant": []}], samples=["-1", "1"])]], ["y"]),
     "have a common factor"),
]
EMPTY = [
    (empty([], {"cofactors": [], "units": []}), "there are no polynomials, so that every point is a common zero"),
    (empty(["x", "y"], {"cofactors": [[0, "1"]], "units": []}), "the cofactors do not combine to 1"),
    (empty(["x", "y"], {"cofactors": [], "units": []}), "the cofactors do not combine to 1"),
    (empty(["x", "y"], {"cofactors": [[0, "1"]], "units": [["x", 1]]}), "x is no unit"),
    (empty(["y-x", "x*y-1"], {"cofactors": [[0, "-x"], [1, "1"]], "units": [["x^2-1", 1, "sturm"]]}),
     "x\\^2 - 1 has a real root"),
    (empty(["x^2+y^2"], {"cofactors": [[0, "1"]], "units": [["x^2+y^2", 1, "sturm"]]}),
     "does not involve exactly one variable"),
    (empty(["y-x", "x*y+1"], {"cofactors": [[0, "-x"], [1, "1"]], "units": [["x^2+1", 1]]}), "x\\^2 \\+ 1 is no unit"),
    (empty(["y-x", "x*y+1"], {"cofactors": [[0, "-x"], [1, "1"]], "units": [["x^2+1", 1, "unit"]]}),
     "a unit needs a polynomial and its power; only one without roots a reason"),
    (empty(["x", "y"], {"cofactors": [], "units": "x"}), "units are a list"),
    (empty(["x", "y"], {"cofactors": [[0, "1"]], "units": [["x", 0]]}, ["x"]),
     "the power of a unit is 0, not an integer"),
    (empty(["x", "y"], {"cofactors": [[2, "1"]], "units": []}), "there is no polynomial 2"),
    (empty(["x", "y"], {"cofactors": [["1"]], "units": []}), "a cofactor needs a number and a polynomial"),
    (empty(["x", "y"], {"cofactors": [], "units": ["x"]}), "a unit needs a polynomial and its power"),
    (empty(["x", "y^2"], {"form": 1, "nonzero": "even"}), "is not shown to be even"),
    (empty(["x", "y^2"], {"form": 2, "nonzero": "even"}), "there is no form 2"),
    (empty(["x", "y"], {"cofactors": [], "units": [], "form": 0}), "data needs exactly the keys form, nonzero"),
    # c^2 - 2 combines to 0, which is no product of units
    (empty(["c^2-2", "x"], {"cofactors": [[0, "1"]], "units": []}, constant=True), "the cofactors do not combine to 1"),
]
X_Y = ["x-z", "y^2-z"]
GOOD = {"cofactors": [[2, "1"]], "units": [["y", 1]]}
INDEPENDENT = [
    (independent(X_Y, 1, {"minors": [[[0, 1], ["x", "y"]]], "empty": GOOD}, ["y"]), "a minor is not of size 1"),
    (independent(X_Y, 2, {"minors": [[[0], ["x", "y"]]], "empty": GOOD}, ["y"]), "a minor is not of size 2"),
    (independent(X_Y, 2, {"minors": [[[1, 0], ["x", "y"]]], "empty": GOOD}, ["y"]),
     "rows or columns of a minor do not"),
    (independent(X_Y, 2, {"minors": [[[0, 0], ["x", "y"]]], "empty": GOOD}, ["y"]),
     "rows or columns of a minor do not"),
    (independent(X_Y, 2, {"minors": [[[0, 1], ["y", "x"]]], "empty": GOOD}, ["y"]),
     "rows or columns of a minor do not"),
    (independent(X_Y, 2, {"minors": [[[0, 1], ["x", "y"]]], "empty": GOOD}, ["y"], (0, 2)),
     "a column is no coordinate"),
    (independent(X_Y, 2, {"minors": [[[0, 2], ["x", "y"]]], "empty": GOOD}, ["y"]), "there is no row 2"),
    (independent(X_Y, 2, {"minors": [[[0, 1], "xy"]], "empty": GOOD}, ["y"]), "columns are names"),
    (independent(X_Y, 2, {"minors": [["01", ["x", "y"]]], "empty": GOOD}, ["y"]), "rows are numbers"),
    (independent(X_Y, 2, {"minors": [[[0, 1]]], "empty": GOOD}, ["y"]), "a minor needs rows and columns"),
    # where y = 0 the gradients of x - z, y^2 - z are dependent in x, y
    (independent(X_Y, 2, {"minors": [[[0, 1], ["x", "y"]]], "empty": {"cofactors": [[2, "1"]], "units": []}}),
     "the cofactors do not combine to 1"),
]
REFUSED += [Denied(f"proof {i}", run, sentence) for i, (run, sentence) in
            enumerate([*NONZERO, *SCALED, *DISCRIMINANT, *PLANAR, *EMPTY, *INDEPENDENT])]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
