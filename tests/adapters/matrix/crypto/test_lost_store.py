"""A store that was lost, whole or in part: which devices stay, and whose identity signs the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("vodozemac")

from ptgbot_matrix.crypto.cross_signing import CrossSigningIdentity
from ptgbot_matrix.crypto.recovery import RecoveryKey
from tests.adapters.matrix.conftest import Bot, StartBot
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly, SecretPerson
from tests.servers.matrix_servers import Befriend, Homeserver, text_of


@pytest.mark.parametrize(
    "change", [lambda text: text[:-1] + "zy"[text[-1] == "z"], lambda text: text + "A", lambda _text: "0OIl", str.lower]
)
def test_mistyped_recovery_key_is_refused(change: object) -> None:
    text = str(RecoveryKey(bytes(range(32))))
    assert RecoveryKey.parse(f" {text} ") == RecoveryKey(bytes(range(32)))
    assert callable(change)
    with pytest.raises(ValueError, match="recovery key"):
        RecoveryKey.parse(change(text))


async def devices_of(bot: Bot) -> list[str]:
    """Return the ids of the devices of the bot's account that are named after it."""
    connection = bot.adapter._connection
    assert connection
    found = (await connection.wire.get("/devices"))["devices"]
    return [one["device_id"] for one in found if one["display_name"] == "ptgbot"]


def device_of(bot: Bot) -> str:
    """Return the device of a running bot."""
    connection = bot.adapter._connection
    assert connection
    assert connection.session.current
    return connection.session.current.device


async def talks(bot: Bot, ada: SecretPerson, room: str) -> None:
    """Type an encrypted line and read its answer. Ada gives no keys to devices without their owner's signature."""
    asked = await ada.say(room, f"line for {device_of(bot)}")
    bot.reply(await bot.notes.heard(f"line for {device_of(bot)}"), "read")
    assert text_of(await ada.answer(asked)) == "read"


def lose(folder: Path, *kept: str) -> None:
    """Delete everything from a store except some files."""
    for file in folder.iterdir():
        if file.name not in kept:
            file.unlink()


@pytest.mark.servers
@pytest.mark.parametrize("kept", ["all but keys", "recovery-key", "nothing"])
async def test_lost_store_leaves_no_dead_device(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly, kept: str
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    room = await ada.create("", **ENCRYPTED)
    bot = await start_bot(synapse, room, wait=False)
    await ada.call("POST", f"/rooms/{room}/invite", {"user_id": bot.id})
    await ada.see(bot.id, room)
    await talks(bot, ada, room)
    former, store = device_of(bot), bot.config.store
    identity = CrossSigningIdentity.read(bot.id, store / "cross-signing.json")
    recovery_key = (store / "recovery-key").read_text()
    await bot.stop()
    files = {"all but keys": ["session.json", "cross-signing.json", "recovery-key"], "nothing": []}
    lose(store, *files.get(kept, [kept]))
    again = await start_bot(synapse, former=bot)
    assert await devices_of(again) == [device_of(again)] != [former]
    restored = CrossSigningIdentity.read(bot.id, store / "cross-signing.json")
    assert (restored == identity) is (kept != "nothing")
    assert ((store / "recovery-key").read_text() == recovery_key) is (kept != "nothing")
    await talks(again, ada, room)


@pytest.mark.servers
async def test_recovery_key_alone_needs_no_password(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an access token the identity can't be replaced, but it can be brought back."""
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"token-{ada.name}")
    bot = await start_bot(synapse, room)
    connection, store = bot.adapter._connection, bot.config.store
    assert connection
    master = CrossSigningIdentity.load(bot.id, store / "cross-signing.json").master
    body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": bot.id}, "password": "pw"}
    login = await connection.wire.post("/login", body)
    (store / "recovery-key").write_text((store / "recovery-key").read_text().partition("\n")[0])
    await bot.stop()
    lose(store, "recovery-key")
    monkeypatch.setenv("TOKEN", login["access_token"])
    again = await start_bot(
        synapse,
        room,
        user=bot.id,
        store=store,
        password_env=None,
        access_token_env="TOKEN",
        device_id=login["device_id"],
    )
    assert CrossSigningIdentity.load(bot.id, store / "cross-signing.json").master == master
    assert again.adapter.health().text == f"as {bot.id}"
    assert f"# of the identity {master}" in (store / "recovery-key").read_text()


@pytest.mark.servers
async def test_devices_of_people_are_kept(synapse: Homeserver, start_bot: StartBot, befriend: Befriend) -> None:
    ada = await befriend(synapse, "ada")
    bot = await start_bot(synapse, await ada.create(f"kept-{ada.name}"))
    connection = bot.adapter._connection
    assert connection
    body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": bot.id}, "password": "pw"}
    theirs = await connection.wire.post("/login", {**body, "initial_device_display_name": "Element of the operator"})
    await bot.stop()
    lose(bot.config.store)
    again = await start_bot(synapse, former=bot)
    assert again.adapter._connection
    found = (await again.adapter._connection.wire.get("/devices"))["devices"]
    assert {one["device_id"] for one in found} > {device_of(again), theirs["device_id"]}
