"""What people expect of an account on Matrix, on a real Synapse and on a faulty one."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from ptgbot_matrix import MatrixConfig, check_config
from ptgbot_matrix.inspection import inspect_homeserver
from ptgbot_matrix.session.sync import FILTER
from ptgbot_matrix.session.wire import Wire
from tests.adapters.matrix.conftest import Bot, StartBot
from tests.servers.faulty_matrix import FaultyHomeserver
from tests.servers.matrix_servers import Befriend, Homeserver, MatrixPerson

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


async def profile_of(person: MatrixPerson, bot: Bot) -> dict[str, Any]:
    """Return the profile of a bot as people see it."""
    return await person.call("GET", f"/profile/{bot.id}")


@pytest.mark.servers
async def test_name_and_picture_are_set_once(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads, upload = [], Wire.upload

    async def counted(self: Wire, data: bytes, content_type: str) -> str:
        uploads.append(content_type)
        return await upload(self, data, content_type)

    monkeypatch.setattr(Wire, "upload", counted)
    picture = tmp_path / "bot.png"
    picture.write_bytes(PIXEL)
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"profile-{ada.name}")
    bot = await start_bot(synapse, room, display_name="The Guide (bot)", avatar=picture)
    profile = await profile_of(ada, bot)
    assert profile["displayname"] == "The Guide (bot)"
    assert profile["avatar_url"].startswith("mxc://localhost/")
    await bot.stop()
    again = await start_bot(synapse, former=bot)
    assert await profile_of(ada, again) == profile
    assert uploads == ["image/png"]
    await again.stop()
    picture.write_bytes(PIXEL + b"\0")
    changed = await start_bot(synapse, former=bot)
    assert (await profile_of(ada, changed))["avatar_url"] != profile["avatar_url"]


@pytest.mark.servers
async def test_profile_is_left_alone_by_default(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    bot = await start_bot(synapse, await ada.create(f"alone-{ada.name}"))
    assert (await profile_of(ada, bot))["displayname"] == bot.id[1:].partition(":")[0]


def test_avatar_must_be_a_picture_that_exists(tmp_path: Path) -> None:
    def problems(avatar: str) -> str:
        config = MatrixConfig(
            homeserver="http://x", user="@a:x", rooms=("!r",), password_env="X", avatar=tmp_path / avatar
        )
        return " ".join(check_config(config))

    assert "must be a .png" in problems("a.svg")
    assert "can't be read" in problems("a.png")


@pytest.mark.servers
async def test_receipts_and_typing_are_shown(synapse: Homeserver, start_bot: StartBot, befriend: Befriend) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"polite-{ada.name}")
    bot = await start_bot(synapse, room, read_receipts=True, typing=True)
    asked = await ada.say(room, "+in x")
    message = await bot.notes.heard("+in x")
    await ada.notice(lambda e: bot.id in e["content"].get("user_ids", ()), "typing")
    await ada.notice(lambda e: bot.id in e["content"].get(asked, {}).get("m.read", {}), "a receipt")
    ada.ephemeral.clear()
    bot.reply(message, "you are in x")
    await ada.answer(asked)
    await ada.notice(lambda e: e["type"] == "m.typing" and e["content"]["user_ids"] == [], "the end of typing")


@pytest.mark.servers
async def test_receipts_and_typing_are_off_by_default(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"plain-{ada.name}")
    bot = await start_bot(synapse, room)
    for number in range(3):
        asked = await ada.say(room, f"+in {number}")
        bot.reply(await bot.notes.heard(f"+in {number}"), "you are in")
        await ada.answer(asked)
    assert not any(bot.id in str(event) for event in ada.ephemeral)


@pytest.mark.servers
async def test_filter_is_kept_by_the_server(synapse: Homeserver, start_bot: StartBot, befriend: Befriend) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"filter-{ada.name}")
    bot = await start_bot(synapse, room)
    connection = bot.adapter._connection
    assert connection
    stored = await connection.wire.get(f"/user/{bot.id}/filter/0")
    assert stored["room"]["timeline"] == {"limit": 100, "lazy_load_members": True}
    assert (await inspect_homeserver(bot.config))[0].good


async def test_lost_filter_is_sent_in_full(start_bot: StartBot, faulty_matrix: FaultyHomeserver) -> None:
    faulty_matrix.answers["/filter"] = {"filter_id": "7"}
    faulty_matrix.lost_filter = "7"
    faulty_matrix.room(position="s0")
    await start_bot(faulty_matrix, "!r", retry_first=0.05, encryption=False)
    assert faulty_matrix.filters[:2] == ["7", FILTER]


@pytest.mark.parametrize(
    ("versions", "problem"),
    [
        (["r0.5.0", "r0.6.1"], "the homeserver supports Matrix up to r0.6.1; the bot needs v1.1 or later"),
        (["r0.6.1", "v1.1"], ""),
        (["v2.0"], ""),
        ([], ""),
        ("junk", ""),
    ],
)
async def test_too_old_server_is_named(
    start_bot: StartBot, faulty_matrix: FaultyHomeserver, versions: object, problem: str
) -> None:
    faulty_matrix.answers["/versions"] = {"versions": versions}
    faulty_matrix.room(position="s0")
    bot = await start_bot(faulty_matrix, "!r", encryption=False)
    assert bot.notes.reports == ([problem] if problem else [])
    assert [path for _, _, path in faulty_matrix.requests].count("/_matrix/client/versions") == 1
    findings = await inspect_homeserver(bot.config)
    assert [one.text for one in findings if "the bot needs" in one.text and not one.good] == bot.notes.reports
