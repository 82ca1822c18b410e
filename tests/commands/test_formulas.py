"""``slt test``: what it finds, what it says it has tried, and one line for every file that is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from slt_symbolic.commands.main import main
from slt_symbolic.testing import examples

HEAD = "from fractions import Fraction\nfrom slt_symbolic import InvalidInput\n"
POWERS = HEAD + """
sizes = {"a": range(1, 15), "b": range(1, 15)}
def germ(a, b):
    return [f"x^{a}", f"y^{b}"]
def right(a, b):
    return Fraction(1, 2 * a) + Fraction(1, 2 * b), 1
def formula(a, b):
    return Fraction(1, 2 * a) + Fraction(1, 2 * b) + ((a, b) == (11, 13))
"""
FEW = POWERS.replace("15", "3")


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(program, *arguments, name="", file="mine.py"):
        (tmp_path / file).write_text(program)
        code = main(["test", f"{file}{name}", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_the_one_wrong_size_among_hundreds_is_found(run):
    code, out, err = run(POWERS)
    assert (code, err) == (1, "")
    assert out == ("formula: is wrong at a=11 b=13: formula 155/143, truth 12/143\n"
                   "  against engine: 183 of 196 sizes tried: 183 decided exactly\n")


def test_a_formula_of_one_number(run):
    program = HEAD + "sizes = {}\ndef germ():\n    return 'x^2 - y^3'\ndef formula():\n    return Fraction(1, 3)\n"
    code, out, _ = run(program)
    assert (code, out.splitlines()[0]) == (1, "formula: is wrong: formula 1/3, truth 5/12")


def test_another_name_of_the_file(run):
    code, out, _ = run(POWERS, name=":right")
    assert code == 0
    assert out == "right: no counterexample\n  against engine: 196 of 196 sizes tried: 196 decided exactly\n"


def test_json_has_the_keys_of_the_contract(run):
    code, out, _ = run(POWERS, "--json")
    answer = json.loads(out)
    assert code == 1
    assert {"asked", "schema", "against", "tried", "decided", "counterexample"} <= answer.keys()
    assert answer["counterexample"] == {"name": "formula", "sizes": {"a": 11, "b": 13}, "formula": "155/143",
                                        "exact": "12/143"}
    assert (answer["against"], answer["tried"], answer["decided"]) == ("engine", 183, 183)
    assert answer["asked"] == {"file": "mine.py", "name": None, "seconds": 60}
    code, out, _ = run(FEW, "--json", name=":right")
    assert (code, json.loads(out)["counterexample"]) == (0, None)


def test_pairs_and_brackets_in_json(run):
    program = HEAD + ("sizes = {'n': range(2, 4)}\ndef germ(n):\n    return ['*'.join(f'x{i}' for i in range(n))]\n"
                      "def formula(n):\n    return Fraction(1, 2), 1\ndef large(n):\n    return 9\n")
    found = json.loads(run(program, "--json")[1])["counterexample"]
    assert (found["formula"], found["exact"]) == ({"lambda": "1/2", "multiplicity": 1},
                                                  {"lambda": "1/2", "multiplicity": 2})
    found = json.loads(run(program, "--json", "--against", "rank", name=":large")[1])["counterexample"]
    assert found["exact"] == {"lower": "0", "upper": "1/2"}


def test_what_was_only_bracketed_is_said_so(run):
    program = HEAD + "sizes = {'n': range(2, 5)}\ndef germ(n):\n    return [f'x^{n}']\ndef formula(n):\n    return 0\n"
    code, out, _ = run(program, "--against", "rank")
    assert code == 0
    assert out == "formula: nothing was decided\n  against rank: 3 of 3 sizes tried: 3 only bracketed\n"


def test_sizes_outside_the_domain_are_counted(run):
    program = POWERS + ("def domain(a, b):\n    return a < 3\ndef late(a, b):\n    if b > 2:\n"
                        "        raise InvalidInput('b', 'is large', 'b=1')\n    return right(a, b)\n")
    code, out, _ = run(program, name=":late")
    assert code == 0
    assert "4 of 196 sizes tried: 4 decided exactly; 192 outside the domain (a=1 b=3: b: is large)" in out
    code, out, _ = run(program.replace("a < 3", "False"), name=":late")
    assert code == 0
    assert out == ("late: nothing was decided\n"
                   "  against engine: 0 of 196 sizes tried: none decided; 196 outside the domain\n")


@pytest.mark.long
def test_strategies_and_large_grids_are_sampled(run):
    for b in ("st.integers(1, 60)", "range(1, 60)"):
        program = POWERS + ("from hypothesis import strategies as st\n"
                            f"sizes = {{'a': range(1, 60), 'b': {b}}}\n"
                            "def formula(a, b):\n    return right(a, b)[0] + (a > 5)\n")
        code, out, _ = run(program, "--seconds", "10")
        assert code == 1
        assert "formula: is wrong at a=6 b=1" in out
        assert "  against engine: " in out


def test_networks_by_rank_and_by_the_engine(run):
    program = HEAD + """
