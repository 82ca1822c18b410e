"""Networks from torch state dicts."""

from pathlib import Path

import pytest
import torch

from numerics.diagnosis.diagnose import diagnose
from numerics.networks.file import read_network
from numerics.networks.fourier import fourier_weights
from slt_symbolic.commands.main import main
from slt_symbolic.errors import InvalidInput


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


@pytest.mark.parametrize(("tensors", "words"), [
    ({"W": torch.ones(1).expand(10**6, 2000), "V": torch.ones(1).expand(10**6, 1000)}, "would take more than"),
    ({"W": torch.empty(4, 6, device="meta"), "V": torch.empty(4, 3, device="meta")}, "no plain tensor"),
    ({"W": torch.eye(4, 6).to_sparse(), "V": torch.eye(4, 3)}, "no plain tensor"),
    ({"W": torch.eye(4, 6, dtype=torch.complex64), "V": torch.eye(4, 3)}, "no plain tensor")])
def test_tensors_that_lie_are_refused(tmp_path, tensors, words):
    torch.save(tensors, tmp_path / "a.pt")
    with pytest.raises(InvalidInput, match=words):
        read_network(tmp_path / "a.pt")


def test_the_negative_bit_is_a_sign(tmp_path):
    w, v = torch.eye(4, 6), torch.eye(4, 3)
    torch.save({"W": torch._neg_view(w), "V": v}, tmp_path / "a.pt")
    assert (read_network(tmp_path / "a.pt").w == -w.numpy()).all()
