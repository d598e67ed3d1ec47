"""The ``[[console]]`` table of the configuration."""

from __future__ import annotations

from attrs import field, frozen, validators

from ptgbot_console.prompt import CHANNEL, NAME


@frozen(kw_only=True)
class ConsoleConfig:
    """A terminal that stands in for a chat network."""

    name: str = field(
        default="console",
        validator=validators.min_len(1),
        metadata={"help": "Name of this network, unique in the configuration."},
    )
    channel: str = field(
        default="#demo",
        validator=validators.matches_re(CHANNEL),
        metadata={"help": "Name of the only channel."},
    )
    nick: str = field(
        default="you",
        validator=validators.matches_re(NAME),
        metadata={"help": "Nick of the person who types, until ``/as`` changes it."},
    )
