"""Encrypted rooms on a real Synapse, with people who give keys only to devices that their owner has signed."""

from __future__ import annotations

import functools
import operator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("vodozemac")

from ptgbot.chat.adapter import Colour
from ptgbot.chat.message import Kind, Outgoing, Role
from ptgbot_matrix.crypto.cross_signing import (
    CrossSigning,
    CrossSigningIdentity,
    canonical,
    decode_base64,
    encode_base64,
    has_signature,
)
from ptgbot_matrix.crypto.recovery import RecoveryKey
from ptgbot_matrix.inspection import inspect_homeserver
from ptgbot_matrix.session.client import make_client
from ptgbot_matrix.session.wire import JsonObject, RequestRefused, Wire
from tests.adapters.matrix.conftest import StartBot
from tests.servers.matrix_encrypted import ENCRYPTED, BefriendSecretly
from tests.servers.matrix_servers import Befriend, Homeserver, text_of

DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def test_signature_verifies_only_the_signed_content(tmp_path: Path) -> None:
    identity = CrossSigningIdentity.load("@a:x", tmp_path / "keys.json")
    assert CrossSigningIdentity.load("@a:x", tmp_path / "keys.json").master == identity.master
    upload = identity.upload()
    assert [*upload] == ["master_key", "self_signing_key", "user_signing_key"]
    assert has_signature(upload["self_signing_key"], "@a:x", identity.master)
    device = identity.signed_device({"user_id": "@a:x", "device_id": "D", "keys": {}, "unsigned": {"a": 1}})
    own = identity.keys["self_signing"].public
    assert has_signature({**device, "unsigned": {"b": 2}}, "@a:x", own)
    assert not has_signature({**device, "device_id": "E"}, "@a:x", own)
    assert not has_signature(device, "@b:x", own)
    assert not has_signature({**device, "signatures": {"@a:x": {f"ed25519:{own}": "AAAA"}}}, "@a:x", own)
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


def test_canonical_json_is_that_of_the_specification() -> None:
    """Appendix "Canonical JSON", its example."""
    value = {"two": "日", "one": 1, "signatures": {}, "unsigned": {}, "auth": {"b": [], "a": None}}
    assert canonical(value) == '{"auth":{"a":null,"b":[]},"one":1,"two":"日"}'.encode()
    assert encode_base64(decode_base64("AQID")) == "AQID"
    assert encode_base64(decode_base64("AQI")) == "AQI"


def test_secret_needs_its_key_and_its_name() -> None:
    key = RecoveryKey(bytes(range(32)))
    sealed = key.encrypt("m.cross_signing.master", b"secret")
    assert decode_base64(sealed["iv"])[8] < 0x80
    assert key.decrypt("m.cross_signing.master", sealed) == b"secret"
    for other, name in ((key, "m.cross_signing.self_signing"), (RecoveryKey(bytes(32)), "m.cross_signing.master")):
        with pytest.raises(ValueError, match="does not fit"):
            other.decrypt(name, sealed)


def test_recovery_key_has_groups_and_parity() -> None:
    """Appendix "Cryptographic key representation": 0x8B 0x01, the key, a byte that makes the parity zero."""
    text = str(RecoveryKey(bytes(range(32))))
    assert text.startswith("Es")
    number = 0
    for sign in text.replace(" ", ""):
        number = number * 58 + DIGITS.index(sign)
    raw = number.to_bytes(35)
    assert raw[2:34] == bytes(range(32))
    assert functools.reduce(operator.xor, raw) == 0


