"""``+contributors`` and ``+newcomers``: who works on a module, out of the newest snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from attrs import frozen

from ptgbot.chat.commands import Call, Command, Decision, Form, Query, say
from ptgbot.chat.message import Role
from ptgbot.chat.text import clean
from ptgbot.contributions.engine import Row
from ptgbot.contributions.settings import StatsSettings
from ptgbot.contributions.snapshots import open_snapshot
from ptgbot.store.edits import Tree

_MOST: Final = 10
"""People who are named."""


@frozen
class Active:
    """Somebody who was active in a module in its last cycle."""

    name: str
    days: int
    commits: int
    reviews: int
    is_new: bool
    release: str

    @property
    def sentence(self) -> str:
        """The person with their numbers."""
        counts = ((self.days, "day"), (self.commits, "commit"), (self.reviews, "review"))
        said = ", ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in counts if number)
        return f"{self.name} ({said})"


def active_people(folder: Path, module: str) -> list[Active] | None:
    """Return the people of the last cycle of a module, those with the most active days first.

    Args:
        folder: the folder of the feature's bulk storage.
        module: the name of the module, in any case.

    Returns:
        None if there is no snapshot yet.

    Raises:
        OSError: the snapshot cannot be read.
    """
    engine = open_snapshot(folder)
    if engine is None:
        return None
    try:
        rows = engine.rows("people_of_last_cycle", module, module)
    finally:
        engine.close()
    return [_active(row) for row in rows]


def _active(row: Row) -> Active:
    _id, name, days, commits, reviews, is_new, release = row
    numbers = [round(float(str(number))) for number in (days, commits, reviews)]
    return Active(shown(str(name)), numbers[0], numbers[1], numbers[2], is_new == 1, str(release))


def shown(name: str) -> str:
    """Return the name of a person as it is shown: without the domain of an address, which some have as a name."""
    return clean(name).partition("@")[0].strip() or "somebody"


def _who(_tree: Tree, call: Call[StatsSettings]) -> Decision:
    return _answered(call, newcomers=False)


def _newcomers(_tree: Tree, call: Call[StatsSettings]) -> Decision:
    return _answered(call, newcomers=True)


def _answered(call: Call[StatsSettings], *, newcomers: bool) -> Decision:
    words = call.argument.split()
    if len(words) != 1:
        return say(f"Say which track: +{call.word} TRACK.")
    module = words[0].lstrip("#")
    if call.fetched is None:
        return Decision(ask=Query(lambda folder: active_people(folder, module)))
    if call.fetched.error:
        return say(f"The contributions cannot be read: {call.fetched.error}")
    found: list[Active] | None = call.fetched.value
    if found is None:
        return say("Nothing has been counted yet.")
    if not found:
        return say(f"No contributions to {module} are known.")
    return say(
        _sentence(module, [one for one in found if one.is_new] if newcomers else found, newcomers, found[0].release)
    )


def _sentence(module: str, people: list[Active], newcomers: bool, release: str) -> str:
    when = f" in {release}" if release else ""
    if not people:
        return f"Nobody is new in {module}{when}."
    named = ", ".join(one.sentence for one in people[:_MOST])
    more = f", and {len(people) - _MOST} more" if len(people) > _MOST else ""
    return f"{'New' if newcomers else 'Active'} in {module}{when}: {named}{more}."


COMMANDS: Final = (
    Command[StatsSettings](
        "contributors",
        Form.USER,
        Role.ATTENDEE,
        "+contributors TRACK",
        "Tells who was active in the last cycle of a track, those with the most active days first.",
        "+contributors nova",
        _who,
    ),
    Command[StatsSettings](
        "newcomers",
        Form.USER,
        Role.ATTENDEE,
        "+newcomers TRACK",
        "Tells who contributed to a track for the first time in its last cycle.",
        "+newcomers nova",
        _newcomers,
    ),
)
