"""The hoarder's own Sphinx project: how many numbers there are, and a finished page for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ptgbot_site.build import api

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Count(api.StateDirective):
    """Shows how many numbers there are."""

    kind = "count"
    needs = ("hoarder.count",)

    @staticmethod
    def render(view: api.View, given: Mapping[str, Any]) -> Sequence[nodes.Node]:
        """Return one line."""
        return [api.line(nodes.Text(f"{view.state.slices['hoarder.count']} numbers"))]


class Numbers:
    """The numbers in bulk."""

    def __init__(self, bulk: Path) -> None:
        path = bulk / "numbers" / "numbers.txt"
        self.known = [int(line) for line in path.read_text("ascii").split()] if path.exists() else []

    def newest(self) -> int:
        """Return the last number."""
        return max(self.known, default=0)

    def changed(self, after: int, most: int) -> Sequence[tuple[int, str]]:
        """Return the numbers after a number."""
        return [(number, str(number)) for number in self.known if number > after][:most]

    def files(self, key: str, render: api.Render) -> Mapping[str, bytes | None]:
        """Return the page of a number."""
        body = f"<h1>Number {key}</h1><p><a href=\"../index.html\">All numbers</a></p>"
        return {f"each/{key}.html": render(f"each/{key}", f"Number {key}", body)}


@contextmanager
def _numbers(bulk: Path, _state: api.State) -> Iterator[Numbers]:
    yield Numbers(bulk)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register everything with the engine of the site."""
    api.add_extension(app, __name__)
    api.add_directive(app, Count)
    api.add_finished(app, api.FinishedPages("numbers", _numbers))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
