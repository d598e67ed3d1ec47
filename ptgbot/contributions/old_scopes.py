"""Modules, groups of them and types of projects, as a request at an old address chooses them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from attrs import field, frozen

from ptgbot.contributions.engine import Row
from ptgbot.contributions.module_groups import ALL

UNMAPPED: Final = "unknown"
"""The module of messages that name none, as old addresses call it."""
SEPARATOR: Final = "\x1f"
"""Stands between the names of a list."""
_IN_RELEASE: Final = "\x1e"
"""Stands between a module and the release in which it is chosen."""
_NOTHING: Final = "\x1e"
"""An entry of a list that no module has."""
Choice = frozenset[tuple[str, str]]
"""Modules, each with the release in which it is chosen, which is empty for every release."""


@frozen
class Scope:
    """A group of modules, or a type of projects."""

    id: str
    name: str
    tag: str
    """The tag of a group; the parent of a type."""
    parts: Sequence[tuple[str, str]]
    """Modules, or ids of groups, in small letters, each with a release, which is empty for every one."""


@frozen
class Scopes:
    """Everything by which modules can be chosen."""

    modules: Mapping[str, str]
    """Modules with activity by their names in small letters."""
    releases: Mapping[str, str]
    """Releases by their names in small letters."""
    groups: Mapping[str, Scope]
    """By their ids in small letters."""
    types: Mapping[str, Scope]
    """By their ids in small letters, in the order of the tree; :data:`ALL` is the first one."""
    idle: Mapping[str, Scope] = field(factory=dict)
    """All modules by their names in small letters, those on which nobody has worked yet among them."""

    def of_module(self, wanted: str) -> Choice | None:
        """Return what the name of a module or a group chooses, None if nothing has it. A module precedes a group."""
        key = wanted.casefold()
        if (found := self._module(key)) is not None:
            return frozenset({(found, "")})
        if key in self.groups:
            return self._group(key)
        return frozenset() if key in self.idle else None

    def of_type(self, wanted: str) -> Choice | None:
        """Return what a type of projects chooses, None if there is no such type."""
        found = self.types.get(wanted.casefold())
        if found is None:
            return None
        parts = (part for part, _release in found.parts)
        return frozenset().union(*(self._group(one) if one in self.groups else self._single(one) for one in parts))

    def _group(self, key: str) -> Choice:
        releases = {"": "", **self.releases}
        parts = self.groups[key].parts
        found = ((self._module(part), releases.get(release)) for part, release in parts)
        return frozenset((module, release) for module, release in found if module is not None and release is not None)

    def _single(self, key: str) -> Choice:
        found = self._module(key)
        return frozenset() if found is None else frozenset({(found, "")})

    def _module(self, key: str) -> str | None:
        return self.modules.get(key, "" if key == UNMAPPED else None)


def scopes_in(rows: Iterable[Row], modules: Mapping[str, str], releases: Mapping[str, str]) -> Scopes:
    """Return what a snapshot has.

    Args:
        rows: the answer to the question ``old/scopes``.
        modules: modules with activity by their names in small letters.
        releases: releases by their names in small letters.
    """
    found: dict[str, dict[str, Scope]] = {kind: {} for kind in ("group", "module", "release")}
    found["type"] = {ALL: Scope(ALL, "All", "", ())}
    parts: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for kind, scope, name, tag, part, release in rows:
        key = (str(kind), str(scope).casefold())
        listed = parts.setdefault(key, [])
        if part:
            listed.append((str(part).casefold(), str(release).casefold()))
        found[key[0]][key[1]] = Scope(str(scope), str(name), str(tag), listed)
    return Scopes(modules, releases, found["group"], found["type"], found["module"])


def both(one: Choice, other: Choice) -> Choice:
    """Return the modules that two choices have in common."""
    releases: dict[str, set[str]] = {}
    for module, release in other:
        releases.setdefault(module, set()).add(release)
    return frozenset(
        (module, release or further)
        for module, release in one
        for further in releases.get(module, ())
        if not release or not further or release == further
    )


def written(choice: Choice | None, releases: Collection[str]) -> str:
    """Return a choice as the questions take it: an empty text for every module.

    Args:
        choice: the chosen modules, None for every one.
        releases: the chosen releases, empty for every one.
    """
    if choice is None:
        return ""
    kept = {(module, release) for module, release in choice if not release or not releases or release in releases}
    if len(releases) == 1:
        # The questions choose the release already.
        kept = {(module, "") for module, _release in kept}
    names = sorted(f"{module}{_IN_RELEASE}{release}" if release else module for module, release in kept)
    # One empty name alone would be an empty list.
    return SEPARATOR.join(names or [_NOTHING]) or SEPARATOR
