"""The file of a sweep: lists are crossed, what is wrong is said, and the schema agrees."""

import json

import jsonschema
import pytest

from numerics.networks.catalogue import NETWORKS
from numerics.sweep.file import KEYS, cells_of
from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.errors import InvalidInput
from tests import ROOT
from tests.numerics.sweep.grids import LLC, TINY, cli

SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "numerics" / "sweep" / "sweep.schema.json").read_text()))


def test_lists_are_crossed():
    cells = cells_of({"grok": [{**TINY, "seed": [0, 1, 2]}], "llc": [LLC], "verify": [{"name": "quadratic-ntk"}]}, "f")
    assert [(cell.settings["width"], cell.settings["seed"]) for cell in cells[:6]] == [
        (6, 0), (6, 1), (6, 2), (8, 0), (8, 1), (8, 2)]
    assert [cell.settings["sizes"] for cell in cells[6:8]] == [{"d": 3, "p": 1}, {"d": 4, "p": 1}]
    assert cells[8].settings == {"name": "quadratic-ntk", "level": "fast"}
    assert len(cells) == 9
    assert len(cells_of({"verify": [{}]}, "f")) == len(closed_forms)


def test_the_identifier_is_that_of_the_settings():
    one = cells_of({"grok": [{"p": 5, "width": 6, "lr": 1, "weight_decay": 0}]}, "f")[0]
    written = {"seeds": 1, "weight_decay": -0.0, "lr": 1.0, "width": 6.0, "p": [5], "track": False}
    same = cells_of({"grok": [written]}, "g")[0]
    assert one == same
    assert one.id == same.id == "grok-5f4afa34ff77b08e"
    others = [{"p": 5, "width": 6, "lr": 1}, {"p": 5, "width": 6, "lr": 1, "weight_decay": 0, "track": True}]
    assert len({one.id, *(cells_of({"grok": [other]}, "f")[0].id for other in others)}) == 3
    linear = {"name": "deep-linear", "sizes": {"widths": "2-2-2", "r": 1}}
    assert cells_of({"llc": [linear]}, "f")[0].settings["sizes"] == {"widths": "2-2-2", "r": 1}


@pytest.mark.parametrize("name", NETWORKS)
def test_checked_sizes_are_sizes(name):
    """A cell holds them with their defaults, and a worker checks them again."""
    entry = closed_forms[name]
    for given in entry.audits[:3]:
        if "pairs" not in given:
            checked = entry.check(**given)
            assert entry.check(**checked) == checked


def test_settings_and_results_have_columns_of_their_own():
    settings = {name for keys in KEYS.values() for name in keys}
    sizes = {parameter.name for name in NETWORKS for parameter in closed_forms[name].parameters}
    assert not sizes & (settings - {"p"})
    assert not (sizes | settings) & {"cell", "kind", "status", "error", "seconds", "host", "epoch", "exact", "lower",
                                     "upper", "estimate", "agrees", "contradicts", "generalised"}


