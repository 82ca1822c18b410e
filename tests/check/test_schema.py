"""certificate.schema.json: genuine certificates are valid, damaged ones are not."""

import json
import random

import jsonschema
import pytest

from slt_symbolic.check.steps import STEPS
from tests.check.certificates import CERTIFICATES
from tests.check.mutants import nodes, places
from tests.check.tables import CHECKER, edited
from tests.check.test_core import BEST, CROSS, WITH_LEMMA
from tests.check.test_corpus import FOLDER

SCHEMA = jsonschema.Draft202012Validator(json.loads((CHECKER / "certificate.schema.json").read_text()))
# The shape alone shows that these are no certificates.
WRONG_SHAPE = {"multiplicity_true", "near_as_a_word", "two_constants_contradiction", "two_constants_false_exact"}


def test_the_schema_is_one_and_knows_every_step():
    SCHEMA.check_schema(SCHEMA.schema)
    assert set(SCHEMA.schema["$defs"]["node"]["properties"]["step"]["enum"]) == {*STEPS, "lemma"}
    assert {name.removeprefix("data of ") for name in SCHEMA.schema["$defs"] if name.startswith("data of ")} == \
        {*STEPS, "lemma"}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_genuine_certificates_are_valid(name):
    SCHEMA.validate(CERTIFICATES[name])


def test_hand_made_certificates_are_valid():
    for certificate in (CROSS, WITH_LEMMA, BEST):
        SCHEMA.validate(certificate)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_false_certificates_have_the_shape_of_true_ones(path):
    assert SCHEMA.is_valid(json.loads(path.read_text())) == (path.stem not in WRONG_SHAPE)


@pytest.mark.parametrize("seed", [*range(50), *(pytest.param(n, marks=pytest.mark.long) for n in range(50, 150))])
def test_damage_is_invalid(seed):
    """A key that is missing or unknown, another type, a name that is none, anywhere but inside texts."""
    random_number = random.Random(seed)
    name = random_number.choice(sorted(CERTIFICATES))
    certificate = CERTIFICATES[name]
    assert sum(1 for _ in nodes(certificate))
    path, value = random_number.choice(sorted(places(certificate), key=lambda place: place[0]))
    for wrong in ({"unknown": value}, 1.5, [[[[value]]]], "?"):
        assert not SCHEMA.is_valid(edited(certificate, path, wrong)), (name, path, wrong)
