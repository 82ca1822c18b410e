"""The folder of a grokking run: it holds one run."""

import pytest

from numerics.grokking.run import run
from slt_symbolic.errors import InvalidInput
from tests.numerics.grokking.folders import SMALL, cli, contents


def test_another_run_in_the_folder_is_left_alone(tmp_path, capsys):
    run(SMALL, tmp_path)
    before = contents(tmp_path)
    code, _, err = cli(capsys, "--p", 5, "--width", 6, "--out", tmp_path)
    assert (code, err.count("\n")) == (2, 1)
    assert "holds a run with fraction = 0.6, not 0.4" in err
    assert contents(tmp_path) == before
    (tmp_path / "settings.json").write_text("{")
    with pytest.raises(InvalidInput, match="is damaged"):
        run(SMALL, tmp_path)
    (tmp_path / "settings.json").unlink()
    with pytest.raises(InvalidInput, match="but no settings"):
        run(SMALL, tmp_path)