from slt_symbolic.networks import QuadraticForms, QuadraticNetwork
sizes = {"d": range(1, 3), "p": range(1, 3), "K": range(1, 2)}
def network(d, p, K):
    return QuadraticNetwork(QuadraticForms(d), p, K)
def formula(d, p, K):
    return Fraction(d + p - 1, 2)
def dead(d, p, K):
    return min(Fraction(p, 2), Fraction(d, 4))
"""
    assert "against rank: 4 of 4 sizes tried: 4 decided" in run(program)[1]
    code, _, err = run(program, "--against", "engine")
    assert (code, "defines a network without weights" in err) == (2, True)
    program += "def weights(d, p, K):\n    return [[0] * d] * K, [[0] * p] * K\n"
    assert run(program, "--against", "engine", name=":dead")[0] == 0
    assert run(program, "--against", "engine")[0] == 1


CLOSED = HEAD + """
import sympy
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.closed_forms.parameter import Parameter
from slt_symbolic.evidence import Evidence
from slt_symbolic import rlct
n = sympy.Symbol("n")
def computed(sizes):
    return rlct([f"x^{sizes['n']}"]).threshold
def entry(name, expr):
    return ClosedForm(name, "a power", (Parameter("n", "the exponent"),), (), expr, sympy.Integer(1), (),
                      Evidence("proved", "by hand"), computed, ())
