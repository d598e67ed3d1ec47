"""Finished files take no more room than they need."""

from __future__ import annotations

import gzip
from pathlib import Path

from ptgbot_site.build.finished import Keeper

LONG = b"<p>words of a meeting</p>" * 1000


def test_same_contents_are_one_file(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path)
    assert [*keeper.write({"new/a.txt": LONG, "old/b.txt": LONG})] == ["new/a.txt", "old/b.txt"]
    for suffix in ("", ".gz"):
        assert (tmp_path / f"new/a.txt{suffix}").samefile(tmp_path / f"old/b.txt{suffix}")
    # A file that changes leaves the other one as it was.
    assert [*keeper.write({"old/b.txt": LONG + b"more"})] == ["old/b.txt"]
    assert (tmp_path / "new/a.txt").read_bytes() == LONG
    assert gzip.decompress((tmp_path / "new/a.txt.gz").read_bytes()) == LONG
    assert gzip.decompress((tmp_path / "old/b.txt.gz").read_bytes()) == LONG + b"more"
    assert [*keeper.write({"new/a.txt": None})] == ["new/a.txt"]
    assert {path.name for path in tmp_path.rglob("*.*")} == {"b.txt", "b.txt.gz"}


def test_compressed_form_must_save_a_block(tmp_path: Path) -> None:
    assert [*Keeper(tmp_path).write({"short.txt": b"word " * 500, "long.txt": LONG})] == ["short.txt", "long.txt"]
    assert {path.name for path in tmp_path.iterdir()} == {"short.txt", "long.txt", "long.txt.gz"}
