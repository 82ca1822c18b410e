"""Comparing basins: gaps and crossings against values computed by hand, brackets, what cannot be decided."""

import json
import math
import subprocess
import sys
from fractions import Fraction

import pytest

from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.main import main
from slt_symbolic.errors import InvalidInput
from slt_symbolic.evidence import Evidence
from slt_symbolic.free_energy.basins import EQUAL, Basin, Comparison, basin_of_entry
from slt_symbolic.free_energy.leading_terms import LeadingTerms
from slt_symbolic.free_energy.window import WindowFreeEnergy
from slt_symbolic.rendering.text import comparison_text
from slt_symbolic.threshold import Threshold
from tests import ROOT

PAIRS = "modular-addition-generic:p=5,K=9,pairs=tests/data/pairs_5_20.json"


def basin(loss=0, low=1, high=None, multiplicity=1):
    low, high = Fraction(low), Fraction(low if high is None else high)
    return Basin("", {}, Fraction(loss), Threshold(low, high, multiplicity, Evidence("proved", "")))


def terms(loss, value, multiplicity=0):
    return LeadingTerms(Fraction(loss), Fraction(value), multiplicity)


@pytest.mark.parametrize(("loss", "value", "multiplicity", "n"), [
    (-math.e**-2, "1/2", 0, math.e**2),  # e^(x - 2) = x/2 at x = 2
    (0, 1, 3, math.exp(4.536403654973527)),  # x = 3 log x: x = -3 W_{-1}(-1/3)
    (0, "1/4", 1, math.exp(8.613169456441398)),  # x = 4 log x
    (-1, 1000, 0, 9118.006470402740),  # n = 1000 log n: n = e^(-W_{-1}(-1/1000))
])
def test_crossings_by_hand(loss, value, multiplicity, n):
    found = terms(Fraction(loss), value, multiplicity).last_change()
    assert float(found) == pytest.approx(n, rel=1e-12)


@pytest.mark.parametrize("coefficients", [
    (1, 1, 0), (0, 1, 2), (0, 0, 3), (0, 3, 0), (1, -1, 0), (-1, 0, 5), (0, 0, 0)])
def test_no_crossing(coefficients):
    """Signs that agree; ``x > 2 log x`` and ``e^x > x`` for all x."""
    assert terms(*coefficients).last_change() is None


@pytest.mark.parametrize("coefficients", [
    ("1/100", -5, 0), ("-1/100", 5, 3), ("1/1000", "-1/2", -3), ("1/50", -3, -9), (0, "1/4", 7), ("1/10", 0, 20),
    ("1/100000", "-1/2", -1), ("-1/7", "1/2", -5),
])
def test_the_last_change_is_the_last(coefficients):
    """The sign is the final one beyond it, on a fine grid, and the opposite before."""
    g = terms(*coefficients)
    n = float(g.last_change())

    def value(x):
        return float(g.loss) * math.exp(x) + float(g.lambda_) * x - g.multiplicity * math.log(x)

    x = math.log(n)
    assert value(x) == pytest.approx(0, abs=1e-9 * n)
    assert value(x - 1e-6) * g.final_sign < 0 < value(x + 1e-6) * g.final_sign
    assert all(value(x + 1e-6 + step / 100) * g.final_sign > 0 for step in range(2000))


def test_three_changes_of_sign():
    """``n/10^6 - 3/10 log n + log log n``: negative at 3 and again in the middle, positive between and at the end."""
    g = terms("1/1000000", "-3/10", -1)
    signs = [g.value(n) > 0 for n in (3, 10, 10**4, 10**8)]
    assert signs == [False, True, False, True]
    assert 10**4 < g.last_change() < 10**8


def test_a_crossing_beyond_floats_is_text():
    found = Comparison(basin(0, "1/4", multiplicity=250001), basin(0, 0), n=1000)
    assert json.loads(json.dumps(found.to_json()))["crossing"] == "1.17268e+7220801"


