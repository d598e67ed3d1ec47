"""A network in memory, for tests of what runs beside the adapters."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field

from ptgbot.chat.adapter import Adapter, Colour, Health, Hub
from ptgbot.chat.message import Outgoing


@define(eq=False)
class Rooms(Adapter):
    """A network on which topics can be read and set at once, unless it refuses."""

    topics: dict[str, str | None] = field(factory=dict)
    """Topic of each room that the bot is in; None where it is not known yet."""
    refusal: Exception | None = None
    name: str = "irc"
    pins: dict[str, list[str]] | None = None
    """What is pinned in each room; None for a network that pins no lines."""
    told: dict[str, list[str]] = field(factory=dict)
    """What the adapter believes to be pinned in rooms, where it is behind the server."""

    async def run(self, hub: Hub) -> None:
        """Do nothing."""

    def send(self, outgoing: Outgoing) -> None:
        """Take the answer."""

    def address(self, key: str) -> str | None:
        """Know nobody."""
        return None

    def health(self) -> Health:
        """Be well."""
        return Health(Colour.GREEN, "")

    def room(self, name: str) -> str | None:
        """Return the room if the bot is in it."""
        return name if name in self.topics else None

    def topic(self, target: str) -> str | None:
        """Return the topic as the server told it."""
        return self.topics[target]

    def topic_limit(self, target: str) -> int:
        """Return a limit that nothing here reaches."""
        return 300

    async def set_topic(self, target: str, text: str) -> None:
        """Set it, or refuse."""
        if self.refusal:
            raise self.refusal
        self.topics[target] = text

    def pinned(self, target: str) -> Sequence[str] | None:
        """Return what is pinned as the adapter was told."""
        return None if self.pins is None else self.told.get(target, self.pins.get(target))

    async def ask_pinned(self, target: str) -> Sequence[str]:
        """Return what is pinned."""
        self.told.pop(target, None)
        return tuple((self.pins or {})[target])

    async def set_pinned(self, target: str, lines: Sequence[str]) -> None:
        """Set it, or refuse."""
        if self.refusal:
            raise self.refusal
        (self.pins or {})[target] = [*lines]
