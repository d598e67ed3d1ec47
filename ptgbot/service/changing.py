"""Applies a changed configuration while the bot runs, without leaving a room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ptgbot.config import Config, ConfigError
from ptgbot.derived import Fold
from ptgbot.exports import exported_files
from ptgbot.service.board import guest_parts, network_parts
from ptgbot.service.looking import look_at_networks
from ptgbot.service.moving import Moves, changed_keys
from ptgbot.service.routing import router_of
from ptgbot.site_facts import projection_of
from ptgbot.store.state import Derivation

if TYPE_CHECKING:
    from ptgbot.service.service import Service

PATIENCE: Final = 45.0
"""Seconds in which a network must let us in with its new settings; else the change is refused."""

_WEB: Final = "the processes that answer readers get it when they start"
_BUILDER: Final = "the builder of the site gets it when it starts"
_SOCKET: Final = "its socket is opened at the start"

FIXED: Final[Mapping[str, Mapping[str, str]]] = {
    "state": {"path": "the state is locked and read at the start"},
    "site": {
        "output": "the folder is locked at the start",
        "listen": _SOCKET,
        "processes": _WEB,
        "streams": _WEB,
        "streams_per_address": _WEB,
        "proxies": _WEB,
        "language": _BUILDER,
        "templates": _BUILDER,
        "build_timeout": _BUILDER,
        "after_build": "it may be running, and belongs to the folder of the site",
        "after_build_timeout": "it belongs to after_build",
    },
    "operators": {
        "listen": _SOCKET,
        "token_file": _WEB,
        "control": _SOCKET,
        "shadow": "nobody would answer what was said in the shadow",
    },
    "features": {"off": "the state of a feature is read at the start"},
}
"""Keys that change with a restart only, and why, by table."""
NO_NETWORK: Final = "a bot without a network would end; stop it instead."
NOT_FIRST: Final = (
    "{name} would become the first network of its kind, or not be it any more, which changes the keys of people there; "
    "that needs a restart."
)


def refusals(old: Config, new: Config) -> Iterator[str]:
    """Yield a sentence for each change that needs a restart."""
    yield from _of_table("state", old.state, new.state)
    yield from _of_table("operators", old.operators, new.operators)
    if (old.site is None) != (new.site is None):
        yield "[site] begins or ends with a restart only."
    elif old.site and new.site:
        yield from _of_table("site", old.site, new.site)
    if {*old.features} != {*new.features} or old.off != new.off:
        yield f"[features] off changes with a restart only: {FIXED['features']['off']}."
    # Whether the bot goes on without a network is settled at its start.
    if not new.adapters and not (old.works_alone and new.works_alone):
        yield NO_NETWORK
    was_first = {settings.name: first for _, settings, first in old.adapters}
    for _, settings, first in new.adapters:
        if was_first.get(settings.name, first) != first:
            yield NOT_FIRST.format(name=settings.name)


def _of_table(name: str, old: object, new: object) -> Iterator[str]:
    for key in changed_keys(old, new):
        if why := FIXED[name].get(key):
            yield f"[{name}] {key} changes with a restart only: {why}."


async def change(service: Service, new: Config) -> Sequence[str]:
    """Apply a configuration. Return the tables and networks that changed.

    Networks that need a new connection are inspected first, so that a wrong server or password costs no connection
    that works.

    Raises:
        ConfigError: it needs a restart, features clash, or a network does not let us in; nothing has changed then.
    """
    old = service.config
    if found := [*refusals(old, new)]:
        raise ConfigError(" ".join(found))
    router_of(new, service.features)
    projection_of(new, service.features)
    moves = Moves.between(old, new)
    await _must_work(moves)
    if service.is_stopping:
        raise ConfigError("the bot is about to end.")
    made = [service.adapter_of(*network) for network in moves.connecting]
    _adopt(service, new)
    for kind, settings, _ in moves.changed:
        service.adapters[settings.name].adopt(service.settings_of(kind, settings))
    if made or moves.ending:
        await service.networks.replace(moves.ending, made, [settings.name for _, settings, _ in new.adapters])
        others = {name: part for name, part in service.board.parts.items() if name not in {*moves.ending}}
        service.board.parts = {**network_parts(service.networks), **others}
    return [*_changed(old, new), *moves.sentences()]


async def _must_work(moves: Moves) -> None:
    """Inspect the networks that get a new connection.

    Raises:
        ConfigError: a person has to act before the bot can work there.
    """
    found = await look_at_networks(moves.connecting, PATIENCE)
    if bad := [f"{name}: {finding.text}" for name, finding in found if not finding.good]:
        raise ConfigError(f"{'; '.join(bad)}.")


def _adopt(service: Service, new: Config) -> None:
    """Give the parts of the bot the new configuration."""
    old = service.config
    service.config = service.site.config = new
    service.core.router.adopt(new.features, new.site_url, new.groups)
    service.core.keeper.rotate_at = new.state.rotate_bytes
    service.hub.operators, service.hub.site = new.operators.rooms, new.site_url
    service.presence.adopt({one.name: kind.rooms(one) for kind, one, _ in new.adapters}, new.operators)
    service.asking.config = new.fetch
    if old.features != new.features:
        _change_features(service, new)
    service.site.change(new)


def _change_features(service: Service, new: Config) -> None:
    """Give everything that has the settings of features the new ones."""
    keeper = service.core.keeper
    main, *others = exported_files(new, service.features)
    keeper.file, service.exporting.others = main.for_store, others
    fold = Fold(service.features, new.features)
    keeper.state.derivation = Derivation(fold.version, fold.derive)
    service.effects.perform_anew()
    for guest in service.guests:
        service.board.parts.pop(guest.name, None)
    service.guests = service.make_guests()
    service.board.parts |= guest_parts(service.guests)
    service.life.replace_guests(service.guests)


def _changed(old: Config, new: Config) -> Iterator[str]:
    for name in ("state", "site", "fetch", "operators", "log"):
        if getattr(old, name) != getattr(new, name):
            yield f"[{name}]"
    for name, settings in new.features.items():
        if settings != old.features.get(name):
            yield f"[{name}]"
    if old.named_groups != new.named_groups:
        yield "[groups]"
