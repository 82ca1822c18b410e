"""Signals are held back until a state is kept; a second one is not."""

import os
import signal
import subprocess
import sys
import time

import pytest

from slt_symbolic.storage.signals import Terminated, held_back, sent_again, terminate


@pytest.fixture(autouse=True)
def handled():
    """As a command handles it."""
    before = signal.signal(signal.SIGTERM, terminate)
    yield
    signal.signal(signal.SIGTERM, before)


def send(number, times=1):
    for _ in range(times):
        os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)])
def test_a_signal_waits_until_it_is_delivered(number, raised):
    kept = []

    def work():
        with held_back() as held:
            send(number)
            kept.append(held.pending)
            held.deliver()
            kept.append("never")

    with pytest.raises(raised):
        work()
    assert kept == [True]
    with pytest.raises(raised):
        send(number)


def test_one_that_comes_last_is_delivered_at_the_end():
    with pytest.raises(KeyboardInterrupt), held_back():
        send(signal.SIGINT)


def test_a_second_one_does_not_wait():
    waited = []

    def work():
        with held_back():
            send(signal.SIGINT, times=2)
            waited.append(True)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert not waited


def test_an_ignored_signal_stays_ignored():
    code = ("import os, signal\nfrom slt_symbolic.storage.signals import held_back\n"
            "signal.signal(signal.SIGINT, signal.SIG_IGN)\nwith held_back() as held:\n"
            "    os.kill(os.getpid(), signal.SIGINT)\n    print(held.pending)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


class Destroyed:
    """What its destructor raises Python ignores."""

    def __del__(self):
        send(signal.SIGTERM)


def test_a_signal_that_comes_within_a_destructor_is_not_lost(capfd):
    def work():
        with sent_again({Terminated: signal.SIGTERM}):
            Destroyed()
            time.sleep(5)

    with pytest.raises(Terminated):
        work()
    assert capfd.readouterr().err == ""


def test_other_errors_are_told_as_before(monkeypatch):
    class Odd:
        def __del__(self):
            raise ValueError

    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda ignored: told.append(ignored.exc_type))
    with sent_again({Terminated: signal.SIGTERM}):
        Odd()
    assert told == [ValueError]
