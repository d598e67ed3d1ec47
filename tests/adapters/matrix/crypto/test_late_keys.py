from __future__ import annotations

from datetime import UTC, datetime

from attrs import define, field

from ptgbot.chat.message import Message, Outgoing, Person, Role, Room
from ptgbot_matrix import MatrixConfig
from ptgbot_matrix.config import RoomConfig
from ptgbot_matrix.crypto.late_keys import KEY_PATIENCE, MOST_WAITING, NO_KEY, LateKeys
from ptgbot_matrix.event import Event
from ptgbot_matrix.rooms.configured import ConfiguredRoom, ConfiguredRooms
from ptgbot_matrix.rooms.levels import PowerLevels
from ptgbot_matrix.rooms.timeline import Readable, ReceivedMessage, Undecrypted
from ptgbot_matrix.session.sync_tokens import SyncBatch, SyncTokens

CONFIG = MatrixConfig(homeserver="https://x", user="@ptgbot:x", rooms=("!r",))
RECEIVED = ReceivedMessage(
    Message(datetime(2026, 11, 21, tzinfo=UTC), Room("matrix", "!r", "!r"), Person("@a:x", "a"), Role.ATTENDEE, "hi"),
    "",
)


def sealed(number: int = 1, room: str = "!r") -> Undecrypted:
    return Undecrypted(room, Event(f"${number}", "m.room.encrypted", "@ada:x"), PowerLevels())


@define
class Desk:
    """Messages that wait for keys, with a clock and keys that the test has in its hands."""

    now: float = 100.0
    keys: set[str] = field(factory=set)
    said: list[Outgoing] = field(factory=list)
    commits: list[str] = field(factory=list)
    tokens: SyncTokens = field(init=False)
    late_keys: LateKeys = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.tokens = SyncTokens(lambda token, _passed: self.commits.append(token), lambda: self.now)
        rooms = ConfiguredRooms(CONFIG, None, lambda _room: True, print)  # type: ignore[arg-type]
        rooms.all = [ConfiguredRoom(RoomConfig(id="!r"), ["!r"])]
        self.late_keys = LateKeys(CONFIG, rooms, self.decrypt, self.say, lambda: self.now)

    def decrypt(self, message: Undecrypted) -> list[Readable] | None:
        return [RECEIVED] if message.event.id in self.keys else None

    def say(self, outgoing: Outgoing, _batch: SyncBatch) -> None:
        self.said.append(outgoing)

    def put(self, message: Undecrypted) -> SyncBatch:
        batch = self.tokens.begin(f"s{message.event.id}")
        self.late_keys.put(message, batch)
        batch.release()
        return batch


def test_message_is_read_when_its_key_comes() -> None:
    desk = Desk()
    first, _second = desk.put(sealed(1)), desk.put(sealed(2))
    assert desk.late_keys.retry() == []
    desk.keys.add("$1")
    (decrypted,) = desk.late_keys.retry()
    assert (decrypted.entries, decrypted.batch) == ([RECEIVED], first)
    assert desk.commits == []
    decrypted.release()
    assert (desk.commits, desk.late_keys.unreadable, desk.said) == (["s$1"], 0, [])


def test_message_without_key_is_given_up_in_time() -> None:
    desk = Desk()
    desk.put(sealed(1))
    desk.put(sealed(2, "!private"))
    desk.now += KEY_PATIENCE - 0.001
    assert (desk.late_keys.is_due, desk.late_keys.retry(), desk.commits) == (False, [], [])
    desk.now += 0.001
    assert desk.late_keys.is_due
    assert desk.late_keys.retry() == []
    assert [(line.target, line.text) for line in desk.said] == [("!private", NO_KEY)]
    assert (desk.late_keys.unreadable, desk.commits) == (2, ["s$1", "s$2"])
    assert not desk.late_keys.is_due


def test_flood_of_unreadable_messages_is_bounded() -> None:
    desk = Desk()
    for number in range(MOST_WAITING + 10):
        desk.put(sealed(number))
    desk.now += KEY_PATIENCE
    desk.late_keys.retry()
    assert desk.late_keys.unreadable == MOST_WAITING
