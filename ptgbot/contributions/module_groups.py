"""Groups of modules, and the types of projects in which a community sorts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from attrs import field, frozen

ALL: Final = "all"
"""The id of the type that has every module, listed or not."""
BY_ORGANISATION: Final = "organization"
"""The tag of groups that are made of the repositories of a part of the community, as old addresses call it."""


@frozen
class ModuleGroup:
    """Modules that can be asked for together."""

    id: str
    name: str
    modules: Sequence[str] = ()
    """Names of modules that belong to it in every release."""
    by_release: Sequence[tuple[str, Sequence[str]]] = ()
    """Names of releases, each with the modules that belong to the group in that release only."""
    organisation: str = ""
    """A part of the community, all of whose repositories belong to the group; empty for none."""
    tag: str = "group"
    """The kind of the group, by which lists can be narrowed."""


@frozen
class ProjectType:
    """A type of projects."""

    id: str
    name: str
    modules: Sequence[str] = ()
    """Names of modules and ids of groups."""
    parent: str = ""
    """The id of the type below which it is listed; empty for none."""


@frozen
class Scope:
    """A module in a group, or a part of a type of projects."""

    kind: str
    """``group``, ``type``, or ``module`` for a module that can be asked for."""
    id: str
    name: str
    tag: str
    """The tag of the group, or the parent of the type."""
    part: str
    """The name of a module; of a type, perhaps the id of a group. Empty where there is none."""
    release: str = ""
    """The release in which the module belongs to the group; empty for every one."""


@frozen
class Groups:
    """All groups of modules and types of projects."""

    groups: Sequence[ModuleGroup] = ()
    types: Sequence[ProjectType] = ()
    order: Sequence[ProjectType] = field(init=False)
    """The types, each followed by those below it."""

    @order.default
    def _ordered(self) -> Sequence[ProjectType]:
        below: dict[str, list[ProjectType]] = {}
        ids = {one.id for one in self.types if not one.parent}
        for one in self.types:
            below.setdefault(one.parent if one.parent in ids else "", []).append(one)
        return [found for one in below.get("", ()) for found in (one, *(below.get(one.id, ()) if one.id else ()))]

    def scopes(self, repositories: Mapping[str, str]) -> Iterator[Scope]:
        """Yield the modules, and what belongs to each group and each type, the types in the order of the tree.

        Each part of the community is a group of its own, unless a group is made of it or has its name.

        Args:
            repositories: the parts of the community, perhaps empty, by the names of the modules that belong to them.
        """
        for module, owner in repositories.items():
            yield Scope("module", module, module, owner, module)
        named = {one.id for one in self.groups} | {one.organisation for one in self.groups}
        owners = dict.fromkeys(owner for owner in repositories.values() if owner and owner not in named)
        derived = (ModuleGroup(owner, owner, organisation=owner, tag=BY_ORGANISATION) for owner in owners)
        for group in (*self.groups, *derived):
            for part, release in dict.fromkeys(_members(group, repositories)) or {("", ""): None}:
                yield Scope("group", group.id, group.name, group.tag, part, release)
        for one in self.order:
            for part in dict.fromkeys(one.modules) or ("",):
                yield Scope("type", one.id, one.name, one.parent, part)


def _members(group: ModuleGroup, repositories: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Yield the modules of a group with the release in which each belongs to it."""
    yield from ((module, "") for module in group.modules)
    if group.organisation:
        yield from ((module, "") for module, owner in repositories.items() if owner == group.organisation)
    yield from ((module, release) for release, modules in group.by_release for module in modules)
