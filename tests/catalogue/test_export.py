"""The export can be used without this package: by its JSON alone, by LaTeX, by `slt check`."""

import copy
import dataclasses
import functools
import json
import math
import operator
import re
import subprocess
import sys
from fractions import Fraction

import jsonschema
import pytest
import sympy
from latex2mathml.converter import convert

from slt_symbolic import Contradiction, closed_forms
from slt_symbolic.commands.main import main
from slt_symbolic.rendering.export import SCHEMA, export
from slt_symbolic.rendering.mathjson import mathjson
from slt_symbolic.storage.locks import LOCK

VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


LONG = {"quadratic-zero-truth", "quadratic-padded", "quadratic-single-output", "quadratic-coinciding-units",
        "reduced-rank-regression", "reduced-rank-regression-local", "deep-linear",
        "deep-linear-local", "one-head-attention", "tanh-zero-truth", "factor-analysis", "naive-bayes",
        "normal-mixture", "poisson-mixture", "stochastic-factorisation", "restricted-boltzmann", "hidden-markov",
        "cp-tensor", "nonnegative-factorisation", "vandermonde", "modular-addition-fourier-softmax"}
FEW = tuple(name for name in closed_forms if name not in LONG)


@pytest.fixture(scope="module", params=[pytest.param(FEW, id="few"),
                                        pytest.param(tuple(closed_forms), id="all", marks=pytest.mark.long)])
def names(request):
    """The entries that are exported."""
    return request.param


@pytest.fixture(scope="module")
def folder(names, tmp_path_factory):
    out = tmp_path_factory.mktemp("export")
    export([closed_forms[name] for name in names], out)
    return out


@pytest.fixture(scope="module")
def catalogue(folder):
    return json.loads((folder / "catalogue.json").read_text())


def evaluate(formula, symbols):
    """As the schema describes it, with the standard library alone."""
    if isinstance(formula, int):
        return Fraction(formula)
    if isinstance(formula, str):
        return {"True": True, "False": False}[formula] if formula in ("True", "False") else Fraction(symbols[formula])
    if formula[0] == "Which":
        cases = zip(formula[1::2], formula[2::2], strict=True)
        return next(evaluate(value, symbols) for condition, value in cases if evaluate(condition, symbols))
    operators = {
        "Add": lambda *x: sum(x), "Multiply": lambda *x: math.prod(x), "Power": operator.pow, "Rational": Fraction,
        "Min": min, "Max": max, "Mod": operator.mod, "Floor": math.floor, "Ceil": math.ceil,
        "And": lambda *x: all(x), "Or": lambda *x: any(x), "Not": operator.not_,
        "Equal": operator.eq, "NotEqual": operator.ne, "Less": operator.lt, "LessEqual": operator.le,
        "Greater": operator.gt, "GreaterEqual": operator.ge}
    if formula[0] == "Rational":
        return Fraction(formula[1], formula[2])
    return operators[formula[0]](*(evaluate(part, symbols) for part in formula[1:]))


def _disagreements(entry):
    """Instances where the formulas, evaluated, are not what the instance says."""
    found, formulas = [], entry["mathjson"]
    for instance in entry["instances"]:
        symbols, answer = instance["symbols"], instance["answer"]
        value = functools.partial(evaluate, symbols=symbols)
        agree = all(value(condition) for condition in formulas["conditions"])
        if entry["kind"] == "claim":
            claimed = [str(value(formulas[end])) for end in ("lower", "upper")]
            agree &= answer["claimed"] == (claimed[0] if claimed[0] == claimed[1] else " <= lambda <= ".join(claimed))
        else:
            pair = value(formulas["lambda"]), value(formulas["multiplicity"])
            exact = instance["recomputed"]
            agree &= pair == (Fraction(exact["lower"]), exact["multiplicity"]) and exact["lower"] == exact["upper"]
            agree &= answer["lambda"] in (None, str(pair[0]))
        if not agree:
            found.append(instance["sizes"])
    return found


def test_the_catalogue_is_complete_and_valid(names, catalogue):
    VALIDATOR.validate(catalogue)
    assert [entry["name"] for entry in catalogue["entries"]] == list(names)


def test_the_formulas_can_be_evaluated_without_the_package(catalogue):
    for entry in catalogue["entries"]:
        assert _disagreements(entry) == [], entry["name"]


def test_an_edited_formula_disagrees(catalogue):
    edited = copy.deepcopy(next(entry for entry in catalogue["entries"] if entry["name"] == "quadratic-ntk"))
    edited["mathjson"]["lambda"] = ["Multiply", ["Rational", 1, 3], "r"]
    assert len(_disagreements(edited)) == len(edited["instances"]) - 1  # at r = 0 it is the same


def test_sympy_strings_say_the_same(catalogue):
    for entry in catalogue["entries"]:
        names = {name: sympy.Symbol(name) for name in entry["instances"][0]["symbols"]}
        for formula in {"lambda", "multiplicity", "lower", "upper"} & entry.keys():
            parsed = sympy.sympify(entry[formula], locals=names)
            for instance in entry["instances"]:
                expected = evaluate(entry["mathjson"][formula], instance["symbols"])
                assert parsed.subs(instance["symbols"]) == sympy.Rational(expected), (entry["name"], formula)


