"""The parts in ``/healthz``: networks, state, deliveries, sources and jobs; and the gauges of features."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import cast

import structlog

from ptgbot.chat.adapter import Colour, Health
from ptgbot.chat.inbox import Inbox
from ptgbot.core import Core
from ptgbot.hub import Switchboard
from ptgbot.parts.effects import Effects
from ptgbot.parts.exporting import Exporting
from ptgbot.parts.health import Guest, HealthBoard, Part
from ptgbot.parts.networks import Networks
from ptgbot.store.edits import Tree

log = structlog.get_logger()


def board_of(
    core: Core,
    inbox: Inbox,
    hub: Switchboard,
    networks: Networks,
    exporting: Exporting,
    effects: Effects,
    beside: Mapping[str, Part],
    ready: Callable[[], bool],
    guests: Callable[[], Sequence[Guest]],
) -> HealthBoard:
    """Return the board of a bot.

    Args:
        core: decides and writes.
        inbox: the queue.
        hub: the way of answers.
        networks: the adapters.
        exporting: writes the exported files.
        effects: delivers, and pins lines.
        beside: the parts of its site, and its sources and jobs.
        ready: says whether the bot can serve people.
        guests: returns the present sources and jobs, whose gauges are shown beside those of the features.
    """
    parts = {
        **network_parts(networks),
        "state": _state_part(core, inbox, exporting),
        "deliveries": Part(effects.dispatcher.health, lambda: effects.dispatcher.counts),
        "pins": Part(effects.pins.health),
        **beside,
    }
    return HealthBoard(_totals(inbox, hub), parts, ready, _measured(core, guests))


def network_parts(networks: Networks) -> dict[str, Part]:
    """Return a part for each network, by its name."""
    return {name: Part(partial(networks.health, name), one.counts) for name, one in networks.adapters.items()}


def _state_part(core: Core, inbox: Inbox, exporting: Exporting) -> Part:
    """Return the part that is red while changes or files cannot be written."""

    def health() -> Health:
        if not inbox.saved:
            return Health(Colour.RED, "changes can't be saved")
        if exporting.problem:
            return Health(Colour.RED, exporting.problem)
        return Health(Colour.GREEN, f"{core.state.seq} batches written")

    return Part(health)


def guest_parts(guests: Sequence[Guest]) -> dict[str, Part]:
    """Return a part for each source and job, by its name."""
    return {guest.name: Part(guest.health, guest.counts) for guest in guests}


def _totals(inbox: Inbox, hub: Switchboard) -> Callable[[], Mapping[str, int]]:
    """Return a function for the counters of the bot as a whole."""
    return lambda: {
        "dropped_lines": inbox.dropped,
        "failed_commands": inbox.failures,
        "unaddressed_messages": hub.unaddressed,
    }


def _measured(core: Core, guests: Callable[[], Sequence[Guest]]) -> Callable[[], Mapping[str, float]]:
    """Return a function for the gauges of the features and their sources.

    A feature that fails must not hide the others.
    """

    def metrics() -> Mapping[str, float]:
        found: dict[str, float] = {}
        for feature in core.router.features:
            tree = cast("Tree", core.state.committed[feature.name])
            try:
                gauges = feature.metrics(tree, core.router.settings_of(feature))
            except Exception:
                log.exception("a feature can't be measured", feature=feature.name)
                continue
            found |= {f"{feature.name}.{name}": value for name, value in gauges.items()}
        for guest in guests():
            found |= guest.gauges()
        return found

    return metrics
