"""Computes what the site shows of committed state: slices, their last changes, and files.

The running bot, ``ptgbot site`` and a plain ``sphinx-build`` all use it, and so show the same.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from attrs import define, field, frozen

from ptgbot.chat.commands import Command
from ptgbot.derived import PROJECTION, ByTop, chronicle_edits, concerned, kinds_by_top, table
from ptgbot.differences import differing
from ptgbot.feature import AnyFeature, Look, Slice, SliceKind, Touched
from ptgbot.stamps import EVERY, marked_at, touched
from ptgbot.store.edits import Edit, Json, Tree

SITE = "core.site"
"""The slice of what the configuration says of the site."""
PLACES = "core.places"
"""The slice of the channels and rooms of the configuration."""
FRAME = "core.frame"
"""The slice of the menu and the title of the main site, which only the projects below it have."""
COMMANDS = "core.commands"
"""The slice of all commands."""


@frozen
class Shown:
    """Everything that the site shows. Values are never changed in place, so they can be passed to threads."""

    at: datetime
    zone: str
    """IANA name of the zone in which people read times."""
    slices: Mapping[str, Json]
    """By name; a value that did not change is the same object as before."""
    touched: Mapping[str, str]
    """When something that a slice shows was changed last (ISO 8601), as far as that is on record."""
    files: Mapping[str, bytes] = field(factory=dict)
    """What stands beside the pages, by name below the site."""
    until: datetime | None = None
    """The moment at which time alone will next change a slice."""


@define(eq=False)
class _Kind:
    """One kind of slices of a feature, with its last results."""

    name: str
    kind: SliceKind[Any]
    slices: dict[str, Slice] = field(factory=dict, init=False)
    """By key; the empty key for a kind without keys."""
    shown: dict[str, Json] = field(factory=dict, init=False)
    """By name."""
    moments: dict[str, str] = field(factory=dict, init=False)
    until: datetime | None = field(default=None, init=False)
    _marks: Tree | None = field(default=None, init=False)

    def update(self, look: Look[Any], changed: Collection[str], marks: Tree) -> bool:
        """Compute the slices with these keys, ``""`` for all, and those whose time is over.

        Say whether any was computed.
        """
        due = self._compute(look, changed)
        if due or marks is not self._marks:
            names = {key: f"{self.name}:{key}" if self.kind.keys else self.name for key in self.slices}
            self.shown = {name: self.slices[key].value for key, name in names.items()}
            self.moments = {name: at for key, name in names.items() if (at := marked_at(marks, key))}
            self._marks = marks
        if due:
            edges = {id(one.until): one.until for one in self.slices.values() if one.until}
            self.until = min((edge.astimezone(UTC) for edge in edges.values()), default=None)
        return due

    def _compute(self, look: Look[Any], changed: Collection[str]) -> bool:
        over = self.until is not None and self.until <= look.at
        if not changed and not over and self.slices:
            return False
        every = EVERY in changed
        keys = [""] if self.kind.keys is None else list(dict.fromkeys(self.kind.keys(look)))
        self.slices = {
            key: self._make(look, key) if known is None or every or key in changed or _over(known, look.at) else known
            for key in keys
            for known in [self.slices.get(key)]
        }
        return True

    def _make(self, look: Look[Any], key: str) -> Slice:
        made, known = self.kind.make(look, key), self.slices.get(key)
        return Slice(known.value, made.until) if known is not None and _same(known.value, made.value) else made


def _same(one: Json, other: Json) -> bool:
    """Say whether two values look the same on a page. The order of keys counts, because pages show it."""
    return one == other and json.dumps(one) == json.dumps(other)


def _over(known: Slice, at: datetime) -> bool:
    return known.until is not None and known.until <= at


@define(eq=False)
class _Part:
    """The part of one feature, with its last results."""

    feature: AnyFeature
    settings: Any
    kinds: list[_Kind] = field(init=False)
    _by_top: ByTop = field(init=False)
    files: dict[str, bytes] = field(factory=dict, init=False)
    _before: tuple[Tree, Tree] | None = field(default=None, init=False)
    """State and chronicle of the last time."""

    @kinds.default
    def _all_kinds(self) -> list[_Kind]:
        return [_Kind(f"{self.feature.name}.{kind.name}", kind) for kind in self.feature.slices]

    @_by_top.default
    def _kinds_by_top(self) -> ByTop:
        return kinds_by_top(self.feature)

    def update(self, state: Tree, derived: Tree, at: datetime, anew: bool) -> None:
        """Compute what has changed since the last call."""
        tree, chronicle = table(state, self.feature.name), table(derived, self.feature.name)
        root = table(derived, PROJECTION, "places", self.feature.name)
        look: Look[Any] = Look(tree, chronicle, at, self.settings, partial(touched, root))
        edits = None if anew else self._edits(tree, chronicle)
        marks = table(derived, PROJECTION, "slices")
        changed = concerned(self._by_top, look, edits or ())
        every: Collection[str] = () if edits is not None else (EVERY,)
        computed = [
            one.update(look, every or changed.get(one.kind.name, ()), table(marks, one.name)) for one in self.kinds
        ]
        if edits is None or edits or any(computed):
            self._render(tree, at, touched(root, ()))
        self._before = tree, chronicle

    def _edits(self, tree: Tree, chronicle: Tree) -> list[Edit] | None:
        """Return the edits since the last call, None if there was no call."""
        if self._before is None:
            return None
        return [*differing(self._before[0], tree), *chronicle_edits(self._before[1], chronicle)]

    def _render(self, tree: Tree, at: datetime, last: Touched | None) -> None:
        changed = last.at if last else at
        made = {one.name: one.public(tree, at, changed) for one in self.feature.formats(self.settings)}
        self.files = {name: content for name, content in made.items() if content is not None}


@define(eq=False)
class Projection:
    """Computes what the site shows, many times, each time only as far as something has changed.

    It may be used in a thread, by one caller at a time, because roots are snapshots.
    """

    features: Sequence[AnyFeature]
    settings: Mapping[str, Any]
    """Configuration of the features, by name; defaults where one is missing."""
    facts: Mapping[str, Json] = field(factory=dict)
    """Slices of the core that only another configuration changes."""
    files: Mapping[str, bytes] = field(factory=dict)
    """Files of the operator's own beside the pages."""
    _parts: list[_Part] = field(init=False)
    _at: datetime | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._parts = [
            _Part(feature, feature.settings_in(self.settings)) for feature in self.features
        ]

    def update(self, state: Tree, derived: Tree, at: datetime) -> Shown:
        """Return what the site shows at a moment.

        Args:
            state: the root of the committed state, with every feature's part under its name.
            derived: the result of :class:`~ptgbot.derived.Fold` for all records up to that state.
            at: the moment (aware). If it is before that of the last call, everything is computed anew.
        """
        anew = self._at is not None and at < self._at
        for part in self._parts:
            part.update(state, derived, at, anew)
        self._at = at
        slices: dict[str, Json] = {**self.facts}
        moments: dict[str, str] = {}
        files: dict[str, bytes] = {**self.files}
        edges: list[datetime] = []
        for part in self._parts:
            files.update(part.files)
            for kind in part.kinds:
                slices.update(kind.shown)
                moments.update(kind.moments)
                edges += [kind.until] if kind.until else []
        return Shown(at, self._zone(state), slices, moments, files, min(edges, default=None))

    def _zone(self, state: Tree) -> str:
        zones = (part.feature.zone(table(state, part.feature.name), part.settings) for part in self._parts)
        return next((str(zone) for zone in zones if zone), "UTC")


def command_slice(commands: Iterable[Command[Any]]) -> Json:
    """Return the slice for the page of commands."""
    return [
        {
            "form": command.form.name,
            "name": command.name,
            "usage": command.usage,
            "help": command.help,
            "example": command.example,
            "aliases": ", ".join(command.aliases),
        }
        for command in commands
    ]
