"""Reads repositories with the program git: ``git log`` with lines added and deleted, in a form no name can break."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from re import Pattern
from typing import IO, Final

from ptgbot.contributions.commits import Author, Commit

_FORMAT: Final = "%H%x00%at%x00%ct%x00%an%x00%ae%x00%B%x00"
_FIELDS: Final = _FORMAT.count("%x00")
_CHANGED: Final = re.compile(rb"\n?(\d+|-)\t(\d+|-)\t")
_CHUNK: Final = 1 << 20
_FIRST: Final = -62_135_596_800
"""Seconds of the year 1."""
_LAST: Final = 253_402_300_799
"""Seconds of the end of the year 9999. Dates that git can store and no calendar has are cut to these two."""
_SETTINGS: Final = (
    "safe.directory=*",
    "log.showSignature=false",
    "log.mailmap=false",
    "i18n.logOutputEncoding=UTF-8",
    "diff.algorithm=default",
    "diff.indentHeuristic=true",
    "diff.ignoreSubmodules=none",
    "core.quotePath=false",
)
"""Settings that would change the numbers. The caller has named the repository, so its owner is not asked for."""


class GitFailed(ValueError):
    """Git is missing, or could not read a repository. The message has git's own words."""


class Repo:
    """A repository on the disk, with a working tree or without."""

    def __init__(self, folder: Path) -> None:
        """Use the repository in a folder.

        Raises:
            GitFailed: git is not installed.
        """
        found = shutil.which("git")
        if found is None:
            raise GitFailed("the program git is not installed; repositories are read with it.")
        self.folder = folder
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        self._git = (found, "-C", str(folder), *settings, "--no-pager")

    def resolve(self, revision: str) -> str:
        """Return the id of a commit.

        Raises:
            GitFailed: there is no such commit.
        """
        return self._said("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()

    def head(self) -> str:
        """Return the id of the newest commit of the present branch, empty if there is none yet.

        Raises:
            GitFailed: the folder is no repository.
        """
        self._said("rev-parse", "--git-dir")
        try:
            return self.resolve("HEAD")
        except GitFailed:
            return ""

    def origin(self) -> str:
        """Return the address from which the repository was cloned, empty if there is none."""
        try:
            return self._said("config", "--get", "remote.origin.url").strip()
        except GitFailed:
            return ""

    def count(self, revision: str, *, merges: bool) -> int:
        """Return how many commits lead to a revision.

        Args:
            revision: id of a commit.
            merges: count only the merges.
        """
        only = ["--merges"] if merges else []
        return int(self._said("rev-list", "--count", *only, revision))

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Say whether one commit is in the history of another; False if the older one is not there any more."""
        try:
            self._said("merge-base", "--is-ancestor", older, newer)
        except GitFailed:
            return False
        return True

    def shas(self, *ranges: str) -> Sequence[str]:
        """Return the ids of the commits in ranges such as ``1.0..2.0``.

        Raises:
            GitFailed: one end of a range does not exist.
        """
        return self._said("rev-list", "--end-of-options", *ranges, "--").split()

    def branches(self) -> Mapping[str, str]:
        """Return the newest commits of all branches by their names."""
        said = self._said("for-each-ref", "--format=%(objectname) %(refname:strip=2)", "refs/heads/")
        return {name: sha for sha, _, name in (line.partition(" ") for line in said.splitlines())}

    def branch_head(self, name: str) -> str:
        """Return the newest commit of a branch as it was fetched, else of a local one; empty if there is none."""
        for place in ("refs/remotes/origin", "refs/heads"):
            with contextlib.suppress(GitFailed):
                return self.resolve(f"{place}/{name}")
        return ""

    def log(self, *revisions: str, foreign: Pattern[bytes] | None = None) -> Iterator[Commit]:
        """Yield the commits that lead to revisions and are no merges, newest first.

        Args:
            revisions: as git takes them; a beginning ``^`` excludes what leads to one.
            foreign: matches the paths of generated and vendored files as a whole.

        Raises:
            GitFailed: git could not read them.
        """
        command = [*self._git, "log", "--no-merges", "-M", "--numstat", "-z", "--no-ext-diff", "--no-textconv"]
        command += ["--no-color", "--no-mailmap", f"--format={_FORMAT}", *revisions, "--"]
        with subprocess.Popen(  # noqa: S603
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            yield from parse_log(process.stdout, foreign)
            said = process.stderr.read().decode("utf-8", "replace")
        if process.returncode:
            raise GitFailed(f"{self.folder}: {_first_line(said)}")

    def _said(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603
            [*self._git, *arguments], capture_output=True, stdin=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace")
            raise GitFailed(f"{self.folder}: {_first_line(said) or f'git {arguments[0]} found nothing for it'}")
        return done.stdout.decode("utf-8", "replace")


def _first_line(said: str) -> str:
    return next((line.removeprefix("fatal: ") for line in said.splitlines() if line.strip()), "")


def parse_log(stream: IO[bytes], foreign: Pattern[bytes] | None = None) -> Iterator[Commit]:
    """Yield the commits in the output of ``git log -z --numstat`` in our format.

    A name, a message or a path may hold anything but NUL, which git can't store. The fields of a commit have a fixed
    number; behind them stand files until the id of the next commit.

    Args:
        stream: the output.
        foreign: matches the paths of generated and vendored files as a whole.
    """
    tokens = _tokens(stream)
    sha = next(tokens, None)
    while sha:
        fields = [next(tokens) for _ in range(_FIELDS - 1)]
        next(tokens, None)  # the end of the entry
        added = deleted = files = renames = 0
        theirs = [0, 0, 0]
        following = next(tokens, None)
        while following and (changed := _CHANGED.match(following)):
            files += 1
            more, less = _lines(changed[1]), _lines(changed[2])
            added += more
            deleted += less
            path = following[changed.end() :]
            if not path:  # a rename: the old and the new path stand in tokens of their own
                renames += 1
                next(tokens)
                path = next(tokens)
            if foreign and foreign.fullmatch(path):
                theirs = [theirs[0] + more, theirs[1] + less, theirs[2] + 1]
            following = next(tokens, None)
        yield _commit(sha, fields, (added, deleted, files, renames), (theirs[0], theirs[1], theirs[2]))
        sha = following


def _commit(
    sha: bytes, fields: Sequence[bytes], changed: tuple[int, int, int, int], foreign: tuple[int, int, int]
) -> Commit:
    authored, committed, name, email, message = (field.decode("utf-8", "replace") for field in fields)
    at = (_moment(authored), _moment(committed))
    return Commit(sha.decode("ascii").strip(), *at, Author(name, email), message, *changed, foreign)


def _lines(number: bytes) -> int:
    return 0 if number == b"-" else int(number)


def _moment(text: str) -> int:
    return min(max(int(text), _FIRST), _LAST) if text.lstrip("-").isdecimal() else 0


def _tokens(stream: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := stream.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest:
        yield rest
