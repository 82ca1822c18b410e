"""The catalogue as Python users meet it: look-ups, completion, signatures, what is printed, pickles and hashes."""

import copy
import dataclasses
import inspect
import pickle
import pydoc
from functools import cache

import pytest
from latex2mathml.converter import convert

from slt_symbolic import Contradiction, InvalidInput, claim, closed_form, closed_forms, rlct
from slt_symbolic.closed_forms import Claim, ClosedForm, UnknownEntry

ASKED = {
    "quadratic-generic": {"d": 4, "p": 3, "K": 5},
    "deep-linear": {"widths": "2-3-2", "r": 1},
    "modular-addition-generic": {"p": 5, "K": 2, "pairs": [[0, 0], [0, 1], [1, 1], [2, 4]]},
    "modular-addition-fourier": {"p": 5, "units": 12},
    "cullen-2026-cor-5.4": {"p": 5, "K": 3},
}


@cache
def answer_of(name):
    return closed_forms[name].at(**ASKED[name])


@pytest.mark.parametrize("error", [KeyError, InvalidInput, UnknownEntry])
def test_a_name_that_is_nearly_right(error):
    with pytest.raises(error) as found:
        closed_forms["quadratic-genric"]
    assert str(found.value) == "quadratic-genric: is not in the catalogue; try quadratic-generic"
    assert found.value.remedy == "quadratic-generic"


def test_a_name_like_no_other_is_answered_in_one_short_line():
    with pytest.raises(KeyError) as found:
        closed_forms["zzz"]
    assert str(found.value) == "zzz: is not in the catalogue; try a name that slt list prints"


def test_it_is_a_mapping():
    assert "quadratic-generic" in closed_forms
    assert "quadratic-genric" not in closed_forms
    assert closed_forms.get("quadratic-genric") is None
    assert list(closed_forms) == [entry.name for entry in closed_forms.values()]
    assert len(closed_forms) == len(closed_forms.items())
    assert closed_forms._ipython_key_completions_() == list(closed_forms)
    assert [name for name in dir(closed_forms) if not name.startswith("_")] == ["get", "items", "keys", "values"]


@pytest.mark.parametrize("key", [3, None, ("a",)])
def test_a_key_that_is_no_text_is_a_key_error(key):
    with pytest.raises(KeyError):
        closed_forms[key]


def test_help_says_how_to_look_up():
    words = pydoc.plain(pydoc.render_doc(closed_forms))
    assert 'closed_forms["quadratic-generic"].at(d=4, p=3, K=5)' in words
    assert "KeyError" in words


def test_typed_look_ups():
    assert closed_form("quadratic-ntk") is closed_forms["quadratic-ntk"]
    assert claim("cullen-2026-thm-5.1") is closed_forms["cullen-2026-thm-5.1"]
    with pytest.raises(InvalidInput, match=r'is a claim, not a closed form; try claim\("cullen-2026-thm-5.1"\)'):
        closed_form("cullen-2026-thm-5.1")
    with pytest.raises(InvalidInput, match=r'is a closed form, not a claim; try closed_form\("quadratic-ntk"\)'):
        claim("quadratic-ntk")
    for look_up in (closed_form, claim):
        with pytest.raises(UnknownEntry, match="try quadratic-generic"):
            look_up("quadratic-genric")


def test_the_signature_of_an_entry():
    assert str(inspect.signature(closed_forms["quadratic-generic"].at)).startswith("(*, d: int, p: int, K: int)")
    found = inspect.signature(closed_forms["modular-addition-generic"].at).parameters
    assert list(found) == ["p", "K", "N", "components", "centred", "pairs"]
    assert (str(found["N"].default), found["centred"].default, found["pairs"].default) == ("p**2", True, ...)
    assert "pairs" not in inspect.signature(closed_forms["modular-addition-labels"].at).parameters
    words = pydoc.plain(pydoc.render_doc(closed_forms["quadratic-generic"].at))
    assert "at(*, d: int, p: int, K: int)" in words
    assert "d: dimension of the input" in words


