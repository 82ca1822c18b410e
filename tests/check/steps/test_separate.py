"""The steps `sum` and `product`."""

from tests.check.tables import accepts, refuses, rows, stratum

SUM = stratum(["x^2-y^3", "z^2"], jacobian={"z": 1})
MIXED = stratum(["x*y", "z^2"])
ROOTED = stratum(["c*x", "y^2"], "x y c", constants={"c": "c^2-2"})
PRODUCT = stratum(["x*z", "y*z+z^2*y"], "x y z w", orders={"w": 2}, jacobian={"w": 1})

ACCEPTED = [
    accepts("sum", SUM, {"groups": [["x", "y"], ["z"]]},
            {"y^3 - x^2 | near x, y": "5/12 .. 1/2", "1 | near z | orders z: 2 | jacobian z: 1": "1/2"}, "11/12 .. 1"),
    accepts("sum", MIXED, {"groups": [["x", "y"], ["z"]]},
            {"1 | near x, y | orders x: 1, y: 1": "1/2,2", "1 | near z | orders z: 2": "oo"}, "oo"),
    # the lists multiply to the generators; w^4 with |w| dw is a factor of its own, of (1/2, 1)
    accepts("product", stratum(["x*(z+1)", "y*(z+1)"], "x y z w", orders={"w": 2}, jacobian={"w": 1}),
            {"factors": [["x", "y"], ["z+1"]]}, {"x, y | near x, y": "1", "z + 1 | near z": "oo"}, "1/2"),
    accepts("product", stratum(["(x+y)*(z-w)"], "x y z w"), {"factors": [["x+y"], ["w-z"]]},
            {"x + y | near x, y": "1/2", "z - w | near z, w": "1/2"}, "1/2,2"),
]
REFUSED = [
    refuses("sum", SUM, {"groups": []}, "needs a group; here there is none"),
    refuses("sum", SUM, {"groups": "xyz"}, "groups are a list"),
    refuses("sum", SUM, {"groups": [["x", "y", "x"], ["z"]]}, "needs distinct variables; here a group names one twice"),
    refuses("sum", SUM, {"groups": ["xy", "z"]}, "a group is a list of names"),
    refuses("sum", ROOTED, {"groups": [["x", "c"], ["y"]]}, "needs groups of coordinates; here one holds the constant"),
    refuses("sum", SUM, {"groups": [["x", "y"], ["z", "y"]]}, "needs separate variables; here y is in two groups"),
    refuses("sum", SUM, {"groups": [["x"], ["y", "z"]]}, "needs polynomials in one group of variables; here y"),
    refuses("sum", stratum(["x", "y"], free="x z", units=["x+z"]), {"groups": [["x"], ["y"], ["z"]]},
            r"needs polynomials in one group of variables; here x \+ z is not"),
    refuses("sum", stratum(["x+y"], orders={"z": 1}), {"groups": [["x", "y", "z"]]},
            "needs orders 0; here z has the order 1"),
    refuses("sum", stratum([]), {"groups": [["x"]]}, "needs a generator; here the loss is 0"),
    refuses("product", MIXED, {"factors": []}, "needs a list of factors; here there is none"),
    refuses("product", stratum([]), {"factors": [["0"], ["0"]]}, "needs a generator; here the loss is 0"),
    refuses("product", PRODUCT, {"factors": [["x", "y"], ["z"]]}, "needs generators that span the products; here the"),
    # x^2 + y^2 is not comparable to x y
    refuses("product", MIXED, {"factors": [["x"], ["y"]]},
            "needs generators that span the products; here the spans differ"),
    refuses("product", stratum(["x*(x+y)"]), {"factors": [["x+y"], ["x"]]},
            "needs separate variables|span the products"),
    refuses("product", stratum(["(x-y)*(x+y)"]), {"factors": [["x-y"], ["x+y"]]},
            "needs separate variables; here x, y is in two groups"),
    refuses("product", MIXED, {"factors": [["x*y"], []]},
            "needs generators that span the products; here the spans differ"),
    refuses("product", MIXED, {"factors": ["xy"]}, "a list of factors is a list"),
    refuses("product", MIXED, {"factors": {"x": "y"}}, "factors are lists"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
