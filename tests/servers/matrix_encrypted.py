"""People on Matrix whose clients encrypt: nio's crypto, keys only for devices that their owner has signed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from nio import AsyncClient, AsyncClientConfig, Event, MegolmEvent, SyncResponse

from ptgbot_matrix.crypto.cross_signing import has_signature
from ptgbot_matrix.crypto.encryption import unshared
from tests.servers.matrix_servers import Homeserver, MatrixPerson


@define(eq=False)
class SecretPerson(MatrixPerson):
    """Somebody whose events in encrypted rooms are encrypted; ``events`` holds what they say."""

    store: Path = Path()
    undecrypted: list[str] = field(factory=list)
    client: AsyncClient | None = None
    _sending: asyncio.Lock = field(factory=asyncio.Lock)

    async def open(self, device: str) -> None:
        """Have a device with keys."""
        self.store.mkdir(exist_ok=True)
        config = AsyncClientConfig(encryption_enabled=True, max_timeouts=0, request_timeout=20)
        self.client = AsyncClient(self.url, self.id, store_path=str(self.store), config=config)
        self.client.restore_login(self.id, device, self.token)
        await self.client.keys_upload()

    async def send(self, room: str, content: Mapping[str, Any], kind: str = "m.room.message") -> str:
        assert self.client
        async with self._sending:
            while room not in self.client.rooms:
                await asyncio.sleep(0.01)
            await self._distrust(room)
            await self._share(room)
            self._number += 1
            mark = f"{self.name}-{id(self)}-{self._number}"
            sent = await self.client.room_send(room, kind, dict(content), mark, ignore_unverified_devices=True)
            return str(sent.event_id)

    async def quit(self) -> None:
        await MatrixPerson.quit(self)
        if self.client:
            await self.client.close()  # type: ignore[no-untyped-call]

    async def _share(self, room: str) -> None:
        """Give the keys, again and again while the server is away, as clients of people do."""
        assert self.client
        assert self.client.olm
        while self.client.rooms[room].encrypted and self.client.olm.should_share_group_session(room):
            if missing := self.client.get_missing_sessions(room):
                await self.client.keys_claim(missing)
            await self.client.share_group_session(room, ignore_unverified_devices=True)
            if unshared(self.client, room):
                self.client.invalidate_outbound_session(room)
                await asyncio.sleep(0.1)

    async def _distrust(self, room: str) -> None:
        """Give no keys to devices without their owner's signature."""
        assert self.client
        if not self.client.rooms[room].encrypted:
            return
        await self.client.joined_members(room)
        if self.client.should_query_keys:
            await self.client.keys_query()
        others = [user for user in self.client.rooms[room].users if user != self.id]
        found = await self.call("POST", "/keys/query", {"device_keys": {user: [] for user in others}})
        for user in others:
            (own,) = found.get("self_signing_keys", {}).get(user, {}).get("keys", {"": ""}).values()
            for device in self.client.device_store.active_user_devices(user):
                keys = found["device_keys"].get(user, {}).get(device.id, {})
                if own and has_signature(keys, user, own):
                    self.client.unblacklist_device(device)
                else:
                    self.client.blacklist_device(device)

    async def _sync(self) -> None:
        assert self.client
        full, wanted = True, {"room": {"timeline": {"limit": 1000}}}
        while True:
            try:
                found = await self.client.sync(timeout=5000, full_state=full, sync_filter=wanted)
            except Exception:
                await asyncio.sleep(0.1)
                continue
            if not isinstance(found, SyncResponse):
                await asyncio.sleep(0.1)
                continue
            full = False
            await self._keys()
            async with self._changed:
                self._read(found)
                self._changed.notify_all()

    async def _keys(self) -> None:
        assert self.client
        await self.client.send_to_device_messages()
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        if self.client.should_claim_keys:
            await self.client.keys_claim(self.client.get_users_for_key_claiming())

    def _read(self, found: SyncResponse) -> None:
        for room, info in found.rooms.join.items():
            for event in [*info.state, *info.timeline.events]:
                if isinstance(event, MegolmEvent):
                    self.undecrypted.append(event.event_id)
                elif isinstance(event, Event) and isinstance(event.source, dict):
                    self.events.append({"content": {}, "state_key": None, **event.source, "room": room})
        for room, invited in found.rooms.invite.items():
            for event in invited.invite_state:
                if getattr(event, "state_key", "") == self.id:
                    self.invites[room] = event.sender


BefriendSecretly = Callable[..., Awaitable[SecretPerson]]


@pytest.fixture
async def befriend_secretly(tmp_path: Path) -> AsyncIterator[BefriendSecretly]:
    """Make people who encrypt: ``await befriend_secretly(synapse, "ada")``."""
    import aiohttp

    people: list[SecretPerson] = []

    async def make(server: Homeserver, name: str) -> SecretPerson:
        name = server.unused(name)
        await asyncio.to_thread(server.register, name, f"pw-{name}")
        person = SecretPerson(name, server.url, "", aiohttp.ClientSession(), store=tmp_path / f"store-{name}")
        people.append(person)
        body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": name}, "password": f"pw-{name}"}
        login = await person.call("POST", "/login", body)
        person.token = login["access_token"]
        await person.open(login["device_id"])
        await person.follow()
        return person

    yield make
    for person in people:
        await person.quit()


ENCRYPTED: dict[str, Any] = {
    "initial_state": [{"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}]
}
"""What makes a room encrypted from the beginning."""