@pytest.mark.servers
async def test_an_encrypted_room_is_read_and_answered(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    room = await ada.create(f"secret-{ada.name}", **ENCRYPTED)
    bot = await start_bot(synapse, room, encryption=True)
    connection = bot.adapter._connection
    assert connection
    # With the recovery key a client of the operator's finds our identity in the account.
    written = (bot.config.store / "recovery-key").read_text().splitlines()[0].replace(" ", "")
    number = functools.reduce(lambda all_, sign: all_ * 58 + DIGITS.index(sign), written, 0)
    key, data = RecoveryKey(number.to_bytes(35)[2:34]), f"/user/{bot.id}/account_data"
    name = (await connection.wire.get(f"{data}/m.secret_storage.default_key"))["key"]
    secret = (await connection.wire.get(f"{data}/m.cross_signing.master"))["encrypted"][name]
    ours = CrossSigningIdentity.load(bot.id, bot.config.store / "cross-signing.json")
    assert key.decrypt("m.cross_signing.master", secret) == encode_base64(ours.keys["master"].seed).encode()
    assert [(finding.text, finding.good) for finding in (await inspect_homeserver(bot.config))[1:]] == [
        ("our device is signed by its owner", True),
        (f"{room}: in it, power level 0, encrypted", True),
    ]
    await ada.see(bot.id, room)
    asked = await ada.say(room, "+in x")
    message = await bot.notes.heard("+in x")
    assert (message.private, message.role) == (False, Role.ADMIN)
    bot.reply(message, "you are in x")
    assert text_of(await ada.answer(asked)) == "you are in x"
    # After a restart keys and position are still there.
    await bot.notes.until(lambda notes: notes.cursors)
    await bot.stop()
    await ada.say(room, "+in y")
    again = await start_bot(synapse, former=bot)
    again.reply(await again.notes.heard("+in y"), "you are in y")
    await ada.wait(lambda e: text_of(e) == "you are in y")
    assert ada.undecrypted == []


@pytest.mark.servers
async def test_late_joiner_reads_our_encrypted_direct_chat(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly
) -> None:
    """The bot opens an encrypted direct chat; a person who joins later can read what was said."""
    ada = await befriend_secretly(synapse, "ada")
    home = await ada.create(f"shome-{ada.name}")
    bot = await start_bot(synapse, home, encryption=True)
    bot.adapter.send(Outgoing(Kind.TELL, ada.id, "nova is now on quotas"))
    room = await ada.invited(bot.id)
    await bot.adapter.drain()
    await ada.join(room)
    await ada.wait(lambda e: text_of(e) == "nova is now on quotas")
    asked = await ada.say(room, "help")
    bot.reply(await bot.notes.heard("help"), "here")
    await ada.answer(asked)


@pytest.mark.servers
async def test_lost_keys_make_new_device_and_tell_operator(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    room = await ada.create(f"lost-{ada.name}", **ENCRYPTED)
    bot = await start_bot(synapse, room, encryption=True)
    await bot.stop()
    for file in bot.config.store.glob("*.db"):
        file.unlink()
    again = await start_bot(synapse, former=bot)
    assert "the keys of our device are gone" in again.notes.reports[0]
    await ada.see(bot.id, room)
    asked = await ada.say(room, "+in z")
    again.reply(await again.notes.heard("+in z"), "you are in z")
    assert text_of(await ada.answer(asked)) == "you are in z"
    assert len(again.notes.reports) == 1


@pytest.mark.servers
async def test_deleted_device_is_replaced_after_downtime(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    room = await ada.create(f"away-{ada.name}", **ENCRYPTED)
    bot = await start_bot(synapse, room, encryption=True)
    connection = bot.adapter._connection
    assert connection
    assert connection.session.current
    former = connection.session.current.device
    await bot.stop()
    client = Wire(make_client(bot.config), 10.0)
    client.client.access_token = connection.session.current.token
    await client.post("/logout", {})
    await client.close()
    again = await start_bot(synapse, former=bot)
    assert again.adapter._connection
    assert again.adapter._connection.session.current
    assert again.adapter._connection.session.current.device != former
    asked = await ada.say(room, "+in z")
    again.reply(await again.notes.heard("+in z"), "you are in z")
    assert text_of(await ada.answer(asked)) == "you are in z"


@pytest.mark.servers
async def test_an_expired_token_costs_no_device(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    room = await ada.create(f"expired-{ada.name}", **ENCRYPTED)
    bot = await start_bot(synapse, room, encryption=True, retry_first=0.1)
    connection = bot.adapter._connection
    assert connection
    assert connection.session.current
    former, call = connection.session.current, Wire.call

    async def expired(self: Wire, *request: Any, **more: Any) -> JsonObject:
        if self.client.access_token == former.token:
            raise RequestRefused(401, "M_UNKNOWN_TOKEN", "Access token has expired", soft=True)
        return await call(self, *request, **more)

    monkeypatch.setattr(Wire, "call", expired)
    await ada.say(room, "ends the request that is under way")
    asked = await ada.say(room, "+in z")
    bot.reply(await bot.notes.heard("+in z"), "you are in z")
    assert text_of(await ada.answer(asked)) == "you are in z"
    assert bot.adapter._connection is connection
    assert connection.session.current.device == former.device
    assert connection.session.current.token != former.token
    assert bot.notes.reports == []


@pytest.mark.servers
async def test_a_device_that_was_thrown_out_is_replaced(
    synapse: Homeserver, start_bot: StartBot, befriend_secretly: BefriendSecretly
) -> None:
    ada = await befriend_secretly(synapse, "ada")
    room = await ada.create(f"thrown-{ada.name}", **ENCRYPTED)
    bot = await start_bot(synapse, room, encryption=True, retry_first=0.1)
    connection = bot.adapter._connection
    assert connection
    await connection.wire.post("/logout", {})
    await bot.notes.until(lambda notes: any("new device" in report for report in notes.reports))
    await bot.until_health(Colour.GREEN)
    asked = await ada.say(room, "+in z")
    bot.reply(await bot.notes.heard("+in z"), "you are in z")
    assert text_of(await ada.answer(asked)) == "you are in z"


@pytest.mark.servers
async def test_foreign_identity_is_reported_or_replaced(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend, tmp_path: Path
) -> None:
    ada = await befriend(synapse, "ada")
    room = await ada.create(f"identity-{ada.name}")
    bot = await start_bot(synapse, room, encryption=True, recover=False, wait=False)
    await bot.until_health(Colour.YELLOW, "no cross-signing identity")
    connection = bot.adapter._connection
    assert connection
    assert connection.session.current
    stranger = CrossSigningIdentity.load(bot.id, tmp_path / "stranger.json")
    signing = CrossSigning(connection.wire, stranger, connection.session.current.device, "pw")
    assert await signing.establish() == ""
    ours = CrossSigningIdentity.load(bot.id, tmp_path / "ours.json")
    without = CrossSigning(connection.wire, ours, connection.session.current.device, "")
    assert "another cross-signing identity" in await without.establish()
    assert await CrossSigning(connection.wire, ours, connection.session.current.device, "pw").establish() == ""
    assert "another cross-signing identity" in await signing.problem()
    CrossSigningIdentity.load(bot.id, bot.config.store / "cross-signing.json")
    finding = (await inspect_homeserver(bot.config))[1]
    assert (finding.text, finding.good) == ("the account has another cross-signing identity than ours", False)


@pytest.mark.servers
async def test_encrypted_chat_gets_plain_line_without_encryption(
    synapse: Homeserver, start_bot: StartBot, befriend: Befriend
) -> None:
    ada = await befriend(synapse, "ada")
    home = await ada.create(f"plain-{ada.name}")
    bot = await start_bot(synapse, home, encryption=False)
    room = await ada.direct(bot.id, **ENCRYPTED)
    told = await ada.wait(lambda e: e["sender"] == bot.id and e["room"] == room and text_of(e) != "")
    assert text_of(told) == f"This room is encrypted, and I can't read that here. Please type in {home} instead."
