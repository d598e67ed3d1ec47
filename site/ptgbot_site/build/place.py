"""``ptg:place``: where other features may show something on a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective
from ptgbot_site.build.registry import Registry
from ptgbot_site.build.state import State
from ptgbot_site.build.view import View


class Place(StateDirective):
    """Shows the parts that were registered for a place, in their order; nothing where there are none.

    What stands behind the name of the place is handed to the parts: the name of a track, for example.
    """

    kind = "place"
    needs = ()
    required_arguments = 1
    optional_arguments = 1
    final_argument_whitespace = True
    vanishes = True

    def uses(self) -> set[str]:
        """Return a name that stands for the slices of the parts, which may not be registered yet."""
        return {f"ptg:place:{self.arguments[0]}:{self._given()}"}

    def _given(self) -> str:
        return self.arguments[1] if len(self.arguments) > 1 else ""

    def given(self) -> dict[str, str]:
        """Return the place, and what its parts are given."""
        return {"place": self.arguments[0], "given": self._given()}

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return what the parts show."""
        return shown_at(view, given["place"], given["given"])


def shown_at(view: View, place: str, given: str = "") -> list[nodes.Node]:
    """Return what the parts registered for a place show."""
    return [node for part in view.parts.get(place, ()) for node in part.render(view, given)]


def meaning(registry: Registry, state: State, use: str) -> list[str]:
    """Return the slices that are meant by ``ptg:mentions`` and ``ptg:place:NAME:GIVEN``."""
    if use == "mentions":
        return [name for mention in registry.mentions for name in mention.uses]
    _, name, given = use.split(":", 2)
    uses = [one for part in registry.parts.get(name, ()) for one in part.uses(given)]
    return state.meant(uses)
