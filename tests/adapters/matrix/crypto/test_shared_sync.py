from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nio import RoomEncryptionEvent, SyncResponse

from ptgbot_matrix.crypto.shared_sync import for_crypto
from ptgbot_matrix.session.sync import SyncResult, request_sync

ADA, US = "@ada:x", "@ptgbot:x"


class Answering:
    """A homeserver that gives one answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer

    async def get(self, _path: str, _query: object = None, *, patience: float = 0.0) -> dict[str, Any]:
        return self.answer


async def synced(**parts: Any) -> SyncResult:
    wire: Any = Answering({"next_batch": "s1", **parts})
    return await request_sync(wire, "s0", full=False, hold=0.0)


def member(user: str, membership: str, number: int = 1) -> dict[str, Any]:
    return {
        "type": "m.room.member",
        "event_id": f"$m{number}",
        "sender": ADA,
        "state_key": user,
        "origin_server_ts": number,
        "content": {"membership": membership},
    }


ENCRYPTION = {
    "type": "m.room.encryption",
    "event_id": "$e",
    "sender": ADA,
    "state_key": "",
    "origin_server_ts": 1,
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}
KEY = {
    "type": "m.room.encrypted",
    "sender": ADA,
    "content": {
        "algorithm": "m.olm.v1.curve25519-aes-sha2",
        "sender_key": "A" * 43,
        "ciphertext": {"B" * 43: {"type": 0, "body": "x"}},
    },
}


async def test_nio_leaves_our_sync_untouched() -> None:
    invite = {"!i": {"invite_state": {"events": [member(US, "invite")]}}}
    join = {"!r": {"state": {"events": [ENCRYPTION]}, "timeline": {"events": [member(ADA, "join")]}}}
    result = await synced(rooms={"invite": invite, "join": join}, to_device={"events": [KEY]})
    before = copy.deepcopy(result.raw)
    assert isinstance(SyncResponse.from_dict(for_crypto(result)), SyncResponse)
    assert result.raw == before


async def test_nio_gets_keys_memberships_and_encryption() -> None:
    said = {"type": "m.room.message", "event_id": "$1", "sender": ADA, "content": {"body": "hello"}}
    join = {"!r": {"state": {"events": [ENCRYPTION]}, "timeline": {"events": [member(ADA, "join"), said]}}}
    result = await synced(
        rooms={"join": join},
        to_device={"events": [KEY, {"type": "m.dummy", "sender": ADA, "content": {}}]},
        device_lists={"changed": [ADA], "left": []},
        device_one_time_keys_count={"signed_curve25519": 7},
    )
    found = SyncResponse.from_dict(for_crypto(result))
    assert isinstance(found, SyncResponse)
    room = found.rooms.join["!r"]
    assert [type(event) for event in room.state] == [RoomEncryptionEvent]
    assert [event.source["event_id"] for event in room.timeline.events] == ["$m1"]
    assert [event.source["type"] for event in found.to_device_events] == ["m.room.encrypted"]
    assert (found.device_list.changed, found.device_key_count.signed_curve25519) == ([ADA], 7)


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "m.room_key_request", "sender": ADA, "content": {"no action": 1}},
        {"type": "m.room.encrypted"},
        {"sender": ADA},
        "text",
        None,
    ],
    ids=str,
)
async def test_broken_event_costs_no_key_of_others(broken: object) -> None:
    result = await synced(to_device={"events": [broken, KEY]}, rooms={"join": {"!r": {"timeline": 5}, "!s": 1}})
    found = SyncResponse.from_dict(for_crypto(result))
    assert isinstance(found, SyncResponse)
    assert len(found.to_device_events) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(rooms=JSON, to_device=JSON, lists=JSON)
async def test_any_sync_has_a_part_for_nio(rooms: Any, to_device: Any, lists: Any) -> None:
    result = await synced(rooms={"join": rooms}, to_device=to_device, device_lists=lists)
    assert for_crypto(result)["next_batch"] == "s1"
