"""A germ from a file: the same answer as from the command line, and one line for every file that is none."""

from __future__ import annotations

import json
import os

import pytest

from slt_symbolic.commands.main import main


@pytest.fixture
def asked(capsys, tmp_path):
    def call(content, *arguments):
        path = tmp_path / "germ.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        code = main(["rlct", "--file", str(path), *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.mark.parametrize(("table", "value"), [
    ({"generators": ["x^2", "y^3"]}, "5/12"),
    ({"variables": ["y", "x"], "generators": ["x^2", "y^3"], "at": {"x": 0}}, "5/12"),
    ({"function": "x^4 + y^6"}, "5/12"),
    ({"generators": ["x^4 + y^6"], "function": True}, "5/12"),
    ({"generators": ["x^2 - 2*x + 1", "y^3"], "at": {"x": "1"}, "domain": None, "prior": "", "where": None}, "5/12"),
    ({"generators": ["(x^2-2)^2-y^3"], "at": {"x": "c"}, "where": "c^2=2,0<c<2", "domain": [], "prior": {}}, "5/12"),
    ({"generators": ["x+y"], "domain": [["x", ">=", "0"], ["y", ">=", "0"]]}, "1"),
    ({"generators": ["x+y"], "domain": "0<=x<=1, y>=0", "prior": {"x": "-1/2", "y": "-1/2"}}, "1/2"),
])
def test_what_a_file_may_hold(asked, table, value):
    code, out, _ = asked(table, "--json")
    answer = json.loads(out)
    assert (code, answer["lambda"]) == (0, value)
    assert asked(answer["asked"], "--json")[0] == 0  # what was asked may be asked again


@pytest.mark.parametrize(("content", "words"), [
    ("", "is not JSON"), ("{", "is not JSON"), ("[]", "holds an empty list, no object"), ("3", "holds a number"),
    ("null", "holds null"), ("{}", "generators: are missing"), ('{"generators": []}', "is an empty list"),
    ('{"generators": "x^2"}', "is a text, no list"), ('{"generators": [3]}', "holds a number, no text"),
    ('{"generators": [["x"]]}', "holds a list"), ('{"generators": ["x"], "vars": ["x"]}', "vars: is no key of a germ"),
    ('{"generators": ["x"], "function": "x"}', "is given beside generators"),
    ('{"generators": ["x"], "function": 1}', "function: is a number"), ('{"function": true}', "are missing"),
    ('{"function": ["x^2"]}', "function: is a list"),
    ('{"generators": ["x"], "variables": "x"}', "variables: is a text"),
    ('{"generators": ["x"], "variables": [1]}', "holds a number"),
    ('{"generators": ["x"], "at": ["x"]}', "at: is a list"),
    ('{"generators": ["x"], "at": {"x": 0.5}}', "the number 0.5, which JSON readers round"),
    ('{"generators": ["x"], "at": {"x": NaN}}', "NaN"), ('{"generators": ["x"], "at": {"x": 1e9}}', "1e9"),
    ('{"generators": ["x"], "at": {"x": true}}', "x is true, no number"),
    ('{"generators": ["x"], "at": {"y": 0}}', "names no"),
    ('{"generators": ["x"], "at": {"x": null}}', "x is null"),
    ('{"generators": ["x"], "where": 3}', "where: is a number"),
    ('{"generators": ["x"], "generators": ["y"]}', "gives a key twice"),
    ('{"generators": ["x"], "at": {"x": 0, "x": 0}}', "gives a key twice"),
    ('{"generators": ["x"], "domain": "x > 0"}', "domain x > 0: is no bound on one variable by <= or >="),
    ('{"generators": ["x"], "domain": "y >= 0"}', "y is no variable of the germ"),
    ('{"generators": ["x"], "domain": ["x>=0", "x>=-1"]}', "is a second bound of this kind"),
    ('{"generators": ["x"], "domain": "x>=1"}', "the point is outside the bounds of x"),
    ('{"generators": ["x"], "domain": "0<=x<=0"}', "the bounds of x leave no volume"),
    ('{"generators": ["x"], "domain": [["x", ">="]]}', "holds what is no bound"),
    ('{"generators": ["x"], "prior": "x^2"}', "'x^2' is not name=exponent"),
    ('{"generators": ["x"], "prior": {"x": "-1"}}', "is no density"),
    ('{"generators": ["x"], "prior": "y=1"}', "names no variable"),
    ('{"generators": ["x"], "prior": "x=-1/1000"}', "a power above 500"),
    ('{"generators": ["x"], "domain": false}', "domain: is false, neither a text nor a list"),
    ('{"generators": ["x"], "prior": 0}', "prior: is a number, no object of numbers by name"),
    ('{"generators": ["x + 1"]}', "does not vanish"), ('{"generators": ["x*"]}', "is no polynomial"),
    ('{"format": "slt-symbolic certificate 2"}', "is a certificate, which is not asked but verified; try slt check"),
    ('{"generators": ["x"], "at": {"x": ' + 2000 * "9" + "}}", "integer of more than 1000 digits"),
    (100000 * "[", "nested too deeply"), ('{"a\\n": 1}', "is no key"), ("\udcff", "is not text in UTF-8"),
], ids=lambda value: str(value)[:40].encode("ascii", "replace").decode())
def test_a_file_that_makes_no_sense_is_one_line_and_exit_2(capsys, tmp_path, content, words):
    path = tmp_path / "germ.json"
    path.write_bytes(content.encode(errors="surrogateescape"))
    code = main(["rlct", "--file", str(path)])
    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert words in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("given", [["x"], ["--vars", "x"], ["--at", "x=0"], ["--where", "c=1,0<c<2"], ["--function"]])
def test_the_question_stands_in_one_place(asked, given):
    code, _, err = asked({"generators": ["x"]}, *given)
    assert code == 2
    assert "is given beside" in err


def test_files_that_are_none(capsys, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, words in ((tmp_path, "no regular"), (tmp_path / "no", "cannot be read"),
                        (tmp_path / "pipe", "no regular"), ("/dev/zero", "no regular")):
        assert main(["rlct", "--file", str(path)]) == 2
        assert words in capsys.readouterr().err
    assert main(["rlct"]) == 2
    assert "no polynomial is given" in capsys.readouterr().err


def test_a_certificate_that_was_written_is_for_slt_check(capsys, tmp_path):
    path = tmp_path / "cusp.json"
    assert main(["rlct", "x^2 - y^3", "--certificate", str(path)]) == 0
    assert main(["rlct", "--file", str(path)]) == 2
    assert f"try slt check {path}" in capsys.readouterr().err
