"""Hostile command lines: no traceback, no hang, no file outside the folder of results, exit codes as documented."""

import os
import random
import re

import pytest

from slt_symbolic.commands.main import parser_of, registered
from tests.fuzz.command_lines import Outcome, command_line, make_files, problems, run

LINES = int(os.environ.get("HOSTILE_LINES", "150"))  # `make fuzz` takes more, and another seed
SEED = os.environ.get("HOSTILE_SEED", "2026")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    make_files(folder)
    return folder


@pytest.mark.parametrize("number", range(LINES))
def test_random_lines(folder, number):
    line = command_line(random.Random(f"{SEED}/{number}"))
    assert list(problems(run(line, folder))) == [], line
    assert not (folder / "victim").exists()


def test_every_option_of_every_command_is_tried():
    lines = [command_line(random.Random(number)) for number in range(3000)]
    for name, point in registered().items():
        tried = {word for line in lines if line[0] == name for word in line}
        options = set(re.findall(r"--[a-z-]+", parser_of(name, point.load()).format_usage()))
        assert options <= tried, name


@pytest.mark.parametrize("outcome", [
    Outcome(120, "", "", ()), Outcome(2, "", "", ()), Outcome(2, "", "error: a\nb\n", ()), Outcome(2, "", "oh\n", ()),
    Outcome(2, "", "error: \x1b[31m\n", ()), Outcome(2, "", "error: " + 3000 * "a" + "\n", ()),
    Outcome(1, "", "Traceback (most recent call last):\n", ()), Outcome(0, "", "", ("elsewhere 1 2",))])
def test_what_is_wrong_is_seen(outcome):
    assert list(problems(outcome))
