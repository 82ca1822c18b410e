"""How far a statement is to be trusted, why, and where it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

Grade = Literal["proved", "certified", "cited", "numerical", "refuted"]


@dataclass(frozen=True)
class Source:
    r"""A reference under a permanent key; what is not known of it is left empty.

    ``kind``     that of its BibTeX entry
    ``authors``  each ``"Family, Given"``, or the family name alone
    ``title``    mathematics between dollar signs
    ``venue``    the journal, publisher or school

    >>> source = Source("key-2005", "article", ("Aoyagi, Miki", "Lin"), r"On $m \times n$", 2005,
    ...                 "Neural Networks", "18")
    >>> source.text
    'Aoyagi, Lin, On m x n, Neural Networks 18 (2005)'
    >>> print(source.bibtex)
    @article{key-2005,
      author = {Aoyagi, Miki and Lin},
      title = {{On $m \times n$}},
      year = {2005},
      journal = {Neural Networks},
      volume = {18},
    }
    """

    key: str
    kind: Literal["article", "book", "phdthesis", "misc"]
    authors: tuple[str, ...]
    title: str
    year: int | None = None
    venue: str = ""
    volume: str = ""
    arxiv: str = ""
    doi: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it is found: its DOI, arXiv, or the page on GitHub that the title names."""
        pages = re.findall(r"github\.com/[\w/-]+", self.title)
        return (*(f"https://doi.org/{x}" for x in (self.doi,) if x),
                *(f"https://arxiv.org/abs/{x}" for x in (self.arxiv,) if x), *(f"https://{page}" for page in pages))

    @property
    def text(self) -> str:
        """The reference in one line of plain text."""
        where = " ".join(filter(None, (self.venue, self.volume))) or (self.arxiv and f"arXiv:{self.arxiv}")
        families = [author.partition(",")[0] for author in self.authors]
        line = ", ".join(filter(None, (*families, self.title, where)))
        for latex, plain in ((r"\times", "x"), (r"\gg", ">>"), (r"\ge", ">="), (r"\mathbb", ""), (r"\mathcal", "")):
            line = line.replace(latex, plain)
        return re.sub("[{}$]", "", line) + ("" if self.year is None else f" ({self.year})")

    @property
    def bibtex(self) -> str:
        """The reference as an entry of a BibTeX file."""
        venue = {"book": "publisher", "phdthesis": "school"}.get(self.kind, "journal")
        fields = {"author": " and ".join(self.authors), "title": f"{{{self.title}}}", "year": self.year,
                  venue: self.venue, "volume": self.volume, "doi": self.doi}
        if self.arxiv:  # older styles print the note only
            fields |= {"eprint": self.arxiv, "archiveprefix": "arXiv", "note": f"arXiv:{self.arxiv}"}
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
        return f"@{self.kind}{{{self.key},\n{lines}}}"


@dataclass(frozen=True)
class Evidence:
    """How far a statement is to be trusted, why, and where it comes from."""

    grade: Grade
    how: str
    sources: tuple[Source, ...] = ()

    def __str__(self) -> str:
        return f"{self.grade}: {self.how}"

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {"grade": self.grade, "how": self.how, "sources": [source.text for source in self.sources]}
