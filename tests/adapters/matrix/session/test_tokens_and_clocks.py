"""Tokens that are lost and clocks that are wrong, seen from the whole program: another network runs beside."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from ptgbot.chat.adapter import Colour
from ptgbot.chat.message import Message, Role
from ptgbot.config import Config, StateConfig
from ptgbot.service import Service, open_state
from ptgbot.store.file import Paths
from ptgbot.store.file.journal import read
from ptgbot.store.opening import records
from ptgbot.testing import CHANNEL, FakeAdapter, person
from ptgbot_matrix import ADAPTER, MatrixConfig
from ptgbot_matrix.session.client import make_client
from ptgbot_matrix.session.login import LoginFlow, SessionFile
from ptgbot_matrix.session.wire import Wire
from tests.adapters.matrix.conftest import StartBot
from tests.adapters.matrix.test_faults import begun, said
from tests.plain_bot import prepare
from tests.servers.faulty_matrix import USER, FaultyHomeserver, refusal
from tests.test_service import FakeConfig, kind

SOFT = {"expired": True, "revoked": False, "unknown": None}


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(
    folder: Path, faulty: FaultyHomeserver, irc: FakeAdapter, hour: float = 3600.0, **settings: Any
) -> AsyncIterator[Service]:
    """Run the program on a Matrix room, ``!r``, and on a network in memory."""
    prepare(folder)
    faulty.room(position="s0")
    chosen = {"rooms": ("!r",), "store": folder / "store", "retry_first": 0.05, "encryption": False, **settings}
    matrix = MatrixConfig(homeserver=faulty.url, user=USER, **chosen)
    adapters = ((kind(irc), FakeConfig(irc.name), True), (ADAPTER, matrix, True))
    config = Config(StateConfig(folder / "ptg.json"), None, adapters=adapters)
    service = Service(config, await open_state(config), hour=hour)
    task = asyncio.create_task(service.run())
    await service.started.wait()
    try:
        await until(lambda: service.adapters["matrix"].health().colour is Colour.GREEN)
        yield service
    finally:
        service.stop()
        await task


async def still_answers(service: Service, irc: FakeAdapter) -> None:
    """See that the other network is served."""
    before = len(irc.sent)
    assert service.hub.receive(Message(datetime.now(UTC), CHANNEL, person("mira"), Role.ADMIN, "+now nova"))
    await until(lambda: len(irc.sent) > before)
    assert irc.sent[-1].text == "#nova: nothing now."


@pytest.fixture
def irc() -> FakeAdapter:
    return FakeAdapter()


@pytest.mark.parametrize(
    ("soft", "words"),
    [
        (True, "the access token of @ptgbot:localhost has expired"),
        (False, "the homeserver refused the access token of @ptgbot:localhost"),
        (None, "the homeserver refused the access token of @ptgbot:localhost"),
    ],
    ids=SOFT,
)
async def test_lost_token_without_password_is_red(
    faulty_matrix: FaultyHomeserver,
    irc: FakeAdapter,
    tmp_path: Path,
    soft: bool | None,
    words: str,
) -> None:
    """The other networks go on."""
    words += ": m_unknown_token (M_UNKNOWN_TOKEN, 401)."
    token = tmp_path / "token"
    token.write_text("token-1\n")
    with structlog.testing.capture_logs() as logs:
        async with running(
            tmp_path, faulty_matrix, irc, hour=0.5, access_token_file=token, device_id="DEVICE"
        ) as service:
            faulty_matrix.token, faulty_matrix.soft = "token-2", soft
            faulty_matrix.room(position="s1")
            await until(lambda: not service.health()[0])
            assert service.health()[1]["parts"]["matrix"] == {
                "colour": "red",
                "text": words,
                "counts": {"unsent": 0, "unreadable": 0},
            }
            assert service.health()[1]["parts"]["irc"]["colour"] == "green"
            await still_answers(service, irc)
            assert faulty_matrix.logins == []
            # A new one in the same file is found by itself; what was typed meanwhile is answered.
            token.write_text("token-2\n")
            faulty_matrix.room(said("+in the lobby", 1), position="s2")
            await until(lambda: faulty_matrix.sent)
            assert service.health()[0]
            assert "the lobby" in faulty_matrix.sent[0][1]["body"]
    assert any(entry["event"] == f"matrix: {words} It is tried again in an hour." for entry in logs)


@pytest.mark.parametrize("soft", SOFT.values(), ids=SOFT)
async def test_lost_token_with_password_is_replaced_unnoticed(
    faulty_matrix: FaultyHomeserver,
    irc: FakeAdapter,
    tmp_path: Path,
    soft: bool | None,
) -> None:
    password = tmp_path / "password"
    password.write_text("pw\n")
    async with running(tmp_path, faulty_matrix, irc, password_file=password) as service:
        faulty_matrix.token, faulty_matrix.soft = "token-2", soft
        faulty_matrix.room(position="s1")
        faulty_matrix.room(said("+in the lobby", 1), position="s2")
        await until(lambda: faulty_matrix.sent)
        assert "the lobby" in faulty_matrix.sent[0][1]["body"]
        assert service.health()[0]
        await still_answers(service, irc)
        # The same device: it has the transaction ids of answers that are given again.
        assert [login.get("device_id") for login in faulty_matrix.logins] == [None, "DEVICE"]


@pytest.mark.parametrize(("soft", "wanted"), [(True, "DEVICE"), (False, None), (None, None)], ids=SOFT)
async def test_keys_survive_expired_token_but_not_revoked_device(
    faulty_matrix: FaultyHomeserver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    soft: bool | None,
    wanted: str | None,
) -> None:
    pytest.importorskip("vodozemac")
    monkeypatch.setenv("MATRIX_PASSWORD", "pw")
    config = MatrixConfig(
        homeserver=faulty_matrix.url, user=USER, password_env="MATRIX_PASSWORD", store=tmp_path / "store"
    )
    for token in ("token-1", "token-2"):
        faulty_matrix.token, faulty_matrix.soft = token, soft
        wire = Wire(make_client(config), 5.0)
        session = await LoginFlow(config, wire, SessionFile(config.store / "session.json"), lambda _text: None).open()
        assert wire.client.olm
        assert wire.client.olm.device_id == session.device == faulty_matrix.device
        await wire.close()
    assert [login.get("device_id") for login in faulty_matrix.logins] == [None, wanted]


async def test_token_lost_before_first_sync_keeps_direct_chats(
    faulty_matrix: FaultyHomeserver, start_bot: StartBot
) -> None:
    """An empty list of direct chats would be written over the account's own."""
    chats = f"/_matrix/client/v3/user/{USER}/account_data/m.direct"
    handle, asked = faulty_matrix.handle, []

    async def fault(request: Any) -> Any:
        faulty_matrix.fault = None
        try:
            if request.path == chats:
                asked.append(request.headers["Authorization"])
                if len(asked) == 1:
                    faulty_matrix.token = "token-2"
                    return refusal(401, "M_UNKNOWN_TOKEN", soft_logout=True)
            return await handle(request)
        finally:
            faulty_matrix.fault = fault if len(asked) < 2 else None

    faulty_matrix.fault = fault
    await begun(faulty_matrix, start_bot, retry_first=0.05)
    assert asked == ["Bearer token-1", "Bearer token-2"]


