"""Who wants to know: whom a topic concerns, however many people subscribed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, evolve, frozen

from ptgbot.chat.message import Tell
from ptgbot.chat.text import short
from ptgbot.gathering.model import Gathering
from ptgbot.gathering.patterns import Bundle, reason_against, searched_alone

MOST = 1000
"""Subscriptions that people may make in all; a file may bring more."""
LOOSE = 64
"""Patterns that are searched one by one; when there are more of them they become a bundle."""
_BUNDLE = 1000
"""Patterns of a bundle: it is made in about 20 ms."""
_SMALL = 8
"""Bundles of less than half of that; when there are more of them they become one."""

Subscriptions = Mapping[str, str | None]


@frozen(eq=False)
class Readers:
    """Everybody's patterns, ready to be searched in a line.

    It is remembered for one mapping of subscriptions, by its identity: a mapping of the state never changes. The
    readers of another mapping are made from these, at a cost for what differs.
    """

    subscriptions: Subscriptions
    owners: Mapping[str, Sequence[str]]
    """Readable pattern to the keys of the people who want it."""
    refused: Mapping[str, str]
    """Key to the pattern that RE2 does not take."""
    bundles: tuple[Bundle, ...]
    """May hold patterns that nobody wants any longer."""
    loose: tuple[str, ...]
    """Patterns that are in no bundle so far."""

    def moved_to(self, subscriptions: Subscriptions, loose: int = LOOSE) -> Readers:
        """Return the readers of another mapping, with at most ``loose`` patterns outside of bundles."""
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
        """Return the keys of the people whose pattern is found in a line, sorted."""
        found = set(searched_alone(self.loose, line))
        for bundle in self.bundles:
            found.update(bundle.found_in(line))
        return sorted(key for pattern in found for key in self.owners.get(pattern, ()))


def _bundled(readers: Readers) -> Readers:
    """Return the same readers with no pattern loose, and without bundles of which most is not wanted any longer."""
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
    """Return owners by pattern without some who had a pattern, and with some who want one."""
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
    """The readers that were asked for last. PersonalData them changes no answer."""

    readers: Readers = NOBODY


_latest = _Latest()


def readers_of(subscriptions: Subscriptions, loose: int = LOOSE) -> Readers:
    """Return the readers of a mapping of subscriptions, from those of the mapping before it."""
    readers = _latest.readers
    if readers.subscriptions is not subscriptions:
        readers = _latest.readers = readers.moved_to(subscriptions, loose)
    return readers


def prepare(subscriptions: Subscriptions) -> None:
    """Make ready what the next topic will need.

    Takes 50 µs for each new pattern. Call it in a thread, at the start and after commits that changed subscriptions:
    then no command has to wait for bundles.
    """
    readers_of(subscriptions, LOOSE // 2)


def wanting(gathering: Gathering, line: str) -> list[str]:
    """Return the keys of the people whose pattern is found in a line such as ``#nova now live migration``, sorted."""
    return readers_of(gathering.subscriptions).wanting(line)


def unreadable(gathering: Gathering) -> dict[str, str]:
    """Return the patterns, by owner, that never match and whose owner has not been told so."""
    told, refused = gathering.told_patterns, readers_of(gathering.subscriptions).refused
    return dict(sorted((key, pattern) for key, pattern in refused.items() if told.get(key) != pattern))


def never_matches(key: str, pattern: str) -> Tell:
    """Return what the owner of an unreadable pattern is told."""
    return Tell(
        key,
        f"Your subscription to {short(pattern)} never matches: {reason_against(pattern)}. "
        "+subscribe REGEX sets another one, +unsubscribe drops it.",
    )
