"""The import of an old archive: nothing twice, old addresses, odd names."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from ptgbot.meetings.archive import Archive
from ptgbot.meetings.importing import import_logs
from ptgbot.meetings.old_addresses import old_address

LOG = """\
14:00:00 <ada> #startmeeting infra
14:00:05 <bo> #action bo to write
14:00:09 <ada> #endmeeting
"""
NAME = "infra/2015/infra.2015-07-21-14.00.log.txt"


def write(folder: Path, name: str = NAME, text: str = LOG) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    write(tmp_path / "old")
    return tmp_path / "old"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def imported(old: Path, archive: Archive) -> str:
    return [*import_logs(old, archive, "net")][-1]


def test_import_writes_each_meeting_once(old: Path, archive: Archive) -> None:
    assert imported(old, archive).startswith("1 of 1 logs, 1 meetings written, 0 logs were there already")
    write(old, "infra/2015/infra.2015-07-28-14.00.log.txt")
    assert imported(old, archive).startswith("2 of 2 logs, 1 meetings written, 1 logs were there already")
    assert [*archive.slugs()] == ["2015/infra.2015-07-21-14.00", "2015/infra.2015-07-28-14.00"]


def test_copy_of_a_log_is_not_written_again(old: Path, archive: Archive) -> None:
    write(old, "copy/2015/infra.2015-07-21-14.00.log.txt")
    imported(old, archive)
    assert len([*archive.slugs()]) == 1
    with archive.reading() as index:
        assert len(index.old_addresses("2015/infra.2015-07-21-14.00")) == 2


def test_other_meeting_of_same_minute_gets_another_address(old: Path, archive: Archive) -> None:
    write(old, "else/2015/infra.2015-07-21-14.00.log.txt", LOG.replace("ada", "eve"))
    imported(old, archive)
    assert {*archive.slugs()} == {"2015/infra.2015-07-21-14.00", "2015/infra.2015-07-21-14.00-2"}


def test_import_goes_on_after_it_was_stopped(old: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ptgbot.meetings.importing.TOGETHER", 1)
    monkeypatch.setattr("ptgbot.meetings.importing.EVERY", -1.0)
    for day in range(22, 26):
        write(old, f"infra/2015/infra.2015-07-{day}-14.00.log.txt")
    next(import_logs(old, archive))
    assert imported(old, archive).startswith("5 of 5 logs, 4 meetings written, 1 logs were there already")


def test_log_without_meeting_is_named(old: Path, archive: Archive) -> None:
    write(old, "x/2015/x.2015-07-21-14.00.log.txt", "14:00:00 <ada> hello\n")
    lines = [*import_logs(old, archive)]
    assert lines[0] == "x/2015/x.2015-07-21-14.00.log.txt: no line begins with #startmeeting."


def test_rebuilt_index_knows_imported_logs(old: Path, archive: Archive) -> None:
    imported(old, archive)
    archive.rebuild()
    assert "0 meetings written, 1 logs were there already" in imported(old, archive)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        (NAME, "infra/2015/infra.2015-07-21-14.00"),
        ("#infra/x.log.txt", "#infra/x"),
        ("x.log.txt", None),
        ("../a/x.log.txt", None),
        ("_static/x.log.txt", None),
        ("a/.hidden.log.txt", None),
        ("a/<b>.log.txt", None),
    ],
)
def test_only_safe_addresses_are_kept(name: str, address: str | None) -> None:
    assert old_address(PurePosixPath(name)) == address
