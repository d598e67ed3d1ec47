"""``+ci ack``: somebody knows of the trouble, and nobody needs to be told until a moment."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from ptgbot.chat.commands import Call, Decision, say
from ptgbot.chat.spelling import misspelt
from ptgbot.chat.text import listing, short
from ptgbot.ci.alerts import Alert, Draft, ack_of, alerts_in, stamp
from ptgbot.ci.lines import named, shown, trouble
from ptgbot.ci.settings import CiSettings
from ptgbot.store.edits import Json, Tree

LONGEST: Final = timedelta(days=90)
"""Longest time of an acknowledgement."""
LONGEST_REASON: Final = 200
"""Most characters of a reason."""
MOST_SHOWN: Final = 8
"""Most alerts that one answer names."""
USAGE: Final = "+ci ack NAME until DATE REASON, such as +ci ack acme-ci until 2026-11-25 new hardware"
_LINE: Final = re.compile(r"(?P<name>.+?)\s+until\s+(?P<when>\S+(?:\s+\d{1,2}:\d\d)?)(?:\s+UTC\b)?\s*(?P<reason>.*)")
_LENGTH: Final = re.compile(r"\+?(\d{1,4})\s*(d|h|m|min|days|hours|minutes)", re.IGNORECASE)
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes"}
_CLOCK: Final = re.compile(r"\d{1,2}:\d\d")
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]\s*(\d{1,2}:\d\d))?Z?")


class Unclear(Exception):
    """The text cannot be understood; the message says what to type instead."""


def ack(tree: Tree, call: Call[CiSettings], text: str) -> Decision:
    """Note that somebody knows of the trouble of a CI or project."""
    found = _LINE.fullmatch(text)
    if found is None or not found["reason"]:
        return say(f"Until when, and why? {USAGE}")
    name = _name_in(tree, found["name"])
    if name is None:
        return say(_none(tree, found["name"]))
    try:
        until = until_in(found["when"], call.at)
    except Unclear as error:
        return say(str(error))
    person = call.message.person
    row: dict[str, Json] = {
        "who": {"key": person.key, "name": person.nick},
        "at": stamp(call.at),
        "until": stamp(until),
        "reason": short(found["reason"], LONGEST_REASON),
    }
    draft = Draft(tree)
    draft.write("acks", name, now=row)
    return Decision(
        draft.edits, say(f"{named(name)} is acknowledged until {shown(until)}, or until it is well again.").answers
    )


def unack(tree: Tree, call: Call[CiSettings], text: str) -> Decision:
    """Take back an acknowledgement. Whoever was not told yet is told now."""
    names = {one.casefold(): one for one in _acked(tree)}
    name = names.get(text.casefold())
    if name is None:
        known = listing(map(named, _acked(tree)))
        return say(f"{named(text) or 'Nothing'} is not acknowledged. Acknowledged: {known}.")
    draft = Draft(tree)
    draft.drop("acks", name)
    for one in [*alerts_in(tree)]:
        if one.name == name and one.after > call.at:
            draft.change(one, after=stamp(call.at))
    return Decision(draft.edits, say(f"{named(name)} is not acknowledged any more.").answers)


def open_alerts(tree: Tree, at: datetime) -> Decision:
    """Answer which alerts are open."""
    found = sorted(alerts_in(tree), key=lambda one: one.since)
    if not found:
        return say("No alert is open.")
    shown_ones = [_shown(tree, one, at) for one in found[:MOST_SHOWN]]
    more = f"; and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
    return say(f"{'; '.join(shown_ones)}{more}.")


def until_in(text: str, now: datetime) -> datetime:
    """Return the moment (UTC) that somebody typed: a date, a date with a time, a time, or a length such as ``2h``.

    A date alone means the end of that day. A time alone is the next one.

    Raises:
        Unclear: there is no such moment, it has passed, or it is too far away.
    """
    until = _moment(text, now.astimezone(UTC))
    if until is None:
        raise Unclear(
            f"{short(text, 30)} is no moment. Type it in UTC, such as 2026-11-25, 2026-11-25T13:30, 13:30, 2h or 3d."
        )
    if until <= now:
        raise Unclear(f"{shown(until)} has passed. Now it is {shown(now)}.")
    if until - now > LONGEST:
        raise Unclear(f"That is more than {LONGEST.days} days away; a CI that rests for longer needs no alert at all.")
    return until


def _moment(text: str, now: datetime) -> datetime | None:
    if found := _LENGTH.fullmatch(text):
        return now + timedelta(**{_UNITS[found[2][0].lower()]: int(found[1])})
    try:
        if _CLOCK.fullmatch(text):
            at = datetime.combine(now.date(), time.fromisoformat(text.zfill(5)), UTC)
            return at if at > now else at + timedelta(days=1)
        if found := _DAY.fullmatch(text):
            day = date.fromisoformat(found[1])
            if found[2]:
                return datetime.combine(day, time.fromisoformat(found[2].zfill(5)), UTC)
            return datetime.combine(day, time(), UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return None


def _name_in(tree: Tree, text: str) -> str | None:
    """Return the name of the CI or project with an open alert that somebody means; by its account or display name."""
    wanted = text.casefold()
    found = [one for one in alerts_in(tree) if wanted in (one.name.casefold(), one.title.casefold())]
    exact = [one for one in found if one.name == text] or [one for one in found if one.name.casefold() == wanted]
    return next((one.name for one in exact or found), None)


def _none(tree: Tree, text: str) -> str:
    names = sorted({one.name for one in alerts_in(tree)})
    near = misspelt(text.casefold(), [name for name in names if len(name) <= len(text) + 2])[:1]
    hint = f" Did you mean {named(near[0])}?" if near else ""
    known = f" Open alerts: {listing(map(named, names[:MOST_SHOWN]))}." if names and not near else ""
    return f"There is no open alert of {named(text)}.{hint}{known}"


def _acked(tree: Tree) -> list[str]:
    return sorted({one.name for one in alerts_in(tree) if ack_of(tree, one.name)})


def _shown(tree: Tree, one: Alert, at: datetime) -> str:
    known = ack_of(tree, one.name)
    by = f" by {named(known.by)}" if known and known.by else ""
    is_acked = known is not None and known.until > at
    acked = f" (acknowledged{by} until {shown(known.until)}: {known.row['reason']})" if known and is_acked else ""
    return f"{named(one.name)}: {trouble(one)}{acked}"
