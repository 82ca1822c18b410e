"""Mixtures, latent variables, arrangements, tanh units and deep linear networks at any fit: values by hand or cited."""

import json
from fractions import Fraction

import pytest

from slt_symbolic import InvalidInput, closed_forms
from slt_symbolic.commands.main import main


@pytest.mark.parametrize(("name", "sizes", "value", "m"), [
    # Two normal components at one: 3/4, by hand; each component more at it 1/4; distinct ones are regular.
    ("normal-mixture", {"H": 2, "r": 1}, "3/4", 1), ("normal-mixture", {"H": 5, "r": 1}, "3/2", 1),
    ("poisson-mixture", {"H": 4, "r": 4}, "7/2", 1), ("poisson-mixture", {"H": 4, "r": 2}, "2", 1),
    ("binomial-mixture", {"n": 3, "H": 2, "r": 1}, "3/4", 1), ("binomial-mixture", {"n": 9, "H": 5, "r": 3}, "3", 1),
    # Rusakov and Geiger (2005): independent features (n + 1)/2, two classes 2n + 1 parameters.
    ("naive-bayes", {"n": 7, "k": 2, "r": 1}, "4", 1), ("naive-bayes", {"n": 5, "k": 2, "r": 2}, "11/2", 1),
    # One factor at independence p/2 + p/4; at p = k = 2 one quadric, 3/2; three covariances of one factor are regular.
    ("factor-analysis", {"p": 5, "k": 1, "r": 0}, "15/4", 1), ("factor-analysis", {"p": 2, "k": 1, "r": 0}, "3/2", 2),
    ("factor-analysis", {"p": 2, "k": 2, "r": 0}, "3/2", 1), ("factor-analysis", {"p": 3, "k": 1, "r": 1}, "3", 1),
    ("factor-analysis", {"p": 6, "k": 2, "r": 2}, "17/2", 1), ("factor-analysis", {"p": 3, "k": 2, "r": 0}, "3", 3),
    # More factors at independence: p/2 and p min(k, p - 1)/4; at k = p - 1 as many divisors meet as there are
    # variables.
    ("factor-analysis", {"p": 5, "k": 2, "r": 0}, "5", 1), ("factor-analysis", {"p": 4, "k": 3, "r": 0}, "5", 4),
    ("factor-analysis", {"p": 3, "k": 7, "r": 0}, "3", 1), ("factor-analysis", {"p": 3, "k": 5, "r": 1}, "3", 1),
    ("latent-forest", {"leaves": 5}, "15/4", 1),
    # M N/4 for fewer hidden units than visible ones, M/2 more for biases; M(M - 1)/4 by orthogonal weights.
    ("restricted-boltzmann", {"M": 5, "N": 2}, "5/2", 1), ("restricted-boltzmann", {"M": 4, "N": 3}, "3", 4),
    ("restricted-boltzmann", {"M": 3, "N": 9}, "3/2", 1), ("restricted-boltzmann", {"M": 4, "N": 1, "biases": True},
    "3", 1),
    # By hand: u delta_i and pi theta delta_i delta_j; parameters; all words of length 2 but one.
    ("hidden-markov", {"k": 2, "s": 4, "L": 3, "r": 1}, "5/2", 3),
    ("hidden-markov", {"k": 2, "s": 9, "L": 2, "r": 1}, "5", 2),
    ("hidden-markov", {"k": 3, "s": 4, "L": 3, "r": 3}, "17/2", 1),
    ("hidden-markov", {"k": 3, "s": 2, "L": 2, "r": 3}, "3/2", 1),
    ("hidden-markov", {"k": 1, "s": 7, "L": 4, "r": 1}, "3", 1),
    # |a||b||c|; two terms of a 2 x 2 x 2 tensor are all tensors, near it.
    ("cp-tensor", {"shape": (4, 3, 5), "H": 1, "r": 0}, "3/2", 1),
    ("cp-tensor", {"shape": (2, 2, 2), "H": 2, "r": 2}, "4", 1),
    ("cp-tensor", {"shape": (2, 2, 2), "H": 5, "r": 2}, "4", 1),
    ("cp-tensor", {"shape": (2, 2, 2, 2), "H": 2, "r": 2}, "5", 1),
    # Hayashi and Watanabe's bounds at r = 0 and at H = r = 1, 2, where they are attained; Aoyagi and Watanabe's value.
    ("nonnegative-factorisation", {"M": 3, "N": 3, "H": 2, "r": 0}, "3", 3),
    ("nonnegative-factorisation", {"M": 4, "N": 3, "H": 2, "r": 0}, "3", 1),
    ("nonnegative-factorisation", {"M": 4, "N": 3, "H": 2, "r": 2}, "5", 1),
    ("nonnegative-factorisation", {"M": 3, "N": 5, "H": 3, "r": 0}, "9/2", 1),
    ("nonnegative-factorisation", {"M": 3, "N": 5, "H": 2, "r": 1}, "9/2", 1),
    # Mustata (2006): min(1, d/n) for generic arrangements; half of it for a square.
    ("hyperplane-arrangement", {"d": 3, "n": 7}, "3/14", 1), ("hyperplane-arrangement", {"d": 4, "n": 4}, "1/2", 4),
    ("tanh-zero-truth", {"H": 1}, "1/2", 2), ("tanh-zero-truth", {"H": 2}, "2/3", 1),  # by hand
    ("tanh-zero-truth", {"H": 3}, "5/6", 1), ("tanh-zero-truth", {"H": 9}, "3/2", 2),  # Aoyagi (2006)
    # Aoyagi (2010); the engine at the first three, M = 1, Q = 2 is tanh.
    ("vandermonde", {"H": 2, "M": 1, "Q": 1}, "3/4", 1), ("vandermonde", {"H": 2, "M": 1, "Q": 3}, "5/8", 1),
    ("vandermonde", {"H": 2, "M": 2, "Q": 1}, "1", 2), ("vandermonde", {"H": 9, "M": 1, "Q": 2}, "3/2", 2),
    ("vandermonde", {"H": 3, "M": 5, "Q": 2}, "3/2", 1), ("vandermonde", {"H": 3, "M": 1, "Q": 1}, "1", 2),
    ("deep-linear-local", {"widths": (2, 2, 2, 2), "r": 0}, "3/2", 3),  # Aoyagi (2024)
    # Hayashi (2021): (M - 1)/2 and reduced rank regression; a product of norms, and a Sylvester matrix, by hand.
    ("stochastic-factorisation", {"M": 3, "N": 3, "H": 2, "r": 0}, "2", 2),
    ("stochastic-factorisation", {"M": 4, "N": 5, "H": 3, "r": 1}, "11/2", 1),
    ("linear-convolution", {"a": 3, "b": 3}, "3/2", 2), ("linear-convolution", {"a": 3, "b": 5}, "3/2", 1),
    ("linear-convolution", {"a": 3, "b": 5, "coprime": True}, "7/2", 1),
    # All matrices of full rank: half the number of equations.
    ("deep-linear-local", {"widths": (2, 3, 2, 2), "ranks": "0.1:2,0.2:2,0.3:2,1.2:2,1.3:2,2.3:2"}, "2", 1),
    # Two matrices are reduced rank regression at a fit: M N H r a b = 3 3 2 1 2 1.
    ("deep-linear-local", {"widths": (3, 2, 3), "ranks": "0.1:2,0.2:1,1.2:1"}, "7/2", 1),
    # Between ranks 0 and regular: the minimum over the fibre is attained near it; m is not decided.
    ("deep-linear-local", {"widths": (2, 2, 2, 2), "ranks": "0.1:1,0.2:0,0.3:0,1.2:0,1.3:0,2.3:1"}, "3/2", None),
])
def test_values(name, sizes, value, m):
    answer = closed_forms[name].at(**sizes)
    assert (answer.lambda_, answer.multiplicity) == (Fraction(value), m)