def test_gap_and_preference():
    found = Comparison(basin("1/100", 5, multiplicity=2), basin(0, 10), n=100)
    gap = 1 - 5 * math.log(100) - math.log(math.log(100))
    assert [float(x) for x in found.gap] == pytest.approx([gap, gap])
    assert (found.preferred, found.finally_preferred) == ("A", "B")
    swapped = Comparison(found.b, found.a, n=100)
    assert (swapped.preferred, swapped.finally_preferred) == ("B", "A")
    assert swapped.crossing == found.crossing
    beyond = Comparison(found.a, found.b, n=math.ceil(found.crossing))
    assert beyond.preferred == "B"
    assert Comparison(found.a, found.b, n=math.floor(found.crossing)).preferred == "A"


def test_multiplicity_decides_between_equal_lambdas():
    """A larger m has the smaller free energy."""
    assert Comparison(basin(multiplicity=2), basin(multiplicity=1), n=100).preferred == "A"


def test_equal_basins_and_their_negative_controls():
    assert Comparison(basin(), basin(), n=10).preferred == EQUAL
    assert Comparison(basin("1/1000000"), basin(), n=10).preferred == "B"
    assert Comparison(basin(low="1/2"), basin(), n=10).preferred == "A"
    unknown = Comparison(basin(multiplicity=None), basin(), n=10)
    assert (unknown.preferred, unknown.delta_multiplicity) == (None, None)
    assert "log log n term" in unknown.ignored
    assert "log log n term" not in Comparison(basin(), basin(), n=10).ignored


def test_brackets():
    wide = Comparison(basin(0, 1, 3), basin(0, 2), n=100)  # contains equality
    assert (wide.preferred, wide.finally_preferred, wide.crossing) == (None, None, None)
    apart = Comparison(basin(0, 3, 4), basin(0, 1, 2), n=100)
    assert (apart.preferred, apart.crossing) == ("B", None)
    assert apart.delta_lambda == (1, 3)
    touching = Comparison(basin(0, 2, 3), basin(0, 2), n=100)  # may be equal
    assert (touching.preferred, touching.finally_preferred) == (None, None)
    decided_by_loss = Comparison(basin("1/100", 1, 3), basin(0, 2, 9), n=100)  # n/100 + [-8, 1] log n
    assert (decided_by_loss.preferred, decided_by_loss.finally_preferred) == (None, "B")
    n = float(decided_by_loss.crossing)
    assert n / 100 == pytest.approx(8 * math.log(n))


def test_the_same_bracket_twice_is_undecided():
    """Without the pairs, two such networks need not be on the same ones."""
    one = basin_of_entry(closed_forms["modular-addition-generic"].at(p=7, K=8, N=23), Fraction(0))
    assert Comparison(one, one, n=100).preferred is None


def test_different_data_are_refused():
    entry = closed_forms["modular-addition-generic"]
    some = basin_of_entry(entry.at(p=5, K=2, pairs=[[0, 0], [0, 1]]), Fraction(0))
    same = basin_of_entry(entry.at(p=5, K=3, pairs=[[0, 1], [0, 0]]), Fraction(0))
    assert Comparison(some, same, n=10).preferred is not None
    for sizes in ({"pairs": [[0, 0], [0, 2]]}, {"p": 7}, {}, {"pairs": [[0, 0], [0, 1]], "centred": False}):
        other = basin_of_entry(entry.at(**({"p": 5, "K": 2} | sizes)), Fraction(0))
        with pytest.raises(InvalidInput, match="differ in"):
            Comparison(some, other, n=10)
    free = basin_of_entry(closed_forms["quadratic-generic"].at(d=4, p=3, K=5), Fraction(0))
    assert Comparison(free, some, n=10).preferred == "B"


