"""The step `rotate`: a block of coordinates on a line."""

from tests.check.tables import accepts, refuses, rows, stratum

COMPLEX = stratum(["a*c+b*d", "b*c-a*d"], "a b c d")  # the product of two complex numbers: |.|^2 |.|^2
INNER = stratum(["a*c+b*d", "e^2"], "a b c d e")
BOTH = [["a", "b", "1"], ["c", "d", "1"]]
SPAN = [[0, 1, "-1"], [1, 0, "1"]]


def rotate(fields=(BOTH,), images=((),), block="a b"):
    return {"block": block.split(), "fields": list(fields), "images": list(map(list, images))}


def refused(s, reason, **data):
    return refuses("rotate", s, rotate(**data), reason)


ACCEPTED = [
    accepts("rotate", COMPLEX, rotate([[["a", "b", "1"]]], [SPAN]),
            {"c, d | near a, c, d | orders a: 1 | jacobian a: 1": "1,2"}, "1,2"),
    accepts("rotate", INNER, rotate(), {"a*c, e^2 | near a, c, e | jacobian a: 1": "3/4"}, "3/4"),
]
REFUSED = [
    refuses("rotate", INNER, {**rotate(), "block": "ab"}, "a block is a list of names"),
    refused(INNER, "needs two distinct variables or more", block="a", fields=[], images=[]),
    refused(INNER, "needs two distinct variables or more", block="a a"),
    refuses("rotate", INNER, {**rotate(), "fields": "a"}, "fields are a list"),
    refuses("rotate", INNER, {**rotate(), "images": "a"}, "images are a list"),
    refused(INNER, "needs a field and its images for each of 2 variables", block="a b c"),
    refused(INNER, "a field is a list of planes", fields=[[["a", "b"]]]),
    refused(INNER, "needs planes of two variables; here one is of c alone", fields=[[BOTH[0], ["c", "c", "1"]]]),
    refused(stratum(["a*c+b*d"], "a b c d", free="d"), "needs near variables; here d is not"),
    refused(stratum(["a*c+b*d"], "a b c d", orders={"a": 1}), "needs variables without orders; here a has one"),
    refused(stratum(["a*c+b*d"], "a b c d", jacobian={"c": 1}), "needs variables without orders; here c has one"),
    # a turn at another speed, backwards, or of a with c too, is none of the block
    refused(INNER, "needs a field that is that of the plane a, b", fields=[[["a", "b", "2"], ["c", "d", "2"]]]),
    refused(INNER, "needs a field that is that of the plane a, b", fields=[[["b", "a", "1"], ["d", "c", "1"]]]),
    refused(INNER, "needs a field that is that of the plane a, b", fields=[[*BOTH, ["a", "c", "1"]]]),
    refused(INNER, "images are lists of two numbers", images=[[[0, 1]]]),
    refused(INNER, "there is no generator 7", images=[[[0, 7, "1"]]]),
    # a c + b d is not invariant if (a, b) turns alone, nor if (c, d) turns the other way
    refused(INNER, r"needs fields that map generators to the images listed; a\*c \+ b\*d becomes",
            fields=[[["a", "b", "1"]]]),
    refused(INNER, "needs fields that map generators to the images", fields=[[["a", "b", "1"], ["c", "d", "-1"]]]),
    refused(COMPLEX, "needs fields that map generators to the images", fields=[[["a", "b", "1"]]],
            images=[[[0, 1, "1"], [1, 0, "1"]]]),
    # x^2 + 2 y^2 is no function of the radius: its space of forms would have to hold x y
    refused(stratum(["x^2+2*y^2"], "x y"), "needs fields that map", block="x y", fields=[[["x", "y", "1"]]]),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
