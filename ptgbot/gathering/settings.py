"""The ``[gathering]`` table of the configuration."""

from __future__ import annotations

from attrs import field, frozen

from ptgbot.gathering.links import etherpad_url
from ptgbot.gathering.schedule import zone_named

LONGEST_CHECK_IN = 24 * 365
"""Largest ``check_in_hours``, in hours."""


def _zone(_instance: object, _attribute: object, value: str) -> None:
    if zone_named(value) is None:
        raise ValueError(f"“{value}” is not a time zone; write one like Europe/Berlin")


def _pattern(_instance: object, _attribute: object, value: str) -> None:
    if etherpad_url(value, "event", "track") is None:
        raise ValueError(f"“{value}” does not make an http(s) address")


def _hours(_instance: object, _attribute: object, value: float) -> None:
    if not 0 < value <= LONGEST_CHECK_IN:
        raise ValueError(f"it must be more than 0 and at most {LONGEST_CHECK_IN} (a year)")


@frozen
class GatheringSettings:
    """Settings of the gathering."""

    timezone: str = field(
        default="UTC",
        validator=_zone,
        metadata={"help": "IANA time zone of the gathering, if the state names no ``timezone``."},
    )
    etherpad: str = field(
        default="https://etherpad.opendev.org/p/{eventid}-{track}",
        validator=_pattern,
        metadata={
            "help": "Address of a track's notes if none was typed; ``{eventid}`` and ``{track}`` are replaced."
        },
    )
    check_in_hours: float = field(
        default=12.0,
        validator=_hours,
        metadata={"help": "Hours for which a check-in counts as present; ``+seen`` finds it longer."},
    )
    account_required: bool = field(
        default=False,
        metadata={"help": "Whether track commands need a services account. On Matrix everybody has one."},
    )
