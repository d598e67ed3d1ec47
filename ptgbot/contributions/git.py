"""Reads repositories with the program git: ``git log`` with lines added and deleted, in a form no name can break."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
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
    "log.date=default",
    "log.mailmap=false",
    "log.showRoot=true",
    "log.showSignature=false",
    "i18n.logOutputEncoding=UTF-8",
    "diff.algorithm=default",
    "diff.indentHeuristic=true",
    "diff.ignoreSubmodules=none",
    "diff.relative=false",
    "diff.renameLimit=1000",
    "core.attributesFile=/dev/null",
    "core.bigFileThreshold=512m",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "core.useReplaceRefs=true",
)
"""Settings that would change the numbers, with their defaults, and those with which a repository could run programs.
The caller has named the repository, so its owner is not asked for."""
_ENVIRONMENT: Final = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
"""Numbers must not depend on who counts: no settings of the account or the machine, and git's words in English."""
_KEPT: Final = frozenset({"GIT_EXEC_PATH", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO"})
"""Variables of git that say how to reach programs and servers; others would lead to another repository."""


class GitFailed(ValueError):
    """Git is missing, or could not read a repository. The message has git's own words."""


def _environment() -> dict[str, str]:
    """Return the environment of git: ours without the variables that would change what it reads."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT}
    return {**ours, **_ENVIRONMENT}


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
        self._environment = _environment()

    @property
    def name(self) -> str:
        """The name of its folder, of whatever worktree or folder in it we were told.

        Raises:
            GitFailed: the folder is no repository.
        """
        own = Path(self._said("rev-parse", "--path-format=absolute", "--git-common-dir").removesuffix("\n"))
        return (own.parent if own.name == ".git" else own).name

    def resolve(self, revision: str) -> str:
        """Return the id of a commit.

        Raises:
            GitFailed: there is no such commit, or the folder is no repository.
        """
        self._said("rev-parse", "--git-dir")
        try:
            return self._commit(revision)
        except GitFailed as error:
            raise GitFailed(f"{self.folder}: there is no commit {revision}") from error

    def head(self) -> str:
        """Return the id of the newest commit of the present branch, empty if there is none yet.

        Raises:
            GitFailed: the folder is no repository.
        """
        self._said("rev-parse", "--git-dir")
        try:
            return self._commit("HEAD")
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

    def file(self, revision: str, path: str) -> str:
        """Return the text of a file.

        Raises:
            GitFailed: there is no such file.
        """
        return self._said("cat-file", "blob", f"{self.resolve(revision)}:{path}")

    def branch_head(self, name: str) -> str:
        """Return the newest commit of a branch as it was fetched, else of a local one; empty if there is none."""
        for place in ("refs/remotes/origin", "refs/heads"):
            with contextlib.suppress(GitFailed):
                return self.resolve(f"{place}/{name}")
        return ""

    def merged(self, head: str) -> Mapping[str, int]:
        """Return when each commit came into the first line of a branch, in seconds since 1970.

        That is the date of the merge that brought it. A commit on the line itself came with its own date, the one of
        the commit.

        Args:
            head: the newest commit of the branch.

        Raises:
            GitFailed: git could not read the history.
        """
        parents, dates = dict[str, list[str]](), dict[str, int]()
        for line in self._said("rev-list", "--timestamp", "--parents", "--end-of-options", head, "--").splitlines():
            date, sha, *its_parents = line.split()
            parents[sha], dates[sha] = its_parents, _moment(date)
        first_line, sha = [], head
        while sha in parents:
            first_line.append(sha)
            sha = next(iter(parents[sha]), "")
        found: dict[str, int] = {}
        for bringing in reversed(first_line):
            waiting = [bringing]
            while waiting:
                sha = waiting.pop()
                if sha in parents and sha not in found:
                    found[sha] = dates[bringing]
                    waiting += parents[sha]
        return found

    def log(self, *revisions: str, foreign: Pattern[bytes] | None = None) -> Iterator[Commit]:
        """Yield the commits that lead to revisions and are no merges, newest first.

        Args:
            revisions: as git takes them; a beginning ``^`` excludes what leads to one.
            foreign: matches the paths of generated and vendored files as a whole.

        Raises:
            GitFailed: git could not read them.
        """
        command = [*self._git, "log", "--no-merges", "-M", "--numstat", "-z", "--no-ext-diff", "--no-textconv"]
        command += ["-O/dev/null", "--no-color", "--no-mailmap", f"--format={_FORMAT}", *revisions, "--"]
        with (
            tempfile.TemporaryFile() as told,
            subprocess.Popen(  # noqa: S603
                command,
                stdout=subprocess.PIPE,
                stderr=told,
                stdin=subprocess.DEVNULL,
                env=self._environment,
                pipesize=_CHUNK,
            ) as process,
        ):
            assert process.stdout is not None
            yield from parse_log(process.stdout, foreign)
            if process.wait():
                told.seek(0)
                said = _complaint(told.read().decode("utf-8", "replace"))
                raise GitFailed(f"{self.folder}: {said or f'git log was stopped with status {process.returncode}'}")

    def _commit(self, revision: str) -> str:
        return self._said("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()

    def _said(self, *arguments: str) -> str:
        done = subprocess.run(  # noqa: S603
            [*self._git, *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=self._environment,
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace")
            raise GitFailed(f"{self.folder}: {_complaint(said) or f'git {arguments[0]} found nothing for it'}")
        return done.stdout.decode("utf-8", "replace")


def _complaint(said: str) -> str:
    """Return the line with the reason for which git ended, else the first one; empty if there is none."""
    lines = [line for line in said.splitlines() if line.strip()]
    fatal = [line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: ")]
    return next(iter([*fatal, *lines]), "")


def parse_log(stream: IO[bytes], foreign: Pattern[bytes] | None = None) -> Iterator[Commit]:
    """Yield the commits in the output of ``git log -z --numstat`` in our format.

    A name, a message or a path may hold anything but NUL, which git can't store. The fields of a commit have a fixed
    number; behind them stand files until the id of the next commit. A commit that is cut off, because git was stopped,
    is left out.

    Args:
        stream: the output.
        foreign: matches the paths of generated and vendored files as a whole.
    """
    tokens = _tokens(stream)
    sha = next(tokens, None)
    while sha:
        fields = [*islice(tokens, _FIELDS - 1)]
        if len(fields) < _FIELDS - 1 or next(tokens, None) is None:  # the end of the entry
            return
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
                next(tokens, b"")
                path = next(tokens, b"")
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
