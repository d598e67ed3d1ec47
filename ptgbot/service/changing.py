"""Applies a changed configuration while the bot runs, without leaving a room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from ptgbot.config import Config, ConfigError
from ptgbot.derived import Fold
from ptgbot.exports import exported_files
from ptgbot.service.board import guest_parts
from ptgbot.service.routing import router_of
from ptgbot.site_facts import projection_of
from ptgbot.store.state import Derivation

if TYPE_CHECKING:
    from ptgbot.service.service import Service

LIVE_SITE: Final = frozenset({"url", "title", "logo", "menu"})
"""Keys of ``[site]`` that change while the bot runs."""
LIVE_OPERATORS: Final = frozenset({"rooms", "contact", "alone_after", "away_after"})
"""Keys of ``[operators]`` that change while the bot runs."""


def changed_keys(old: Any, new: Any) -> list[str]:
    """Return the keys in which two objects of the same attrs class differ."""
    fields = attrs.fields(type(old))
    return [one.alias or one.name for one in fields if getattr(old, one.name) != getattr(new, one.name)]


def refusals(old: Config, new: Config) -> Iterator[str]:
    """Yield a sentence for each change that needs a restart."""
    yield from _of_table("state", old.state, new.state, frozenset())
    yield from _of_table("operators", old.operators, new.operators, LIVE_OPERATORS)
    if (old.site is None) != (new.site is None):
        yield "[site] begins or ends with a restart only."
    elif old.site and new.site:
        yield from _of_table("site", old.site, new.site, LIVE_SITE)
    if {*old.features} != {*new.features} or old.off != new.off:
        yield "features are switched on and off by a restart only."
    yield from _of_networks(old, new)


def _of_table(name: str, old: object, new: object, live: frozenset[str]) -> Iterator[str]:
    for key in changed_keys(old, new):
        if key not in live:
            yield f"[{name}] {key} changes with a restart only."


def _of_networks(old: Config, new: Config) -> Iterator[str]:
    before, after = ([(kind, one.name) for kind, one, _ in config.adapters] for config in (old, new))
    if before != after:
        yield "networks are added, removed and put into another order by a restart only."
        return
    for (kind, mine, _), (_, theirs, _) in zip(old.adapters, new.adapters, strict=True):
        live = kind.live
        yield from _of_table(mine.name, mine, theirs, live)


def change(service: Service, new: Config) -> Sequence[str]:
    """Apply a configuration. Return the tables and networks that changed.

    Raises:
        ConfigError: it needs a restart, or features clash; nothing has changed then.
    """
    old = service.config
    if found := [*refusals(old, new)]:
        raise ConfigError(" ".join(found))
    router_of(new, service.features)
    projection_of(new, service.features)
    service.config = service.site.config = new
    router = service.core.router
    router.adopt(new.features, new.site_url, new.groups)
    service.hub.operators, service.hub.site = new.operators.rooms, new.site_url
    service.presence.adopt(_rooms(new), new.operators)
    service.asking.config = new.fetch
    if old.features != new.features:
        _change_features(service, new)
    service.site.change(new)
    for (_, mine, _), (_, theirs, _) in zip(old.adapters, new.adapters, strict=True):
        if mine != theirs:
            service.adapters[theirs.name].adopt(theirs)
    return [*_changed(old, new)]


def _rooms(config: Config) -> dict[str, Sequence[str]]:
    return {one.name: kind.rooms(one) for kind, one, _ in config.adapters}


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
    for name in ("site", "fetch", "operators", "log"):
        if getattr(old, name) != getattr(new, name):
            yield f"[{name}]"
    for name, settings in new.features.items():
        if settings != old.features.get(name):
            yield f"[{name}]"
    if old.named_groups != new.named_groups:
        yield "[groups]"
    before: Any
    for (_, before, _), (_, after, _) in zip(old.adapters, new.adapters, strict=True):
        if before != after:
            yield f"{after.name}: {', '.join(changed_keys(before, after))}"
