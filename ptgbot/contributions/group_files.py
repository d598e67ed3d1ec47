"""Reads and writes groups of modules and types of projects, in both forms of the file about people."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from ptgbot.contributions.module_groups import ALL, BY_ORGANISATION, Groups, ModuleGroup, ProjectType
from ptgbot.contributions.node import Node

LISTS: Final = frozenset({"module_groups", "project_types"})
"""The lists in our TOML."""
_GROUP: Final = frozenset({"id", "name", "modules", "organisation", "tag", "releases"})
_RELEASE: Final = frozenset({"name", "modules"})
_TYPE: Final = frozenset({"id", "name", "modules", "parent"})
_LEFT_OUT: Final = {
    "mail_lists": "the configuration names mailing lists, in tables [[stats.mail]]",
    "member_lists": "members of a foundation are not counted",
}


def groups_in(top: Node, is_ours: bool, releases: Collection[str]) -> Groups:
    """Return the groups and types in a file. Mistakes are noted at the file.

    Args:
        top: the file.
        is_ours: whether it is our TOML; else it is ``default_data.json``.
        releases: the names of the releases in the file, in small letters.
    """
    groups = [_ours(node, releases) for node in top.nodes("module_groups")] if is_ours else _theirs(top)
    types = _our_types(top) if is_ours else _their_types(top)
    found = Groups(tuple(groups), tuple(types))
    key = "id" if is_ours else "module_group_name"
    _check_unique(top, "module_groups", key, [one.id for one in found.groups])
    _check_unique(top, "project_types", "id", [one.id for one in found.types])
    return found


def _check_unique(top: Node, name: str, key: str, ids: Sequence[str]) -> None:
    """Note ids that an earlier table of a list has; capitals make no difference."""
    owners: dict[str, int] = {}
    for position, (node, one) in enumerate(zip(top.nodes(name), ids, strict=False)):
        if owners.setdefault(one.lower(), position) != position:
            node.doubt(key, f"{name}[{owners[one.lower()]}] has the id {one}, too")


def left_out(top: Node) -> Sequence[str]:
    """Return a sentence about each list of ``default_data.json`` that no count needs."""
    return [f"{top.source.sentence((key,), why)}" for key, why in _LEFT_OUT.items() if top.table.get(key)]


def _ours(node: Node, releases: Collection[str]) -> ModuleGroup:
    node.only(_GROUP)
    key = node.text("id")
    by_release = []
    for one in node.nodes("releases"):
        one.only(_RELEASE)
        name = one.text("name")
        if name and name.lower() not in releases:
            one.doubt("name", f"there is no release {name} in the file")
        by_release.append((name, one.texts("modules")))
    organisation = node.maybe("organisation") or ""
    tag = node.maybe("tag") or (BY_ORGANISATION if organisation else "group")
    return ModuleGroup(key, node.maybe("name") or key, node.texts("modules"), tuple(by_release), organisation, tag)


def _theirs(top: Node) -> list[ModuleGroup]:
    """Return the groups of ``default_data.json``, and those of the parts of the community that it names."""
    found = []
    for node in top.nodes("module_groups"):
        name, tag = node.text("module_group_name"), node.maybe("tag") or "group"
        found.append(ModuleGroup(node.maybe("id") or name, name, node.texts("modules"), tag=tag))
    known = {one.id for one in found}
    for node in top.nodes("project_sources"):
        owner = node.text("organization")
        key = node.maybe("module_group_id") or owner
        if key not in known:
            known.add(key)
            name = node.maybe("module_group_name") or owner
            found.append(ModuleGroup(key, name, organisation=owner, tag=BY_ORGANISATION))
    return found


def _our_types(top: Node) -> Iterator[ProjectType]:
    nodes = [*top.nodes("project_types")]
    roots = {ALL, *(node.table.get("id") for node in nodes if not node.table.get("parent"))}
    for node in nodes:
        node.only(_TYPE)
        key, parent = node.text("id"), node.maybe("parent") or ""
        if parent and parent not in roots:
            node.doubt("parent", f"there is no type {parent} without a parent in the file")
        yield ProjectType(key, node.maybe("name") or key, node.texts("modules"), parent)


def _their_types(top: Node) -> Iterator[ProjectType]:
    """Yield the types of ``default_data.json``, where a child belongs to the last type before it that is none."""
    parent = ""
    for node in top.nodes("project_types"):
        found = node.table.get("child")
        if found is not None and not isinstance(found, bool):
            node.problem("child", f"expected true or false, found {found!r:.60}")
        key = node.text("id")
        if found is True and not parent:
            node.doubt("child", f"{key} is a child, and there is no type before it")
        yield ProjectType(key, node.maybe("title") or key, node.texts("modules"), parent if found is True else "")
        parent = parent if found is True else key


def groups_as_toml(groups: Groups) -> Iterator[str]:
    """Yield the lines of a file that reads as the same groups and types."""
    for group in groups.groups:
        yield from ("[[module_groups]]", f"id = {_text(group.id)}", f"name = {_text(group.name)}")
        if group.organisation:
            yield f"organisation = {_text(group.organisation)}"
        if group.modules:
            yield from _listed("modules", group.modules)
        if group.tag != (BY_ORGANISATION if group.organisation else "group"):
            yield f"tag = {_text(group.tag)}"
        if group.by_release:
            yield "releases = ["
            for release, modules in group.by_release:
                yield f"  {{ name = {_text(release)}, modules = [{', '.join(map(_text, modules))}] }},"
            yield "]"
        yield ""
    for one in groups.types:
        yield from ("[[project_types]]", f"id = {_text(one.id)}", f"name = {_text(one.name)}")
        if one.parent:
            yield f"parent = {_text(one.parent)}"
        yield from _listed("modules", one.modules)
        yield ""


def _listed(key: str, names: Sequence[str]) -> Iterator[str]:
    yield f"{key} = ["
    yield from (f"  {_text(name)}," for name in names)
    yield "]"


def _text(text: str) -> str:
    """Return a text as a basic string of TOML, which has the escapes of JSON; DEL must be escaped, too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
