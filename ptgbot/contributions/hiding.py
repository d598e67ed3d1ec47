"""``ptgbot stats hide`` and ``show``: puts people on the list of those who are hidden, and takes them off it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ptgbot.chat.text import count
from ptgbot.contributions.hidden_list import HiddenList
from ptgbot.contributions.masking import names_of
from ptgbot.contributions.model import Person, Register, folded
from ptgbot.contributions.refreshing import register_of
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.wishes import KEY, list_path, read_hidden
from ptgbot.feature import BulkCommand
from ptgbot.store.files import replace_file

_BYTES: Final = 32
"""Length of a secret."""
_READABLE: Final = 0o644


def hide(settings: StatsSettings, folder: Path, arguments: Sequence[str] = ()) -> Iterator[str]:
    """Put people on the list, each with everything by which the list of people knows them. Yield a sentence.

    Args:
        settings: the settings.
        folder: the folder of the feature's bulk storage.
        arguments: addresses, accounts such as ``gerrit:mira``, or ids of the list of people.

    Raises:
        ValueError: an argument is none of these.
        BadList: the list cannot be used.
        OSError: it cannot be read or written.
    """
    named = _named(settings, arguments)
    if not (folder / KEY).exists():
        read_hidden(settings, folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(settings, folder, HiddenList(secrets.token_bytes(_BYTES)))
    before = read_hidden(settings, folder)
    for names in named:
        after = before.with_names(names)
        first = min(place for name in names if (place := after.place(name)) is not None)
        yield f"{after.pseudonym(first)}: one person, {count(len(names), 'line')} of the list."
        before = after
    _write(settings, folder, before)
    yield "They are hidden from the next count on: ptgbot stats build."


def show(settings: StatsSettings, folder: Path, arguments: Sequence[str] = ()) -> Iterator[str]:
    """Take people off the list, each with everything by which the list of people knows them. Yield a sentence.

    Args:
        settings: the settings.
        folder: the folder of the feature's bulk storage.
        arguments: addresses, accounts such as ``gerrit:mira``, or ids of the list of people.

    Raises:
        ValueError: an argument is none of these, or is not on the list.
        BadList: the list cannot be used.
        OSError: it cannot be read or written.
    """
    named = _named(settings, arguments)
    before = read_hidden(settings, folder)
    for names, argument in zip(named, arguments, strict=True):
        after = before.without_names(names)
        if len(after.hashes) == len(before.hashes):
            raise ValueError(f"{argument} is not on the list of hidden people.")
        before = after
    _write(settings, folder, before)
    yield "They are shown from the next count on: ptgbot stats build."


def _write(settings: StatsSettings, folder: Path, hidden: HiddenList) -> None:
    """Write the list, and before it the secret that it needs."""
    if not (folder / KEY).exists():
        replace_file(folder / KEY, hidden.key)
    replace_file(list_path(settings, folder), "".join(hidden.lines()).encode(), mode=_READABLE)


def _named(settings: StatsSettings, arguments: Sequence[str]) -> Sequence[Sequence[str]]:
    """Return for each argument everything by which that person is known."""
    if not arguments:
        raise ValueError("say who: an address, an account such as gerrit:mira, or an id of the list of people.")
    register = register_of(settings)
    return [_names(register, argument) for argument in arguments]


def person_of(register: Register, name: str) -> Person | None:
    """Return the entry of the list of people that has an address, an account or an id, None if there is none."""
    mapped = register.mailmap.applied("", name)[1] if "@" in name else name
    wanted = {folded(name), folded(mapped)}
    return next((one for one in register.people if not wanted.isdisjoint(map(folded, names_of(one)))), None)


def _names(register: Register, argument: str) -> Sequence[str]:
    found = person_of(register, argument)
    if found is None and "@" not in argument.strip("@") and ":" not in argument.strip(":"):
        raise ValueError(f"{argument} is no address, no account such as gerrit:mira, and no id of the list of people.")
    mapped = register.mailmap.applied("", argument)[1] if "@" in argument else argument
    names = (argument, mapped, *(names_of(found) if found else ()))
    return [*dict.fromkeys(map(folded, names))]


HIDING: Final = (
    BulkCommand[StatsSettings]("hide", "hide people behind a pseudonym: CONFIG ADDRESS…", hide),
    BulkCommand[StatsSettings]("show", "show people again who were hidden: CONFIG ADDRESS…", show),
)
