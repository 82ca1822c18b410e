"""Random hostile command lines: what is typed, in a folder of odd files, and what may come of it.

A line that is no answer is one line on stderr, with the exit code that is documented; nothing is written but into
``out``; nothing takes longer than `LIMIT`.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from slt_symbolic.closed_forms import closed_forms
from slt_symbolic.commands.main import main

LIMIT = 100  # seconds; an answer takes at most ten or so
LONGEST = 700  # characters of an error: two parts of at most 200, a remedy, and what joins them
CODES = (0, 1, 2, 3)
HUGE = ("1" + "0" * 30, "9" * 500, "-1", "0", "1e400", "nan", "inf", "-0", "1/0", "0x10", "१", "1_000", "3.5", "4.0",
        "1e-400", "100000", "", " ", "true", "null")
TEXTS = ("", " ", "\0", "\x1b[31m", "\n\n", "é" * 300, "a" * 5000, "../../../etc/passwd", "$(touch pwned)", "%s%n",
         "__import__('os')", "--", "-", "-x", "--json", "--help", "={}", "=", "a=", "=a", "\ud800", "λ", "[[[[", "{}")
POLYNOMIALS = ("x^2", "-x^2+y^3", "x*y", "(x+y)^500", "9^500*9^500", "x^(10^9)", "x^-1", "x/0", "1/x", "x**y", "((((x",
               "x" * 3000, "x+" * 2000 + "x", "(" * 3000 + "x" + ")" * 3000, "x^2^2^2^2", "0", "1", "x y", "sin(x)",
               "lambda: x", "x.__class__", "x;y", "1e9999*x", "0.1*x^2", "x²", "𝑥", "x\0", "x^99999", "2x", "x!")
WHERE = ("c^2=2,0<c<2", "c^2=2", "c^2=-1,0<c<2", "c=1/0,0<c<2", "c^(10^9)=2,0<c<2", "x^2=2,0<x<2", ";" * 999, "",
         "c^2=2,0<c<2;d^3=c,0<d<9", "c^2=2,2<c<0", "c^2=2,1e400<c<inf", "(" * 3000 + "c", "c^2=c^2,0<c<1")
DOMAINS = ("x>=0,y>=0", "0<=x<=1", "x<=0<=y", "x>=1/0", "x>=nan", "x", "x>=y", ">=", "," * 999, "", "z>=0", "x>=9e999")
PRIORS = ("x=-1/2", "x=-1", "x=1/0", "x=" + "9" * 3000, "x", "=", "z=1", "x=nan", "x=1,x=2", "", "x=1e-400")
TASK = (b"import torch\ndef model(): return torch.nn.Linear(1, 1)\n"
        b"def data(): return torch.ones(4, 1), torch.ones(4, 1)\n")
FILES: Mapping[str, bytes] = {
    "empty": b"", "text.json": b"hello", "binary.npz": bytes(range(256)) * 4, "deep.json": b"[" * 10**5,
    "closed.json": b"[" * 10**5 + b"]" * 10**5, "digits.json": b"[[" + b"9" * 10**5 + b", 1]]", "null.json": b"null",
    "number.json": b"7", "object.json": b'{"a": 1, "a": 2}', "nan.json": b"[[NaN, Infinity]]", "latin.json": b'"\xff"',
    "pairs.json": b"[[0, 0], [0, 1], [1, 2]]", "pairs.txt": b"[[0, 0], [true, 1], [1.0, 2]]",
    "deep.toml": b"a." * 10**4 + b"a = 1", "inline.toml": b"a = " + b"{a=" * 3000 + b"1" + b"}" * 3000,
    "wrong.toml": b"[[grok]]\np = 1e400\n", "list.toml": b"[[grok]]\np = [" + b"5," * 10**5 + b"]\nwidth = 3\n",
    "types.toml": b'grok = 7\n[verify]\nname = ["a"]\n',
    "keys.toml": b"[[grok]]\np = 5\nwidth = 6\nepochs = 3\nx = 1\n",
    "broken.pt": b"PK\x03\x04" + bytes(100), "pickle.pt": b"cos\nsystem\n(S'touch pwned'\ntR.",
    "raises.py": b"class Odd(BaseException): pass\nraise Odd('a\\nb')\n", "leaves.py": b"raise GeneratorExit\n",
    "folder.nul.toml": b'[[track]]\nfolder = "a\\u0000b"\ntask = "raises.py"\n',
    "named.toml": b'[[verify]]\nname = "nothing like it"\n',
    "certificate.json": b'{"format": "slt-symbolic certificate 2", "tree": []}',
    "germ.json": b'{"function": "x^2+c*y^2", "at": {"y": "c"}, "where": "c^2=2,0<c<2", "domain": "x>=0"}',
    "germs.json": b'{"generators": ["x^2", 7], "variables": [null], "at": {"x": 1}, "prior": {"x": "-1"}}',
    "wide.json": b'{"generators": [' + b'"x",' * 10**5 + b'"y"]}',
    "formula.py": b"sizes = {'d': range(-1, 3)}\ndef formula(d): return {0: float('nan'), 1: 10**400}.get(d, 'a')\n"
                  b"def germ(d): return ['x^%d' % d]\n",
    "integer.py": TASK + b"def loss(a, b): return 1\n",
    "complex.py": TASK + b"def loss(a, b): return (a * 1j).mean()\n",
    "moves.py": TASK + b"import os\nos.chdir('/')\ndef loss(a, b): return (a - b).sum()\n",
    "words.py": TASK + b"def loss(a, b): return a.mean()\ndef estimators(): return {'a': {'nbeta': 'x'}}\n"}


@dataclass(frozen=True)
class Outcome:
    """What a command line did."""

    code: int
    out: str
    err: str
    written: tuple[str, ...]  # outside the folder `out`


def make_files(folder: Path) -> None:
    """Odd files, folders, links and pipes."""
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    np.savez(folder / "network.npz", W=np.eye(3, 6), V=np.eye(3))
    np.savez(folder / "shapes.npz", W=np.ones((2, 5, 1)), V=np.array("x"), pairs=np.ones(3), centred=np.ones(2))
    np.savez(folder / "overflow.npz", W=np.full((2, 6), 1.7e308), V=np.full((2, 3), 1.7e308))
    np.savez(folder / "large.npz", W=np.full((4, 10), 1e29), V=np.full((4, 5), 1e29))
    np.savez(folder / "tiny.npz", W=np.full((2, 6), 1e-200), V=np.full((2, 3), 1e-320))
    np.savez(folder / "wide.npz", W=np.ones((1, 40000)), V=np.ones((1, 20000)))
    np.savez(folder / "tall.npz", W=np.ones((40000, 2)), V=np.ones((40000, 1)))
    np.savez(folder / "units.npz", W=np.ones((2000, 10)), V=np.ones((2000, 5)))
    np.savez(folder / "rows.npz", W=np.ones((2, 600)), V=np.ones((2, 300)))
    whole = (folder / "network.npz").read_bytes()
    (folder / "half.npz").write_bytes(whole[: len(whole) // 2])
    (folder / "folder.npz").mkdir()
    (folder / "folder.toml").mkdir()
    os.mkfifo(folder / "pipe.npz")
    (folder / "loop.npz").symlink_to("loop.npz")
    (folder / "run").mkdir()
    weights = {"weight": torch.ones(1, 1), "bias": torch.ones(1)}
    for step, change in enumerate((torch.float32, "meta", torch.complex64)):
        torch.save({name: x.to(change) for name, x in weights.items()}, folder / "run" / f"{step}.pt")
    (folder / "out").mkdir()
    (folder / "taken").mkdir()
    (folder / "taken" / "settings.json").symlink_to(folder / "victim")


def command_line(rng: random.Random) -> list[str]:
    """A line that is nearly right, or not at all; nothing that is right and takes long."""
    entries = ["quadratic-generic:d=2,p=1,K=1", "quadratic-generic:d=", ":", "a:b=c"]
    files = [*FILES, "network.npz", "shapes.npz", "overflow.npz", "large.npz", "tiny.npz", "wide.npz", "tall.npz",
             "units.npz", "rows.npz", "half.npz", "folder.npz", "pipe.npz", "loop.npz", "missing.npz", "/dev/zero",
             "/dev/null", "y" * 300 + ".npz", "y\n\x1b/" * 300, "folder.toml", "out"]
    programs = [name for name in FILES if name.endswith(".py")]
    full = ["/dev/full", "/dev/null", "", "pipe.npz", "loop.npz", "a\0b", "out/" + "a/" * 2000]
    names = [*closed_forms, "no-such-entry", *TEXTS]
    def some(**options: Sequence[str]) -> list[str]:
        return [word for option, values in options.items() for word in _some(
            rng, [f"--{option.replace('_', '-')}", rng.choice(values)])]

    flags = ["--json", "--function", "--explain", "--no-track", "--nonsense"]
    lines = {
        "list": list,
        "show": lambda: [rng.choice(names), *some(format=["text", "latex", "bibtex", "markdown", "json", "pdf"])],
        "at": lambda: [rng.choice(names), *_sizes(rng, files)],
        "rlct": lambda: [*rng.choices(POLYNOMIALS, k=rng.randint(0, 2)), "--timeout", rng.choice(["1", "2", *HUGE]),
                         *some(vars=["x,y", "x,x", "", "x y", "1", "x" * 999], where=WHERE, domain=DOMAINS,
                               at=["x=1/2", "x=1e999", "x", "x=y", "=", "x=1,x=2", "z=1", "x=c", "x=any"],
                               prior=PRIORS, file=files, pictures=["out/p", "missing/p", "text.json", *full],
                               certificate=["out/c", "missing/c", "out", *full])],
        "check": lambda: [rng.choice(files)],
        "compare": lambda: [*rng.choices([*files, *entries], k=2), f"n={rng.choice(HUGE)}", *some(gamma=HUGE)],
        "diagnose": lambda: [rng.choice(files), *some(pairs=files, operation=TEXTS, centred=["true", *TEXTS])],
        "sharpness": lambda: [rng.choice(files), *some(pairs=files, operation=TEXTS, centred=["false", *TEXTS],
                                               batch=HUGE, gamma=HUGE, nbeta=HUGE)],
        "llc": lambda: [rng.choice(names), *_sizes(rng, files), f"d={rng.choice(HUGE)}", "--draws", rng.choice(HUGE),
                        *some(point=["trained", "saddle"], sampler=["sgld", "nuts"], nbeta=HUGE, gamma=HUGE,
                              step_size=HUGE, chains=HUGE, seed=HUGE)],
        "grok": lambda: ["--p", rng.choice(["5", *HUGE]), "--width", rng.choice(["3", *HUGE]),
                         rng.choice(["--epochs", "--steps"]), "2", *some(
                             lr=HUGE, batch=HUGE, fraction=HUGE, weight_decay=HUGE, seeds=HUGE, seed=HUGE,
                             precision=["float64", "float16"], operation=["sumsq", "div"], snapshots=["1", *HUGE],
                             draws=["20", *HUGE]), *_some(rng, ["--no-track"]),
                         "--out", rng.choice(["out/run", "out", "text.json", "taken", *full])],
        "sweep": lambda: [rng.choice(files), "--out", rng.choice(["out/sweep", "empty", "folder.toml/x", *full]),
                          *some(workers=HUGE, backend=["joblib", "ray"], scheduler=TEXTS)],
        "track": lambda: [rng.choice(["run", "run", "out", *files]), "--task", rng.choice([*programs, *files]), "--out",
                          rng.choice(["out/track", "empty", *full]),
                          *some(gamma=HUGE, nbeta=HUGE, chains=HUGE, draws=HUGE, seed=HUGE, estimator=TEXTS)],
        "verify": lambda: ["no-such-entry", rng.choice(TEXTS), *some(level=["full", "half"], out=full)],
        "export": lambda: ["--out", rng.choice(["empty", "/dev/null/x", "text.json/y", *full])],
        "test": lambda: [rng.choice([*programs, *files]) + rng.choice(["", "", ":name", ":" * 9]),
                         "--seconds", rng.choice(["1", *HUGE]), *some(against=["rank", "engine", "sampled", "faith"])],
        "completion": lambda: [rng.choice(["bash", "zsh", "fish", *TEXTS])],
    }
    command = rng.choice([*lines, rng.choice(TEXTS)])
    line = [command, *(lines[command]() if command in lines else [])]
    line += _some(rng, [rng.choice(flags)])
    if rng.random() < 0.3:
        line.insert(rng.randint(1, len(line)), rng.choice([*TEXTS, *HUGE]))
    return line


def _sizes(rng: random.Random, files: Sequence[str]) -> list[str]:
    names = rng.choices(["d", "p", "K", "r", "l", "N", "M", "H", "widths", "components", "units", "x", ""],
                        k=rng.randint(0, 4))
    given = [f"{name}={rng.choice(['1', '2', '3', '2-2-2', *HUGE])}" for name in names]
    return given + _some(rng, [f"pairs={rng.choice(files)}"])


def _some(rng: random.Random, arguments: list[str]) -> list[str]:
    return arguments if rng.random() < 0.3 else []


class Late(BaseException):
    """It takes too long; no command answers to that."""


def run(line: Sequence[str], folder: Path) -> Outcome:
    """Run the line in a folder that `make_files` filled. Raises what escapes, and `Late`."""
    def late(*_: object) -> None:
        raise Late(f"more than {LIMIT} s")

    out, err, before = io.StringIO(), io.StringIO(), listing(folder)
    handler = signal.signal(signal.SIGALRM, late)
    signal.alarm(LIMIT)
    try:
        with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), \
                warnings.catch_warnings(action="error"):
            code = main(line)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, handler)
    return Outcome(code, out.getvalue(), err.getvalue(), tuple(sorted(listing(folder) ^ before)))


def listing(folder: Path) -> set[str]:
    """All there is but in the folder ``out``, with sizes and times."""
    found = (path for path in folder.rglob("*") if path.relative_to(folder).parts[0] not in ("out", "taken"))
    return {f"{path.relative_to(folder)} {path.lstat().st_size} {path.lstat().st_mtime_ns}" for path in found}


def problems(outcome: Outcome) -> Iterator[str]:
    """What is wrong with it."""
    if outcome.code not in CODES:
        yield f"exit code {outcome.code}"
    lines = outcome.err.splitlines()
    if outcome.code == 2 and (len(lines) != 1 or not lines[0].startswith("error: ")):
        yield f"not one line: {outcome.err[:500]!r}"
    if outcome.code == 2 and (len(outcome.err) > LONGEST or not outcome.err.rstrip("\n").isprintable()):
        yield f"an error that is long, or not printable: {outcome.err[:500]!r}"
    if "Traceback" in outcome.err:
        yield "a traceback"
    if outcome.written:
        yield f"written: {outcome.written}"
