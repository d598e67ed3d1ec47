"""``ptgbot stats fetch``, ``build`` and ``refresh``: reads what is new, and makes a snapshot of it for readers."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

from ptgbot.bars import progress
from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import RULES, Engine
from ptgbot.contributions.gerrit import read_servers
from ptgbot.contributions.git import Repo
from ptgbot.contributions.mail import key_of, read_lists
from ptgbot.contributions.mail_archives import keys_in, read_archives
from ptgbot.contributions.mirrors import fetch_mirror, mirror_folder
from ptgbot.contributions.model import Register
from ptgbot.contributions.paging import write_pages
from ptgbot.contributions.people_files import load_corrections, load_mailmap, load_people
from ptgbot.contributions.postgres import Postgres
from ptgbot.contributions.reading import forget_others, positions, read_all
from ptgbot.contributions.remote import asker, read
from ptgbot.contributions.rules import load_rules, tagged
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.snapshots import write_snapshot
from ptgbot.contributions.spark import exchanged
from ptgbot.contributions.talks import KEY, read_talks
from ptgbot.feature import BulkCommand
from ptgbot.store.file.lock import Lock
from ptgbot.store.store import Locked

_DATABASE: Final = "facts.duckdb"
_MIRRORS: Final = "mirrors"


class Unread(OSError):
    """Some sources could not be read; what was known of them is kept."""


def _tell(sentence: str) -> None:
    """Tell something beside the results."""
    sys.stderr.write(f"{sentence}\n")


@contextmanager
def _opened(settings: StatsSettings, folder: Path) -> Iterator[Engine]:
    """Return the database with the facts; nobody else writes it meanwhile."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = Lock(folder / ".lock")
    try:
        lock.acquire()
    except Locked as error:
        raise ValueError(f"another ptgbot stats reads or counts already: {folder / '.lock'} is locked.") from error
    try:
        is_server = settings.engine.startswith("postgres")
        engine = Postgres(settings.engine) if is_server else Duck(folder / _DATABASE)
        try:
            engine.prepare()
            yield engine
        finally:
            engine.close()
    finally:
        lock.release()


def fetch(settings: StatsSettings, folder: Path, _arguments: Sequence[str] = ()) -> Iterator[str]:
    """Read what is new in all sources. Yield a sentence about each that had news.

    Args:
        settings: the settings.
        folder: the folder of the feature's bulk storage.

    Raises:
        Unread: sources could not be read; everything else was.
        ValueError: the database cannot be opened.
    """
    with _opened(settings, folder) as engine:
        yield from _fetched(engine, settings, folder)


def _fetched(engine: Engine, settings: StatsSettings, folder: Path) -> Iterator[str]:
    troubles: list[str] = []

    def tell(sentence: str) -> None:
        troubles.append(sentence)
        _tell(sentence)

    asking = [(server, asker(server.url, server.user, server.password_file)) for server in settings.gerrit]
    projects = [(server.url, project, ask) for server, ask in asking for project in server.projects]
    lists = {one.name: one.mbox for one in settings.mail if one.mbox}
    servers = [f"{url}{project}" for url, project, _ in projects]
    mail = [*map(key_of, lists), *keys_in(engine, settings.archives)]
    yield from forget_others(engine, [*settings.repositories, *servers, *mail, *_talks_key(settings)])
    names = progress(settings.repositories, "reading")
    yield from read_all(engine, names, lambda uri: fetch_mirror(folder / _MIRRORS, uri), tell, settings.wanted)
    yield from read_servers(engine, projects, tell)
    yield from read_lists(engine, lists, tell)
    yield from read_archives(engine, settings.archives, read, tell, time.time())
    if settings.talks and (new := read_talks(engine, folder)):
        yield f"{KEY}: {new} new commands"
    if troubles:
        raise Unread(f"sources that could not be read: {len(troubles)}")


def _talks_key(settings: StatsSettings) -> list[str]:
    return [KEY] if settings.talks else []


def build(settings: StatsSettings, folder: Path, _arguments: Sequence[str] = ()) -> Iterator[str]:
    """Make a snapshot for readers from the facts and the rules. Yield a sentence about it.

    Args:
        settings: the settings.
        folder: the folder of the feature's bulk storage.

    Raises:
        BadData: a file about people cannot be used; the snapshot stays as it was.
        ValueError: the database cannot be opened.
    """
    with _opened(settings, folder) as engine:
        yield from _built(engine, settings, folder)


def _built(engine: Engine, settings: StatsSettings, folder: Path) -> Iterator[str]:
    register = register_of(settings, _tell)
    corrections = load_corrections(settings.corrections) if settings.corrections else ()
    names = sorted(positions(engine))
    with engine.transaction():
        for table in RULES:
            engine.remove(table)
        for name in names:
            path = mirror_folder(folder / _MIRRORS, name)
            if path.is_dir():
                engine.load("tagged", tagged(Repo(path), name, name, register, _tell))
        load_rules(engine, register, corrections, settings.options, names, set(names) - set(settings.repositories))
    path = _counted(engine, settings, folder)
    yield f"Snapshot {path.stem}: {len(names)} sources counted."
    write_pages(engine, folder, register, settings.options)


def _counted(engine: Engine, settings: StatsSettings, folder: Path) -> Path:
    """Write a snapshot, counted by the database that keeps the facts, or by Spark."""
    if isinstance(engine, Duck) and settings.engine.startswith("spark:"):
        with exchanged(engine, settings.engine, settings.exchange or folder / "exchange") as spark:
            return write_snapshot(spark, folder)
    return write_snapshot(engine, folder)


def refresh(settings: StatsSettings, folder: Path, _arguments: Sequence[str] = ()) -> Iterator[str]:
    """Read what is new, then make a snapshot, even if sources could not be read.

    Raises:
        Unread: sources could not be read; the snapshot is made.
        BadData: a file about people cannot be used; the snapshot stays as it was.
        ValueError: the database cannot be opened.
    """
    with _opened(settings, folder) as engine:
        trouble: Unread | None = None
        try:
            yield from _fetched(engine, settings, folder)
        except Unread as error:
            trouble = error
        yield from _built(engine, settings, folder)
    if trouble:
        raise trouble


def register_of(settings: StatsSettings, tell: Callable[[str], None]) -> Register:
    """Return people, organisations and releases, as the settings name their files.

    Raises:
        BadData: a file cannot be used.
        OSError: it cannot be read.
    """
    register = Register()
    if settings.people:
        loaded = load_people(settings.people)
        register = loaded.register
        for doubt in loaded.doubts:
            tell(doubt)
    if settings.mailmap:
        register.mailmap = load_mailmap(settings.mailmap)
    assistants = "|".join(f"(?:{one})" for one in settings.assistants)
    return attrs.evolve(register, assistants=re.compile(assistants, re.IGNORECASE)) if assistants else register


BULK_COMMANDS: Final = (
    BulkCommand[StatsSettings]("fetch", "read what is new in repositories and other sources", fetch),
    BulkCommand[StatsSettings]("build", "count everything, for the pages and commands", build),
    BulkCommand[StatsSettings]("refresh", "fetch, then build, as the bot does every few hours", refresh),
)
