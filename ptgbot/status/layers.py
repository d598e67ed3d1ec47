"""Open alerts in the topics of their rooms."""

from __future__ import annotations

from ptgbot.chat.message import ITEMS
from ptgbot.feature import Topic
from ptgbot.status import model
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


def _layer(network: str, room: str, text: str) -> Topic:
    return Topic(network, room, model.RANK, lambda _beneath: text)
