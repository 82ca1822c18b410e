"""Who runs the jobs of a study: each item once, whoever does it; what a job raises is raised here."""

import os
import signal
from argparse import Namespace

import pytest
from distributed import KilledWorker

from numerics.studies.workers import workers_of
from numerics.sweep.dask import Dask
from slt_symbolic.errors import InvalidInput


def halved(number):
    if number % 2:
        raise InvalidInput(str(number), "is odd", str(number + 1))
    return number // 2


def killed(number):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.long
def test_each_item_once_and_errors_come_through_on_this_machine():
    """Of jobs, and of a worker that is killed."""
    with workers_of(Namespace(backend="joblib", scheduler=None, workers=2)) as run:
        assert sorted(run(halved, [2, 4, 6])) == [1, 2, 3]
        with pytest.raises(InvalidInput, match="3: is odd; try 4"):
            list(run(halved, [3]))
        with pytest.raises(InvalidInput, match=r"a worker: was killed \(out of memory"):
            list(run(killed, [1, 2]))


@pytest.mark.long
def test_each_item_once_and_errors_come_through_on_a_cluster():
    with workers_of(Namespace(backend="dask", scheduler=None, workers=1)) as run:
        assert sorted(run(halved, [2, 4, 6])) == [1, 2, 3]
        with pytest.raises(InvalidInput, match="3: is odd; try 4"):
            list(run(halved, [3]))


@pytest.mark.parametrize("wrong", [{"backend": "joblib", "scheduler": "tcp://x:1", "workers": None},
                                   {"backend": "dask", "scheduler": "tcp://x:1", "workers": 1},
                                   {"backend": "joblib", "scheduler": None, "workers": 0}])
def test_options_that_contradict_each_other(wrong):
    with pytest.raises(InvalidInput), workers_of(Namespace(**wrong)):
        pass


def test_a_job_that_kills_its_workers_is_one_line(monkeypatch):
    class Killed:
        status = "error"

        def result(self):
            raise KilledWorker("job", None, 4)

    class Once(list):
        is_empty = has_ready = lambda self: not self

        def __next__(self):
            return self.pop()

    monkeypatch.setattr("numerics.sweep.dask.as_completed", Once)
    monkeypatch.setattr(Dask, "_wait", lambda self, finished: None)

    class Client:
        def map(self, job, items, pure):
            return [Killed() for _ in items]

    with pytest.raises(InvalidInput, match="lost its worker"):
        list(Dask(Client(), "tcp://x:1").results(halved, [2]))
