"""The publisher ``mastodon`` against a double of the server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from ptgbot.chat.adapter import Undeliverable
from ptgbot.status.publishers import problems, publish
from ptgbot.status.publishers.announcement import Announcement
from ptgbot.status.publishers.post import length, number_in, post_text
from ptgbot.status.settings import PublisherSettings, StatusSettings
from tests.status.announcements import alert, entry, told
from tests.status.mastodon import TOKEN, Mastodon


@pytest.fixture
async def mastodon() -> AsyncIterator[Mastodon]:
    double = Mastodon()
    await double.server.start_server()
    yield double
    await double.server.close()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    return path


async def tell(double: Mastodon, token: Path, body: Any, delivery: str = "") -> None:
    settings = StatusSettings(publishers=(PublisherSettings("mastodon", "social", double.url, token),))
    await publish(settings, "social", "social", body, delivery or f"ptg-a-{body['entry']['number']}")


OPEN = entry(7, "alert", "Gerrit is down", about=3, services=["gerrit"])
FOUND = entry(8, "update", "A disk is full", about=3, state="identified")
OVER = entry(9, "ok", "", about=3)


async def test_updates_and_end_are_replies_to_the_alert(mastodon: Mastodon, token: Path) -> None:
    await tell(mastodon, token, told(OPEN, alert(OPEN)))
    await tell(mastodon, token, told(FOUND, alert(OPEN, FOUND)))
    await tell(mastodon, token, told(OVER, alert(OPEN, FOUND, OVER)))
    assert mastodon.said == [
        "Alert (gerrit): Gerrit is down [7]",
        "Cause found: A disk is full [8]",
        "Resolved: Gerrit is down [9]",
    ]
    first = mastodon.posts[-1]["id"]
    assert [post["in_reply_to_id"] for post in reversed(mastodon.posts)] == [None, first, first]


async def test_repeat_within_an_hour_is_dropped(mastodon: Mastodon, token: Path) -> None:
    lost = [True]

    async def lose(request: web.Request) -> web.StreamResponse | None:
        if request.method == "POST" and lost:
            lost.pop()
            post = mastodon.put((await request.json())["status"])
            mastodon.keys[request.headers["Idempotency-Key"]] = post["id"]
            # The list of posts lags behind, as a cache may do.
            post["content"] = ""
            return web.Response(status=504)
        return None

    mastodon.before = lose
    with pytest.raises(OSError, match="504"):
        await tell(mastodon, token, told(OPEN))
    await tell(mastodon, token, told(OPEN))
    assert mastodon.said == ["Alert (gerrit): Gerrit is down [7]"]


async def test_repeat_after_days_posts_nothing_twice(mastodon: Mastodon, token: Path) -> None:
    mastodon.forgets_keys = True
    await tell(mastodon, token, told(OPEN))
    for number in range(90):
        mastodon.put(f"A person's own post {number}")
    await tell(mastodon, token, told(OPEN))
    assert len(mastodon.posts) == 91


async def test_undo_edits_the_post(mastodon: Mastodon, token: Path) -> None:
    await tell(mastodon, token, told(OPEN))
    await tell(mastodon, token, told({**OPEN, "withdrawn": True}, what="undo"))
    assert mastodon.said == ["Withdrawn – Alert (gerrit): Gerrit is down [7]"]


async def test_hidden_entry_is_deleted(mastodon: Mastodon, token: Path) -> None:
    await tell(mastodon, token, told(OPEN))
    await tell(mastodon, token, told(OPEN, what="hide"))
    assert mastodon.said == []


async def test_undo_of_an_unposted_entry_posts_nothing(mastodon: Mastodon, token: Path) -> None:
    await tell(mastodon, token, told(OPEN, what="undo"))
    assert mastodon.said == []


@pytest.mark.parametrize("kind", ["log", "success", "thanks"])
async def test_small_entries_are_not_posted(mastodon: Mastodon, token: Path, kind: str) -> None:
    await tell(mastodon, token, told(entry(7, kind, "Coffee")))
    assert mastodon.calls == []


async def test_text_is_cut_for_the_server(mastodon: Mastodon, token: Path) -> None:
    mastodon.limit = 100
    await tell(mastodon, token, told(entry(7, "notice", "wörd " * 200)))
    assert len(mastodon.said[0]) <= 100
    assert mastodon.said[0].endswith("wörd… [7]")


async def test_number_of_an_earlier_life_means_nothing(mastodon: Mastodon, token: Path) -> None:
    old = mastodon.put("Alert: from a state that was lost [7]")
    old["created_at"] = "2025-01-01T00:00:00+00:00"
    await tell(mastodon, token, told(OPEN))
    assert mastodon.said[-1] == "Alert (gerrit): Gerrit is down [7]"


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(body=b"<html>", content_type="text/html"),
        web.json_response({"fine": True}),
        web.json_response([]),
        web.json_response(None),
        web.json_response({"id": 5}),
    ],
    ids=["html", "no id", "list", "null", "number"],
)
async def test_server_that_lies_is_tried_again(mastodon: Mastodon, token: Path, answer: web.Response) -> None:
    async def lie(request: web.Request) -> web.StreamResponse | None:
        return web.Response(body=answer.body, status=200) if request.method == "POST" else None

    mastodon.before = lie
    with pytest.raises(OSError, match="answer"):
        await tell(mastodon, token, told(OPEN))
    mastodon.before = None
    await tell(mastodon, token, told(OPEN))
    assert mastodon.said == ["Alert (gerrit): Gerrit is down [7]"]


async def test_refused_token_waits_for_an_operator(mastodon: Mastodon, token: Path) -> None:
    token.write_text("another")
    with pytest.raises(OSError, match="401"):
        await tell(mastodon, token, told(OPEN))
    token.write_text("")
    with pytest.raises(OSError, match="token holds no token"):
        await tell(mastodon, token, told(OPEN))


async def test_refused_text_is_given_up(mastodon: Mastodon, token: Path) -> None:
    async def refuse(request: web.Request) -> web.StreamResponse | None:
        return web.json_response({"error": "Validation failed"}, status=422) if request.method == "POST" else None

    mastodon.before = refuse
    with pytest.raises(Undeliverable, match="422"):
        await tell(mastodon, token, told(OPEN))


def text(row: dict[str, Any], matter: dict[str, Any] | None = None, limit: int = 500) -> str:
    return post_text(Announcement.of(told(row, matter)), limit, 23)


def test_names_in_a_text_mention_nobody() -> None:
    made = text(entry(1, "notice", "@all ask @mira@example.org or write to help@example.org"))
    assert made == "@\u2060all ask @\u2060mira@example.org or write to help@example.org [1]"


def test_long_link_counts_as_the_server_counts() -> None:
    address = "https://example.org/" + "x" * 300
    assert text(entry(1, "notice", f"See {address}"), limit=40) == f"See {address} [1]"
    assert length(address, 23) == 23


def test_link_is_never_cut() -> None:
    assert text(entry(1, "notice", "Now see https://example.org/y and wait"), limit=32) == "Now see… [1]"


def test_plan_names_its_times() -> None:
    row = entry(4, "plan", "New disks", state="moved", about=2)
    matter = alert(row, kind="plan", start="2026-11-23T10:00:00+00:00", end="2026-11-23T12:00:00+00:00")
    assert text(row, matter) == "Moved 2026-11-23 10:00–12:00 UTC: New disks [4]"
    matter["end"] = "2026-11-24T01:00:00+00:00"
    assert text(row, matter) == "Moved 2026-11-23 10:00–2026-11-24 01:00 UTC: New disks [4]"


@pytest.mark.parametrize("limit", range(8, 60))
def test_no_text_exceeds_the_limit(limit: int) -> None:
    made = text(
        entry(1, "notice", "Look at https://example.org/abc, https://example.org/d and 💚💚 around"), limit=limit
    )
    assert length(made, 23) <= limit
    assert number_in(f"<p>{made}</p>") == 1


def test_number_is_only_read_at_the_end() -> None:
    assert number_in("<p>see [5] there</p>") is None
    assert number_in("<p>a &amp; b [5]</p>") == 5


def test_table_without_token_file_is_named() -> None:
    table = PublisherSettings("mastodon", "social", "https://example.org")
    assert problems([table]) == ["the publisher social: secret_file is missing."]
