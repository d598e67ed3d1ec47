"""Finds the people whose subscription matches a topic, at a cost that does not depend much on their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, evolve, frozen

from ptgbot.chat.message import Tell
from ptgbot.chat.text import short
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.patterns import Bundle, reason_against, searched_alone

MOST = 1000
"""Most subscriptions that people can make; a file may hold more."""
LOOSE = 64
"""Most patterns that are searched one by one; when there are more, they become a bundle."""
_BUNDLE = 1000
"""Most patterns in a bundle, which takes about 20 ms to make."""
_SMALL = 8
"""Most bundles of less than half that size; when there are more, they become one."""

Subscriptions = Mapping[str, str | None]


@frozen(eq=False)
class Readers:
    """The patterns of all subscribers, ready to be searched in a line.

    They belong to one mapping of subscriptions, which never changes. The readers of the next mapping are made from
    these, at a cost for the differences only.
    """

    subscriptions: Subscriptions
    owners: Mapping[str, Sequence[str]]
    """Keys of the people by the accepted pattern that they subscribed to."""
    refused: Mapping[str, str]
    """Refused patterns by the keys of their people."""
    bundles: tuple[Bundle, ...]
    """Bundles; they may hold patterns without subscribers."""
    loose: tuple[str, ...]
    """Patterns that are not yet in a bundle."""

    def moved_to(self, subscriptions: Subscriptions, loose: int = LOOSE) -> Readers:
        """Return the readers for another mapping, with at most ``loose`` patterns outside bundles."""
        former = self.subscriptions
        changed = [key for key, pattern in subscriptions.items() if former.get(key) != pattern]
        gone = [key for key in former if key not in subscriptions]
        given = {key: pattern for key in changed if (pattern := subscriptions[key])}
        lost = {key: pattern for key in (*changed, *gone) if (pattern := former.get(key)) and key not in self.refused}
        bad = {key: pattern for key, pattern in given.items() if reason_against(pattern)}
        wanted = {key: pattern for key, pattern in given.items() if key not in bad}
        refused = {key: pattern for key, pattern in self.refused.items() if subscriptions.get(key) == pattern} | bad
        owners = _regrouped(self.owners, lost, wanted)
        fresh = [pattern for pattern in wanted.values() if pattern not in self.owners]
        apart = tuple(pattern for pattern in dict.fromkeys((*self.loose, *fresh)) if pattern in owners)
        readers = Readers(subscriptions, owners, refused, self.bundles, apart)
        return _bundled(readers) if len(apart) > loose else readers

    def wanting(self, line: str) -> list[str]:
        """Return the keys of the people whose pattern matches a line, sorted."""
        found = set(searched_alone(self.loose, line))
        for bundle in self.bundles:
            found.update(bundle.found_in(line))
        return sorted(key for pattern in found for key in self.owners.get(pattern, ()))


def _bundled(readers: Readers) -> Readers:
    """Return the same readers with all patterns in bundles, dropping bundles whose patterns are mostly unused."""
    wanted = [(one, [pattern for pattern in one.patterns if pattern in readers.owners]) for one in readers.bundles]
    crumbs = sum(2 * len(patterns) < _BUNDLE for _, patterns in wanted) > _SMALL
    kept, again = [], list(readers.loose)
    for one, patterns in wanted:
        if 2 * len(patterns) < (_BUNDLE if crumbs else len(one.patterns)):
            again += patterns
        else:
            kept.append(one)
    made = Bundle.several(list(dict.fromkeys(again)), _BUNDLE)
    return evolve(readers, bundles=(*kept, *made), loose=())


def _regrouped(
    owners: Mapping[str, Sequence[str]], lost: Mapping[str, str], wanted: Mapping[str, str]
) -> dict[str, Sequence[str]]:
    """Return the owners by pattern, without the owners in ``lost`` and with those in ``wanted``."""
    groups: dict[str, list[str]] = {}
    for pattern in lost.values():
        if pattern not in groups:
            groups[pattern] = [key for key in owners[pattern] if key not in lost]
    for key, pattern in wanted.items():
        if pattern not in groups:
            groups[pattern] = list(owners.get(pattern, ()))
        groups[pattern].append(key)
    return {pattern: keys for pattern, keys in {**owners, **groups}.items() if keys}


NOBODY = Readers({}, {}, {}, (), ())


@define
class _Latest:
    """The readers that were last asked for: a cache, which changes no answer."""

    readers: Readers = NOBODY


_latest = _Latest()


def readers_of(subscriptions: Subscriptions, loose: int = LOOSE) -> Readers:
    """Return the readers for a mapping of subscriptions, made from the readers of the mapping before."""
    readers = _latest.readers
    if readers.subscriptions is not subscriptions:
        readers = _latest.readers = readers.moved_to(subscriptions, loose)
    return readers


def prepare(subscriptions: Subscriptions) -> None:
    """Make the bundles that the next topic will need.

    Takes 50 µs for each new pattern. Call it in a thread, at the start and after commits that changed subscriptions, so
    that no command has to wait for it.
    """
    readers_of(subscriptions, LOOSE // 2)


def wanting(gathering: Gathering, line: str) -> list[str]:
    """Return the keys of the people whose pattern matches a line such as ``#nova now live migration``, sorted."""
    return readers_of(gathering.subscriptions).wanting(line)


def unreadable(gathering: Gathering) -> dict[str, str]:
    """Return the patterns, by owner, that RE2 refuses and whose owner has not been told so."""
    told, refused = gathering.told_patterns, readers_of(gathering.subscriptions).refused
    return dict(sorted((key, pattern) for key, pattern in refused.items() if told.get(key) != pattern))


def never_matches(key: str, pattern: str) -> Tell:
    """Return the private message to the owner of an unreadable pattern."""
    return Tell(
        key,
        f"Your subscription to {short(pattern)} never matches: {reason_against(pattern)}. "
        "+subscribe REGEX sets another one, +unsubscribe drops it.",
    )
