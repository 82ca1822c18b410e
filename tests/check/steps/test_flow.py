"""The step `flow`: coordinates across which vector fields lead that move the ideal to itself."""

from tests.check.tables import accepts, refuses, rows, stratum

CIRCLE = stratum(["x^2+2*x+y^2"], "x y")  # about (-1, 0): rotations leave it alone
CUSP = stratum(["y^2-x^3+2*y-3*x-3*x^2"], "x y")  # (y+1)^2 - (x+1)^3: weights about another point


def flow(fields=((["x", "-y"], ["y", "x+1"]),), images=((),), names="y"):
    return {"names": names.split(), "fields": [list(map(list, f)) for f in fields], "images": list(map(list, images))}


def refused(s, reason, **data):
    return refuses("flow", s, flow(**data), reason)


ACCEPTED = [
    accepts("flow", CIRCLE, flow(), {"x + 2 | near x | orders x: 1": "1/2"}, "1/2"),
    accepts("flow", CUSP, flow([[["x", "2/3*(x+1)"], ["y", "y+1"]]], [[[0, 0, "2"]]]),
            {"x^2 + 3*x + 3 | near x | orders x: 1": "1/2"}, "1/2"),
    # the order of x stays, and z is any number that is not 0
    accepts("flow", stratum(["z+x+y*z"], "x y z", orders={"x": 2}, jacobian={"x": 1}, free="z", units=["z"]),
            flow([[["y", "1+y"], ["x", "x"]]], [[[0, 0, "1"]]]),
            {"x + z | near x | units z | orders x: 2 | jacobian x: 1": "1/2"}, "1/2"),
]
REFUSED = [
    refuses("flow", CIRCLE, {**flow(), "names": "y"}, "names are a list"),
    refused(CIRCLE, "needs distinct variables", names="", fields=[], images=[]),
    refused(CIRCLE, "needs distinct variables", names="y y"),
    refused(stratum(["x^2+2*x+y^2"], "x y", free="y"), "needs near variables; here y is not near 0"),
    refused(stratum(["x^2+2*x+y^2"], "x y", jacobian={"y": 1}), "needs variables without orders; here y has one"),
    refused(stratum(["x^2+2*x+y^2"], "x y", orders={"y": 1}), "needs variables without orders; here y has one"),
    refuses("flow", CIRCLE, {**flow(), "fields": "y"}, "fields are a list"),
    refuses("flow", CIRCLE, {**flow(), "images": "y"}, "images are a list"),
    refused(CIRCLE, "needs a field and its images for each of 1 variables", images=[]),
    refused(CIRCLE, "a field is a list of names", fields=[[["y"]]]),
    # the rotation about (-1, 0) leads along y, not across x = 0: the germ is no function of y alone
    refused(CIRCLE, "needs fields of speed 1 each along its own variable; here x has", names="x"),
    refused(CIRCLE, "needs fields of speed 1 each along its own variable", fields=[[["x", "-2*y"], ["y", "2*x+2"]]]),
    # about the origin they lead nowhere: x^2 + y^2 would be x^2
    refused(stratum(["x^2+y^2"], "x y"), "needs fields of speed 1", fields=[[["x", "-y"], ["y", "x"]]]),
    # one direction cannot serve for two coordinates
    refused(stratum(["x-y+z^2"], "x y z"), "needs fields of speed 1", names="x y",
            fields=[[["x", "1"], ["y", "1"]]] * 2, images=[[], []]),
    refused(stratum(["x+y"], "x y", orders={"x": 1}), "needs multiples of a variable with an order; here x",
            fields=[[["x", "-1"], ["y", "1"]]]),
    refused(stratum(["x+y"], "x y", jacobian={"x": 1}), "needs multiples of a variable with an order; here x",
            fields=[[["x", "-1"], ["y", "1"]]]),
    refused(stratum(["y-c*x"], "x y c", constants={"c": "c^2-2"}), "here one moves the constant c",
            fields=[[["y", "1"], ["c", "1"]]]),
    refused(CIRCLE, "images are lists of two numbers of generators and a polynomial", images=[[[0, 0]]]),
    refused(CIRCLE, "there is no generator 1", images=[[[0, 1, "1"]]]),
    refused(CIRCLE, r"needs fields that map generators to the images listed; for x\^2 \+ y\^2 \+ 2\*x this leaves",
            fields=[[["x", "-y"], ["y", "1"]]]),
    refused(CIRCLE, "needs fields that map generators to the images listed", images=[[[0, 0, "1"]]]),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