def run(capsys, *arguments):
    code = main(["compare", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_json_has_the_keys_of_the_contract(capsys):
    code, out, _ = run(capsys, "quadratic-generic:d=4,p=3,K=5", "quadratic-generic:d=4,p=3,K=4,loss=1e-3", "n=1e4",
                       "--json")
    answer = json.loads(out)
    assert code == 0
    assert {"a", "b", "n", "gap", "delta_loss", "delta_lambda", "delta_multiplicity", "preferred", "crossing",
            "ignored"} <= answer.keys()
    assert {"name", "sizes", "loss", "lambda", "multiplicity", "lower", "upper", "evidence"} == answer["a"].keys()
    assert (answer["n"], answer["delta_loss"], answer["delta_lambda"], answer["delta_multiplicity"]) == (
        10000, "-1/1000", "5/2", 0)
    assert (answer["preferred"], answer["finally_preferred"]) == ("B", "A")
    assert answer["gap"] == pytest.approx(-10 + 2.5 * math.log(10000))
    assert answer["crossing"] / 1000 == pytest.approx(2.5 * math.log(answer["crossing"]))


def test_json_of_brackets(capsys):
    sizes = "modular-addition-generic:p=7,K=8,N=23"
    answer = json.loads(run(capsys, sizes, f"{sizes},loss=1/10", "n=100", "--json")[1])
    assert answer["a"]["lambda"] is None
    assert answer["delta_lambda"] == ["-6", "6"]
    assert answer["gap"] == pytest.approx([-10 - 6 * math.log(100), -10 + 6 * math.log(100)])
    assert (answer["preferred"], answer["finally_preferred"]) == (None, "A")


@pytest.mark.parametrize(("arguments", "words"), [
    (["deep-linear:widths=2-2-2-2,r=0", "quadratic-dead-unit:d=4,p=5", "n=1000"],
     ["1/2 log n - 2 log log n + O(1)", "lambda = 3/2, m = 3"]),
    (["quadratic-generic:d=40,p=30,K=400", "quadratic-ntk:r=4", "n=1000"], ["  (cited; proved: "]),
    (["quadratic-ntk:r=3", "quadratic-ntk:r=3", "n=1000000"], ["0 nats, equal to this order"]),
    (["quadratic-ntk:r=3", "quadratic-ntk:r=4", "n=1000"],
     ["no crossing: the leading terms favour A at every n >= 3", "differ by more than"]),
    (["modular-addition-generic:p=7,K=8,N=23", "modular-addition-generic:p=7,K=8,N=23", "n=100"],
     ["undecided", "for large n: undecided by what is known"]),
    (["modular-addition-generic:p=7,K=8,N=23,loss=0.5", "modular-addition-generic:p=7,K=8,N=23", "n=100"],
     ["1/2 n + [-6, 6] log n", "from n = 45.9238 on: the leading terms favour B, whatever lambda is in its bracket"]),
    (["quadratic-ntk:r=3,loss=-1.25e-9", "quadratic-ntk:r=3", "n=3"], ["-1.25e-9 n + O(1)"]),
])
def test_text(capsys, arguments, words):
    code, out, _ = run(capsys, *arguments)
    assert code == 0
    assert "ignored: " in out
    for word in words:
        assert word in out


@pytest.mark.parametrize(("arguments", "words"), [
    (["nothing:p=3", PAIRS, "n=10"], "nothing: is neither in the catalogue nor a FILE.npz"),
    ([PAIRS, "quadratic-generic:d=4,p=3", "n=10"], "K: is missing"),
    ([PAIRS, "quadratic-generic", "n=10"], "d: is missing"),
    ([PAIRS, "quadratic-generic:d=4,p=3,K=0", "n=10"], "K=0: must be an integer >= 1"),
    ([PAIRS, "quadratic-generic:d=4,p=3,K=1,K=2", "n=10"], "K=2: is given twice"),
    ([PAIRS, "quadratic-generic:d", "n=10"], "d: is not of the form key=value"),
    ([PAIRS, "modular-addition-generic:p=5,K=2,pairs=/nowhere", "n=10"], "pairs=/nowhere: cannot be read"),
    ([PAIRS, "modular-addition-generic:p=5,K=2", "n=10"], "A and B: differ in N"),
    ([PAIRS, f"{PAIRS},loss=x", "n=10"], "loss=x: is not a rational or decimal number"),
    ([PAIRS, f"{PAIRS},loss=1/0", "n=10"], "loss=1/0: is not a rational"),
    ([PAIRS, f"{PAIRS},loss=nan", "n=10"], "loss=nan: is not a rational"),
    ([PAIRS, f"{PAIRS},loss=1e999", "n=10"], "loss=1e999: is not a rational"),
    ([PAIRS, PAIRS, "n=2"], "n=2: must be an integer >= 3"),
    ([PAIRS, PAIRS, "n=abc"], "n=abc: is not an integer"),
    ([PAIRS, PAIRS, "n=-5"], "n=-5: is not an integer"),
    ([PAIRS, PAIRS, "n=2.5"], "n=2.5: is not an integer"),
    ([PAIRS, PAIRS, "n=1e999"], "n=1e999: is not an integer"),
    ([PAIRS, PAIRS, "n=" + 5000 * "9"], "is not an integer"),
    ([PAIRS, PAIRS, "m=10"], "m=10: is not n=N"),
    ([PAIRS, PAIRS], "required"),
    ([PAIRS, "n=10"], "required"),
    ([PAIRS, PAIRS, "n=10", "n=11"], "unrecognized"),
    ([PAIRS, "/nowhere.npz", "n=10"], "/nowhere.npz: cannot be read"),
    ([PAIRS, "modular-addition-generic:p=5,K=2,pairs=/nowhere.npz", "n=10"], "pairs=/nowhere.npz: cannot be read"),
    ([PAIRS, "quadratic-genric:d=4", "n=10"], "neither in the catalogue nor a FILE.npz; try quadratic-generic\n"),
    ([PAIRS, "quadratic-ntk:r=4.0", "n=10"], "r=4.0: must be an integer >= 0; try r=4\n"),
    ([PAIRS, "cullen-2026-cor-5.3:p=5,K=12", "n=10"], "is a claim, not a basin; try the entry that decides it, "
     "quadratic-lazy:p=5,K=12,l=24\n"),
    ([PAIRS, "cullen-2026-cor-5.4:p=5", "n=10"], "K: is missing"),
])
def test_bad_input_is_one_line_and_exit_2(capsys, arguments, words):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_sizes_are_those_of_slt_at(capsys, tmp_path):
    """Lists, flags, and files of pairs whose names hold commas."""
    named = tmp_path / "twenty, of=25.json"
    named.write_bytes((ROOT / "tests" / "data" / "pairs_5_20.json").read_bytes())
    for sizes, value in ((["deep-linear", "widths=2-3-2", "r=1"], "2"),
                         (["modular-addition-fourier", "p=5", "centred=false"], "105/2"),
                         (["quadratic-coinciding-units", "d=3", "p=2", "active=2", "rank=1", "cancel=true"], "2"),
                         (["modular-addition-generic", "p=5", "K=9", f"pairs={named}"], "95/2")):
        name, *rest = sizes
        code, out, _ = run(capsys, f"{name}:{','.join(rest)},loss=1/3", "quadratic-ntk:r=3", "n=10", "--json")
        found = json.loads(out)["a"]
        assert (code, found["lambda"], found["loss"]) == (0, value, "1/3")
        assert main(["at", *sizes, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["asked"]["sizes"] == found["sizes"]


def test_a_comparison_prints_in_a_line():
    ntk = basin_of_entry(closed_forms["quadratic-ntk"].at(r=3), Fraction(1, 2))
    assert str(ntk) == "quadratic-ntk at r=3: loss 1/2, lambda = 3/2, m = 1 (proved)"
    assert str(Comparison(ntk, ntk, n=10)) == f"A: quadratic-ntk, B: quadratic-ntk, n = 10: {EQUAL}"
    assert str(Comparison(basin(1), basin(), n=10)).endswith("the leading terms favour B")


def test_only_files_need_the_numerics_extra():
    blocked = ("import sys; sys.modules['torch'] = None; from slt_symbolic.commands.main import main; "
               "sys.exit(main(['compare', 'quadratic-ntk:r=3', sys.argv[1], 'n=10']))")
    for argument, code, words in (("quadratic-ntk:r=4", 0, ""), ("a.npz", 2, "pip install 'slt-symbolic[numerics]'")):
        done = subprocess.run([sys.executable, "-c", blocked, argument], capture_output=True, text=True, check=False)
        assert done.returncode == code
        assert words in done.stderr
        assert done.stderr.count("\n") == (code > 0)


@pytest.mark.parametrize(("text", "n"), [("1000", 1000), ("1e6", 10**6), ("2.5e3", 2500), ("1e+2", 100), ("3", 3)])
def test_forms_of_n(capsys, text, n):
    assert json.loads(run(capsys, PAIRS, PAIRS, f"n={text}", "--json")[1])["n"] == n


def test_of_equal_coefficients_the_bounded_terms_decide(capsys):
    assert main(["compare", "quadratic-ntk:r=3", "quadratic-ntk:r=3", "n=1000"]) == 0
    out = capsys.readouterr().out
    assert "the bounded terms alone order the two" in out
    assert "favour" not in out.split("ignored")[0]


def windows(loss=0, a=(0.0, 0.1), b=(0.0, 0.1), at_n=((1.0, 0.1), (3.0, 0.1))):
    (a_n, a_error), (b_n, b_error) = at_n
    return Comparison(basin(loss), basin(), n=100).with_windows(
        WindowFreeEnergy(20.0, a[0] - 1, *a, a_n, a_error, 50.0, 40.0),
        WindowFreeEnergy(20.0, b[0], *b, b_n, b_error, 50.0, 30.0))


def test_what_was_sampled_within_windows_orders_equal_leading_terms():
    found = windows(a=(5.0, 0.3), b=(2.0, 0.4))
    assert found.windows.bounded == pytest.approx((3, 0.5))
    assert found.windows.at_n == pytest.approx((-2, math.hypot(0.1, 0.1)))
    assert (found.preferred, found.windows.preferred) == (EQUAL, "A")
    assert (found.windows.a.fibre, found.windows.b.fibre) == (1, 0)
    assert windows("1/10").windows.at_n[0] == pytest.approx(10 - 2)  # n times the difference of the losses
    assert windows("1/10").windows.preferred == "B"
    assert windows(at_n=((1.0, 1.0), (3.0, 1.0))).windows.preferred is None  # within errors
    assert found.to_json()["windows"] == {"gamma": 20.0, "bounded": 3.0, "bounded_error": pytest.approx(0.5),
                                          "shape": 2.0, "at_n": -2.0, "at_n_error": pytest.approx(0.1414, rel=1e-3),
                                          "preferred": "A", "settled": 40.0}


def test_text_of_windows():
    text = comparison_text(windows(a=(5.0, 0.3), b=(2.0, 0.4)))
    assert "in windows N(w, 1/20) around both points F_A - F_B has the bounded term 3 ± 0.5 nats" in text
    assert "from n = 4e+01 on there is little else" in text
    assert "at n = 100 itself, sampled there: -2 ± 0.14 nats, favours A" in text
    assert "ignored: what a prior adds that is not nearly constant over the windows" in text
    assert "the errors leave open which" in comparison_text(windows(at_n=((1.0, 1.0), (3.0, 1.0))))


@pytest.mark.parametrize(("gamma", "words"), [("10", "--gamma 10: is the width of windows around two networks"),
                                              ("x", "--gamma: invalid float value")])
def test_windows_are_around_two_networks(capsys, gamma, words):
    code, out, err = run(capsys, PAIRS, PAIRS, "n=10", "--gamma", gamma)
    assert (code, out) == (2, "")
    assert words in err
