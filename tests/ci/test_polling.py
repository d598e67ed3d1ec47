from __future__ import annotations

import asyncio
import base64
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import attrs
import pytest
from aiohttp import web
from attrs import define, field

from ptgbot.chat.adapter import Health, Undeliverable
from ptgbot.ci.board import Board, Wanted
from ptgbot.ci.board_json import board_json
from ptgbot.ci.events import read_event
from ptgbot.ci.facts import looked_at
from ptgbot.ci.following import catch_up, follow
from ptgbot.ci.keeping import Keeping
from ptgbot.ci.polling import Poll
from ptgbot.ci.raw import Kept
from ptgbot.ci.reading import Reading
from ptgbot.ci.rest_shapes import parts_of
from ptgbot.ci.settings import ExpectedConfig, ServerConfig
from ptgbot.ci.simulation.rest import RestDouble, served
from ptgbot.feature import SourceHub
from ptgbot.gerrit.responses import NoChanges, changes_in
from ptgbot.requesting import TooBusy
from tests.ci.happenings import ACME, ANA, BAD, HOUR, NOVA, OK, SETTINGS, Event, T, comment, created, shown

NOW = int(time.time()) - 24 * HOUR
HISTORY = [
    event
    for number in range(1, 9)
    for event in (
        created(number, at=NOW + number * 60),
        comment("Starting check jobs.", number=number, at=NOW + number * 60 + 5, born=NOW + number * 60),
        comment(
            OK if number % 3 else BAD,
            number=number,
            at=NOW + number * 60 + 900,
            born=NOW + number * 60,
            header="Patch Set 1: Verified+1",
            approvals=[{"type": "Verified", "value": "1", "oldValue": "0"}],
        ),
        comment("recheck", ANA, number=number, at=NOW + number * 60 + 1000, born=NOW + number * 60),
        comment(OK, ACME, number=number, at=NOW + number * 60 + 1500, born=NOW + number * 60),
    )
]
HISTORY.sort(key=lambda event: int(event["eventCreatedOn"]))
AT = NOW + 20 * HOUR


async def looked(keeping: Keeping, poll: Poll) -> list[Reading]:
    """Catch up once, and return the new events."""
    found: list[Reading] = []
    await catch_up(keeping, poll, found.extend)
    return found


@define
class Gerrit:
    """A served double, and the storage of the one that asks it."""

    double: RestDouble
    keeping: Keeping
    poll: Poll

    async def look(self) -> int:
        return len(await looked(self.keeping, self.poll))

    def board(self) -> Event:
        with looked_at(self.keeping.path) as sql:
            board = Board(sql, Wanted(NOVA, AT, server="review"), SETTINGS)
            return board_json(board)


@pytest.fixture
async def gerrit(tmp_path: Path) -> AsyncIterator[Gerrit]:
    double = RestDouble(3)
    async with served(double) as address:
        keeping = Keeping(tmp_path / "ci", SETTINGS)
        yield Gerrit(double, keeping, Poll(ServerConfig("review", address, (NOVA,))))


async def test_polling_makes_the_board_of_the_stream(gerrit: Gerrit) -> None:
    for event in HISTORY:
        gerrit.double.happen(event)
    assert await gerrit.look() == len(HISTORY)
    assert gerrit.board() == shown(HISTORY, AT)
    assert len(gerrit.double.asked) == 3


async def test_second_look_stores_what_is_new(gerrit: Gerrit) -> None:
    for event in HISTORY[:22]:
        gerrit.double.happen(event)
    await gerrit.look()
    assert await gerrit.look() == 0
    for event in HISTORY[22:]:
        gerrit.double.happen(event)
    assert await gerrit.look() == len(HISTORY) - 22
    assert gerrit.board() == shown(HISTORY, AT)
    assert len([*gerrit.keeping.raw.read()]) == len(HISTORY)


async def test_unchanged_page_is_not_sent_again(gerrit: Gerrit) -> None:
    for event in HISTORY[:22]:
        gerrit.double.happen(event)
    await gerrit.look()
    await gerrit.look()
    assert gerrit.double.unchanged == 0
    assert await gerrit.look() == 0
    assert gerrit.double.unchanged == 1
    for event in HISTORY[22:]:
        gerrit.double.happen(event)
    assert await gerrit.look() == len(HISTORY) - 22
    assert gerrit.board() == shown(HISTORY, AT)


async def test_page_that_was_not_stored_comes_again(gerrit: Gerrit) -> None:
    for event in HISTORY:
        gerrit.double.happen(event)
    poll = Poll(attrs.evolve(gerrit.poll.server, projects=(NOVA, "x/nova")))
    gerrit.double.broken = "x/nova"
    with pytest.raises(OSError, match="500"):
        await looked(gerrit.keeping, poll)
    gerrit.double.broken = ""
    assert await looked(gerrit.keeping, poll) == []
    assert gerrit.double.unchanged == 0
    assert gerrit.board() == shown(HISTORY, AT)


async def test_account_asks_with_its_password(gerrit: Gerrit, tmp_path: Path) -> None:
    gerrit.double.happen(HISTORY[0])
    gerrit.double.login = "Basic " + base64.b64encode("bot:gehäuse".encode()).decode()
    with pytest.raises(OSError, match="401"):
        await gerrit.look()
    (tmp_path / "password").write_text("gehäuse\n", "utf-8")
    server = attrs.evolve(gerrit.poll.server, user="bot", password_file=tmp_path / "password")
    assert len(await looked(gerrit.keeping, Poll(server))) == 1
    with pytest.raises(ValueError, match="need each other"):
        attrs.evolve(server, user="")


