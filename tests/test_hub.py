from __future__ import annotations

from datetime import UTC, datetime

from ptgbot.chat.heard import Heard, HeardKind
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


def test_events_are_accepted_unless_stopping() -> None:
    taken: list[Item] = []

    def take(item: Item) -> bool:
        taken.append(item)
        return True

    hub = Switchboard({}, take, lambda: START, lambda _network: None)
    heard = Heard(START, HeardKind.JOIN, CHANNEL, person("mira"))
    assert hub.receive(heard)
    hub.open = False
    assert not hub.receive(heard)
    assert taken == [heard]


def test_nobody_listens_unless_a_feature_says_so() -> None:
    hub = Switchboard({}, lambda _item: True, lambda: START, lambda _network: None)
    assert not hub.listens(CHANNEL)
    hub.listened = lambda room: room.name == CHANNEL.name
    assert hub.listens(CHANNEL)
