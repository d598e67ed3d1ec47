from __future__ import annotations

from datetime import UTC, datetime

from ptgbot.chat.inbox import Item
from ptgbot.chat.message import Cursor, Mark, Message, Role
from ptgbot.hub import Switchboard
from ptgbot.testing import CHANNEL, START, person


def test_while_stopping_only_positions_count() -> None:
    taken: list[Item] = []

    def take(item: Item) -> bool:
        taken.append(item)
        return True

    hub = Switchboard({}, take, lambda: datetime.now(UTC), lambda _network: None)
    cursor = Cursor("matrix", "s1", frozenset())
    message = Message(START, CHANNEL, person("mira"), Role.ATTENDEE, "+in x")
    hub.open = False
    assert [hub.receive(item) for item in (message, Mark("matrix", lambda: None), cursor)] == [False, False, True]
    assert taken == [cursor]
