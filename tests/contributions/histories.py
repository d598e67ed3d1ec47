"""Small repositories, made with ``git fast-import``, which takes every name and date that a repository can hold."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import field, frozen

MIRA = b"Mira Lind <mira@example.org>"


@frozen
class Made:
    """A commit to make. Parents are numbers of earlier commits of the list; left out, it is the one before."""

    message: bytes = b"Change something"
    author: bytes = MIRA
    at: int = 1_400_000_000
    zone: bytes = b"+0000"
    committed: int = 0
    files: Mapping[bytes, bytes | None] = field(factory=dict)
    parents: Sequence[int] | None = None
    tag: str = ""


def git(folder: Path, *arguments: str, given: bytes = b"") -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout.decode()


def history(folder: Path, *commits: Made) -> Path:
    """Make a repository with the commits, the first one the oldest."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main", ".")
    if commits:
        given = b"".join(_stream(number, one) for number, one in enumerate(commits))
        git(folder, "fast-import", "--quiet", "--force", given=given)
    return folder


def _stream(number: int, one: Made) -> bytes:
    committed = one.committed or one.at
    lines = [b"commit refs/heads/main", b"mark :%d" % (number + 1)]
    lines += [b"author %s %d %s" % (one.author, one.at, one.zone)]
    lines += [b"committer Bot <bot@example.net> %d +0000" % committed, b"data %d\n%s" % (len(one.message), one.message)]
    parents = one.parents if one.parents is not None else [number - 1] if number else []
    lines += [b"%s :%d" % (b"merge" if place else b"from", parent + 1) for place, parent in enumerate(parents)]
    for path, content in one.files.items():
        lines += [b"D %s" % path] if content is None else [b"M 100644 inline %s" % path, _data(content)]
    lines += [b"reset refs/tags/%s\nfrom :%d" % (one.tag.encode(), number + 1)] if one.tag else []
    return b"\n".join(lines) + b"\n\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s" % (len(content), content)
