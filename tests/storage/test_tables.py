"""Tables as comma-separated text."""

import csv
import io

from slt_symbolic.storage.tables import csv_text


def test_what_is_written_is_read_back():
    rows = [{"p": 5, "words": 'a "b", c\nd'}, {"p": 7, "fits": True, "words": ""}]
    text = csv_text(rows, first=["seed"], last=["words", "host"])
    assert text.startswith("seed,p,fits,words,host\n")
    assert list(csv.DictReader(io.StringIO(text, newline=""))) == [
        {"seed": "", "p": "5", "fits": "", "words": 'a "b", c\nd', "host": ""},
        {"seed": "", "p": "7", "fits": "true", "words": "", "host": ""}]


def test_no_rows_are_a_header():
    assert csv_text([], first=["p"], last=["host"]) == "p,host\n"