CLOCKS: dict[str, Any] = {
    "years ahead": 4102444800000,
    "beyond all calendars": 10**30,
    "long ago": 1000,
    "zero": 0,
    "negative": -62135596800001,
    "broken": 1.5e300,
    "text": "2099-01-01T00:00:00Z",
    "true": True,
    "nothing": None,
    "list": [4102444800000],
}


async def test_recorded_time_is_ours_not_the_servers(
    faulty_matrix: FaultyHomeserver, irc: FakeAdapter, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("pw\n")
    began = datetime.now(UTC).replace(microsecond=0)
    clocks = {**{name: {"origin_server_ts": value} for name, value in CLOCKS.items()}, "missing": {}}
    async with running(tmp_path, faulty_matrix, irc, password_file=password):
        faulty_matrix.room(
            *(
                {**said(f"+in place {number}", number, f"@person{number}:localhost"), **claimed}
                for number, claimed in enumerate(clocks.values())
            ),
            position="s1",
        )
        await until(lambda: len(faulty_matrix.sent) == len(clocks))
    ended = datetime.now(UTC)
    answered = [content["body"] for _, content in faulty_matrix.sent]
    assert answered == [f"You are checked in at place {n}. +out ends it." for n in range(len(clocks))]
    found = [one for one in records(read(Paths(tmp_path / "ptg.json").journal)) if one.network == "matrix"]
    assert len(found) == len(clocks)
    assert all(began <= record.at <= ended for record in found)
    shown = json.loads((tmp_path / "ptg.json").read_bytes())["last_check_in"]
    assert len(shown) == len(clocks)
    assert "2099" not in json.dumps(shown)
