"""The values of the metrics that are looked at: gauges, and counters that the parts keep themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ptgbot import __version__
from ptgbot.chat.adapter import Colour
from ptgbot.metrics import Sample

if TYPE_CHECKING:
    from ptgbot.service.service import Service

_STATES: Final = {Colour.GREEN: 0.0, Colour.YELLOW: 1.0, Colour.RED: 2.0}
_STARTED: Final = time.time()


def samples(service: Service) -> Iterator[Sample]:
    """Yield the present values of a bot."""
    good, said = service.health()
    yield "info", {"version": __version__}, 1
    yield "healthy", {}, good
    yield "ready", {}, said["ready"]
    yield "start_time_seconds", {}, _STARTED
    yield from _parts(service)
    yield from _chat(service)
    yield from _networks(service)
    yield from _state(service)
    yield from _site(service)
    for name, value in service.board.metrics().items():
        feature, _, gauge = name.partition(".")
        yield "feature", {"feature": feature, "name": gauge}, value


def _parts(service: Service) -> Iterator[Sample]:
    for name, health in service.board.look().items():
        yield "part_state", {"part": name}, _STATES[health.colour]
    for name, part in service.board.parts.items():
        for event, number in (part.counts() if part.counts else {}).items():
            yield "part_events_total", {"part": name, "event": event}, number
    colours = [guest.health().colour for guest in service.guests]
    for colour in Colour:
        yield "sources", {"state": colour.value}, colours.count(colour)


def _chat(service: Service) -> Iterator[Sample]:
    yield "inbox_items", {}, len(service.inbox)
    yield "inbox_dropped_total", {}, service.inbox.dropped
    yield "failed_commands_total", {}, service.inbox.failures
    yield "unaddressed_total", {}, service.hub.unaddressed
    yield "saved", {}, service.inbox.saved


def _networks(service: Service) -> Iterator[Sample]:
    presence = service.presence
    for name, adapter in service.adapters.items():
        here = {"network": name}
        yield "outbox_items", here, adapter.waiting()
        yield "connected", here, adapter.is_connected()
        yield "connections_total", here, presence.connections.get(name, 0)
        yield "rooms_configured", here, len(presence.rooms.get(name, ()))
        yield "rooms_joined", here, len(presence.joined(name))


def _state(service: Service) -> Iterator[Sample]:
    keeper = service.core.keeper
    yield "journal_bytes", {}, keeper.store.size
    yield "journal_batches", {}, keeper.state.seq
    yield "effects_pending", {}, len(keeper.state.deliveries)
    for result in ("delivered", "failed"):
        yield "effects_total", {"result": result}, service.effects.dispatcher.counts[result]


def _site(service: Service) -> Iterator[Sample]:
    site = service.site
    if site.publisher:
        yield "build_number", {}, site.publisher.build_number or 0
        yield "build_failing", {}, site.publisher.is_failing
        yield "page_behind_seconds", {}, service.traffic.behind()
    if site.web:
        yield "streams", {}, site.web.counts()["streams"]
