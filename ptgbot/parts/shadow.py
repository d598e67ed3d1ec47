"""A network on which the bot only listens: nothing that it would say leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define

from ptgbot.chat.adapter import Adapter, Health, Hub
from ptgbot.chat.message import Outgoing, Person


@define(eq=False)
class Silent(Adapter):
    """An adapter whose answers, announcements and topics are dropped. Announcements count as delivered."""

    inner: Adapter

    @property
    def name(self) -> str:  # type: ignore[override] # an adapter's name never changes
        """Name of the network."""
        return self.inner.name

    async def run(self, hub: Hub) -> None:
        """Listen.

        Raises:
            LoginRefused: the server does not accept our name or password.
        """
        await self.inner.run(hub)

    def send(self, outgoing: Outgoing) -> None:
        """Drop an answer."""

    async def deliver(self, outgoing: Outgoing) -> None:
        """Drop an announcement."""

    def topic(self, target: str) -> str | None:
        """Return None: no topic is ours to change."""
        return None

    async def set_topic(self, target: str, text: str) -> None:
        """Drop a topic."""

    def members(self, target: str) -> Sequence[Person]:
        """Return the people in a room."""
        return self.inner.members(target)

    def address(self, key: str) -> str | None:
        """Return the target for a private message, None for a person of another network."""
        return self.inner.address(key)

    def room(self, name: str) -> str | None:
        """Return the target for a configured room, None while we are not in it."""
        return self.inner.room(name)

    def health(self) -> Health:
        """Return the state of the connection."""
        found = self.inner.health()
        return Health(found.colour, f"{found.text}; in the shadow, it says nothing")

    def is_connected(self) -> bool:
        """Say whether the adapter is logged in."""
        return self.inner.is_connected()

    def adopt(self, config: Any) -> None:
        """Take a changed configuration."""
        self.inner.adopt(config)

    def counts(self) -> Mapping[str, int]:
        """Return the number of failures."""
        return self.inner.counts()