@pytest.mark.parametrize("edit", [
    lambda data: data["entries"][0].pop("sources"),
    lambda data: data["entries"][0].update(kind="claim"),
    lambda data: data["entries"][0].update({"lambda": 1.5}),
    lambda data: data["entries"][0]["mathjson"].update({"lambda": ["Sin", "x"]}),
    lambda data: data["entries"][0]["instances"][0]["answer"].update(lower="0.5"),
    lambda data: data["entries"][0].update(extra=1),
])
def test_the_schema_refuses(catalogue, edit):
    broken = {"format": catalogue["format"], "entries": copy.deepcopy(catalogue["entries"][:1])}
    assert VALIDATOR.is_valid(broken)
    edit(broken)
    assert not VALIDATOR.is_valid(broken)


def test_evidence_by_rank_names_prime_and_seed(catalogue):
    entry = next(entry for entry in catalogue["entries"] if entry["name"] == "quadratic-generic")
    for instance in entry["instances"]:
        assert re.search(r"rank \d+ modulo \d+ \(seed \d+", instance["recomputed"]["how"])


def test_certificates_are_listed_and_accepted(names, folder, catalogue, capsys):
    listed = {}
    for entry in catalogue["entries"]:
        for instance in entry["instances"]:
            by_engine = "certificate of the engine" in instance["recomputed"]["how"]
            assert instance["certificate"] is not None or not by_engine
            if instance["certificate"] is not None:
                listed[folder / instance["certificate"]["file"]] = instance
    assert set(listed) == set((folder / "certificates").glob("*.json"))
    recheck = folder / "certificates" / "recheck.py"
    done = subprocess.run([sys.executable, "-I", "-S", recheck, *listed], capture_output=True, text=True, check=True)
    assert done.stdout.count("(lambda, m)") == len(listed)
    assert len(listed) > (5 if names == FEW else 40)
    for path, instance in list(listed.items())[::10]:
        assert main(["check", str(path)]) == 0
        assert capsys.readouterr().out.strip() == instance["certificate"]["statement"]
        assert f"lambda = {instance['answer']['lambda']}, m = " in instance["certificate"]["statement"]


def _problems(latex):
    """What TeX would stop at: groups, environments, formulas, characters of prose that are not escaped."""
    bare = re.sub(r"\\[{}$\\&%#_]", "", latex)
    problems = []
    if bare.count("{") != bare.count("}"):
        problems.append("groups")
    stack = []
    for kind, name in re.findall(r"\\(begin|end){(\w+)}", latex):
        if kind == "begin":
            stack.append(name)
        elif not stack or stack.pop() != name:
            problems.append(f"environment {name}")
    parts = bare.split("$")
    if len(parts) % 2 == 0 or stack:
        problems.append("formulas or environments")
    prose = re.sub(r"\\(cite|bibliography|texttt|usepackage)(\[.*?\])?{[^}]*}|\\\^{}", "", " ".join(parts[::2]))
    problems += re.findall(r"[_^&#%~<>|]|[^\x00-\x7f]", prose)
    for formula in latex.replace(r"\$", "").split("$")[1::2]:
        if "\\" in convert(formula):
            problems.append(formula)
    return problems


def test_the_document_compiles_in_principle(names, folder):
    text = (folder / "catalogue.tex").read_text()
    assert _problems(text) == []
    assert all(f"\\paragraph{{{name}: " in text for name in names)
    keys = re.findall(r"@\w+{([^,]+),", (folder / "references.bib").read_text())
    assert set(re.findall(r"\\cite{(.*?)}", text)) == set(keys)
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("latex", ["{", "a_1", "50 %", "$x", r"\begin{description}", r"$\nosuch$", "×",
                                   r"\begin{a}\begin{b}\end{a}\end{b}"])
def test_what_does_not_compile_is_noticed(latex):
    assert _problems(latex)


def test_references(folder):
    text = (folder / "references.bib").read_text()
    assert text.count("{") == text.count("}")
    for entry in re.findall(r"@\w+{.*?\n}", text, re.DOTALL):
        assert re.search(r"\n  title = {{.+}},", entry)
        assert re.search(r"\n  author = {.+},", entry)


def test_markdown_has_every_entry_and_source(names, folder):
    text = (folder / "catalogue.md").read_text()
    for name in names:
        assert f"## {name}: " in text
        assert all(f"`{source.key}`" in text for source in closed_forms[name].sources)


def test_an_entry_that_fails_its_audit_is_not_exported(tmp_path):
    entry = closed_forms["quadratic-ntk"]
    with pytest.raises(Contradiction):
        export([dataclasses.replace(entry, expr=entry.expr + 1)], tmp_path)
    assert not (tmp_path / "catalogue.json").exists()


def test_a_function_without_mathjson():
    with pytest.raises(ValueError, match="sin has no MathJSON"):
        mathjson(sympy.sin(sympy.Symbol("x")))


def test_command_line(tmp_path, monkeypatch, capsys):
    small = {name: closed_forms[name] for name in ("quadratic-ntk", "cullen-2026-thm-5.1")}
    monkeypatch.setattr("derivations.commands.closed_forms", small)
    assert main(["export", "--out", str(tmp_path / "out")]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "quadratic-ntk: 4 instances" in captured.err
    found = {path.name for path in (tmp_path / "out").iterdir()}
    assert found == {"catalogue.tex", "catalogue.md", "catalogue.json", "catalogue.schema.json", "references.bib",
                     "certificates", "derivations", "entries", "index.html", "germs.html", "atlas.css", "atlas.js",
                     "GUST-FONT-LICENSE.txt", LOCK}
    assert (tmp_path / "out" / "derivations" / "quadratic-ntk.html").exists()
    assert main(["export", "--out", "/dev/null/x"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