GOOD = [
    {"grok": [TINY]}, {"llc": [LLC]}, {"verify": [{}]},
    {"verify": [{"name": "quadratic-ntk", "level": ["fast", "full"]}]},
    {"grok": [{**TINY, "seeds": 3, "operation": ["add", "sumsq"], "precision": "float64", "track": [True, False]}]},
    {"grok": [{**TINY, "epochs": 1e5, "lr": 1, "weight_decay": 0}]},
    {"llc": [{**LLC, "point": "trained", "sampler": ["hmc", "sgld"], "nbeta": [10, 1e3], "gamma": 1, "step_size": 0.1,
              "chains": 8, "draws": 200, "seed": [1, 2]}]},
    {"llc": [{"name": "modular-addition-generic", "sizes": {"p": 5, "K": 2, "centred": [True, False]}}]},
    {"llc": [{"name": "deep-linear", "sizes": {"widths": ["2-2-2", "2-3-2"], "r": 1}}]},
]
# What is wrong, and words of the message.
BAD = [
    ({}, "has no cells; try [[grok]]"), ({"grok": {}}, "grok: is not an array of tables; try [[grok]]"),
    ({"train": [{}]}, "train: is not a kind of job"), ({"grok": 3}, "not an array of tables"),
    ({"grok": [3]}, "not an array of tables"), ({"grok": [{"p": 5}]}, "grok 1, width: is missing; try width = 1024"),
    ({"grok": [TINY, {**TINY, "width": "a"}]}, 'grok 2, width = "a": must be an integer of 64 bits; try width = 1024'),
    ({"grok": [{**TINY, "width": []}]}, "width = []: is an empty list"),
    ({"grok": [{**TINY, "width": [[6]]}]}, "grok 1, width = [6]: must be an integer"),
    ({"grok": [{**TINY, "width": True}]}, "width = true: must be an integer"),
    ({"grok": [{**TINY, "width": [6, 6.5]}]}, "width = 6.5: must be an integer"),
    ({"grok": [{**TINY, "width": 2**63}]}, "must be an integer of 64 bits"),
    ({"grok": [{**TINY, "width": {}}]}, "width = {}: must be an integer"),
    ({"grok": [{**TINY, "fraction": [0.5, 1.5]}]},
     "grok 1, fraction = 1.5: must be between 0 and 1; try fraction = 0.4"),
    ({"grok": [{**TINY, "weight_decay": -1}]}, "weight_decay = -1.0: must not be negative; try weight_decay = 1e-05"),
    ({"grok": [{**TINY, "p": [5, 1]}]}, "p = 1: must be an integer >= 2; try p = 53"),
    ({"grok": [{**TINY, "lr": 0}]}, "lr = 0.0: must be positive"),
    ({"grok": [{**TINY, "lr": "1"}]}, "must be a number"),
    ({"grok": [{**TINY, "lr": False}]}, "lr = false: must be a number"),
    ({"grok": [{**TINY, "batch": 1}]}, "batch = 1"), ({"grok": [{**TINY, "epochs": 0}]}, "epochs = 0"),
    ({"grok": [{**TINY, "seed": -1}]}, "seed = -1"), ({"grok": [{**TINY, "seeds": 0}]}, "seeds = 0"),
    ({"grok": [{**TINY, "operation": "div"}]}, 'operation = "div": must be one of add, sub, mul, sumsq'),
    ({"grok": [{**TINY, "precision": "float16"}]}, "must be one of float32, float64"),
    ({"grok": [{**TINY, "track": 1}]}, "track = 1: must be true or false"),
    ({"grok": [{**TINY, "K": 3}]}, "K: is not a setting of grok; try one of p, width"),
    ({"grok": [{**TINY, "seed": [0, 1, 0]}]}, "occurs already in grok 1; try each cell once"),
    ({"llc": [{"name": "quadratic-dead-unit"}]}, "llc 1, sizes: is missing"),
    ({"llc": [{"sizes": {}}]}, "name: is missing"),
    ({"llc": [{**LLC, "sizes": 3}]}, "sizes = 3: must be a table"), ({"llc": [{**LLC, "name": 3}]}, "must be text"),
    ({"llc": [{**LLC, "sizes": {"d": 3.5, "p": 1}}]}, "llc 1, sizes.d = 3.5: must be an integer"),
    ({"llc": [{**LLC, "sizes": {"d": [], "p": 1}}]}, "sizes.d = []: is an empty list"),
    ({"llc": [{**LLC, "chains": 3}]}, "chains = 3: must be an integer >= 4; try chains = 4"),
    ({"llc": [{**LLC, "draws": 99}]}, "draws = 99"),
    ({"llc": [{**LLC, "nbeta": 0}]}, "nbeta = 0.0: must be a positive"),
    ({"llc": [{**LLC, "sampler": "nuts"}]}, "must be one of hmc, sgld"),
    ({"llc": [{**LLC, "d": 3}]}, "not a setting of llc"),
    ({"llc": [{**LLC, "point": "best"}]}, "must be one of exact, trained"),
    ({"verify": [{"level": "slow"}]}, "must be one of fast, full"),
    ({"verify": [{"names": "x"}]}, "not a setting of verify"),
]
# The schema cannot know these.
BEYOND_THE_SCHEMA = [
    ({"llc": [{**LLC, "name": "quadratic"}]},
     'llc 1, name = "quadratic": is not in the catalogue; try quadratic-'),
    ({"llc": [{**LLC, "name": "quadratic-ntk"}]}, "has no network to sample"),
    ({"llc": [{**LLC, "sizes": {"d": [3, 0], "p": 1}}]}, "llc 1, d = 0: must be an integer >= 1; try d = 1"),
    ({"llc": [{**LLC, "sizes": {"d": 3}}]}, "llc 1, p: is missing: "),
    ({"llc": [{**LLC, "sizes": {}}]}, "d: is missing"),
    ({"llc": [{**LLC, "sizes": {"d": 3, "p": 1, "q": 1}}]}, "q: is not a parameter of quadratic-dead-unit"),
    ({"llc": [{"name": "modular-addition-generic", "sizes": {"p": 5, "K": 2, "pairs": "x.json"}}]},
     "is not for sweeps"),
    ({"verify": [{"name": ["quadratic-ntk", "x\n"]}]}, "verify 1, name = "), ({"grok": []}, "has no cells"),
    ({"grok": [TINY, {**TINY, "seed": [0, 1]}]}, "grok 2, p = 5, width = 6"),
    ({"grok": [{**TINY, "fraction": 0.01}]}, "fraction = 0.01: is 0 of 25 pairs"),
    ({"grok": [{**TINY, "width": 10**12}]}, "would take more than 4 GiB"),
    ({"grok": [{**TINY, "lr": float("inf")}]}, "lr = inf: must be positive"),
    ({"grok": [{**TINY, "lr": float("nan")}]}, "lr = nan: must be a number"),
    ({"grok": [{**TINY, "seed": list(range(10**4)), "epochs": list(range(1, 10**4))}]},
     "has 199980000 cells, and 100000"),
]


