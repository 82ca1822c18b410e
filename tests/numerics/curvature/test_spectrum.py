"""Stochastic traces of a Hessian against dense ones, and against a quadratic whose spectrum is known."""

from dataclasses import replace

import pytest
import torch

from numerics.curvature.density import SpectralDensity, gaussian_value
from numerics.curvature.spectrum import hessian_density, hessian_product, hutchinson, lanczos_density, signs
from numerics.networks.catalogue import modular_addition
from slt_symbolic.networks.data import all_pairs
from tests.sampled import beyond, within

pytestmark = pytest.mark.sampled

T_29, T_99 = 7.0, 5.5  # errors, exceeded with probability 1e-7 and 3e-7 by Student's t of 30 and of 100 probes
POINT = torch.randn(357, generator=torch.Generator().manual_seed(3), dtype=torch.float64) / 3  # always this one
EIGENVALUES = torch.tensor([5.0, 2.0, 2.0, 0.5, 0.0, -1.0], dtype=torch.float64)


def diagonal(z):
    return z * EIGENVALUES


def rotated():
    basis = torch.linalg.qr(torch.randn(6, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64))[0]
    return lambda z: (z @ basis * EIGENVALUES) @ basis.T


@pytest.fixture(scope="module")
def network():
    """Loss and a random point of a network with 357 parameters, whose Hessian has both signs."""
    loss = modular_addition(7, 17, all_pairs(7).pairs[::2])
    return loss, POINT


def test_exact_for_a_diagonal_quadratic():
    """There ``z_i^2 = 1`` for every probe, and five different eigenvalues need five steps."""
    density = lanczos_density(diagonal, signs(3, EIGENVALUES, seed=0), steps=5)
    for f in (torch.ones_like, torch.exp, lambda h: h.clamp(max=0)):
        trace = density.trace_of(f)
        assert trace.mean == pytest.approx(float(f(EIGENVALUES).sum()), abs=1e-10)
        assert trace.error < 1e-10


def test_each_probe_is_exact_once_there_are_as_many_steps_as_eigenvalues():
    product, probes = rotated(), signs(4, EIGENVALUES, seed=1)
    density = lanczos_density(product, probes, steps=6)
    matrix = product(torch.eye(6, dtype=torch.float64))
    expected = ((probes @ torch.linalg.matrix_exp(matrix)) * probes).sum(1)
    torch.testing.assert_close((density.weights * density.nodes.exp()).sum(1), expected)


def test_steps_beyond_the_invariant_space_add_nothing():
    short, long = (lanczos_density(diagonal, signs(2, EIGENVALUES, seed=2), steps) for steps in (5, 6))
    assert short.trace_of(torch.exp).mean == pytest.approx(long.trace_of(torch.exp).mean, rel=1e-12)


def test_products_are_those_of_the_dense_hessian(network):
    loss, point = network
    vectors = signs(3, point, seed=5)
    torch.testing.assert_close(hessian_product(loss, point)(vectors), vectors @ loss.hessian(point))


def test_lanczos_agrees_with_the_dense_spectrum(network):
    loss, point = network
    dense = hessian_density(loss, point, probes=0, steps=0, seed=0)
    assert dense.dense
    density = lanczos_density(hessian_product(loss, point), signs(30, point, seed=6), steps=100)
    for f in (lambda h: h, lambda h: h.clamp(max=0)):
        exact, found = dense.trace_of(f), density.trace_of(f)
        assert exact.error == 0
        assert found.error > 0
        assert within(found.error, 0.1 * abs(exact.mean) + 1, 1)
        assert within(found.mean - exact.mean, found.error, T_29)
        assert beyond(found.mean - 2 * exact.mean, found.error, T_29)
    for setting in ((26.4, 5.0), (1e4, 10.0)):
        exact, found = gaussian_value(dense, *setting), gaussian_value(density, *setting)
        assert within(found.error, 0.07 * exact.mean, 1)
        assert within(found.mean - exact.mean, found.error, T_29)
        assert beyond(found.mean - 2 * exact.mean, found.error, T_29)
    assert float(density.nodes.min()) == pytest.approx(float(dense.nodes.min()), rel=1e-3)


def test_too_few_steps_are_in_the_error(network):
    """At a saddle ``h/(h + cut)`` has its kink where many eigenvalues are: there the probes scatter too little."""
    loss, point = network
    exact = gaussian_value(hessian_density(loss, point, probes=0, steps=0, seed=0), 1e4, 10.0).mean
    density = lanczos_density(hessian_product(loss, point), signs(400, point, seed=8), steps=20)
    found, scatter = gaussian_value(density, 1e4, 10.0), gaussian_value(replace(density, earlier=()), 1e4, 10.0)
    assert beyond(scatter.mean - exact, scatter.error, 3)
    assert within(found.mean - exact, found.error, T_99)


def test_hutchinson_agrees_with_the_dense_trace(network):
    loss, point = network
    exact = float(loss.hessian(point).trace())
    found = hutchinson(hessian_product(loss, point), signs(100, point, seed=7))
    assert within(found.error, 0.1 * abs(exact), 1)
    assert within(found.mean - exact, found.error, T_99)
    assert beyond(found.mean - 1.5 * exact, found.error, T_99)


def test_large_networks_take_lanczos(monkeypatch, network):
    monkeypatch.setattr("numerics.curvature.eigenvalues.LARGEST_DENSE", 100)
    density = hessian_density(*network, probes=2, steps=5, seed=0)
    assert not density.dense
    assert density.nodes.shape == (2, 5)


def test_the_gaussian_value_counts_stiff_directions_half():
    eigenvalues = torch.tensor([[1e6, 1e6, 1.0, -1e6]], dtype=torch.float64)
    value = gaussian_value(SpectralDensity(eigenvalues, torch.ones_like(eigenvalues), dense=True), nbeta=2.0, gamma=2.0)
    assert value.mean == pytest.approx(1 + 1 / 4, abs=1e-5)
