"""Open alerts in the topics of their rooms, and pinned there."""

from __future__ import annotations

from ptgbot.chat.message import ITEMS
from ptgbot.feature import Pin, Topic
from ptgbot.status import model, telling
from ptgbot.status.settings import StatusSettings
from ptgbot.store.edits import Tree


def layers(tree: Tree, settings: StatusSettings) -> list[Topic]:
    """Return a layer for each room with open alerts, the newest alert first."""
    if not settings.topics:
        return []
    texts: dict[tuple[str, str], list[str]] = {}
    for one in model.open_alerts(tree):
        for network, room in one.row.get("rooms", ()):
            texts.setdefault((network, room), []).append(f"Alert {one.number}: {one.row['text']}")
    own = {name.lower() for name in settings.own_topics}
    return [
        _layer(network, room, ITEMS.join(said))
        for (network, room), said in texts.items()
        if not {network.lower(), f"{network}/{room}".lower()} & own
    ]


def pins(tree: Tree, settings: StatusSettings) -> list[Pin]:
    """Return the line of each open alert in each of its rooms, if the configuration wants pins.

    An update says something new about an alert, but only the first line says what it is about, so that one is pinned.
    """
    if not settings.pins:
        return []
    return [
        Pin(network, room, telling.to_rooms(one.began))
        for one in model.open_alerts(tree)
        for network, room in one.row.get("rooms", ())
    ]


def _layer(network: str, room: str, text: str) -> Topic:
    return Topic(network, room, model.RANK, lambda _beneath: text)
