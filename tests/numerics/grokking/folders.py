"""What the tests of grokking runs share: small settings, the command, the files that a run leaves."""

from numerics.grokking.settings import RunSettings
from slt_symbolic.commands.main import main
from slt_symbolic.storage.locks import LOCK

SMALL = RunSettings(p=5, width=6, fraction=0.6, batch=8, epochs=120, seed=3, seeds=2)


def cli(capsys, *arguments):
    code = main(["grok", "--no-track", *map(str, arguments)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def contents(folder):
    """All but the checkpoints and the lock."""
    paths = [path for path in sorted(folder.rglob("*"))
             if path.is_file() and not path.name.startswith(("checkpoint", LOCK))]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
