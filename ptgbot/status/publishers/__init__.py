"""Publishers: plug-ins that tell places outside the rooms, such as a web hook or Mastodon.

A plug-in is a :class:`PublisherKind`, named in the entry-point group ``ptgbot.status.publishers``. Each table
``[[status.publishers]]`` makes a publisher of a kind. Its messages are rows of a delivered effect whose network is the
name of the publisher, so one that fails or hangs delays no other, and catches up in order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from attrs import frozen

from ptgbot.chat.adapter import Undeliverable
from ptgbot.hooks import limited
from ptgbot.status.publishers.announcement import Announcement

if TYPE_CHECKING:
    from ptgbot.status.settings import PublisherSettings, StatusSettings
    from ptgbot.store.edits import Json

GROUP: Final = "ptgbot.status.publishers"
"""The entry-point group in which kinds of publishers are found."""


@frozen
class PublisherKind:
    """A kind of publishers."""

    publish: Callable[[PublisherSettings, Announcement, str], Awaitable[None]]
    """Tells one announcement. The third argument stays the same for every try, so that a server can drop repeats.

    Returns once the other side has accepted it. Raises OSError to be tried again later, and
    :class:`~ptgbot.chat.adapter.Undeliverable` where there is no use in that.
    """
    problems: Callable[[PublisherSettings], Sequence[str]] = lambda _settings: ()
    """Returns sentences that say what is wrong with a table; opens no connection and reads no file."""


async def publish(settings: StatusSettings, network: str, target: str, body: Json, delivery: str) -> None:
    """Perform one row of an effect of the kind ``status.publish``; see :data:`ptgbot.feature.Perform`.

    Args:
        settings: the feature's settings.
        network: name of the publisher.
        target: the same name.
        body: the announcement, as :class:`Announcement` reads it.
        delivery: the transaction of the row.

    Raises:
        OSError: the publisher did not accept it in time, or failed in a way of its own. Try again later.
        Undeliverable: there is no such publisher any longer, or it never will accept it.
    """
    chosen = next((one for one in settings.publishers if one.name == network), None)
    if chosen is None:
        raise Undeliverable(f"there is no publisher {network} in the configuration any longer.")
    kind = kind_of(chosen.kind)
    if kind is None:
        raise OSError(f"the plug-in {chosen.kind} is not installed.")
    try:
        await limited(kind.publish(chosen, Announcement.of(body), delivery), chosen.timeout, network)
    except (OSError, Undeliverable):
        raise
    except Exception as error:
        # The edge to somebody else's code: whatever it raises concerns this publisher alone.
        raise OSError(f"the plug-in {chosen.kind} failed with {type(error).__name__}: {error}.") from error


def kind_of(name: str) -> PublisherKind | None:
    """Return the kind of publishers with a name, None if no installed plug-in has it."""
    found = next(iter(entry_points(group=GROUP, name=name)), None)
    kind: PublisherKind | None = found.load() if found else None
    return kind


def problems(publishers: Sequence[PublisherSettings]) -> list[str]:
    """Return sentences that say what is wrong with tables of publishers, each with the name of its table."""
    return [f"the publisher {one.name}: {sentence}" for one in publishers for sentence in _problems(one)]


def _problems(one: PublisherSettings) -> Sequence[str]:
    kind = kind_of(one.kind)
    if kind is None:
        known = sorted(entry_points(group=GROUP).names)
        return [f"there is no kind {one.kind}; there are {', '.join(known)}."]
    return kind.problems(one)
