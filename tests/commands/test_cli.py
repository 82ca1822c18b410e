"""The command line: the contract, exit codes, one-line errors."""

import json
import re
import subprocess
import sys

import pytest

from slt_symbolic import rlct
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.main import main
from slt_symbolic.rendering.layout import in_words, plain


def run(capsys, *arguments):
    code = main(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_at_json_has_the_keys_of_the_contract(capsys):
    code, out, _ = run(capsys, "at", "quadratic-generic", "d=4", "p=3", "K=5", "--json")
    answer = json.loads(out)
    assert code == 0
    assert {"name", "lambda", "multiplicity", "lower", "upper", "evidence"} <= answer.keys()
    assert {"grade", "how", "sources"} == answer["evidence"].keys()
    assert (answer["lambda"], answer["multiplicity"]) == ("29/2", 1)


def test_at_reads_pairs_from_a_file(capsys, tmp_path):
    path = tmp_path / "pairs.json"
    path.write_text("[[0, 0], [0, 1], [1, 0], [2, 2]]")
    sizes = ("p=3", "K=2", f"pairs={path}", "centred=false")
    code, out, _ = run(capsys, "at", "modular-addition-generic", *sizes, "--json")
    assert code == 0
    assert json.loads(out)["lambda"] == "5"  # 3 x 4 matrices of rank 2 have dimension 2 (3 + 4 - 2) = 10


def test_a_bracket_has_no_lambda(capsys):
    code, out, _ = run(capsys, "at", "modular-addition-generic", "p=7", "K=8", "N=23", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["lambda"] is None
    assert (answer["lower"], answer["upper"]) == ("70", "76")


@pytest.mark.parametrize("name", closed_forms)
@pytest.mark.parametrize("style", ["text", "latex", "bibtex", "markdown", "json"])
def test_show_every_entry_in_every_format(capsys, name, style):
    code, out, _ = run(capsys, "show", name, "--format", style)
    assert code == 0
    assert name in out
    entry = closed_forms[name]
    sources = {*entry.sources, *getattr(getattr(entry, "evidence", None), "sources", ())}
    assert all(source.key in out and (style == "json" or source.year is None or str(source.year) in out)
               for source in sources)
    if style == "bibtex":
        assert out.count("@") == 1 + len(sources)
        return
    assert all(max(re.findall("[a-z]+", parameter.meaning), key=len) in out for parameter in entry.parameters)
    if style == "text":
        assert all(f"condition: {in_words(condition.holds, plain)}\n" in out for condition in entry.conditions)
        assert "Piecewise" not in out
        assert all(line in out for line in (*getattr(entry, "assumptions", ()), getattr(entry, "statement", "")))
    if style == "json":
        assert json.loads(out)["name"] == name


def test_list(capsys):
    assert all(name in run(capsys, "list")[1] for name in closed_forms)
    rows = json.loads(run(capsys, "list", "--json")[1])
    assert [row["name"] for row in rows] == list(closed_forms)


@pytest.mark.parametrize(("arguments", "words"), [
    (["at", "quadratic-generic", "d=4", "p=3", "K=0"], "K=0: must be an integer >= 1"),
    (["at", "quadratic-generic", "d=4", "p=3", "K=2.5"], "K=2.5: must be an integer"),
    (["at", "quadratic-generic", "d=4", "p=3", "K=2.5"], "try K=1\n"),
    (["at", "quadratic-generic", "d=4.0", "p=3", "K=2"], "d=4.0: must be an integer >= 1; try d=4\n"),
    (["at", "quadratic-generic", "d=4/1", "p=3", "K=2"], "d=4/1: must be an integer >= 1; try d=4\n"),
    (["at", "quadratic-generic", "d=0.0", "p=3", "K=2"], "d=0.0: must be an integer >= 1; try d=1\n"),
    (["at", "quadratic-generic", "d=" + 5000 * "9" + ".0", "p=3", "K=2"], "try d=1\n"),
    (["at", "deep-linear", "widths=2.0-3-2", "r=0"], "must be at least 3 integers >= 1; try widths=2-3-2\n"),
    (["at", "quadratic-generic", "d=4", "p=3", "K=nan"], "K=nan: must be an integer"),
    (["at", "quadratic-generic", "d=4", "p=3", "K"], "K: is not of the form key=value"),
    (["at", "quadratic-generic", "d=4", "p=3", "K=1", "K=2"], "K=2: is given twice"),
    (["at", "quadratic-generics", "d=4"], "quadratic-generics: is not in the catalogue"),
    (["at", "modular-addition-generic", "p=3", "K=1", "pairs=/nowhere"], "pairs=/nowhere: cannot be read"),
    (["show", "nothing"], "nothing: is not in the catalogue"),
    (["show", "quadratic-ntk", "--format", "word"], "invalid choice"),
    (["verify", "nothing"], "nothing: is not in the catalogue"),
    (["verify", "--level", "huge"], "invalid choice"),
    (["at", "quadratic-generic", "self=3"], "self: is not a parameter"),
    (["at", "quadratic-generic", "d=4\n5", "p=3", "K=2"], "must be an integer"),
    (["at", "quadratic-generic", "d=" + 5000 * "9", "p=3", "K=2"], "must be an integer"),
    (["at", "quadratic-generic", "d=" + 50 * "9", "p=3", "K=2"], "must be at most"),
    (["at", "quadratic-generic", "d=1_0", "p=3", "K=2"], "d=1_0: must be an integer"),
    (["at", "two\nlines"], "is not in the catalogue"),
    (["at", "modular-addition-generic", "p=3", "K=1", "pairs=/dev/zero"], "is no regular file"),
    (["at", "deep-linear", "widths=2-2", "r=0"], "widths=2-2: must be at least 3 integers >= 1"),
    (["at", "deep-linear", "widths=2", "r=0"], "widths=2: must be at least 3 integers >= 1"),
    (["at", "deep-linear", "widths=true", "r=0"], "must be at least 3 integers >= 1"),
    (["at", "deep-linear", "widths=2-2-" + 5000 * "9", "r=0"], "must be at least 3 integers >= 1"),
    (["at", "deep-linear", "widths=2-2-2", "r=3"], "widths=2-2-2 r=3: the truth has more rank"),
    (["list", "--jso"], "unrecognized"),
    (["frobnicate"], "is no command"),
])
def test_bad_input_is_one_line_and_exit_2(capsys, arguments, words):
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert out == ""
    assert words in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("text", [
    "not json", '{"a": 1}', "[[0, 9]]", "[[0, " + 5000 * "9" + "]]", "[[0, 0.5], [1, 1]]", "\udcff", "", "null",
    "[[[]]]", "[[NaN, 0], [0, 0]]",
], ids=lambda text: text[:8])
def test_bad_pair_files_are_exit_2(capsys, tmp_path, text):
    path = tmp_path / "pairs.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    code, _, err = run(capsys, "at", "modular-addition-generic", "p=3", "K=1", f"pairs={path}")
    assert code == 2
    assert err.startswith("error: pairs")


def test_huge_sizes_are_answered_at_once(capsys):
    assert run(capsys, "at", "quadratic-generic", "d=100000", "p=100000000", "K=200000000")[0] == 0
    assert run(capsys, "at", "modular-addition-generic", f"p={10**15}", "K=5")[0] == 0


def test_few_pairs_of_a_huge_modulus(capsys, tmp_path):
    (tmp_path / "pairs.json").write_text("[[0, 0], [0, 1], [5, 5]]")
    sizes = (f"p={10**12}", "K=2", f"pairs={tmp_path / 'pairs.json'}")
    assert run(capsys, "at", "modular-addition-generic", *sizes)[0] == 0


@pytest.mark.parametrize("command", ["list > /dev/full", "show quadratic-generic | true"])
def test_output_that_cannot_be_written_is_no_traceback(command):
    done = subprocess.run(["bash", "-c", f"{sys.executable} -m slt_symbolic {command}"], capture_output=True, text=True,
                          check=False)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_a_terminal_without_unicode():
    done = subprocess.run([sys.executable, "-m", "slt_symbolic", "show", "quadratic-generic"], capture_output=True,
                          text=True, check=False, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "(w_j?x)^2" in done.stdout


def test_verify_into_a_file_is_refused_at_once(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = run(capsys, "verify", "--out", str(tmp_path / "file"))
    assert code == 2
    assert "cannot be a folder" in err


def test_a_working_folder_that_is_gone_is_told(capsys, tmp_path, monkeypatch):
    """Some libraries end the process, others name no file."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for line in (["at", "quadratic-generic", "d=2", "p=1", "K=1"], ["test", "formula.py"]):
        assert main(line) == 2
        assert capsys.readouterr().err == "error: the working folder: is gone; try cd to one that is there\n"


def test_verify_without_the_numerics_extra_names_the_remedy(tmp_path):
    blocked = ("import sys; sys.modules['torch'] = None; "
               "from slt_symbolic.commands.main import main; sys.exit(main(['verify']))")
    done = subprocess.run([sys.executable, "-c", blocked], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "torch is not installed" in done.stderr
    assert "pip install 'slt-symbolic[numerics]'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_import_needs_neither_torch_nor_numerics():
    code = ("import sys; import slt_symbolic; "
            "loaded = {'torch', 'numerics', 'derivations', 'scipy', 'matplotlib'} & set(sys.modules); "
            "sys.exit(repr(loaded) if loaded else 0)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_rlct_json_has_the_keys_of_the_contract(capsys):
    code, out, _ = run(capsys, "rlct", "x^2 - y^3", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer.keys() == {"status", "lambda", "multiplicity", "lower", "upper", "seconds", "asked", "schema"}
    assert answer["asked"] == {"variables": ["x", "y"], "generators": ["x^2 - y^3"], "at": {"x": "0", "y": "0"},
                               "function": False}
    assert (answer["status"], answer["lambda"], answer["multiplicity"]) == ("exact", "5/12", 1)


def test_an_undecided_germ_is_a_bracket_and_exits_0(capsys):
    code, out, _ = run(capsys, "rlct", "a*e+b*g", "a*f+b*h", "c*e+d*g", "c*f+d*h", "--timeout", "1e-9", "--json")
    answer = json.loads(out)
    assert code == 0
    assert (answer["status"], answer["lambda"], answer["multiplicity"]) == ("bounds", None, None)


@pytest.mark.parametrize("arguments", [
    ["-x^2 + y^3"], ["- x^2 + y^3"], ["-2*x^2", "--vars", "x,y"], ["(y-1)^2 - x**3", "--at", "y=1"],
    ["x^2/3 - 1/2*y^3", "--at", "x=0,y=0"]])
def test_forms_of_polynomials(capsys, arguments):
    assert run(capsys, "rlct", *arguments)[0] == 0


@pytest.mark.parametrize(("arguments", "message"), [
    (["0"], "no variables"), (["x - x"], "zero ideal"), (["x + 1"], "does not vanish"), (["1e5*x"], "no polynomial"),
    (["x", "--at", "x=0e0"], "not a rational"), (["x", "--at", "x"], "name=value"), (["x", "--at", "y=0"], "names no"),
    (["x", "--timeout", "0"], "positive"), (["x", "--timeout", "nan"], "positive"), (["x", "y", "--function"], "one"),
    (["x^2 - y^2", "--function"], "negative"), (["x^3", "--function"], "negative"), (["f(x)"], "no polynomial"),
    (["x*y", "--vars", "x"], "unknown variable"), (["x", "--certificate", "/no/such/dir/c"], "cannot be written"),
    (["x", "--pictures", "/dev/null/x"], "cannot")])
def test_bad_input_to_rlct_is_one_line(capsys, arguments, message):
    code, out, err = run(capsys, "rlct", *arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1


def test_check_accepts_what_rlct_writes_and_nothing_else(capsys, tmp_path):
    path = tmp_path / "certificate.json"
    assert run(capsys, "rlct", "x^2 - y^3", "x*y", "--certificate", str(path))[0] == 0
    code, out, _ = run(capsys, "check", str(path))
    assert code == 0
    assert "-y^3 + x^2, x*y at x = 0, y = 0" in out
    assert "lambda = 1/2, m = 2" in out  # monomials x^2, x y, y^3: x y is a vertex
    forged = json.loads(path.read_text())
    forged["germ"]["generators"][1] = "x*y^2"
    path.write_text(json.dumps(forged))
    code, out, err = run(capsys, "check", str(path))
    assert (code, out) == (1, "")
    assert err.startswith("refused: root, step")
    path.write_text("[")
    assert run(capsys, "check", str(path))[0] == 2
    assert run(capsys, "check", str(tmp_path / "none"))[0] == 2
    path.write_text('[' * 100_000)
    assert run(capsys, "check", str(path)) == (3, "", "over budget: the data are nested too deeply\n")
    path.write_text('{"a": ' + "9" * 100_000 + "}")
    assert run(capsys, "check", str(path)) == (3, "", "over budget: a number of more than 1000 digits\n")
    assert "is no regular file" in run(capsys, "check", str(tmp_path))[2]
    path.write_text("[1]")
    assert run(capsys, "check", str(path))[0] == 1


def test_explanation_and_pictures(capsys, tmp_path):
    code, out, err = run(capsys, "rlct", "(y^2-x^3)^3+x^10", "--explain", "--pictures", str(tmp_path / "new"))
    assert code == 0
    for word in ("exceptional y = 0", "chart 1 of 1: y = y^3, x = y^2*x", "order 18", "Jacobian order 4"):
        assert word in out
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["newton-polyhedron.svg", "tree.svg"]
    assert "wrote" in err


def test_the_bare_command_prints_help_and_a_version(capsys):
    code, out, _ = run(capsys)
    assert code == 0
    assert out.startswith("usage: slt")
    code, out, _ = run(capsys, "--version")
    assert code == 0
    assert out.startswith("slt-symbolic ")


def test_options_stand_anywhere(capsys):
    sizes = ["d=4", "p=3", "K=5"]
    answers = [run(capsys, "at", *arguments)[1] for arguments in (
        ["--json", "quadratic-generic", *sizes], ["quadratic-generic", "--json", *sizes],
        ["quadratic-generic", "d=4", "--json", "p=3", "K=5"], ["quadratic-generic", *sizes, "--json"])]
    assert len(set(answers)) == 1
    assert json.loads(answers[0])["asked"] == {"name": "quadratic-generic", "sizes": {"d": 4, "p": 3, "K": 5}}
    assert json.loads(answers[0])["schema"] == 1


@pytest.mark.parametrize("name", ["at", "check", "compare", "completion", "diagnose", "export", "grok", "list", "llc",
                                  "rlct", "show", "sweep", "verify"])
def test_every_command_has_help_with_examples(capsys, name):
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert f"slt {name}" in out.partition("examples:")[2]
    assert name in run(capsys)[1]


def test_a_closed_pipe_is_silent():
    piped = f"{sys.executable} -m slt_symbolic list | head -1"
    done = subprocess.run(piped, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_a_name_that_is_nearly_right(capsys):
    assert run(capsys, "at", "quadratic-genric", "d=4")[2].endswith("try quadratic-generic\n")


def test_a_certificate_may_prove_one_side_alone(capsys, tmp_path):
    certificate = json.loads(json.dumps(rlct(["x + y^2", "y^3"]).certificate))
    bounds = [["1/2", 1], None]
    certificate["bracket"] = certificate["tree"]["bracket"] = bounds
    certificate["tree"] |= {"step": "rank", "data": {"fields": []}, "children": []}
    path = tmp_path / "one-sided.json"
    path.write_text(json.dumps(certificate))
    code, out, _ = run(capsys, "check", str(path))
    assert (code, out.splitlines()[1]) == (0, "  lambda >= 1/2")


def test_a_polyhedron_is_drawn_for_two_variables_alone(tmp_path, capsys):
    run(capsys, "rlct", "y^2-x^3", "--pictures", str(tmp_path / "two"))
    run(capsys, "rlct", "x*y*z", "--pictures", str(tmp_path / "three"))
    assert "lambda at most 1/(2t) = 5/12" in (tmp_path / "two" / "newton-polyhedron.svg").read_text()
    assert [path.name for path in (tmp_path / "three").iterdir()] == ["tree.svg"]
