"""Archives of mailing lists are read a month at a time, from a server on this machine."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from attrs import define, field

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.mail import letters_in
from ptgbot.contributions.mail_archives import Archive, keys_in, read_archives
from ptgbot.contributions.remote import read
from ptgbot.contributions.settings import MailConfig
from ptgbot.exits import Exit
from tests.contributions.program import Program


def moment(day: str) -> float:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()


def letter(day: str, key: str = "") -> bytes:
    at = f"{datetime.fromisoformat(day):%a, %d %b %Y} 12:00:00 +0000"
    return f"From x\nFrom: Mira <mira@example.org>\nDate: {at}\nMessage-ID: <{key or day}>\n\ntext\n\n".encode()


@define(eq=False)
class Mailman:
    """Serves what archives have."""

    letters: dict[str, bytes] = field(factory=dict)
    """Messages by their days, for the export of a span."""
    files: dict[str, bytes] = field(factory=dict)
    """Files of the folder."""
    failing: dict[str, web.Response | bytes] = field(factory=dict)
    """Responses by the beginning of the span."""
    asked: list[str] = field(factory=list)

    async def export(self, request: web.Request) -> web.Response:
        start, end = request.query["start"], request.query["end"]
        self.asked.append(f"{start} {end}")
        if (found := self.failing.get(start)) is not None:
            return web.Response(body=found) if isinstance(found, bytes) else found
        box = b"".join(one for day, one in self.letters.items() if start <= day < end)
        return web.Response(body=gzip.compress(box), content_type="application/gzip")

    async def file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        return web.Response(body=self.files[name]) if name in self.files else web.Response(status=404)


@pytest.fixture
def mailman() -> Mailman:
    return Mailman()


@pytest.fixture
async def address(mailman: Mailman) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/plants.mbox.gz", mailman.export)
    app.router.add_get("/pipermail/{name}", mailman.file)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


@pytest.fixture
def stored() -> Iterator[Duck]:
    engine = Duck()
    engine.prepare()
    yield engine
    engine.close()


async def run(engine: Duck, archive: Archive, day: str) -> list[str]:
    told: list[str] = []
    found = await asyncio.to_thread(lambda: [*read_archives(engine, [archive], read, told.append, moment(day))])
    return [*found, *told]


def ids(engine: Duck) -> list[str]:
    return sorted(str(row[1]) for row in engine.derived("messages"))


async def test_only_open_months_are_read_anew(mailman: Mailman, address: str, stored: Duck) -> None:
    archive = Archive("plants", f"{address}plants.mbox.gz", "2014-10")
    mailman.letters = {day: letter(day) for day in ("2014-09-30", "2014-10-01", "2014-11-30", "2014-12-01")}
    assert await run(stored, archive, "2014-12-20") == ["plants: 3 new messages"]
    assert mailman.asked == ["2014-10-01 2014-11-01", "2014-11-01 2014-12-01", "2014-12-01 2015-01-01"]
    mailman.asked.clear()
    mailman.letters["2014-10-05"] = letter("2014-10-05")
    del mailman.letters["2014-12-01"]
    mailman.letters["2014-12-19"] = letter("2014-12-19")
    assert await run(stored, archive, "2015-01-02") == []
    assert mailman.asked == ["2014-12-01 2015-01-01", "2015-01-01 2015-02-01"]
    assert ids(stored) == ["2014-10-01", "2014-11-30", "2014-12-19"]
    mailman.asked.clear()
    await run(stored, archive, "2015-01-05")
    await run(stored, archive, "2015-01-06")
    assert mailman.asked == ["2014-12-01 2015-01-01", "2015-01-01 2015-02-01", "2015-01-01 2015-02-01"]
    months = ("2014-10", "2014-11", "2014-12", "2015-01")
    assert keys_in(stored, [archive]) == [f"mail:plants/{month}" for month in months]
    assert len(keys_in(stored, [Archive("plants", "", "2014-12")])) == 2
    assert keys_in(stored, [Archive("plant", "", "2014-12")]) == []


async def test_folder_of_months_is_read(mailman: Mailman, address: str, stored: Duck) -> None:
    mailman.files = {
        "2014-October.txt.gz": gzip.compress(letter("2014-10-01")),
        "2014-December.txt": letter("2014-12-01") + letter("2014-12-02", "2014-10-01"),
    }
    archive = Archive("plants", f"{address}pipermail/", "2014-10")
    assert await run(stored, archive, "2014-12-20") == ["plants: 2 new messages"]
    assert ids(stored) == ["2014-10-01", "2014-12-01"]
    assert [name for name in mailman.asked if name.endswith(".gz")] == ["2014-October.txt.gz", "2014-November.txt.gz"]


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (web.Response(status=429), "the server answered 429"),
        (web.Response(status=404), "the server answered 404"),
        (web.Response(status=302, headers={"Location": "/login"}), "must be one that does not redirect"),
        (b"\n<html>Log in</html>", "there is a page instead of the messages of 2014-11: is the archive public?"),
        (gzip.compress(letter("2014-11-01") * 9)[:-20], "Compressed file ended"),
        (gzip.compress(letter("2014-11-01"))[:20] + bytes(99), "invalid"),
    ],
)
async def test_trouble_keeps_earlier_months(
    mailman: Mailman, address: str, stored: Duck, failure: web.Response | bytes, why: str
) -> None:
    archive = Archive("plants", f"{address}plants.mbox.gz", "2014-10")
    mailman.letters = {day: letter(day) for day in ("2014-10-01", "2014-11-01", "2014-12-01")}
    mailman.failing = {"2014-11-01": failure}
    news, told = await run(stored, archive, "2014-12-20")
    assert news == "plants: 1 new messages"
    assert told.startswith("plants: ")
    assert why in told
    assert told.endswith("; what is known of it stays")
    mailman.failing = {}
    assert await run(stored, archive, "2014-12-21") == ["plants: 2 new messages"]


async def test_program_reads_archives(
    mailman: Mailman, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program, today = Program(tmp_path, capsys), f"{datetime.now(UTC):%Y-%m-%d}"
    mailman.letters = {today: letter(today)}
    text = f"[[stats.mail]]\nname = 'plants'\nurl = '{address}plants.mbox.gz'\nsince = '{today[:7]}'\n"
    program.configure(text)
    assert "plants: 1 new messages\n" in (await asyncio.to_thread(program, "fetch"))[0]
    mailman.failing = {f"{today[:7]}-01": b"<html>"}
    assert "is the archive public?" in (await asyncio.to_thread(program, "fetch", Exit.STATE))[1]
    program.configure()
    assert "mail:plants" in (await asyncio.to_thread(program, "fetch"))[0]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({}, "either mbox or url"),
        ({"mbox": Path("x"), "url": "https://x.example/x.mbox.gz", "since": "2014-01"}, "either mbox or url"),
        ({"url": "https://x.example/x.mbox.gz"}, "url and since need each other"),
        ({"url": "https://x.example/x", "since": "2014-01"}, "must end in .mbox.gz"),
        ({"url": "ftp://x.example/", "since": "2014-01"}, "http"),
        ({"url": "https://x.example/", "since": "2014-13"}, "write a month such as 2014-01"),
    ],
)
def test_settings_of_a_list_are_checked(values: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        MailConfig("plants", **values)  # type: ignore[arg-type]


ODD = """From x
From: nobody at example.org (No Body)
Date: Thu, 01 Jan 1970 00:00:00 -0000
Subject: no id

text

From time to time a line begins so.
Date: it is no header

From x
From: =?no-such-charset?q?N=F6?= <late@example.org>
Date: Mon, 01 Feb 2106 00:00:00 +1400
Message-ID: <2@x>
Subject: =?utf-8?b?!!?= [Oak] x

From x
From: {}@example.org
Date: Mon, 20 Oct 2014 10:00:00 +0000
Message-ID: <3@x>

From x
From: nodate@example.org
Message-ID: <4@x>

From x
From: impossible@example.org
Date: Mon, 99 Feb 99999 00:00:00 +9900
Message-ID: <5@x>
"""


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the machine have a time zone."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "UTC-9")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_east")
def test_odd_messages_are_read_or_dropped() -> None:
    lines = ODD.format("a" * 10_000).encode().splitlines(keepends=True)
    first, late, long = letters_in(lines, "plants")
    assert (first.email, first.name, first.at, len(first.id)) == ("nobody@example.org", "No Body", 0, 64)
    assert (late.email, late.at, late.track) == ("late@example.org", 4_294_375_200, "oak")
    assert (len(long.email), long.id) == (10_012, "3@x")
