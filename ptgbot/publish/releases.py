"""The folders of the site: complete releases, and a link to the current one.

``html`` is a link to ``html.d/releases/N``. A release shares unchanged files with the former one by hard links.
Switching is one rename of the link. Files in a release are never written to again, except that
``build.json`` is replaced by a new file, or written over where a full disk takes none.

Finished pages of a project are in ``kept`` instead, each replaced by a rename. A release has a link to each folder
there, so a release costs nothing for them. The projects are in ``html.d/projects``, in the same form as the site.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from attrs import define, field, frozen

from ptgbot.publish.packing import SUFFIXES, is_form, is_packed, is_worth_packing, pack, packed_form

log = logging.getLogger(__name__)

KEPT = 2
"""Number of former releases that are kept, for browsers that are still loading one."""
ABOUT = "build.json"
"""File with the number of the build, the pages changed by the newest builds, and since when builds fail."""
_ROOM = 40
"""Bytes of white space at the end of :data:`ABOUT`: on a full disk the moment of a failure takes their place."""
_MOST_NAMED = 400
"""Most characters of the names of pages in :data:`ABOUT`, because every open page reads the file again and again."""


class PublishError(Exception):
    """The site cannot be published. The message says why and what to do."""


@frozen
class Release:
    """A new release."""

    number: int
    changed: tuple[str, ...]
    """Files that differ from the former release, the site's root as ``index.html``."""
    about: Mapping[str, Any]
    """The contents of ``build.json``."""


def check_output(output: Path) -> None:
    """Make sure that a site can be published at a path, without making anything.

    Raises:
        PublishError: another program has something there.
        OSError: it cannot be looked at.
    """
    Folders(output).check()


