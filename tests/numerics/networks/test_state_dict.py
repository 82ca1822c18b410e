"""Networks from torch state dicts."""

from pathlib import Path

import pytest
import torch

from numerics.diagnosis.diagnose import diagnose
from numerics.networks.fourier import fourier_weights
from slt_symbolic.commands.main import main


@pytest.mark.parametrize("transposed", [True, False])
def test_state_dicts(tmp_path, transposed):
    w, v = (torch.from_numpy(x) for x in fourier_weights(5))
    path = tmp_path / "network.pt"
    torch.save({"embed.weight": w.float(), "unembed.weight": v.T.float() if transposed else v.float(),
                "bias": torch.zeros(9)}, path)
    found = diagnose(path)
    assert (found.matches, found.judgement.lower) == ("modular-addition-fourier", 50)


@pytest.mark.parametrize(("tensors", "words"), [
    ({"a": torch.ones(9, 10)}, "no two tensors of shapes (K, 2p) and (p, K) or (K, p) among a (9, 10)"),
    ({}, "among none"),
    ({"a": torch.ones(9, 10), "b": torch.ones(9, 5), "c": torch.ones(5, 9)},
     "several tensors of shapes (K, 2p) and (p, K) or (K, p) among a (9, 10), b (9, 5), c (5, 9)"),
    ({"a": torch.ones(9, 10), "b": torch.ones(9, 5), "bias": torch.ones(9)}, "bias is not zero"),
    ({"a": torch.ones(5, 10), "b": torch.ones(5, 5)}, "b is square"),
    ({"a": torch.ones(9, 10) * torch.nan, "b": torch.ones(9, 5)}, "W has entries that are not finite"),
    ({"a": torch.ones(9, 10) * 1j, "b": torch.ones(9, 5)}, "a is no plain tensor of real numbers"),
    ({"a": {"b": torch.ones(9, 10)}}, "is not a state dict"),
    ([1, 2], "is not a state dict"),
    ({"a": Path("x")}, "is not a torch file of tensors"),
])
def test_state_dicts_that_are_no_network(capsys, tmp_path, tensors, words):
    path = tmp_path / "network.pth"
    torch.save(tensors, path)
    assert main(["diagnose", str(path)]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    path.write_bytes(path.read_bytes()[:100])
    assert main(["diagnose", str(path)]) == 2
    assert "damaged" in capsys.readouterr().err
