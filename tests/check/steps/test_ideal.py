"""Other generators of the same ideal: `span`, `combine`, `remainder`, `units`, `closure`, `definite`, `dominate`."""

from tests.check.tables import accepts, refuses, rows, stratum

TWO = stratum(["x^2-y*z", "x*y"])
MONOMIALS = stratum(["x^4", "y^4", "x^2*y^2+z^3", "x^5*y"])
E4, F4, MIDDLE = [4, 0, 0], [0, 4, 0], [2, 2, 0]
TOP, BOTTOM = [5, 1, 0], [0, 0, 0]
DIVIDED = stratum(["x+y*z", "(y^2+1)*x+z^2"], free="y")
FREE = stratum(["x*(y^2+1)-z*(y^2+1)"], free="y")


def closure(*combinations):
    return {"combinations": list(combinations)}


IDEAL = [
    accepts("span", TWO, {"generators": ["x^2-y*z+x*y", "2*x*y"]}, {"x^2 + x*y - y*z, x*y | near x, y, z": "3/4"},
            "3/4"),
    refuses("span", TWO, {"generators": ["x^2-y*z"]}, "needs generators with the same span; here the spans differ"),
    refuses("span", TWO, {"generators": ["x^2", "y*z", "x*y"]}, "needs generators with the same span"),
    refuses("span", TWO, {"generators": "x*y"}, "generators are a list of polynomials"),
    accepts("combine", TWO, {"subtract": [[0, 1, "x"], [1, 0, "1"]]},
            {"x^2*y - x^2 + y*z, x^2*y - x^2 + x*y + y*z | near x, y, z": "3/4"}, "3/4"),
    refuses("combine", TWO, {"subtract": [[0, 0, "1"]]}, "needs two generators; here 0 is subtracted from itself"),
    refuses("combine", TWO, {"subtract": [[0, 2, "1"]]}, "there is no generator 2"),
    refuses("combine", TWO, {"subtract": [[0, 1]]}, "an operation needs two numbers and a polynomial"),
    # (y^2 + 1)(x + y z) - ((y^2 + 1) x + z^2)
    accepts("remainder", DIVIDED, {"divisions": [[0, "y^2+1", "even", 1, "1"]]},
            {"y^3*z + y*z - z^2, x*y^2 + z^2 + x | near x, z": "1/2"}, "1/2"),
    refuses("remainder", DIVIDED, {"divisions": [[0, "y", "even", 1, "x"]]}, "y is not shown to be even"),
    refuses("remainder", DIVIDED, {"divisions": [[0, "x", [], 1, "1"]]}, "0 is zero everywhere"),
    refuses("remainder", DIVIDED, {"divisions": [[1, "1", [], 1, "1"]]},
            "needs two generators; here 1 is divided by itself"),
    refuses("remainder", DIVIDED, {"divisions": [[0, "1", [], 2, "1"]]}, "there is no generator 2"),
    refuses("remainder", DIVIDED, {"divisions": [[0, "1", 1, "1"]]}, "a division needs two generators, a unit"),
    accepts("units", FREE, {"factors": [[0, "y^2+1", "even"]]}, {"x - z | near x, z": "1/2"}, "1/2"),
    refuses("units", FREE, {"factors": [[0, "x-z", []]]}, "0 is zero everywhere"),
    refuses("units", FREE, {"factors": [[0, "y^2+2", "even"]]}, r"needs a factor; here y\^2 \+ 2 does not divide"),
    refuses("units", TWO, {"factors": [[0, "y-1"]]}, "a division needs a generator, a polynomial and a proof"),
]
CLOSURE = [
    # (x^2 y^2)^2 = x^4 y^4; x^5 y is a multiple
    accepts("closure", MONOMIALS, closure([MIDDLE, [[E4, "1/2"], [F4, "1/2"]]]),
            {"y^4, x^4, z^3 | near x, y, z": "5/6"}, "5/6"),
    refuses("closure", MONOMIALS, closure([[2, 2], [[E4, "1"]]]), "needs an exponent for each variable"),
    refuses("closure", MONOMIALS, closure([MIDDLE, []], [MIDDLE, []]), "needs each exponent once"),
    refuses("closure", MONOMIALS, closure([MIDDLE, [[E4, "1/2"], [F4, "1/4"]]]),
            "needs coefficients >= 0 with sum >= 1"),
    refuses("closure", MONOMIALS, closure([MIDDLE, [[E4, "2"], [F4, "-1"]]]), "needs coefficients >= 0 with sum >= 1"),
    refuses("closure", MONOMIALS, closure([MIDDLE, [[E4, "1"]]]), "needs a combination that is at most"),
    # in a circle: neither is kept
    refuses("closure", MONOMIALS, closure([E4, [[TOP, "1"]]], [TOP, [[E4, "1"]]]),
            "needs a combination of monomials that are"),
    refuses("closure", MONOMIALS, closure([TOP, [[TOP, "1"]]]), "needs a combination of monomials that are kept"),
    refuses("closure", MONOMIALS, closure([MIDDLE, [[BOTTOM, "1"]]]), "needs a combination of monomials that are kept"),
    refuses("closure", MONOMIALS, closure([[2, 2, True], []]), "an exponent is no list of integers >= 0"),
    refuses("closure", MONOMIALS, closure([{}, []]), "an exponent is no list of integers >= 0"),
    refuses("closure", MONOMIALS, closure([[2, 2, -1], []]), "an exponent is no list of integers >= 0"),
    refuses("closure", MONOMIALS, closure([MIDDLE, [[E4, "1/2"], [E4, "1/2"]]]),
            r"the exponent \[4, 0, 0\] is listed twice"),
    refuses("closure", MONOMIALS, closure([MIDDLE, [[E4]]]), "a combination lists exponents with their coefficients"),
    refuses("closure", MONOMIALS, closure([MIDDLE]), "an exponent needs its combination"),
]


