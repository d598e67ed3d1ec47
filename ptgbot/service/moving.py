"""What a changed configuration means for the networks: which are joined, left, connected anew, and changed as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs
from attrs import frozen

from ptgbot.chat.adapter import AdapterKind
from ptgbot.config import Config
from ptgbot.service.looking import Network


def changed_keys(old: Any, new: Any) -> list[str]:
    """Return the keys in which two objects of the same attrs class differ."""
    fields = attrs.fields(type(old))
    return [one.alias or one.name for one in fields if getattr(old, one.name) != getattr(new, one.name)]


@frozen
class Moves:
    """The networks by what happens to them."""

    left: tuple[str, ...]
    """Names of networks that are not in the configuration any more."""
    joined: tuple[Network, ...]
    """Networks that are new."""
    anew: tuple[tuple[Network, tuple[str, ...]], ...]
    """Networks that need a new connection, with the keys that changed."""
    changed: tuple[tuple[AdapterKind, Any, tuple[str, ...]], ...]
    """Networks that stay connected: the kind, the new settings, and the keys that changed."""

    @classmethod
    def between(cls, old: Config, new: Config) -> Moves:
        """Return what leads from a configuration to another one."""
        before = {settings.name: (kind, settings) for kind, settings, _ in old.adapters}
        joined: list[Network] = []
        anew: list[tuple[Network, tuple[str, ...]]] = []
        changed: list[tuple[AdapterKind, Any, tuple[str, ...]]] = []
        for network in new.adapters:
            kind, settings, _ = network
            former_kind, former = before.pop(settings.name, (None, None))
            if former_kind is None:
                joined.append(network)
            elif former_kind.config is not kind.config:
                anew.append((network, ("its protocol",)))
            elif keys := tuple(changed_keys(former, settings)):
                if {*keys} <= kind.live:
                    changed.append((kind, settings, keys))
                else:
                    anew.append((network, keys))
        return cls(tuple(before), tuple(joined), tuple(anew), tuple(changed))

    @property
    def connecting(self) -> Sequence[Network]:
        """The networks that get a new connection."""
        return [*self.joined, *(network for network, _ in self.anew)]

    @property
    def ending(self) -> Sequence[str]:
        """The names of the networks whose connection ends."""
        return [*self.left, *(settings.name for (_, settings, _), _ in self.anew)]

    def sentences(self) -> Iterator[str]:
        """Yield what happens to each network, for operators."""
        for name in self.left:
            yield f"{name}: left"
        for _, settings, _ in self.joined:
            yield f"{settings.name}: new"
        for (_, settings, _), keys in self.anew:
            yield f"{settings.name}: connected anew for {', '.join(keys)}"
        for _, settings, keys in self.changed:
            yield f"{settings.name}: {', '.join(keys)}"
