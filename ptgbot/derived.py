"""The data derived from all records and kept beside the state: chronicles of features, and last changes.

``StoredState.derived`` holds the chronicle of each feature under the feature's name, and the last changes of places and
slices under ``projection``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from attrs import field, frozen

from ptgbot.chat.commands import Record
from ptgbot.differences import DEPTH, differing, spread
from ptgbot.feature import AnyFeature, Keys, Look, SliceKind
from ptgbot.stamps import EVERY, mark, touch, touched
from ptgbot.store.edits import ABSENT, Edit, Tree, get

PROJECTION = "projection"
CHRONICLE = "chronicle"
"""First name of the places of a chronicle, among those that a slice reads."""
CHRONICLE_DEPTH = 4

Reader = tuple[SliceKind[Any], Keys]
"""A kind of slices, and a place that it reads."""
ByTop = Mapping[str, Sequence[Reader]]


def table(tree: Tree, *names: str) -> Tree:
    """Return the object at a place of a tree, an empty one if there is none."""
    for name in names:
        inner = tree.get(name)
        tree = inner if isinstance(inner, dict) else {}
    return tree


def chronicle_edits(before: Tree, after: Tree) -> Iterable[Edit]:
    """Yield the differences between two chronicles, at places that begin with ``chronicle``."""
    for edit in differing(before, after, CHRONICLE_DEPTH):
        yield Edit((CHRONICLE, *edit.at), edit.was, edit.now)


def kinds_by_top(feature: AnyFeature) -> ByTop:
    """Return the kinds of slices that read below each top-level name. Kinds under ``""`` read everything."""
    found: dict[str, list[Reader]] = {}
    for kind in feature.slices:
        for place in kind.reads:
            found.setdefault(place[0] if place else EVERY, []).append((kind, place))
    return found


def concerned(kinds: ByTop, look: Look[Any], edits: Iterable[Edit]) -> dict[str, dict[str, None]]:
    """Return the keys of slices that changes concern, by the name of the kind; ``""`` means all keys.

    An edit concerns a kind if its place is at, above or below a place that the kind reads, and as far as
    :attr:`~ptgbot.feature.SliceKind.concerns` says.
    """
    found: dict[str, dict[str, None]] = {}
    everything = kinds.get(EVERY, ())
    for edit in edits:
        readers = [*kinds.get(edit.at[0], ()), *everything] if edit.at else _all(kinds)
        for kind, place in readers:
            if place[: len(edit.at)] == edit.at[: len(place)]:
                keys = kind.concerns(look, edit) if edit.at else None
                told = (EVERY,) if keys is None or (keys and not kind.keys) else keys
                found.setdefault(kind.name, {}).update(dict.fromkeys(told))
    return {name: keys for name, keys in found.items() if keys}


def _all(kinds: ByTop) -> Iterable[Reader]:
    return [reader for readers in kinds.values() for reader in readers]


@frozen
class Fold:
    """Computes the derived tree, one record at a time. It is pure: the same records give the same tree."""

    features: Sequence[AnyFeature]
    settings: Mapping[str, Any]
    """Configuration of the features, by name; defaults where one is missing."""
    _kinds: Mapping[str, ByTop] = field(init=False)
    _settings: Mapping[str, Any] = field(init=False)

    @_kinds.default
    def _by_top(self) -> Mapping[str, ByTop]:
        return {feature.name: kinds_by_top(feature) for feature in self.features}

    @_settings.default
    def _settings_by_feature(self) -> Mapping[str, Any]:
        return {feature.name: feature.settings_in(self.settings) for feature in self.features}

    @property
    def version(self) -> str:
        """The version of the computation. It changes with the features and the form of the tree."""
        return " ".join(["2", *sorted(feature.name for feature in self.features)])

    def derive(self, derived: Tree, state: Tree, record: Record) -> Tree:
        """Return the derived tree after one more record.

        Args:
            derived: the derived tree before the record.
            state: the state of all features after exactly this record.
            record: the record.
        """
        feature = next((one for one in self.features if one.name == record.feature), None)
        if feature is None:
            return derived
        tree, former = table(state, feature.name), table(derived, feature.name)
        chronicle = feature.chronicle(former, tree, record)
        edits = [one for edit in record.edits for one in spread(edit)]
        said = [] if chronicle is former else list(chronicle_edits(former, chronicle))
        known = table(derived, PROJECTION)
        root = touch(table(known, "places", feature.name), edits, record.number, record.at)
        look: Look[Any] = Look(tree, chronicle, record.at, self._settings[feature.name], partial(touched, root))
        projection: Tree = {
            **known,
            "places": {**table(known, "places"), feature.name: root},
            "slices": self._marked(table(known, "slices"), feature, look, [*edits, *said], record),
        }
        return {**derived, feature.name: chronicle, PROJECTION: projection}

    def _marked(
        self, slices: Tree, feature: AnyFeature, look: Look[Any], edits: Sequence[Edit], record: Record
    ) -> Tree:
        """Return the last changes of all slices after one more record."""
        marked: Tree = {}
        for name, keys in concerned(self._kinds[feature.name], look, edits).items():
            full = f"{feature.name}.{name}"
            marked[full] = mark(table(slices, full), keys, record.number, record.at)
        return {**slices, **marked} if marked else slices


def without_places(derived: Tree, places: Iterable[Keys]) -> list[Edit]:
    """Return the edits that remove the last changes of places, because they name a forgotten person.

    Each of ``places`` begins with the name of the feature.
    """
    edits: list[Edit] = []
    for feature, *place in places:
        nodes = [part for name in place[:DEPTH] for part in ("in", name)]
        at = (PROJECTION, "places", feature, *nodes)
        if nodes and (was := get(derived, at)) is not ABSENT:
            edits.append(Edit(at, was, ABSENT))
    return edits
