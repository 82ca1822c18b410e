"""The step `diagonal`: the singular values of a matrix of coordinates."""

from tests.check.tables import accepts, refuses, rows, stratum

# a 2 x 2 matrix (a b; c d) times a column (e, f): rows turn the span, columns turn (e, f) as well
PRODUCT = stratum(["a*e+b*f", "c*e+d*f"], "a b c d e f")
ROWS, COLUMNS = [["a", "c", "1"], ["b", "d", "1"]], [["a", "b", "1"], ["c", "d", "1"], ["e", "f", "1"]]
SPAN = [[0, 1, "-1"], [1, 0, "1"]]
# the norm of a matrix of two rows and three columns, as the sum of squares of its entries
NORM = stratum(list("abcdef"), "a b c d e f")
WIDE = {
    "matrix": [["a", "b", "c"], ["d", "e", "f"]],
    "fields": [[["a", "d", "1"], ["b", "e", "1"], ["c", "f", "1"]],
               [["a", "b", "1"], ["d", "e", "1"]], [["a", "c", "1"], ["d", "f", "1"]]],
    "images": [[[0, 3, "-1"], [3, 0, "1"], [1, 4, "-1"], [4, 1, "1"], [2, 5, "-1"], [5, 2, "1"]],
               [[0, 1, "-1"], [1, 0, "1"], [3, 4, "-1"], [4, 3, "1"]],
               [[0, 2, "-1"], [2, 0, "1"], [3, 5, "-1"], [5, 3, "1"]]],
}


def diagonal(fields=(ROWS, COLUMNS), images=(SPAN, ()), matrix=("a b", "c d")):
    return {"matrix": [row.split() for row in matrix], "fields": list(fields), "images": list(map(list, images))}


def refused(s, reason, **data):
    return refuses("diagonal", s, diagonal(**data), reason)


ACCEPTED = [
    # a e, d f with a^2: min(3/2, 1/2) + min(1/2, 1/2), with two of them at the second
    accepts("diagonal", PRODUCT, diagonal(), {"a*e, d*f | near a, d, e, f | jacobian a: 2": "1,2"}, "1,2"),
    # (1 + 3)/2 + (1 + 1)/2: six coordinates
    accepts("diagonal", NORM, WIDE, {"a, e | near a, e | jacobian a: 3, e: 1": "3,1"}, "3,1"),
]
REFUSED = [
    refuses("diagonal", PRODUCT, {**diagonal(), "matrix": "ab"}, "a matrix is a list of rows"),
    refuses("diagonal", PRODUCT, {**diagonal(), "matrix": ["ab"]}, "a row is a list of names"),
    refused(PRODUCT, "needs two rows or more", matrix=["a b"]),
    refused(PRODUCT, "needs two rows or more, none shorter than columns", matrix=["a", "c"]),
    refused(PRODUCT, "needs two rows or more", matrix=["a b", "c"]),
    refused(PRODUCT, "needs a matrix of distinct variables", matrix=["a b", "c a"]),
    refuses("diagonal", PRODUCT, {**diagonal(), "fields": "a"}, "fields are a list"),
    refuses("diagonal", PRODUCT, {**diagonal(), "images": "a"}, "images are a list"),
    refused(PRODUCT, "needs a field and its images for each of 2 rows and columns", fields=[ROWS], images=[SPAN]),
    refused(PRODUCT, "a field is a list of planes", fields=[[["a", "c"]], COLUMNS]),
    refused(PRODUCT, "needs planes of two variables", fields=[[*ROWS, ["e", "e", "1"]], COLUMNS]),
    refused(stratum(["a*e+b*f", "c*e+d*f"], "a b c d e f", free="f"), "needs near variables; here f is not"),
    refused(stratum(["a*e+b*f", "c*e+d*f"], "a b c d e f", orders={"a": 1}), "without orders; here a has one"),
    refused(stratum(["a*e+b*f", "c*e+d*f"], "a b c d e f", jacobian={"d": 1}), "without orders; here d has one"),
    # half of the rows, at another speed, or with more than the matrix' own rows
    refused(PRODUCT, "needs a field that turns a to c, on the matrix", fields=[ROWS[:1], COLUMNS]),
    refused(PRODUCT, "needs a field that turns a to c", fields=[[ROWS[0], ["b", "d", "-1"]], COLUMNS]),
    refused(PRODUCT, "needs a field that turns a to c", fields=[[*ROWS, ["a", "e", "1"]], COLUMNS]),
    refused(PRODUCT, "needs a field that turns a to b", fields=[ROWS, [["a", "b", "2"], *COLUMNS[1:]]]),
    refused(PRODUCT, "images are lists of two numbers", images=[[[0, 1]], []]),
    refused(PRODUCT, "there is no generator 7", images=[[[0, 7, "1"]], []]),
    # (e, f) has to turn with the columns, and the span is that of both rows
    refused(PRODUCT, "needs fields that map generators to the images", fields=[ROWS, COLUMNS[:2]]),
    refused(PRODUCT, "needs fields that map generators to the images", images=[[], []]),
    # the discriminant of the singular values vanishes where their density does
    refuses("diagonal", stratum(["(a^2+b^2+c^2+d^2)^2-4*(a*d-b*c)^2"], "a b c d"),
            diagonal([ROWS, COLUMNS[:2]], [[], []]), "needs generators with one exponent in the diagonal"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
