"""The files of the archive of meetings: for each change the pages that show it, and nothing of restricted meetings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from ptgbot.meetings.archive import SOURCE, Archive
from ptgbot.meetings.importing import import_logs
from ptgbot.meetings.replay import Source, replay
from ptgbot_site.build.state import State
from ptgbot_site.meetings.source import Pages, opened
from tests.meetings.test_archive import HERE, document, put

EVIL = '<img src=x onerror="alert(1)"> & "quotes" javascript:alert(1) https://example.org/?a=1&b=<b>'


def rendered(name: str, title: str, body: str, *, feed: str = "", unlisted: bool = False) -> bytes:
    return body.encode()


def made(pages: Pages) -> dict[str, bytes]:
    """Return all files of an archive."""
    found: dict[str, bytes | None] = {}
    for _, key in pages.changed(0, 10_000):
        found |= pages.files(key, rendered)
    return {name: content for name, content in found.items() if content is not None}


@pytest.fixture
def bulk(tmp_path: Path) -> Path:
    return tmp_path / "bulk"


@pytest.fixture
def archive(bulk: Path) -> Archive:
    return Archive(bulk / SOURCE)


def files(bulk: Path) -> dict[str, bytes]:
    state = State()
    state.replace({"core.site": {"url": "https://meet.example/"}})
    with opened(bulk, state) as pages:
        return made(pages)


def links(name: str, body: bytes) -> Iterator[str]:
    """Yield the names of the files to which a page leads, and the places in them."""
    for found in re.findall(r'href="([^"]*)"', body.decode()):
        if not found.startswith("https://"):
            path, _, place = found.partition("#")
            whole = Path(name).parent.joinpath(path) if path else Path(name)
            parts: list[str] = []
            for part in whole.parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            yield f"{'/'.join(parts)}#{place}"


def test_all_links_lead_to_files_and_lines(bulk: Path, archive: Archive) -> None:
    put(archive, document(), document("2024/infra.2024-12-04-14.00"))
    found = files(bulk)
    for name, body in found.items():
        if name.endswith(".html"):
            for target in links(name, body):
                path, _, place = target.partition("#")
                assert path in found, f"{name} leads to {path}"
                assert not place or f'id="{place}"'.encode() in found[path], target


def test_minutes_and_log_link_to_each_other(bulk: Path, archive: Archive) -> None:
    put(archive, document())
    found = files(bulk)
    assert b'href="infra.2024-11-20-14.00.log.html#l-2"' in found[f"{HERE}.html"]
    assert b'href="infra.2024-11-20-14.00.html#i1"' in found[f"{HERE}.log.html"]
    assert json.loads(found[f"{HERE}.json"]) == document()["minutes"]


def test_typed_text_is_never_markup(bulk: Path, archive: Archive) -> None:
    evil: Any = json.loads(json.dumps(document(text="T")).replace('"ada"', '"<i>ada"').replace('"T"', json.dumps(EVIL)))
    evil["minutes"] |= {"meeting_topic": EVIL, "channel": EVIL, "network": EVIL}
    evil["minutes"]["people"][EVIL] = 1
    evil["log"][2]["text"] = EVIL
    put(archive, evil)
    for name, body in files(bulk).items():
        if name.endswith(".html"):
            assert b"<img" not in body, name
            assert b"<i>" not in body, name
            assert b'href="javascript' not in body, name
        elif name.endswith(".atom"):
            Xml.fromstring(body)


def test_restricted_meeting_has_no_file(bulk: Path, archive: Archive) -> None:
    put(archive, document(restricted=True, text="secret plan"))
    assert files(bulk) == {}
    put(archive, document("2024/open.2024-11-20-15.00", text="public plan"))
    assert not [name for name, body in files(bulk).items() if HERE in name or b"secret" in body]


def test_restricting_later_removes_the_files(bulk: Path, archive: Archive) -> None:
    put(archive, document())
    put(archive, document(restricted=True))
    with opened(bulk, State()) as pages:
        assert set(pages.files(f"meeting:{HERE}", rendered).values()) == {None}
        assert HERE.encode() not in made(pages)["month/2024-11.html"]


def test_lines_off_the_record_have_no_text(bulk: Path, archive: Archive) -> None:
    secret = document()
    secret["log"][2] |= {"kind": "off", "text": ""}
    put(archive, secret)
    found = files(bulk)
    assert b'<li id="l-3">' in found[f"{HERE}.log.html"]
    assert b"hello" not in found[f"{HERE}.log.html"] + found[f"{HERE}.log.txt"]


def test_old_addresses_lead_to_the_new_pages(tmp_path: Path, bulk: Path, archive: Archive) -> None:
    path = tmp_path / "old" / "infra" / "2015" / "infra.2015-07-21-19.02.log.txt"
    path.parent.mkdir(parents=True)
    path.write_text("19:02:00 <ada> #startmeeting infra\n19:03:00 <ada> #endmeeting\n", "utf-8")
    list(import_logs(tmp_path / "old", archive))
    found, old, new = files(bulk), "infra/2015/infra.2015-07-21-19.02", "2015/infra.2015-07-21-19.02"
    assert f"url=../../{new}.html".encode() in found[f"{old}.html"]
    assert f"url=../../{new}.log.html".encode() in found[f"{old}.log.html"]
    assert found[f"{old}.txt"] == found[f"{new}.txt"]
    assert found[f"{old}.log.txt"] == found[f"{new}.log.txt"] == path.read_bytes()


def test_raw_log_can_be_replayed(bulk: Path, archive: Archive) -> None:
    put(archive, document())
    (meeting,) = replay(files(bulk)[f"{HERE}.log.txt"], Source("infra.2024-11-20-14.00.log.txt"))
    assert [item.text for item in meeting.ordered] == ["ship it"]


def test_feed_and_search_name_the_meeting(bulk: Path, archive: Archive) -> None:
    put(archive, document())
    found = files(bulk)
    assert f"https://meet.example/meetings/{HERE}.html".encode() in found["feed.atom"]
    assert json.loads(found["search/index.json"]) == ["2024-11"]
    assert json.loads(found["search/2024-11.json"])[0][0] == HERE


def test_words_of_logs_are_in_groups(bulk: Path, archive: Archive) -> None:
    told = document(text="Ünder 42 straße")
    told["log"] += [{**told["log"][0], "text": "quiet", "kind": kind} for kind in ("bot", "off", "removed")]
    put(archive, told, document("2024/infra.2024-11-27-14.00", restricted=True))
    found = files(bulk)
    words = {name[-6]: json.loads(body) for name, body in found.items() if name.startswith("search/2024-11/")}
    assert len(words) == 28
    assert [words[group] for group in "u0shq_"] == [
        [[HERE, "under"]],
        [[HERE, "42"]],
        [[HERE, "startmeeting straße"]],
        [[HERE, "hello"]],
        [],
        [],
    ]


def test_all_open_actions_are_on_pages_of_years(bulk: Path, archive: Archive) -> None:
    many = document()
    texts = [f"jo[m] does {number}" for number in range(70)] + [f"somebody does {number}" for number in range(70)]
    task = many["minutes"]["items"][1]
    many["minutes"]["items"] = [{**task, "id": f"i{n}", "text": text} for n, text in enumerate(texts)]
    many["minutes"] |= {"actions": texts, "actions_by_nick": {"jo[m]": texts[:70]}}
    put(archive, many)
    found = files(bulk)
    for newest, whole, who in (
        ("person/jo=5bm=5d/index.html", "person/jo=5bm=5d/2024.html", "jo[m]"),
        ("actions.html", "actions/2024.html", "somebody"),
    ):
        pages = [found[name].decode() for name in (newest, whole)]
        assert [page.count(f"{who} does ") for page in pages] == [50, 70]
        assert f"{whole.rpartition('person/jo=5bm=5d/')[2]}" in pages[0]
        assert "(70)" in pages[0]


def test_text_minutes_are_wrapped_at_72(bulk: Path, archive: Archive) -> None:
    put(archive, document(text="long words " * 40))
    lines = files(bulk)[f"{HERE}.txt"].decode().splitlines()
    assert max(map(len, lines)) <= 72
    assert "Action items, by person" in lines


def test_text_minutes_have_extra_sections(bulk: Path, archive: Archive) -> None:
    about = document()
    about["minutes"] |= {
        "present": ["ada", "mhu[m]"], "regrets": ["üñï"],
        "earlier_actions": [{"number": 1, "text": "jo reads", "due": "", "open": False}],
        "numbered_actions": [{"number": 2, "text": "jo[m] writes", "nick": "ada", "line": 3, "due": "", "open": True}],
    }  # fmt: skip
    put(archive, about)
    text = files(bulk)[f"{HERE}.txt"].decode()
    assert "Open actions, by number\n-----------------------\n\n* 2. jo[m] writes\n\nPresent\n" in text
    assert "* ada\n* mhu[m]\n\nRegrets\n-------\n\n* üñï\n\nPeople present" in text
    put(archive, document())
    assert "Regrets" not in files(bulk)[f"{HERE}.txt"].decode()


def test_lists_are_there_without_action_or_decision(bulk: Path, archive: Archive) -> None:
    plain = document()
    plain["minutes"] |= {"items": [], "actions": [], "actions_by_nick": {}}
    put(archive, plain)
    assert {"actions.html", "decisions/index.html", "names.html", "months.html", "people.html"} <= files(bulk).keys()