@define
class Folders:
    """The folders of one site."""

    output: Path
    projects: Sequence[str] = ()
    """Paths of the projects below the site."""
    _lock: IO[bytes] | None = field(default=None, init=False)
    _released: dict[str, tuple[int, ...]] = field(factory=dict, init=False)
    """Modification time (ns), size and inode of each built file when it was released."""
    _names: tuple[Path | None, AbstractSet[str]] = field(default=(None, frozenset()), init=False)
    """The last release that this process made, and the names of its files."""

    @property
    def home(self) -> Path:
        """The folder of everything except the link."""
        return self.output.with_name(f"{self.output.name}.d")

    @property
    def source(self) -> Path:
        """The folder with the sources of the pages."""
        return self.home / "src"

    @property
    def work(self) -> Path:
        """The folder in which the builder works; it is not served."""
        return self.home / "work"

    @property
    def releases(self) -> Path:
        """The folder that holds a folder for each release."""
        return self.home / "releases"

    @property
    def kept(self) -> Path:
        """The folder of finished pages."""
        return self.home / "kept"

    def project(self, path: str) -> Path:
        """Return the output of a project, in which its own folders have the same form as these."""
        return self.home / "projects" / path

    def open(self) -> None:
        """Check that the folders are ours, lock them, and remove former releases.

        Raises:
            PublishError: they belong to another program, or another publisher has locked them.
            OSError: they cannot be made.
        """
        self.check()
        self.releases.mkdir(parents=True, exist_ok=True)
        self._try_switch()
        lock = (self.home / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise PublishError(
                f"another ptgbot publishes to {self.output}; stop it, or choose another output"
            ) from error
        self._lock = lock
        self.sweep(0)

    def close(self) -> None:
        """Release the lock."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def _try_switch(self) -> None:
        """Make a link beside the output and remove it, as each switch does.

        Raises:
            OSError: the folder does not let us; ``filename`` is the folder.
        """
        probe = self.output.with_name(f".{self.output.name}.check")
        try:
            probe.unlink(missing_ok=True)
            probe.symlink_to(self.home)
            probe.unlink()
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.output.parent)) from error

    def check(self) -> None:
        """Make sure that the folders are ours or absent, without making anything.

        Raises:
            PublishError: they belong to another program.
        """
        if self.output.is_symlink():
            if self.output.resolve().parent != self.releases.resolve():
                raise PublishError(
                    f"{self.output} is a link to {self.output.readlink()}, which is not ours;"
                    " remove the link, or choose another output"
                )
        elif self.output.exists():
            raise PublishError(f"{self.output} exists and is not ours; move it away, or choose another output")
        if self.home.exists() and not (self.home / "lock").exists() and any(self.home.iterdir()):
            raise PublishError(f"{self.home} exists and is not ours; move it away, or choose another output")

    def current(self) -> int | None:
        """Return the number of the current release, None if there is none."""
        try:
            number = int(self.output.readlink().name)
        except (OSError, ValueError):
            return None
        return number if (self.releases / str(number)).is_dir() else None

    def about(self) -> dict[str, Any]:
        """Return the contents of ``build.json``, empty if it is missing or damaged."""
        try:
            about = json.loads((self.output / ABOUT).read_bytes())
        except (OSError, ValueError):
            return {}
        return about if isinstance(about, dict) else {}

    def release(
        self, built: Path, files: Mapping[str, bytes], at: datetime, finished: Sequence[str] = ()
    ) -> Release | None:
        """Make a release and switch to it. Return None if nothing has changed.

        Args:
            built: the folder of built files.
            files: contents of further files by their names.
            at: the moment that the pages show (aware).
            finished: names of finished pages that were replaced since the former release.

        Raises:
            PublishError: the name of a further file leads out of the site.
            OSError: the release could not be written; the former one stays.
        """
        former = self.current()
        base = self.releases / str(former) if former is not None else None
        number = max((int(path.name) for path in self._numbered()), default=0) + 1
        target = self.releases / str(number)
        target.mkdir()
        states = _states(built)
        taken_over = {**dict(self._fill(target, base, built, states)), **dict(_write_files(target, base, files))}
        changed = tuple(sorted({*finished, *(name for name, same in taken_over.items() if not same)}))
        linked = self._link_folders(target, base)
        gone = base is not None and bool(self._names_of(base) - taken_over.keys() - {ABOUT})
        if not changed and not gone and not linked:
            shutil.rmtree(target)
            self.note_failure(None)
            return None
        pages = [name for name in changed if name.endswith(".html")]
        about = {"build": number, "at": at.isoformat(), "failing_since": None, **_news(self.about(), number, pages)}
        self._write_about(target, about)
        self._switch(number)
        # Not before: where the switch fails, the next release is made from the former one.
        self._released, self._names = states, (target, frozenset(taken_over))
        self.sweep(KEPT)
        return Release(number, changed, about)

    def note_failure(self, since: datetime | None) -> Mapping[str, Any]:
        """Write into ``build.json`` since when builds have failed, None if the last one succeeded.

        A full disk, which may be why builds fail, takes no new file; the present one is written over then.

        Returns:
            Its contents, empty if there is no release.
        """
        about, said = self.about(), since.isoformat() if since else None
        if about and about.get("failing_since") != said:
            about |= {"failing_since": said}
            try:
                self._write_about(self.output.resolve(), about)
            except OSError as error:
                if not self._write_over(about):
                    log.error("%s can't be written: %s", ABOUT, error.strerror)
        return about

    def _write_about(self, folder: Path, about: Mapping[str, Any]) -> None:
        part = folder / f".{ABOUT}.part"
        try:
            part.write_text(json.dumps(about) + " " * _ROOM, encoding="utf-8")
            part.replace(folder / ABOUT)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()
            raise

    def _write_over(self, about: Mapping[str, Any]) -> bool:
        """Write ``build.json`` in its place, which needs no room on the disk. Return whether that was possible."""
        raw = json.dumps(about).encode()
        try:
            with (self.output / ABOUT).open("r+b") as file:
                size = os.fstat(file.fileno()).st_size
                return len(raw) <= size and file.write(raw.ljust(size)) == size
        except OSError:
            return False

    def _fill(
        self, target: Path, base: Path | None, built: Path, states: Mapping[str, tuple[int, ...]]
    ) -> Iterator[tuple[str, bool]]:
        """Put the built files into a release. Yield each name, and whether the former release has the same file."""
        for folder in sorted({name.rpartition("/")[0] for name in states}):
            (target / folder).mkdir(parents=True, exist_ok=True)
        for name, state in states.items():
            same = base is not None and self._released.get(name) == state and _link(target, base, name)
            yield name, same or _put(target, base, name, (built / name).read_bytes(), built / name)

    def _link_folders(self, target: Path, base: Path | None) -> bool:
        """Link the projects and the folders of finished pages. Return whether the former release has other links."""
        finished = [path.name for path in self.kept.glob("[!.]*")]
        wanted = {
            **{name: f"../../kept/{name}" for name in finished},
            **{name: f"../../projects/{name}" for name in self.projects},
        }
        wanted = {name: leads for name, leads in wanted.items() if not (target / name).exists()}
        for name, leads in wanted.items():
            (target / name).symlink_to(leads)
        return base is not None and wanted.keys() != {path.name for path in base.iterdir() if path.is_symlink()}

    def _names_of(self, release: Path) -> AbstractSet[str]:
        """Return the names of the files in a release, read from the disk only if another process made it."""
        known, names = self._names
        return names if known == release else _names(release)

    def _switch(self, number: int) -> None:
        link = self.home / "link"
        link.unlink(missing_ok=True)
        link.symlink_to(Path(self.home.name, "releases", str(number)))
        link.replace(self.output)

    def _numbered(self) -> list[Path]:
        return [path for path in self.releases.iterdir() if path.name.isdecimal()]

    def sweep(self, kept: int) -> None:
        """Remove all releases except the current one and the ``kept`` newest former ones."""
        current = self.current()
        ended = sorted((int(path.name) for path in self._numbered()), reverse=True)
        former = [number for number in ended if current is not None and number < current][:kept]
        for number in ended:
            if number != current and number not in former:
                shutil.rmtree(self.releases / str(number), ignore_errors=True)


def _news(former: Mapping[str, Any], number: int, changed: Sequence[str]) -> dict[str, Any]:
    """Return the pages that the newest builds changed, as many builds as fit.

    ``pages`` names them, each with the last build that changed it, and lacks no page that was changed after the build
    ``since``. So a reader who has a build as new as ``since`` knows whether a page has changed.
    """
    pages = {**former.get("pages", {}), **dict.fromkeys(changed, number)}
    since = former.get("since", 0)
    room = _MOST_NAMED
    for build in sorted({*pages.values()}, reverse=True):
        room -= sum(len(name) for name, last in pages.items() if last == build)
        if room < 0:
            since = max(since, build)
            break
    return {"since": since, "pages": {name: build for name, build in sorted(pages.items()) if build > since}}


def _states(built: Path) -> dict[str, tuple[int, ...]]:
    """Return modification time (ns), size and inode of every file of a site, compressed forms left out."""
    found: dict[str, tuple[int, ...]] = {}
    folders = [("", built)]
    for prefix, folder in folders:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    folders.append((f"{prefix}{entry.name}/", Path(entry.path)))
                elif entry.is_file():
                    about = entry.stat()
                    found[f"{prefix}{entry.name}"] = (about.st_mtime_ns, about.st_size, about.st_ino)
    return {name: state for name, state in found.items() if not is_form(name, found)}


def _link(target: Path, base: Path, name: str) -> bool:
    """Link a file of the former release into a new one. Return False if the former release has no such file."""
    # Plain strings: a release has thousands of files, and making paths of them takes longer than linking them.
    former, new = f"{base}/{name}", f"{target}/{name}"
    try:
        os.link(former, new)
    except FileNotFoundError:
        return False
    for suffix in SUFFIXES:
        with contextlib.suppress(FileNotFoundError):
            os.link(f"{former}{suffix}", f"{new}{suffix}")
    return True


def _put(target: Path, base: Path | None, name: str, content: bytes, built: Path | None = None) -> bool:
    """Put a file into a release: a hard link if the former release has the same file, else a new file.

    Args:
        target: the folder of the new release.
        base: the folder of the former one, None for the first.
        name: name of the file.
        content: its content.
        built: the built file, whose compressed forms are taken over if they are up to date.

    Returns:
        Whether the former release has the same file.
    """
    new = target / name
    new.parent.mkdir(parents=True, exist_ok=True)
    old = base / name if base else None
    if old and old.is_file() and old.read_bytes() == content:
        assert base is not None
        return _link(target, base, name)
    new.write_bytes(content)
    if not is_worth_packing(new, len(content)):
        return False
    if built and is_packed(built):
        for suffix in SUFFIXES:
            packed_form(new, suffix).hardlink_to(packed_form(built, suffix))
    else:
        pack(new, content, name.startswith("_static/"))
    return False


def _write_files(target: Path, base: Path | None, files: Mapping[str, bytes]) -> Iterator[tuple[str, bool]]:
    for name, content in files.items():
        if PurePosixPath(name).is_absolute() or not set(PurePosixPath(name).parts).isdisjoint({"..", ""}):
            raise PublishError(f"{name!r} is not a name for a file of the site")
        for suffix in ("", *SUFFIXES):
            (target / f"{name}{suffix}").unlink(missing_ok=True)
        yield name, _put(target, base, name, content)


def _names(folder: Path) -> set[str]:
    files = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    return {name for name in files if not is_form(name, files)}