@pytest.mark.parametrize("entry", closed_forms.values(), ids=lambda entry: entry.name)
def test_every_entry_shows_its_formula(entry):
    required = [x.name for x in entry.parameters if x.default is None]
    assert [x.name for x in inspect.signature(entry.at).parameters.values() if x.default is x.empty] == required
    first, second = str(entry).split("\n")
    assert first.startswith(f"{entry.name} ({entry.kind}): ")
    assert "lambda" in first
    assert all(x.name in second for x in entry.parameters)
    latex = entry._repr_latex_()
    assert latex.count("$") == 2
    assert "merror" not in convert(latex.strip("$"))
    assert latex.strip("$").removeprefix(r"\displaystyle ") in entry._repr_markdown_()
    assert entry.title in entry._repr_markdown_()


@pytest.mark.parametrize(("name", "text"), list(zip(ASKED, [
    "quadratic-generic at d=4 p=3 K=5: lambda = 29/2, m = 1 (certified)",
    "deep-linear at widths=2-3-2 r=1: lambda = 2, m = 1 (proved)",
    "modular-addition-generic at p=5 K=2 N=4 components=6 centred=1 pairs=(4 of them): lambda = 6, m = 1 (proved)",
    "modular-addition-fourier at p=5 units=12 centred=1: 109/2 <= lambda <= 227/4 (certified)",
    "cullen-2026-cor-5.4 at p=5 K=3: lambda = 39/2, m = 1 (refuted), claimed 21",
], strict=True)), ids=list(ASKED))
def test_an_answer_prints_what_people_paste(name, text):
    answer = answer_of(name)
    assert str(answer) == repr(answer) == text
    assert answer._repr_latex_() in answer._repr_markdown_()


def test_a_resolution_prints_what_people_paste():
    found = rlct("x^2 - y^3")
    assert str(found) == "K = sum of squares of x^2 - y^3 at x = 0, y = 0\n  lambda = 5/12, m = 1 (certified)"
    assert found._repr_latex_() == r"$\lambda = \frac{5}{12},\ m = 1$"
    assert found._repr_latex_() in found._repr_markdown_()
    long = rlct([f"x{i}*x{i + 1}" for i in range(60)], timeout=1)
    assert all(len(line) < 250 for line in str(long).split("\n"))


@pytest.mark.parametrize("entry", closed_forms.values(), ids=lambda entry: entry.name)
def test_an_entry_is_pickled_by_its_name(entry):
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(entry, protocol)) is entry
    assert copy.deepcopy(entry) is copy.copy(entry) is entry
    assert len({entry, closed_forms[entry.name]}) == 1


def _no_answer(sizes):
    raise Contradiction("nothing", str(sizes), "is known")


def test_an_entry_that_is_not_in_the_catalogue_is_not_pickled_by_its_name():
    entry = closed_form("quadratic-ntk")
    own = dataclasses.replace(entry, expr=2 * entry.expr, recompute=_no_answer)
    found = pickle.loads(pickle.dumps(own))
    assert (found.name, found.expr, found.recompute) == (own.name, own.expr, _no_answer)
    assert found.at(r=3).lambda_ == 3
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(dataclasses.replace(entry, recompute=lambda sizes: None))


@pytest.mark.parametrize("name", ASKED)
def test_answers_are_pickled_and_hashed(name):
    answer = answer_of(name)
    found = pickle.loads(pickle.dumps(answer))
    assert found == answer
    assert hash(found) == hash(answer)
    assert len({answer, found, *map(answer_of, ASKED)}) == len(ASKED)
    assert dict(found.sizes) == answer.sizes
    with pytest.raises(TypeError):
        answer.sizes["p"] = 7


def test_equal_sizes_in_another_order_have_the_same_hash():
    one, other = (closed_forms["quadratic-ntk"].at(r=3) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != closed_forms["quadratic-ntk"].at(r=4)


def test_a_resolution_is_pickled():
    found = rlct("x^2 - y^3")
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert again.certificate == found.certificate


def test_the_kinds():
    kinds = {ClosedForm: "closed form", Claim: "claim"}
    assert all(kinds[type(entry)] == entry.kind for entry in closed_forms.values())