@pytest.mark.parametrize(("name", "sizes", "lower", "upper"), [
    ("binomial-mixture", {"n": 2, "H": 2, "r": 1}, "1/2", "3/4"), ("naive-bayes", {"n": 4, "k": 3, "r": 2}, "2", "5"),
    ("factor-analysis", {"p": 4, "k": 2, "r": 1}, "4", "5"), ("factor-analysis", {"p": 6, "k": 9, "r": 1}, "6", "27/2"),
    ("restricted-boltzmann", {"M": 4, "N": 8}, "3", "7/2"), ("restricted-boltzmann", {"M": 4, "N": 4}, "3", "4"),
    ("restricted-boltzmann", {"M": 3, "N": 3, "biases": True}, "3", "15/4"),
    ("hidden-markov", {"k": 3, "s": 3, "L": 4, "r": 1}, "1", "3"),
    ("hidden-markov", {"k": 4, "s": 3, "L": 3, "r": 4}, "11", "23/2"),
    ("hidden-markov", {"k": 100, "s": 2, "L": 10**9, "r": 100}, "1/2", "10099/2"),  # no power 2^L is formed
    ("cp-tensor", {"shape": (3, 3, 3), "H": 4, "r": 4}, "13", "27/2"),
    ("cp-tensor", {"shape": (2, 2, 2), "H": 2, "r": 0}, "1", "2"),
    ("cp-tensor", {"shape": (2, 2, 2), "H": 6, "r": 0}, "1", "4"),
    ("cp-tensor", {"shape": (2, 2, 2), "H": 3, "r": 1}, "2", "4"),
])
def test_what_is_not_decided_is_a_bracket(name, sizes, lower, upper):
    answer = closed_forms[name].at(**sizes)
    assert answer.lambda_ is None
    assert (answer.lower, answer.upper) == (Fraction(lower), Fraction(upper))


