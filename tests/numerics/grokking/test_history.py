"""Reading a history, and the severity of grokking."""

import numpy as np
import pytest

from numerics.grokking.history import COLUMNS, History, grokking_severity, read_histories
from slt_symbolic.errors import InvalidInput


def history(epoch, train, validation):
    rest = [np.zeros(len(epoch))] * 2
    return History(np.array(epoch, dtype=float), *rest, np.array(train), np.array(validation), rest[0])


def test_severity_is_the_mean_gap():
    every = history(range(5), [0.0, 1, 1, 1, 1], [0.0, 0, 0, 1, 1])
    assert grokking_severity(every) == pytest.approx(2 / 4)
    some = history([0, 2, 4], [1.0, 1, 1], [0.0, 0, 1])
    assert grokking_severity(some) == pytest.approx((2 + 1) / 4)


def test_severity_is_zero_without_generalising():
    assert grokking_severity(history([0, 1], [1.0, 1], [0.0, 0.94])) == 0
    assert grokking_severity(history([0, 1], [1.0, 1], [0.0, 0.95])) > 0
    assert grokking_severity(history([7], [1.0], [1.0])) == 0


def test_reading_sorts_seeds_and_epochs(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(",".join(COLUMNS) + "\n1,5,.1,.2,1,.5,3\n0,0,.5,.5,0,0,2\n1,0,.5,.5,0,0,2\n")
    found = read_histories(path)
    assert list(found) == [0, 1]
    assert found[1].epoch.tolist() == [0, 5]
    assert found[1].weight_norm.tolist() == [2, 3]


@pytest.mark.parametrize(("text", "problem"), [
    (None, "cannot be read"), ("seed,epoch\n0,1\n", "is missing"), (",".join(COLUMNS) + "\n", "no epochs"),
    (",".join(COLUMNS) + "\n0,1,x,0,0,0,0\n", "is missing"),
])
def test_what_is_refused(tmp_path, text, problem):
    path = tmp_path / "history.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InvalidInput, match=problem):
        read_histories(path)