good = entry("good", 1 / (2 * n))
bad = entry("bad", sympy.Piecewise((1, sympy.Eq(n, 3)), (1 / (2 * n), True)))
"""


def test_closed_forms_are_compared_with_their_own_recompute(run):
    code, out, _ = run(CLOSED)
    assert code == 1
    assert out == ("good: no counterexample\n  against recompute: 4 of 4 sizes tried: 4 decided exactly\n"
                   "bad: is wrong at n=3: formula 1, m = 1, truth 1/6, m = 1\n"
                   "  against recompute: 3 of 4 sizes tried: 3 decided exactly\n")
    assert run(CLOSED + "sizes = {'n': range(4, 9)}\n", name=":bad")[0] == 0


def test_a_multiplicity_that_is_no_integer_is_not_rounded(run):
    """Half of n, which is 1 at 2 and 3 if its fraction is dropped; at n = 1 it is 1/2."""
    code, out, err = run(CLOSED.replace("sympy.Integer(1), ()", "n / 2, ()"), name=":good")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "n/2: a multiplicity of 1/2, which is no integer" in err


def test_what_the_program_prints_is_no_answer(run):
    program = "print('hello')\n" + FEW.replace("    return [f", "    print('there')\n    return [f")
    code, out, err = run(program, "--json")
    assert code == 0
    assert json.loads(out)["tried"] == 4
    assert "hello" in err


def test_neighbours_are_found_and_the_path_is_left_as_it_was(run, tmp_path):
    (tmp_path / "neighbour_of_mine.py").write_text("three = 3\n")
    before = list(sys.path)
    assert run("from neighbour_of_mine import three\n" + FEW, name=":right")[0] == 0
    assert sys.path == before


ONE = "def formula(n):\n    return 1\n"
STRATEGIES = "from hypothesis import strategies as st\n"
DEFINED = "sizes = {'n': range(1, 4)}\ndef germ(n):\n    return [f'x^{n}']\n"


@pytest.mark.parametrize(("program", "words"), [
    ("def formula(n:\n", "mine.py:1: it does not run: SyntaxError"),
    ("x = 1\n1 / 0\n", "mine.py:2: it does not run: ZeroDivisionError: division by zero"),
    ("raise SystemExit(0)\n", "mine.py:1: it does not run: SystemExit"),
    ("class Odd(BaseException): pass\nraise Odd(1)\n", "mine.py:2: it does not run: Odd: 1"),
    ("raise GeneratorExit\n", "mine.py:1: it does not run: GeneratorExit"),
    ("import nothing_like_this\n", "mine.py:1: it does not run: ModuleNotFoundError"),
    ("raise ValueError('two\\nlines')\n", "ValueError: two lines"),
    ("class E(Exception):\n    def __str__(self): raise TypeError\nraise E\n", "mine.py:3: it does not run: E;"),
    ("\0", "it does not run"), ("", "defines no formula"), ("(" * 3000, "it does not run"),
    ("def formula(n):\n    return 1\n", "defines no sizes"),
    ("sizes = {'n': range(1, 3)}\ndef formula(n):\n    return 1\n", "neither germ nor network"),
    (DEFINED + "formula = 3\n", "formula: is no function"),
    (DEFINED + "germ = 3\ndef formula(n):\n    return 1\n", "no function"),
    (DEFINED + "sizes = 3\ndef formula(n):\n    return 1\n", "no table of ranges"),
    (DEFINED + "sizes = {'n': range(0)}\ndef formula(n):\n    return 1\n", "is empty"),
    (DEFINED + "def formula(n):\n    return [][n]\n", "mine.py:5: formula at n=1: IndexError"),
    (DEFINED + "def formula(m):\n    return 1\n", "mine.py:4: formula at n=1: TypeError"),
    (DEFINED + "def formula(n):\n    return formula(n)\n", "mine.py:5: formula at n=1: RecursionError"),
    (DEFINED + "def formula(n):\n    raise SystemExit\n", "mine.py:5: formula at n=1: SystemExit"),
    (DEFINED + "def formula(n):\n    return n / 2\n", "is the float 0.5, not exact; try Fraction(a, b)"),
    (DEFINED + "def formula(n):\n    return float('nan')\n", "is the float nan"),
    (DEFINED + "def formula(n):\n    return 1, 2, 3\n", "gives 3 values"),
    (DEFINED + ONE + "def domain(n):\n    return n.x\n", "mine.py:7: domain at n=1: AttributeError"),
    (DEFINED + ONE + "def germ(n):\n    return ['x + 1']\n", "germ at n=1: x + 1: does not vanish"),
    (DEFINED + ONE + "def germ(n):\n    return 3.5\n", "germ at n=1"),
    (DEFINED + STRATEGIES + "sizes = st.integers(1, 2).map(lambda n: 1 / 0)\n" + ONE,
     "mine.py:5: it raises: ZeroDivisionError"),
    (DEFINED + STRATEGIES + "sizes = {'n': st.integers(5, 2)}\n" + ONE, "Hypothesis refuses them"),
])
def test_a_file_that_makes_no_sense_is_one_line_and_exit_2(run, program, words):
    code, out, err = run(program, "--seconds", "20")
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(("argument", "words"), [
    ("nosuch.py", "cannot be read"), (".", "is no regular file"), ("/dev/zero", "is no regular file"),
    ("a\0b", "cannot be read"),
    ("mine.py:nosuch", "mine.py:nosuch: is no function or ClosedForm of this file; try one of germ, right, formula"),
    ("mine.py:sizes", "is no function"), ("mine.py:no-name", "cannot be read"), (":formula", "cannot be read"),
])
def test_a_place_that_is_none(run, capsys, argument, words):
    run(FEW, name=":right")
    code = main(["test", argument])
    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert words in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "1e9", "x"])
def test_a_time_that_is_none(run, seconds):
    code, _, err = run(POWERS, "--seconds", seconds)
    assert (code, err.count("\n")) == (2, 1)
    assert "--seconds" in err


def test_a_program_that_does_not_end(run):
    code, _, err = run("while True:\n    pass\n", "--seconds", "1")
    assert (code, err) == (2, "error: mine.py: does not end within 1 s; try a file that only defines\n")


@pytest.mark.parametrize("loop", ["while True: pass",
                                  "while True:\n        try:\n            1 / 0\n        except: pass"])
def test_a_formula_that_does_not_end(run, loop):
    code, out, err = run(DEFINED + f"def formula(n):\n    if n == 3:\n        return 0\n    {loop}\n", "--seconds", "1")
    assert (code, err) == (0, "")
    assert out == ("formula: nothing was decided\n"
                   "  against engine: 1 of 3 sizes tried: 1 undecided; the time was over at n=1\n")


def test_without_hypothesis_it_is_one_line(tmp_path):
    code = ("import sys; sys.modules['hypothesis'] = None\nfrom slt_symbolic.commands.main import main\n"
            "assert main(['test', '--help']) == 0\nraise SystemExit(main(['test', 'x.py']))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: slt test: needs the testing extra (hypothesis is not installed)")
    assert done.stderr.count("\n") == 1


def test_progress_is_for_terminals(tmp_path):
    """A terminal sees which sizes are tried, and at the end only the answer."""
    (tmp_path / "mine.py").write_text(FEW)
    leader, follower = os.openpty()
    done = subprocess.run([sys.executable, "-m", "slt_symbolic", "test", "mine.py:right"], stderr=follower,
                          stdout=subprocess.PIPE, text=True, cwd=tmp_path, check=False)
    os.close(follower)
    shown = os.read(leader, 65536).decode()
    os.close(leader)
    assert done.stdout.startswith("right: no counterexample\n")
    assert "right: 1: a=1 b=1" in shown
    assert shown.endswith("\r\x1b[K")


def test_the_examples_from_the_command_line(capsys):
    assert main(["test", f"{examples.__path__[0]}/expected_dimension.py"]) == 1
    assert "formula: is wrong at d=4 p=3 K=5: formula 15, truth 29/2" in capsys.readouterr().out


@pytest.mark.slow
def test_against_the_sampler(run):
    pytest.importorskip("torch")
    program = HEAD + ("sizes = {'n': range(1, 3)}\ndef germ(n):\n    return [f'x{i}' for i in range(n)]\n"
                      "def formula(n):\n    return Fraction(n, 2)\ndef wrong(n):\n    return n\n")
    code, out, _ = run(program, "--against", "sampled", "--seconds", "300")
    assert (code, "no counterexample among estimates; nothing was decided exactly" in out) == (0, True)
    assert run(program, "--against", "sampled", "--seconds", "300", name=":wrong")[0] == 1