def test_a_forest_from_a_file(tmp_path, capsys):
    edges = tmp_path / "quartet.json"
    edges.write_text(json.dumps([["h", 1], ["h", 2], ["g", 3], ["g", 4], ["h", "g"]]))
    assert main(["at", "latent-forest", f"edges={edges}"]) == 0
    assert "lambda = 3, m = 1" in capsys.readouterr().out
    edges.write_text(json.dumps([["a", "h"], ["h", "b"], ["c", "g"], ["g", "d"]]))  # two paths: each 3/2, m = 2
    assert main(["at", "latent-forest", f"edges={edges}"]) == 0
    assert "lambda = 3, m = 3" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "sizes", "problem"), [
    ("latent-forest", {"edges": [["a", "b"], ["b", "c"], ["c", "a"]]}, "are not those of a forest"),
    ("latent-forest", {"edges": [["a"]]}, "not two names"), ("latent-forest", {"edges": 3}, "must be a list"),
    ("deep-linear-local", {"widths": (2, 2, 2), "ranks": "0.1:1"}, "must give i.j:rank"),
    ("deep-linear-local", {"widths": (2, 2, 2), "ranks": "0.1:1,1.2:1,0.2:2"}, "are no ranks"),
    ("deep-linear-local", {"widths": (2, 2, 2), "ranks": "x"}, "must give i.j:rank"),
    ("hyperplane-arrangement", {"d": 1, "n": 2}, "a line has one hyperplane"),
    ("normal-mixture", {"H": 1, "r": 2}, "more components"),
    ("hidden-markov", {"k": 1, "s": 2, "L": 2, "r": 2}, "more states"),
    ("cp-tensor", {"shape": (2, 2), "H": 1, "r": 0}, "3"),
    ("nonnegative-factorisation", {"M": 2, "N": 2, "H": 1, "r": 2}, "more terms"),
    ("naive-bayes", {"n": 2, "k": 2, "r": 1}, "must be an integer >= 3"),
])
def test_bad_sizes_are_one_line(name, sizes, problem):
    with pytest.raises(InvalidInput, match=problem):
        closed_forms[name].at(**sizes)
