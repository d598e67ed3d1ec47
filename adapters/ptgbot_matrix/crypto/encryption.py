"""Encrypted rooms: nio keeps the keys, and we decide when it makes requests.

Source: Matrix client-server API, section "End-to-End Encryption". All of this needs the extra ``matrix-e2e``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from aiohttp import ClientError
from attrs import define, evolve, field
from nio import AsyncClient, ErrorResponse, MatrixRoom, MegolmEvent, SyncResponse
from nio import Event as NioEvent
from nio.exceptions import EncryptionError, LocalProtocolError

from ptgbot.chat.outbox import TryLater
from ptgbot_matrix.crypto.shared_sync import for_crypto
from ptgbot_matrix.event import Event, events_in, table_in
from ptgbot_matrix.session.login import DeviceLost
from ptgbot_matrix.session.sync import SyncResult
from ptgbot_matrix.session.wire import DEFAULT_PAUSE, JsonObject, ServerTrouble, Wire, part

log = logging.getLogger(__name__)
T = TypeVar("T")

UNENCRYPTED: Final = frozenset({"m.reaction"})
"""Types of events that clients leave unencrypted in encrypted rooms."""


@define(eq=False)
class Encryption:
    """Decrypts received events and encrypts sent ones."""

    client: AsyncClient
    wire: Wire
    is_encrypted: Callable[[str], bool]
    """Says whether we know that the room with an id is encrypted, even if nio has missed it."""
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    async def follow(self, result: SyncResult) -> None:
        """Pass the keys and memberships of a sync to nio, and make the requests that follow from them.

        Raises:
            DeviceLost: our device cannot be used any more.
        """
        followed = await self._hand_to_nio(result)
        for timeline in result.joined:
            if timeline.prev_batch or not followed:
                self._forget_members(timeline.room)
        try:
            await self.send_keys()
        except (OSError, TryLater) as error:
            log.info("keys wait for the next sync: %s", error)

    async def _hand_to_nio(self, result: SyncResult) -> bool:
        """Pass a sync to nio. Return whether nio could handle it."""
        try:
            response = SyncResponse.from_dict(for_crypto(result))
            if isinstance(response, SyncResponse):
                await self.client.receive_response(response)
                return True
            log.error("nio could not read a sync: %s", response)
        except Exception:
            # Nothing that a server sends may stop us; messages that stay encrypted are tried again later.
            log.exception("nio could not follow a sync")
        return False

    def _forget_members(self, room: str) -> None:
        """Make nio look up the members of an encrypted room before the next line. It has missed joins or leaves."""
        if (known := self.client.rooms.get(room)) and known.encrypted:
            known.members_synced = False
            self.client.invalidate_outbound_session(room)

    async def send_keys(self) -> None:
        """Upload, query and claim the keys that are due.

        Raises:
            OSError: the homeserver could not be reached.
            TryLater: the homeserver asks for a pause.
            DeviceLost: our device cannot be used any more.
        """
        client = self.client
        if client.outgoing_to_device_messages:
            await _through(client.send_to_device_messages())
        if client.should_upload_keys:
            try:
                await _through(client.keys_upload())
            except ServerTrouble as trouble:
                if "already exists" in str(trouble):
                    raise DeviceLost("the homeserver has other keys of our device than we have") from trouble
                raise
        if client.should_query_keys:
            await _through(client.keys_query())
        if client.should_claim_keys:
            await _through(client.keys_claim(client.get_users_for_key_claiming()))

    def decrypt(self, room: str, event: Event) -> Event | None:
        """Return an event of a room decrypted, None while its key is missing."""
        sealed = NioEvent.parse_event(dict(event.raw))
        if not isinstance(sealed, MegolmEvent):
            return None
        sealed.room_id = room
        try:
            found = self.client.decrypt_event(sealed)
        except (EncryptionError, AssertionError, ValueError, TypeError, KeyError):
            return None
        kind = found.source.get("type")
        if not isinstance(kind, str):
            return None
        return evolve(event, type=kind, content=table_in(found.source, "content"))

    async def encrypt(self, room: str, kind: str, content: JsonObject) -> tuple[str, JsonObject]:
        """Return the type and content of an event in the form to be sent: encrypted if the room is encrypted.

        Raises:
            OSError: the homeserver could not be reached.
            TryLater: the homeserver asks for a pause.
        """
        known = None if kind in UNENCRYPTED else self._encrypted_room(room)
        if known is None:
            return kind, content
        async with self._turn:
            await self._share_keys(room, known)
            try:
                sealed: tuple[str, JsonObject] = self.client.encrypt(room, kind, dict(content))
            except (EncryptionError, LocalProtocolError) as error:
                raise ServerTrouble(f"an answer could not be encrypted: {error}") from error
            return sealed

    def _encrypted_room(self, room: str) -> MatrixRoom | None:
        """Return nio's record of a room if the room is encrypted, else None."""
        known = self.client.rooms.get(room)
        if known and known.encrypted:
            return known
        if not self.is_encrypted(room):
            return None
        # No sync has told nio of a chat that we have just made, and of others only one that it could not follow.
        self.client.rooms[room] = MatrixRoom(room, self.client.user_id, encrypted=True)
        return self.client.rooms[room]

    async def _share_keys(self, room: str, known: Any) -> None:
        client = self.client
        assert client.olm
        if not known.members_synced:
            await _through(client.joined_members(room))
            # Somebody who is invited must be able to read later what was said before they joined.
            invited = await self.wire.get(f"/rooms/{part(room)}/members", {"membership": "invite"})
            for event in events_in(invited, "chunk"):
                known.add_member(event.state_key, None, None, True)
            client.olm.update_tracked_users(known)  # type: ignore[no-untyped-call]
        if client.should_query_keys:
            await _through(client.keys_query())
        if client.olm.should_share_group_session(room):
            if missing := client.get_missing_sessions(room):
                await _through(client.keys_claim(missing))
            await _through(client.share_group_session(room, ignore_unverified_devices=True))
            if unshared(client, room):
                client.invalidate_outbound_session(room)
                raise ServerTrouble("the homeserver did not take the keys of an answer")


def unshared(client: AsyncClient, room: str) -> bool:
    """Say whether a device lacks the key of the events that we send now.

    nio calls a key shared even if the request that carries it has failed.
    """
    assert client.olm
    session = client.olm.outbound_group_sessions.get(room)
    if session is None:
        return True
    known = session.users_shared_with | session.users_ignored
    return any(
        (user, device.id) not in known and client.olm.session_store.get(device.curve25519)
        for user in client.rooms[room].users
        for device in client.device_store.active_user_devices(user)
    )


async def _through(request: Awaitable[T]) -> T:
    """Make a request through nio, whose errors are return values or exceptions of aiohttp.

    Raises:
        OSError: the homeserver could not be reached.
        TryLater: the homeserver asks for a pause.
    """
    try:
        found = await request
    except (ClientError, TimeoutError, OSError) as error:
        raise ServerTrouble(str(error) or type(error).__name__) from error
    except (EncryptionError, LocalProtocolError) as error:
        raise ServerTrouble(str(error)) from error
    for one in found if isinstance(found, list) else (found,):
        if isinstance(one, ErrorResponse):
            if one.status_code == "M_LIMIT_EXCEEDED":
                raise TryLater((one.retry_after_ms or DEFAULT_PAUSE * 1000) / 1000)
            raise ServerTrouble(str(one))
    return found
