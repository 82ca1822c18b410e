"""The mapping from names to entries, which knows what a name that is nearly right may mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from slt_symbolic.closed_forms.claims import Claim
from slt_symbolic.closed_forms.formulas import ClosedForm
from slt_symbolic.errors import InvalidInput

Entry = ClosedForm | Claim


class UnknownEntry(InvalidInput, KeyError):
    """No entry is called so; the message says which one may be meant."""

    __str__ = ValueError.__str__  # that of KeyError would put the message between quotes


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

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Keep the order of the entries."""
        self._entries = {entry.name: entry for entry in entries}

    def __getitem__(self, name: str) -> Entry:
        if name in self._entries:
            return self._entries[name]
        near = get_close_matches(str(name), self, n=1)
        raise UnknownEntry(str(name), "is not in the catalogue", near[0] if near else f"one of {', '.join(self)}")

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        claims = sum(isinstance(entry, Claim) for entry in self.values())
        return f"closed_forms: {len(self) - claims} closed forms and {claims} claims\n{', '.join(self)}"

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)
