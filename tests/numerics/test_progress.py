"""Signs of life where no terminal is."""

import numerics.progress
from numerics.progress import Progress


def test_without_a_terminal_a_line_comes_from_time_to_time(capsys, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(numerics.progress.time, "monotonic", lambda: now[0])
    with Progress("sampling", 100, remedy="fewer draws take less") as progress:
        for _ in range(25):
            now[0] += 1
            progress.advance()
        progress.stage("again", 10)
        now[0] += 11
        progress.advance()
    assert capsys.readouterr().err.splitlines() == [
        "sampling: 11 of at most 100 steps, 11 s, at most some 89 s left; fewer draws take less",
        "sampling: 22 of at most 100 steps, 22 s, at most some 78 s left; fewer draws take less",
        "again: 1 of at most 10 steps, 11 s, at most some 99 s left; fewer draws take less"]


def test_what_is_not_shown_and_what_is_short_says_nothing(capsys, monkeypatch):
    with Progress("short", 3) as progress:
        progress.advance(3)
    monkeypatch.setattr(numerics.progress, "SECONDS", -1.0)
    with Progress("hidden", 3, shown=False) as progress:
        progress.advance(3)
    assert capsys.readouterr().err == ""
