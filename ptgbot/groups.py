"""The tables ``[groups.NAME]`` of the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from ptgbot.chat.groups import ALL, Group
from ptgbot.chat.message import Target
from ptgbot.chat.text import fold
from ptgbot.tables import ConfigError, Reader

_NAME = re.compile(r"[^\W_][\w-]*")


@frozen
class GroupConfig:
    """A ``[groups.NAME]`` table."""

    rooms: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Its rooms, at least one: names as in the tables of the networks, such as ``#infra``. Where "
            "several networks have a room of that name, ``NETWORK/ROOM`` says which, such as ``example/#infra``."
        },
    )
    public: bool = field(
        default=False,
        metadata={"help": "Whether the site, feeds and files may show what is said to the group."},
    )


def read_groups(reader: Reader, tables: object, rooms: Sequence[Target]) -> Iterator[Group]:
    """Yield the groups of a configuration.

    ``rooms`` are all rooms of all networks, with their names in the configuration.

    Raises:
        ConfigError: a group has an invalid name, or names an unknown room.
    """
    if not isinstance(tables, Mapping):
        raise ConfigError(f"{reader.name}: groups must be a table; write [groups.NAME].")
    seen: dict[str, str] = {}
    for name, table in tables.items():
        config = reader.read(GroupConfig, table, f"groups.{name}")
        if problem := _refusal(name, seen) or ("" if config.rooms else "a group needs at least one room."):
            raise reader.error(name, "groups", problem)
        seen[fold(name)] = name
        yield Group(name, _targets(reader, name, config, rooms), config.public)


def _refusal(name: str, seen: Mapping[str, str]) -> str | None:
    """Return why a group cannot have a name, None if it can."""
    if not _NAME.fullmatch(name):
        return "a name has letters, digits, - and _ only, and begins with a letter or digit."
    if fold(name) == ALL:
        return f"{ALL} is the group of every room already; choose another name."
    if fold(name) in seen:
        return f"capitals make no difference; {seen[fold(name)]} is the same name."
    return None


def _targets(reader: Reader, name: str, config: GroupConfig, rooms: Sequence[Target]) -> tuple[Target, ...]:
    where = f"groups.{name}"
    return tuple(dict.fromkeys(_target(reader, where, wanted, rooms) for wanted in config.rooms))


def _target(reader: Reader, where: str, wanted: str, rooms: Sequence[Target]) -> Target:
    names = [(f"{room.network}/{room.room}", room) for room in rooms]
    found = [room for full, room in names if wanted.lower() in (full.lower(), room.room.lower())]
    if not found:
        raise _missing(reader, where, wanted, rooms)
    if len({room.network for room in found}) > 1:
        choices = " or ".join(f"{room.network}/{room.room}" for room in found)
        raise reader.error("rooms", where, f"several networks have {wanted}. Write {choices}.")
    return found[0]


def _missing(reader: Reader, where: str, wanted: str, rooms: Sequence[Target]) -> ConfigError:
    network, slash, _ = wanted.partition("/")
    if not slash:
        return reader.no_room(wanted, [room.room for room in rooms], where)
    there = [f"{room.network}/{room.room}" for room in rooms if room.network.lower() == network.lower()]
    if not there:
        return reader.no_network(network, sorted({room.network for room in rooms}), where)
    return reader.no_room(wanted, there, where)


def every_room(adapters: Sequence[tuple[Any, Any, bool]]) -> tuple[Target, ...]:
    """Return all rooms of all networks of a configuration."""
    return tuple(Target(config.name, room) for kind, config, _ in adapters for room in kind.rooms(config))
