"""``ptg:place``: a place on a page where other features may show parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes

from ptgbot_site.build.directive import StateDirective
from ptgbot_site.build.registry import Registry
from ptgbot_site.build.state import State
from ptgbot_site.build.view import View


class Place(StateDirective):
    """Shows the parts that were registered for a place, in order; nothing if there are none.

    The text after the name of the place, such as the name of a track, is passed to the parts.
    """

    kind = "place"
    needs = ()
    required_arguments = 1
    optional_arguments = 1
    final_argument_whitespace = True
    vanishes = True

    def uses(self) -> set[str]:
        """Return a name for the slices of the parts, which may not be registered yet."""
        return {f"ptg:place:{self.arguments[0]}:{self._given()}"}

    def _given(self) -> str:
        return self.arguments[1] if len(self.arguments) > 1 else ""

    def given(self) -> dict[str, str]:
        """Return the place, and the text that is passed to its parts."""
        return {"place": self.arguments[0], "given": self._given()}

    @staticmethod
    def render(view: View, given: Mapping[str, Any]) -> list[nodes.Node]:
        """Return the nodes of the parts."""
        return shown_at(view, given["place"], given["given"])


def shown_at(view: View, place: str, given: str = "") -> list[nodes.Node]:
    """Return the nodes of the parts that are registered for a place."""
    return [node for part in view.parts.get(place, ()) for node in part.render(view, given)]


def meaning(registry: Registry, state: State, use: str) -> list[str]:
    """Return the slices that ``ptg:mentions`` and ``ptg:place:NAME:GIVEN`` mean."""
    if use == "mentions":
        return [name for mention in registry.mentions for name in mention.uses]
    _, name, given = use.split(":", 2)
    uses = [one for part in registry.parts.get(name, ()) for one in part.uses(given)]
    return state.meant(uses)
