"""The figures of a tracked run: what is marked, what is said of the chains, what stands beside them."""

from dataclasses import replace

import numpy as np
import pytest

from numerics.grokking.history import History, reached
from numerics.grokking.report import FEWEST_DRAWS, FIGURES, figures

EPOCHS = np.array([0.0, 100.0, 200.0, 300.0])
HISTORY = History(epoch=EPOCHS, train_loss=np.ones(4), validation_loss=np.ones(4),
                  train_accuracy=np.array([0.1, 1.0, 1.0, 1.0]), validation_accuracy=np.array([0.1, 0.2, 0.2, 1.0]),
                  weight_norm=np.ones(4))


def row(epoch, draws=FEWEST_DRAWS):
    setting = {"llc": 3.0, "llc_from_mode": 3.0, "mcse": 0.1, "gaussian": 2.5, "draws": draws}
    return {"seed": 0, "epoch": epoch, "published": setting, "local": setting, "hessian": {"trace": 1.0}}


def labels(history, rows):
    """The legend of each panel of each figure."""
    return [[text.get_text() for text in axes.get_legend().get_texts()] for _, figure in figures({0: history}, rows)
            for axes in figure.axes if axes.get_legend()]


def test_what_is_marked():
    found = labels(HISTORY, [row(int(epoch)) for epoch in EPOCHS])
    assert len(found) == 2 * len(FIGURES)
    for panel in found:
        assert "memorised from epoch 100 on" in panel
        assert "generalised from epoch 300 on" in panel
        assert "its Gaussian value, in closed form" in panel
        assert not any("TOO SHORT" in text for text in panel)


def test_a_run_that_never_generalises_has_no_such_mark():
    for panel in labels(replace(HISTORY, validation_accuracy=HISTORY.validation_accuracy / 2), [row(0), row(300)]):
        assert not any("generalised" in text for text in panel)


def test_chains_that_are_too_short_are_called_so():
    for panel in labels(HISTORY, [row(0, FEWEST_DRAWS - 1), row(300, FEWEST_DRAWS - 1)]):
        assert any("TOO SHORT" in text for text in panel)


@pytest.mark.parametrize(("accuracy", "since"), [([0, 1, 1, 1], 100), ([1, 0, 1, 1], 200), ([1, 1, 1, 0], None),
                                                 ([1, 1, 1, 1], 0)])
def test_since_when_an_accuracy_is_held(accuracy, since):
    assert reached(EPOCHS, np.array(accuracy, float)) == since
