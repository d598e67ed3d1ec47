"""The ``[coffee]`` table of the configuration."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

from ptgbot.chat.limits import above


@frozen
class CoffeeSettings:
    """What an operator can choose about coffee."""

    minutes: float = field(
        default=45.0, validator=above(0), metadata={"help": "Minutes for which a pot counts as fresh."}
    )
    tell: tuple[str, ...] = field(
        default=(), metadata={"help": "Rooms that are told of each fresh pot, as ``NETWORK ROOM``."}
    )
    sensor: Path | None = field(
        default=None, metadata={"help": "A file to which a scale appends one line a cup: ``POT CUPS``."}
    )
