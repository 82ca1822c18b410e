"""The tutorials as notebooks, made from their pages: examples are cells, with the output that the page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from doctest import DocTestParser
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

TUTORIALS = Path(__file__).parent / "tutorials"
EXAMPLE = re.compile(r"```(python|console)\n(.*?)```\n?", re.DOTALL)
INCLUDED = re.compile(r"```\{literalinclude\} (\S+)\n:language: (\w+)\n```")
LINK = re.compile(r"\[([^]]*)\]\((?![a-z]+:)[^)\s]+\)")  # into the documentation
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def notebook(page: Path) -> NotebookNode:
    """The notebook of a page: prose as it is, but for links into the documentation and files that it includes."""
    return new_notebook(cells=list(_cells(page)), metadata=KERNEL)


def write_notebooks(folder: Path) -> None:
    """Write NAME.ipynb for each tutorial into a folder."""
    folder.mkdir(parents=True)
    for page in sorted(TUTORIALS.glob("*.md")):
        write(notebook(page), folder / f"{page.stem}.ipynb")


def _cells(page: Path) -> Iterator[NotebookNode]:
    text, end, number = page.read_text(), 0, 0
    for match in EXAMPLE.finditer(text):
        cells = [*_prose(text[end : match.start()], page), *(
            _python(match[2]) if match[1] == "python" else _console(match[2]))]
        for cell in cells:
            yield NotebookNode(cell | {"id": f"{page.stem}-{number}"})  # the same at each build
            number += 1
        end = match.end()
    yield from (NotebookNode(cell | {"id": f"{page.stem}-{number}"}) for cell in _prose(text[end:], page))


def _prose(text: str, page: Path) -> Iterator[NotebookNode]:
    shown = INCLUDED.sub(lambda match: f"```{match[2]}\n{(page.parent / match[1]).read_text()}```", text)
    if shown.strip():
        yield new_markdown_cell(LINK.sub(r"\1", shown.strip()))


def _python(block: str) -> Iterator[NotebookNode]:
    """A cell for each example that prints, with those before it that do not."""
    source = ""
    for example in DocTestParser().get_examples(block):
        source += example.source
        if example.exc_msg is not None:
            name, _, message = example.exc_msg.strip().partition(": ")
            raised = new_output("error", ename=name.rpartition(".")[2], evalue=message, traceback=[example.want])
            yield _cell(source, [raised], tags=["raises-exception"])
            source = ""
        elif example.want:
            yield _cell(source, [new_output("stream", name="stdout", text=example.want)])
            source = ""
    if source:
        yield _cell(source, [])


def _console(block: str) -> Iterator[NotebookNode]:
    """A cell for each command; one that exits with 1 is an answer, too."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        shown = [new_output("stream", name="stdout", text=output)] if output.strip() else []
        yield _cell(f"%%bash --no-raise-error\n{command}", shown)


def _cell(source: str, outputs: list[Any], **metadata: Any) -> NotebookNode:
    return new_code_cell(source.rstrip(), outputs=outputs, metadata=metadata)
