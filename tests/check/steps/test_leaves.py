"""The steps `empty` and `zero`."""

from tests.check.tables import accepts, refuses, rows, stratum

WITHOUT_POINTS = stratum(["x"], units=["0"])

ACCEPTED = [
    accepts("empty", WITHOUT_POINTS, {}, {}, "oo"),
    accepts("zero", stratum([]), {}, {}, "0"),
]
REFUSED = [
    refuses("empty", stratum(["x"]), {}, "needs a stratum without points; here no unit is 0"),
    refuses("empty", WITHOUT_POINTS, {"because": 1}, "data needs exactly the keys"),
    refuses("empty", WITHOUT_POINTS, [], "data needs exactly the keys"),
    refuses("zero", stratum(["x"]), {}, "needs the loss 0; here there are generators"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
