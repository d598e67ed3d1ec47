"""The publisher ``webhook`` on a real server on loopback."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ptgbot.status.publishers import problems, publish
from ptgbot.status.settings import PublisherSettings, StatusSettings
from tests.status.announcements import alert, entry, told


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[TestServer, list[tuple[str, dict[str, object]]]]]:
    found: list[tuple[str, dict[str, object]]] = []

    async def take(request: web.Request) -> web.Response:
        found.append((request.headers["webhook-id"], await request.json()))
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/in", take)
    server = TestServer(app)
    await server.start_server()
    yield server, found
    await server.close()


def table(url: str, secret: Path | None) -> PublisherSettings:
    return PublisherSettings("webhook", "ops", url, secret)


async def test_receiver_gets_entry_and_alert(
    receiver: tuple[TestServer, list[tuple[str, dict[str, object]]]], tmp_path: Path
) -> None:
    server, found = receiver
    secret = tmp_path / "secret"
    secret.write_text(base64.b64encode(b"x" * 24).decode())
    row = entry(7, "alert", "Gerrit is }} down <b>", about=3)
    body = told(row, alert(row))
    settings = StatusSettings(publishers=(table(f"http://127.0.0.1:{server.port}/in", secret),))
    await publish(settings, "ops", "ops", body, "ptg-a-7")
    assert found == [
        ("ptg-a-7", {"type": "status.alert", "timestamp": row["at"], "data": json.loads(json.dumps(body))})
    ]


def test_table_without_secret_or_protection_is_named() -> None:
    assert problems([table("http://example.org/", None)]) == [
        "the publisher ops: secret_file is missing.",
        "the publisher ops: url: an address must begin with https://; http:// is for this machine only.",
    ]


def test_good_table_has_no_problem(tmp_path: Path) -> None:
    assert problems([table("https://example.org/in", tmp_path / "secret")]) == []