@pytest.mark.parametrize("content", GOOD)
def test_parser_and_schema_accept(content):
    SCHEMA.validate(content)
    assert cells_of(content, "sweep.toml")


@pytest.mark.parametrize(("content", "words"), BAD)
def test_parser_and_schema_refuse(content, words):
    assert not SCHEMA.is_valid(content)
    with pytest.raises(InvalidInput) as error:
        cells_of(content, "sweep.toml")
    assert words in str(error.value)
    assert str(error.value).startswith("sweep.toml: " if content else "sweep.toml")


@pytest.mark.parametrize(("content", "words"), BEYOND_THE_SCHEMA)
def test_the_parser_knows_more(content, words):
    assert SCHEMA.is_valid(content)
    with pytest.raises(InvalidInput) as error:
        cells_of(content, "sweep.toml")
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_the_schema_is_one():
    SCHEMA.check_schema(SCHEMA.schema)
    for kind, keys in KEYS.items():
        properties = SCHEMA.schema["properties"][kind]["items"]["properties"]
        assert set(properties) - {"sizes"} == set(keys)


@pytest.mark.parametrize(("content", "words"), [
    (b"", "has no cells"), (b"# nothing\n", "has no cells"), (b"[[grok]\n", "is not TOML"), (b"\x00\xff\x00", "UTF-8"),
    (b"\x00", "is not TOML"), (b"[[grok]]\np = 5\np = 6\n", "is not TOML"), (b"[grok]\np = 5\n", "array of tables"),
    (b"[[grok]]\np = " + b"9" * 5000, "is not TOML"), (b"[[grok]]\np = " + b"9" * 4000 + b"\nwidth = 3", "64 bits"),
    (b"x = " + b"[" * 100_000, "is not TOML"), (b"[[grok]]\np = 1979-05-27\nwidth = 2", "p = 1979-05-27: must be"),
    (b"#" * 2**23, "bytes"), (b"{}", "is not TOML")])
def test_a_malformed_file_is_one_line_and_exit_2(tmp_path, capsys, content, words):
    path = tmp_path / "sweep.toml"
    path.write_bytes(content)
    code, out, err = cli(capsys, path, "--out", tmp_path / "out")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err
    assert not (tmp_path / "out").exists()
