"""The step `contract`."""

from tests.check.tables import accepts, refuses, rows, stratum

FREE = stratum(["x*y-z*x"], free="y z", units=["z"])
HOMOGENEOUS = stratum(["y^2*x-z^3", "z^2*y"], free="y z")
ROOTED = stratum(["c*x+y"], "x y c", free="y", constants={"c": "c^2-2"})

ACCEPTED = [
    # y -> 0 together with z, at no unit: the least pair is at 0
    accepts("contract", HOMOGENEOUS, {"weights": {"y": 1, "z": 1, "x": 1}},
            {"x*y^2 - z^3, y*z^2 | near x, y, z": "1/2"}, "1/2"),
    # the limit has z = 0, where the stratum has no point: only the lower bound stays
    accepts("contract", stratum(["x*y-z^2*x", "x^3*y"], free="y z", units=["z"]), {"weights": {"y": 2, "z": 1}},
            {"z^2 - y, x^2*y | near x, y, z | orders x: 1": "1/4 .. 1/3"}, "1/4 .. oo"),
]
REFUSED = [
    refuses("contract", FREE, {"weights": {"y": 1}}, "is not quasi-homogeneous"),
    refuses("contract", FREE, {"weights": {"x": 1}}, "needs a free variable with a weight; here there is none"),
    refuses("contract", ROOTED, {"weights": {"x": 1, "y": 2, "c": 1}},
            "needs weights of coordinates; here the constant has one"),
    refuses("contract", FREE, {"weights": {"y": 1, "z": -1}}, "the weight of z is -1, not an integer >= 1"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
