"""The mapping from names to entries, which knows what a name that is nearly right may mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module

from slt_symbolic.closed_forms.claims import Claim
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.errors import InvalidInput

Entry = ClosedForm | Claim


class UnknownEntry(InvalidInput, KeyError):
    """No entry is called so; the message says which one may be meant."""


class Catalogue(Mapping[str, Entry]):
    """The entries of the catalogue by name, in the order in which `slt list` prints them.

    An entry is a formula as data: a `ClosedForm` of ours, or a published `Claim` with its verdict. Its ``.at`` answers
    at concrete sizes; ``help(closed_forms[name].at)`` shows them. A name that is not there raises an error that is a
    KeyError and an `InvalidInput`. `closed_form` and `claim` look up entries of one kind.

    >>> from slt_symbolic import closed_forms
    >>> closed_forms["quadratic-generic"].at(d=4, p=3, K=5)
    quadratic-generic at d=4 p=3 K=5: lambda = 29/2, m = 1 (certified)
    >>> closed_forms["quadratic-genric"]
    Traceback (most recent call last):
        ...
    slt_symbolic.closed_forms.catalogue.UnknownEntry: quadratic-genric: is not in the catalogue; try quadratic-generic
    """

    def __init__(self, families: Mapping[str, str]) -> None:
        """Keep the order of the names; ``families`` says which file of this folder has the entry.

        A family is imported when one of its entries is asked for: all of them take longer than most answers.
        """
        self._families = dict(families)

    def __getitem__(self, name: str) -> Entry:
        if name in self:
            family = import_module(f"{__package__}.{self._families[name]}")
            return next(value for value in vars(family).values() if isinstance(value, Entry) and value.name == name)
        near = get_close_matches(str(name), self, n=1)
        raise UnknownEntry(str(name), "is not in the catalogue", near[0] if near else "a name that slt list prints")

    def __contains__(self, name: object) -> bool:
        return name in self._families

    def __iter__(self) -> Iterator[str]:
        return iter(self._families)

    def __len__(self) -> int:
        return len(self._families)

    def __repr__(self) -> str:
        claims = sum(isinstance(entry, Claim) for entry in self.values())
        return f"closed_forms: {len(self) - claims} closed forms and {claims} claims\n{', '.join(self)}"

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)