async def test_untested_paths_are_asked_for(gerrit: Gerrit) -> None:
    for number, files in ((1, ["doc/a.rst", "/COMMIT_MSG"]), (2, ["doc/a.rst", "nova/b.py"]), (3, []), (4, None)):
        gerrit.double.happen(created(number, at=NOW))
        if files is not None:
            gerrit.double.changes[number]["revisions"][f"{1:040x}"]["files"] = {name: {} for name in files}
    settings = attrs.evolve(SETTINGS, untested=("doc/*",), expected=(ExpectedConfig("zuul", ("*",)),))
    keeping = Keeping(gerrit.keeping.folder, settings)
    await looked(keeping, Poll(gerrit.poll.server, with_files=True))
    with looked_at(keeping.path) as sql:
        board = Board(sql, Wanted(NOVA, AT, server="review"), settings)
        assert [column.number for _, column, _ in board.outstanding()] == [4, 3, 2]


async def test_both_sources_make_one_board(gerrit: Gerrit) -> None:
    for event in HISTORY:
        gerrit.double.happen(event)
    gerrit.keeping.put([Kept("review", "stream", event) for event in HISTORY[::2]])
    await gerrit.look()
    gerrit.keeping.put([Kept("review", "stream", event) for event in HISTORY[1::2]])
    assert gerrit.board() == shown(HISTORY, AT)


async def test_failed_look_is_repeated_as_a_whole(gerrit: Gerrit) -> None:
    """Also if the facts, which know the newest stored event, were made anew meanwhile."""
    for event in HISTORY:
        gerrit.double.happen(event)
    gerrit.double.failing = [None, web.Response(status=502)]
    with pytest.raises(OSError, match="502"):
        await gerrit.look()
    looked, newest = gerrit.keeping.moments("review")
    assert (looked, newest >= NOW) == (0, True)
    gerrit.keeping.replay()
    first = gerrit.double.asked[0]
    gerrit.double.asked.clear()
    assert 0 < await gerrit.look() < len(HISTORY)
    assert {*gerrit.double.asked} == {first}
    assert gerrit.board() == shown(HISTORY, AT)
    assert gerrit.keeping.moments("review")[0] == newest


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (web.Response(status=503), OSError),
        (web.Response(status=400), Undeliverable),
        (b"<html>", NoChanges),
        (b")]}'\n{}", NoChanges),
        (b")]}'\n" + b"[" * 100_000, NoChanges),
    ],
)
async def test_odd_answer_is_an_error(gerrit: Gerrit, response: web.Response | bytes, error: type[Exception]) -> None:
    gerrit.double.failing = [response]
    with pytest.raises(error):
        await gerrit.look()


@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("99999999", 3600), ("Sun, 22 Nov 2026", 60)])
async def test_server_is_left_alone_when_it_asks(gerrit: Gerrit, header: str, seconds: float) -> None:
    gerrit.double.failing = [web.Response(status=429, headers={"Retry-After": header})]
    with pytest.raises(TooBusy) as raised:
        await gerrit.look()
    assert raised.value.seconds == seconds


def test_tag_of_zuul_names_the_pipeline() -> None:
    message = {
        "_revision_number": 2,
        "tag": "autogenerated:zuul:gate",
        "date": "2026-11-22 01:02:03.000000000",
        "author": {"username": "z"},
        "message": "Patch Set 2: Verified+2\n\nBuild succeeded.",
    }
    body = json.dumps([{"project": NOVA, "branch": "master", "_number": 7, "messages": [message]}])
    [change] = changes_in(b")]}'\n" + body.encode())
    [part] = parts_of(change, "https://review.example/", 0)
    found = read_event(part, SETTINGS).to_json(1)
    assert (found["kind"], found["pipeline"], found["verified"]) == ("ci-result", "gate", 2)


@pytest.mark.parametrize("broken", ["messages", "revisions", "owner", "_number", "project"])
@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [7], {"a": 7}])
def test_odd_change_raises_nothing(broken: str, value: object) -> None:
    change = {"project": NOVA, "_number": 7, "messages": [{"date": "yesterday"}], "revisions": {"a": {"_number": 1}}}
    for part in parts_of({**change, broken: value}, "https://review.example/", 0):
        assert read_event(part, SETTINGS)


def test_other_messages_of_the_server_do_not_count() -> None:
    double = RestDouble(3)
    double.happen(created(at=T))
    parts = [*parts_of(double.changes[934100], "https://review.example/", 0)]
    assert [str(read_event(part, SETTINGS).kind) for part in parts] == ["patchset", "ignored"]


@define(eq=False)
class Hub:
    """What the core offers to a source, as far as this one needs it."""

    folder: Path
    told: list[str] = field(factory=list)
    counts: Counter[str] = field(factory=Counter)
    gauges: dict[str, float] = field(factory=dict)
    healths: list[Health] = field(factory=list)

    def report(self, text: str) -> None:
        self.told.append(text)

    def count(self, name: str, number: int = 1) -> None:
        self.counts[name] += number

    def measure(self, name: str, value: float) -> None:
        self.gauges[name] = value

    def describe(self, subject: str, health: Health) -> None:
        self.healths.append(health)


async def test_source_comes_back_after_failures(gerrit: Gerrit) -> None:
    for event in HISTORY:
        gerrit.double.happen(event)
    gerrit.double.failing = [web.Response(status=503), web.Response(status=503)]
    server = attrs.evolve(gerrit.poll.server, poll_minutes=0.001)
    hub = Hub(gerrit.keeping.folder)
    settings = attrs.evolve(SETTINGS, servers=(server,))
    task = asyncio.create_task(follow(settings, cast("SourceHub", hub)))
    async with asyncio.timeout(60):
        while hub.counts["events"] < len(HISTORY):
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert hub.counts["failed_queries"] == 2
    assert hub.told == ["The server review cannot be read: the server answered 503."]
    assert gerrit.board() == shown(HISTORY, AT)
