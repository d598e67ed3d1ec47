"""Backups: one archive of everything that a bot must not lose, made while it runs, and put back as any user."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Final

from attrs import frozen

from ptgbot import __version__
from ptgbot.bars import progress
from ptgbot.bulk import bulk_folder
from ptgbot.config import Config, ConfigError
from ptgbot.store.export import READABLE
from ptgbot.store.file import Paths
from ptgbot.store.file.journal import archives, read, read_whole
from ptgbot.store.file.lock import Lock
from ptgbot.store.files import OWNER, replace_file, sync_folder
from ptgbot.store.store import Damaged

if TYPE_CHECKING:
    from ptgbot.service import Service

ABOUT: Final = "ptgbot-backup.json"
JOURNAL: Final = "journal.jsonl"
EXPORT: Final = "export.json"
_FORM: Final = 1
_TRIES: Final = 5
_SQLITE: Final = b"SQLite format 3\0"


class _Rotated(Exception):
    """The journal was replaced while it was copied."""


def back_up(config: Config, target: Path) -> int:
    """Write an archive and return the number of its files. The bot may be running.

    The journal is copied first and the documents after it, because a document is on the disk before the journal names
    it. If the journal was rotated meanwhile, everything is copied anew.

    Raises:
        ConfigError: there is no state.
        OSError: a file cannot be read or written.
    """
    for _ in range(_TRIES - 1):
        with contextlib.suppress(_Rotated):
            return _write(config, target)
    return _write(config, target)


async def copy_running(service: Service, target: Path) -> int:
    """Write an archive from inside the running bot.

    Raises:
        OSError: a file cannot be read or written.
    """
    return await asyncio.to_thread(back_up, service.config, target)


def _write(config: Config, target: Path) -> int:
    paths = Paths(config.state.path)
    if not paths.journal.exists() and not paths.export.exists():
        raise ConfigError(f"there is no state at {config.state.path}.")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz") as tar:
                number = _fill(tar, config, paths)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    return number


def _fill(tar: tarfile.TarFile, config: Config, paths: Paths) -> int:
    before = _identity(paths.journal)
    _add(tar, ABOUT, json.dumps(_about(config)).encode())
    if paths.journal.exists():
        _add(tar, JOURNAL, _whole_lines(paths.journal))
    files = [*_files(config, paths)]
    for name, path in progress(files, "backup"):
        # What was removed meanwhile is not needed any more.
        with contextlib.suppress(FileNotFoundError):
            _add(tar, name, _contents(path))
    if _identity(paths.journal) != before:
        raise _Rotated
    return len(files) + 2


def _identity(path: Path) -> int:
    return path.stat().st_ino if path.exists() else 0


def _about(config: Config) -> dict[str, object]:
    return {
        "form": _FORM,
        "version": __version__,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "networks": [one.name for _, one, _ in config.adapters],
    }


def _whole_lines(path: Path) -> bytes:
    contents, problem = read_whole(path)
    if contents is None or problem:
        raise Damaged(problem)
    return path.read_bytes()[: contents.length]


def _files(config: Config, paths: Paths) -> Iterator[tuple[str, Path]]:
    """Yield the files besides the journal with their names in the archive."""
    for number, path in enumerate(archives(paths.journal), 1):
        yield f"archives/{number:03}.jsonl", path
    folders = [("documents", paths.documents), ("blobs", paths.blobs), ("bulk", bulk_folder(paths.export))]
    for kind, one, _ in config.adapters:
        folders += [(f"stores/{one.name}/{n}", folder) for n, folder in enumerate(kind.folders(one))]
    for name, folder in folders:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            # A database's log and index are in the copy that SQLite makes of it.
            if path.is_file() and not path.is_symlink() and not path.name.endswith(("-wal", "-shm", "-journal")):
                yield f"{name}/{path.relative_to(folder).as_posix()}", path
    if paths.export.exists():
        yield EXPORT, paths.export


def _contents(path: Path) -> bytes:
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            return path.read_bytes()
    with tempfile.TemporaryDirectory(prefix="ptgbot-backup-") as folder:
        copy = Path(folder) / "copy"
        theirs, ours = sqlite3.connect(f"file:{path}?mode=ro", uri=True), sqlite3.connect(copy)
        with contextlib.closing(theirs), contextlib.closing(ours):
            theirs.backup(ours)
        return copy.read_bytes()


def _add(tar: tarfile.TarFile, name: str, raw: bytes) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mode, about.mtime = len(raw), OWNER, int(datetime.now(UTC).timestamp())
    tar.addfile(about, io.BytesIO(raw))


@frozen
class Restored:
    """What was put back."""

    files: int
    aside: Path | None
    """The folder to which a former state was moved, None if there was none."""


def restore(config: Config, source: Path, *, replace: bool) -> Restored:
    """Put an archive back. A bot must not be running.

    The files belong to the owner of the state's folder afterwards, also if root puts them back.

    Raises:
        ConfigError: the archive is none of ours, or there is a state already and ``replace`` is not set.
        Damaged: the journal in the archive is not what was written.
        Locked: a bot works on the state.
        OSError: a file cannot be read or written.
    """
    paths = Paths(config.state.path)
    paths.export.parent.mkdir(parents=True, exist_ok=True)
    with Lock(paths.lock), _opened(source) as tar:
        try:
            members = [one for one in tar.getmembers() if one.isfile()]
        except tarfile.TarError as error:
            raise ConfigError(f"{source} is no backup: {error}.") from error
        if ABOUT not in {one.name for one in members}:
            raise ConfigError(f"{source} is no backup of a ptgbot: it has no {ABOUT}.")
        targets = {one.name: found for one in members if (found := _target(config, paths, one.name, members))}
        present = _present(config, paths)
        if present and not replace:
            raise ConfigError(f"there is a state at {paths.export} already; --replace moves it aside.")
        aside = _move_aside(paths, present) if present else None
        made = [paths.lock]
        for one in progress(members, "restore"):
            if target := targets.get(one.name):
                file = tar.extractfile(one)
                assert file is not None
                made += _put(target, file, READABLE if one.name == EXPORT else OWNER)
        if paths.journal.exists():
            read(paths.journal)
        _give(made, paths.export.parent)
    return Restored(len(targets), aside)


def _opened(source: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(source, "r:gz")
    except tarfile.TarError as error:
        raise ConfigError(f"{source} is no backup: {error}.") from error


def _target(config: Config, paths: Paths, name: str, members: Sequence[tarfile.TarInfo]) -> Path | None:
    """Return the path for a file of the archive, None for a file that is not put back.

    Raises:
        ConfigError: its name leads out of the folder.
    """
    kind, *rest = PurePosixPath(name).parts
    if ".." in rest or name.startswith("/"):
        raise ConfigError(f"{name} leads out of the archive.")
    if name == JOURNAL:
        return paths.journal
    if name == EXPORT:
        # The journal is the truth: beside it, an older file would come back as an edit by hand.
        return None if JOURNAL in {one.name for one in members} else paths.export
    if kind == "archives":
        return paths.journal.with_name(f"{paths.journal.stem}.{rest[0]}")
    folders = {"documents": paths.documents, "blobs": paths.blobs, "bulk": bulk_folder(paths.export)}
    if kind in folders:
        return folders[kind].joinpath(*rest)
    if kind == "stores":
        network, number, *inside = rest
        found = [folder for kind, one, _ in config.adapters if one.name == network for folder in kind.folders(one)]
        if int(number) >= len(found):
            raise ConfigError(f"the archive has data of the network {network}, which the configuration does not name.")
        return found[int(number)].joinpath(*inside)
    return None


def _present(config: Config, paths: Paths) -> list[Path]:
    """Return the files and folders of a former state."""
    stores = [folder for kind, one, _ in config.adapters for folder in kind.folders(one)]
    every = (paths.journal, *archives(paths.journal), paths.export, paths.documents, paths.blobs)
    return [path for path in (*every, bulk_folder(paths.export), *stores) if path.exists()]


def _move_aside(paths: Paths, present: Sequence[Path]) -> Path:
    aside = paths.export.with_name(f"{paths.export.stem}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    aside.mkdir(mode=0o700)
    for path in present:
        path.rename(aside / path.name)
    return aside


def _put(target: Path, file: IO[bytes], mode: int) -> list[Path]:
    """Write a file. Return it and the folders that were made for it."""
    missing = [folder for folder in target.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700)
    replace_file(target, file.read(), mode=mode)
    return [*missing, target]


def _give(made: Sequence[Path], folder: Path) -> None:
    """Give files to the owner of the state's folder. Only root can, and only root needs to."""
    if os.geteuid() != 0:
        return
    owner = folder.stat()
    for path in made:
        os.chown(path, owner.st_uid, owner.st_gid)
