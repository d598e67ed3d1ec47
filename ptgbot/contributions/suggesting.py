"""``ptgbot stats people suggest``: prints a patch of the file about people, with the reason of each change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from ptgbot.contributions.engine import Engine
from ptgbot.contributions.git import GitFailed, Repo
from ptgbot.contributions.mailmap import Mailmap, parse_mailmap
from ptgbot.contributions.mirrors import mirror_folder
from ptgbot.contributions.model import folded
from ptgbot.contributions.patching import patch, patched_name
from ptgbot.contributions.reading import positions
from ptgbot.contributions.refreshing import MIRRORS, opened, register_of
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.suggestions import Seen, Suggested, said, suggested
from ptgbot.contributions.wishes import read_hidden
from ptgbot.feature import BulkCommand

MOST: Final = 50
"""Suggestions in a patch, unless another number is wanted."""


def suggest(settings: StatsSettings, folder: Path, arguments: Sequence[str] = ()) -> Iterator[str]:
    """Yield a patch that adds unknown addresses to people. Nothing is changed.

    Args:
        settings: the settings.
        folder: the folder of the feature's bulk storage.
        arguments: the number of suggestions, if another one than :data:`MOST` is wanted.

    Raises:
        BadData: the file about people cannot be used.
        ValueError: there is no such file in the settings, or the number is none.
    """
    if settings.people is None:
        raise ValueError("[stats] people names no file, so there is nobody to whom an address could belong.")
    if len(arguments) > 1 or not all(one.isascii() and one.isdecimal() and int(one) for one in arguments):
        raise ValueError("behind the configuration only the number of suggestions may stand, such as 20.")
    most = int(arguments[0]) if arguments else MOST
    register = register_of(settings)
    with opened(settings, folder) as engine:
        hidden = read_hidden(settings, folder)
        named = (tuple(map(str, row[:3])) for row in engine.rows("authors"))
        seen = (Seen(*one) for one in named if all(hidden.place(name) is None for name in one if name))
        found = suggested(register, seen, _commits(engine), mailmaps(engine, folder))
    added: dict[str, list[str]] = {}
    for one in found.suggestions[:most]:
        added.setdefault(one.person.id, []).append(one.email)
    lines = list(patch(settings.people, register, added))
    yield from _head(found, most, settings.people)
    yield from lines


def mailmaps(engine: Engine, folder: Path) -> Mapping[str, Mailmap]:
    """Return the ``.mailmap`` of each repository that has one. Lines that git passes over are passed over.

    Args:
        engine: the database with the facts.
        folder: the folder of the feature's bulk storage.
    """
    found = {}
    for name in sorted(positions(engine)):
        path = mirror_folder(folder / MIRRORS, name)
        if path.is_dir():
            try:
                found[name] = parse_mailmap(Repo(path).file("HEAD", ".mailmap"), name, strict=False)
            except GitFailed:
                continue  # it has none
    return found


def _commits(engine: Engine) -> Mapping[str, int]:
    """Return in how many commits each address has a part, whatever its case."""
    found: Counter[str] = Counter()
    for email, commits in engine.rows("commits_by_address"):
        found[folded(str(email))] += int(str(commits))
    return found


def _head(found: Suggested, most: int, path: Path) -> Iterator[str]:
    """Yield the lines before the patch. Each begins so that no program takes it for a part of the patch."""
    shown, more = found.suggestions[:most], len(found.suggestions) - most
    yield f"# {len(shown)} suggestions for {said(patched_name(path))}, those with the most commits first."
    if more > 0:
        yield f"# {more} more are left out; write a higher number behind the configuration to see them."
    if shown:
        yield "# Nothing is changed by itself. Look at each; then run git apply FILE, or patch -p1 < FILE, at the top"
        yield "# of the repository that has the file, else in its folder. ptgbot stats build counts anew."
    for number, one in enumerate(shown, 1):
        yield "#"
        yield f"# {number}. {said(one.person.id)} gets {said(one.email)}: {one.commits} commits"
        yield from (f"#    {reason}" for reason in one.reasons)
    if found.warnings:
        yield "#"
        yield "# Not suggested:"
        yield from (f"#    {warning}" for warning in found.warnings[:most])


COMMANDS: Final = (
    BulkCommand[StatsSettings](
        "people suggest", "print a patch that adds unknown addresses to the people they may belong to", suggest
    ),
)
