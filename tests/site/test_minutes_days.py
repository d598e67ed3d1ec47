"""The files of logs of rooms: days with an address for each line, lists of days, and links from the minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptgbot.feature import BulkRow
from ptgbot.meetings.archive import SOURCE, Archive
from ptgbot.meetings.archiving import write_lines
from ptgbot.meetings.settings import MeetingsSettings
from ptgbot.store.edits import Tree
from tests.meetings.test_archive import HERE, document, put
from tests.site.test_minutes_pages import EVIL, bulk, files, links

__all__ = ["bulk"]
ROOM = "logs/net/infra"


def said(bulk: Path, text: str, day: str = "2024-11-20", *, nick: str = "ada", room: str = "#infra") -> None:
    """Write a line into the log of a room."""
    moment = f"{day}T14:00:00.000000+00:00"
    row: Tree = {"at": moment, "nick": nick, "key": nick, "texts": [text], "kind": "line", "event": "$1"}
    write_lines(MeetingsSettings(), bulk, [BulkRow("net", room, row, f"{day} {text}")])


def test_day_has_page_and_text(bulk: Path) -> None:
    said(bulk, "hello")
    said(bulk, "https://example.org/ is here")
    found = files(bulk)
    assert found[f"{ROOM}/2024-11-20.txt"].decode() == (
        "14:00:00 <ada> hello\n14:00:00 <ada> https://example.org/ is here\n"
    )
    page = found[f"{ROOM}/2024-11-20.html"].decode()
    assert '<li id="l-1"><a href="#l-1">' in page
    assert '<li id="l-2">' in page
    assert '<a href="https://example.org/" rel="nofollow noopener">' in page


def test_days_link_to_each_other(bulk: Path) -> None:
    for day in ("2024-11-20", "2024-11-22", "2024-12-01"):
        said(bulk, "hello", day)
    found = files(bulk)
    page = found[f"{ROOM}/2024-11-22.html"].decode()
    assert 'href="2024-11-20.html"' in page
    assert 'href="2024-12-01.html"' in page
    assert found[f"{ROOM}/2024-11.html"].index(b"2024-11-22") < found[f"{ROOM}/2024-11.html"].index(b"2024-11-20")
    assert b'href="2024-12.html"' in found[f"{ROOM}/index.html"]
    assert b'href="net/infra/index.html"' in found["logs/index.html"]


def test_every_link_leads_to_a_file(bulk: Path) -> None:
    said(bulk, "hello")
    said(bulk, "hello", room="#Ärger mit/../Räumen")
    put(Archive(bulk / SOURCE), document())
    found = files(bulk)
    for name in [name for name in found if name.endswith(".html") and name.startswith("logs/")]:
        for target in links(name, found[name]):
            path, _, place = target.partition("#")
            assert path in found, (name, target)
            assert not place or f'id="{place}"'.encode() in found[path]


def test_hostile_lines_are_text(bulk: Path) -> None:
    said(bulk, EVIL, nick=EVIL, room=f"#{EVIL}")
    for name, body in files(bulk).items():
        if name.endswith(".html"):
            assert b"<img" not in body, name
            assert b'href="javascript' not in body, name


def test_minutes_link_to_the_day(bulk: Path) -> None:
    put(Archive(bulk / SOURCE), document())
    assert b"logs/" not in files(bulk)[f"{HERE}.html"]
    said(bulk, "hello")
    assert b'href="../logs/net/infra/2024-11-20.html"' in files(bulk)[f"{HERE}.html"]


def test_line_writes_only_its_day_again(bulk: Path) -> None:
    for day in ("2024-11-20", "2024-11-21"):
        said(bulk, "hello", day)
    archive = Archive(bulk / SOURCE)
    with archive.reading() as index:
        before = index.number
    said(bulk, "again", "2024-11-21")
    with archive.reading() as index:
        assert [key for _, key in index.changed(before, 99)] == ["day:net/infra/2024-11-21"]


@pytest.mark.parametrize("kind", ["removed", "line"])
def test_removed_line_keeps_its_address(bulk: Path, kind: str) -> None:
    said(bulk, "hello")
    texts = ["bye"] if kind == "line" else []
    write_lines(MeetingsSettings(), bulk, [BulkRow("net", "#infra", {"edit": "$1", "texts": [*texts]}, "t")])
    page = files(bulk)[f"{ROOM}/2024-11-20.html"]
    assert b'<li id="l-1">' in page
    assert b"hello" not in page
