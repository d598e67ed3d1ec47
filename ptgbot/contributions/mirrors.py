"""Bare copies of repositories, from which facts are read."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ptgbot.contributions.git import GitFailed, Repo
from ptgbot.contributions.model import last_part
from ptgbot.store.files import replace_file

_SETTINGS: Final = (
    *("-c", "protocol.ext.allow=never"),
    *("-c", "http.lowSpeedLimit=1000"),
    *("-c", "http.lowSpeedTime=60"),
    *("-c", "gc.auto=0"),
)
_SEEN: Final = "ptgbot-seen"
"""A file in a copy: branches and tags of the original when it was last fetched."""
_WANTED: Final = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
"""Branches and tags. Servers have more: replaced commits, and every patch that was ever sent in."""
_LOOKED_AT: Final = ("HEAD", "refs/heads/*", "refs/tags/*")
_OTHERS: Final = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_GRAFT_FILE"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_SHALLOW_FILE", "GIT_PREFIX"),
)
"""Variables that would lead git to another repository. Its settings stay: they say how to reach servers."""
_PATIENCE: Final = 3600.0
"""Seconds in which a repository must have been fetched."""


def mirror_folder(folder: Path, uri: str) -> Path:
    """Return the folder of the copy of a repository; its name is harmless, and unique for the address."""
    digest = hashlib.sha256(uri.encode()).hexdigest()[:16]
    name = re.sub(r"[^\w-]", "_", last_part(uri), flags=re.ASCII)[:50]
    return folder / f"{name}-{digest}.git"


def remove_others(folder: Path, uris: Iterable[str]) -> None:
    """Remove the copies of repositories that are no longer in the list.

    Args:
        folder: the folder of all copies.
        uris: the addresses of the repositories in the list.

    Raises:
        OSError: a copy cannot be removed.
    """
    kept = {mirror_folder(folder, uri) for uri in uris}
    for path in folder.glob("*.git"):
        if path not in kept:
            shutil.rmtree(path)


def fetch_mirror(folder: Path, uri: str) -> Repo:
    """Make or refresh the copy of a repository.

    A copy appears under its name only when it is whole, so a process that is killed leaves none that is not.

    Args:
        folder: the folder of all copies.
        uri: the address of the repository.

    Raises:
        GitFailed: the repository cannot be reached; an earlier copy stays as it is.
    """
    path = mirror_folder(folder, uri)
    if path.is_dir():
        _refresh(path)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        _git("clone", "--quiet", "--bare", "--", uri, str(unfinished))
        unfinished.rename(path)
    return Repo(path)


def _refresh(path: Path) -> None:
    """Fetch what is new, if the branches and tags of the original are not those of the last time.

    The default branch becomes that of the original, which may have been changed there.
    """
    said, seen = _git("-C", str(path), "ls-remote", "--symref", "origin", *_LOOKED_AT), path / _SEEN
    if seen.exists() and seen.read_text("utf-8") == said:
        return
    _git("-C", str(path), "fetch", "--quiet", "--prune", "--force", "origin", *_WANTED)
    found = re.search(r"^ref: (refs/heads/\S+)\tHEAD$", said, re.MULTILINE)
    if found:
        _git("-C", str(path), "symbolic-ref", "HEAD", found[1])
    replace_file(seen, said.encode())


def _git(*arguments: str) -> str:
    program = shutil.which("git")
    if program is None:
        raise GitFailed("the program git is not installed; repositories are read with it.")
    ours = {key: value for key, value in os.environ.items() if key not in _OTHERS}
    environment: Mapping[str, str] = {**ours, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603
            [program, *_SETTINGS, *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=environment,
            check=False,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise GitFailed(f"git did not end within {_PATIENCE:.0f} seconds") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitFailed(said[-1].removeprefix("fatal: ") if said else "git failed and said nothing")
    return done.stdout.decode("utf-8", "replace")
