"""Groups of rooms: operators name them in the configuration, people type them as ``@infra``."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from ptgbot.chat.message import Target
from ptgbot.chat.text import fold, nearest

ALL: Final = "all"
"""The group of every room of every network."""


@frozen
class Group:
    """Rooms that get the same lines."""

    name: str
    rooms: tuple[Target, ...]
    public: bool = False
    """Whether the site, feeds and files may tell what is said to it. What is said to another one stays there."""


@frozen
class Groups:
    """All groups of a configuration, including :data:`ALL`."""

    groups: tuple[Group, ...] = field(default=(Group(ALL, (), True),))

    def find(self, name: str) -> Group | None:
        """Return the group with a typed name, with or without ``@``, in any case; None if there is none."""
        wanted = fold(name.removeprefix("@"))
        return next((group for group in self.groups if fold(group.name) == wanted), None)

    def near(self, name: str) -> str | None:
        """Return the name that is most similar to a mistyped one, None if none is similar."""
        known = {fold(group.name): group.name for group in self.groups}
        found = nearest(fold(name.removeprefix("@")), known, 1)
        return known[found[0]] if found else None