def definite(factor, *faces, generator=0):
    return {"generator": generator, "factor": factor,
            "faces": [{"exponents": exponents, "nonzero": nonzero} for exponents, nonzero in faces]}


QUADRIC = stratum(["(x^2-x*y+y^2)*z", "z^3"], "x y z")
EDGE = [[2, 0], [1, 1], [0, 2]]
DISCRIMINANT = [["x^2-x*y+y^2", 1, {"discriminant": "x", "factors": [["y", 2, "unit"]]}]]
DEFINITE = [
    accepts("definite", QUADRIC, definite("x^2-x*y+y^2", (EDGE, DISCRIMINANT)),
            {"z^2, y^2, x^2 | near x, y, z | orders z: 1": "1/2"}, "1/2"),
    refuses("definite", QUADRIC, definite("x^2-x*y+y^2"), r"is not shown to be even and of one sign"),
    refuses("definite", QUADRIC, definite("x^2+y^2"), r"needs a factor; here x\^2 \+ y\^2 does not divide"),
    refuses("definite", QUADRIC, definite("0"), "needs a factor; here 0 does not divide"),
    refuses("definite", QUADRIC, definite("1"), "needs a factor that involves a near variable; here it is 1"),
    refuses("definite", QUADRIC, definite("x^2-x*y+y^2", ([[2, 0], [1, 1]], "even")),
            "needs a compact face; here .* is none"),
    refuses("definite", QUADRIC, definite("x^2-x*y+y^2", ([*EDGE, [2, 0]], "even")),
            "needs a compact face; here .* is none"),
    refuses("definite", QUADRIC, definite("x^2-x*y+y^2", (EDGE, DISCRIMINANT), (EDGE[::-1], DISCRIMINANT)),
            "needs each face once; here .* is listed twice"),
    refuses("definite", QUADRIC, {"generator": 0, "factor": "x^2-x*y+y^2", "faces": [{"nonzero": "even"}]},
            "an entry for a face has no exponents"),
    refuses("definite", QUADRIC, {"generator": 0, "factor": "x^2-x*y+y^2", "faces": {}}, "faces are a list"),
    # a vertex whose coefficient vanishes at y = 0
    refuses("definite", stratum(["y*x^2+z^2"], free="y"), definite("y*x^2+z^2"),
            "is not shown to be even and of one sign"),
]
# three vectors of the line, r, s, t, have r s, r t, s t: and r^2 s^2 t^2 = (r s)(r t) s t
LINE = stratum(["r*s+r^2*s*t", "r*t", "s*t"], "r s t")
PRODUCT = [[0, 1, "s*t"]]  # (r s + r^2 s t) r t s t, whose other term is of higher order


def dominate(*products, faces=()):
    return {"products": list(products), "faces": list(faces)}


DOMINATE = [
    accepts("dominate", LINE, dominate(*PRODUCT),
            {"r^2*s*t + r*s, r*t, s*t, r*s*t | near r, s, t": "3/4"}, "3/4"),
    # x y: halves are rounded up
    accepts("dominate", stratum(["x", "y"], "x y"), dominate([0, 1, "1"]), {"x, y, x*y | near x, y": "1"}, "1"),
    refuses("dominate", LINE, dominate([0, 1, "1"], [0, 2, "-1"]), r"is not shown to be even and of one sign"),
    refuses("dominate", LINE, dominate([0, 1, "1"], [1, 0, "-1"]), "needs a combination of products; here it is 0"),
    refuses("dominate", LINE, dominate(), "needs a combination of products; here it is 0"),
    refuses("dominate", LINE, dominate([0, 3, "1"]), "there is no generator 3"),
    refuses("dominate", LINE, dominate([0, 1]), "a product needs two generators and a polynomial"),
    refuses("dominate", LINE, {"products": PRODUCT, "faces": {}}, "faces are a list"),
    # x^2 y^2 + z^4 at y = 0
    refuses("dominate", stratum(["x*y", "z^2"], free="y"), dominate([0, 0, "1"], [1, 1, "1"]),
            "is not shown to be even"),
]
ROWS = [*IDEAL, *CLOSURE, *DEFINITE, *DOMINATE]
ACCEPTED = [row for row in ROWS if hasattr(row, "value")]
REFUSED = [row for row in ROWS if not hasattr(row, "value")]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
