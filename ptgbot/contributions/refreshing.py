"""``ptgbot stats fetch``, ``build`` and ``refresh``: reads what is new, and makes a snapshot of it for readers."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ptgbot.bars import progress, write_line
from ptgbot.contributions.corrections import Correction
from ptgbot.contributions.duck import Duck, interruptible
from ptgbot.contributions.engine import RULES, Engine
from ptgbot.contributions.gerrit import read_servers
from ptgbot.contributions.git import Repo
from ptgbot.contributions.mail import key_of, read_lists
from ptgbot.contributions.mail_archives import keys_in, read_archives, source_of
from ptgbot.contributions.masking import masked, masked_corrections
from ptgbot.contributions.mirrors import fetch_mirror, mirror_folder, remove_others
from ptgbot.contributions.model import Register
from ptgbot.contributions.paging import write_pages
from ptgbot.contributions.people_files import load_corrections, load_mailmap, load_people
from ptgbot.contributions.postgres import Postgres
from ptgbot.contributions.reading import forget_others, newest_commits, positions, read_all
from ptgbot.contributions.remote import asker, read
from ptgbot.contributions.renewing import facts_in, renew_pages, renew_tables
from ptgbot.contributions.rules import load_rules, merged, tagged, with_assistants
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.snapshots import number_of, write_snapshot
from ptgbot.contributions.spark import exchanged
from ptgbot.contributions.talks import KEY, read_talks
from ptgbot.contributions.wishes import wishes_of
from ptgbot.feature import BulkCommand
from ptgbot.store.file.lock import Lock
from ptgbot.store.store import Locked

_DATABASE: Final = "facts.duckdb"
MIRRORS: Final = "mirrors"
"""Folder of the copies of repositories."""


class Unread(OSError):
    """Some sources could not be read; what was known of them is kept."""


def _tell(sentence: str) -> None:
    """Tell something beside the results."""
    write_line(sentence, sys.stderr)


@contextmanager
def opened(settings: StatsSettings, folder: Path) -> Iterator[Engine]:
    """Return the database with the facts; nobody else writes it meanwhile.

    Args:
        settings: name the engine.
        folder: the folder of the feature's bulk storage.

    Raises:
        ValueError: another process reads or counts, or the database cannot be opened.
        OSError: the folder cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = Lock(folder / ".lock")
    try:
        lock.acquire()
    except Locked as error:
        raise ValueError(f"another ptgbot stats reads or counts already: {folder / '.lock'} is locked.") from error
    try:
        is_server = settings.engine.startswith("postgres")
        engine = Postgres(settings.engine) if is_server else facts_in(folder / _DATABASE, _tell)
        try:
            renew_tables(engine, _tell)
            engine.prepare()
            with interruptible():
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
    with opened(settings, folder) as engine:
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
    remove_others(folder / MIRRORS, settings.repositories)
    names = progress(settings.repositories, "reading")
    yield from read_all(engine, names, lambda uri: fetch_mirror(folder / MIRRORS, uri), tell, settings.wanted)
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
    with opened(settings, folder) as engine:
        yield from _built(engine, settings, folder)


def _built(engine: Engine, settings: StatsSettings, folder: Path) -> Iterator[str]:
    register, wishes = register_of(settings, _tell), wishes_of(settings, folder)
    corrections = load_corrections(settings.corrections) if settings.corrections else ()
    register = masked(register, engine.rows("authors") if wishes.are_many else (), corrections, wishes)
    corrections = [*masked_corrections(corrections, register, wishes.public)]
    names = rules_loaded(engine, settings, folder, register, corrections, _tell, wishes.public)
    path = _counted(engine, settings, folder)
    yield f"Snapshot {number_of(path)}: {len(set(map(source_of, names)))} sources counted."
    renew_pages(folder, _tell)
    write_pages(engine, folder, register, settings)


def rules_loaded(
    engine: Engine,
    settings: StatsSettings,
    folder: Path,
    register: Register,
    corrections: Sequence[Correction],
    tell: Callable[[str], None],
    public: Callable[[str], str] = str,
) -> Sequence[str]:
    """Replace the rules in the database by those of the files. Return the keys of all sources.

    Args:
        engine: the database with the facts.
        settings: the settings.
        folder: the folder of the feature's bulk storage.
        register: people, organisations and releases.
        corrections: mistakes in commits.
        tell: called with a sentence about each tag that a repository does not have.
        public: makes the form in which names of modules, organisations and releases are shown.
    """
    known = positions(engine)
    names = sorted(known)
    with engine.transaction():
        for table in RULES:
            engine.remove(table)
        for name in names:
            path = mirror_folder(folder / MIRRORS, name)
            if path.is_dir():
                found = tagged(Repo(path), name, name, name, register, tell)
                engine.load("tagged", ((*commit, public(str(release))) for *commit, release in found))
                if settings.date == "merge":
                    engine.load("merged", merged(Repo(path), name, newest_commits(known[name]), tell))
        reviewed = set(names) - set(settings.repositories)
        load_rules(engine, register, corrections, settings.options, names, reviewed, public)
    return names


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
    with opened(settings, folder) as engine:
        trouble: Unread | None = None
        try:
            yield from _fetched(engine, settings, folder)
        except Unread as error:
            trouble = error
        yield from _built(engine, settings, folder)
    if trouble:
        raise trouble


def register_of(settings: StatsSettings, tell: Callable[[str], None] = lambda _doubt: None) -> Register:
    """Return people, organisations and releases, as the settings name their files.

    Args:
        settings: the settings.
        tell: called with a sentence about each contradiction in the file about people; a count tells of them.

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
    return with_assistants(register, settings.assistants)


BULK_COMMANDS: Final = (
    BulkCommand[StatsSettings]("fetch", "read what is new in repositories and other sources", fetch),
    BulkCommand[StatsSettings]("build", "count everything, for the pages and commands", build),
    BulkCommand[StatsSettings]("refresh", "fetch, then build, as the bot does every few hours", refresh),
)
