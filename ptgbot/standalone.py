"""A state made of one exported file, without a store: the same as a journal that begins with that file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from ptgbot.derived import Fold
from ptgbot.feature import AnyFeature
from ptgbot.store.edits import Tree
from ptgbot.store.export import Unreadable
from ptgbot.store.record import Record

FILE = "file"
"""Stands for the author of what was taken over from a file."""


@frozen
class Standing:
    """The roots of a committed state and of its derived tree."""

    state: Tree
    derived: Tree


def imported(features: Sequence[AnyFeature], settings: Mapping[str, Any], raw: bytes, at: datetime) -> Standing:
    """Return the state in a file of the first feature that has an exported file.

    Args:
        features: the enabled features.
        settings: their settings by name.
        raw: the contents of the file.
        at: the moment of the import, if the file does not say when it was written.

    Raises:
        Unreadable: the file has not the right shape; the message names the place.
    """
    empty: Tree = {feature.name: feature.empty() for feature in features}
    for feature in features:
        formats = feature.formats(feature.settings_in(settings))
        if formats:
            break
    else:
        raise Unreadable("no feature that is switched on reads such a file")
    form, before = formats[0], feature.empty()
    after = form.parse(raw)
    state: Tree = {**empty, feature.name: after}
    written = form.stamped(raw) or at
    edits = form.changes(before, after)
    record = Record(1, feature.name, written, FILE, FILE, "", "", "", f"import {form.name}", edits, kind=FILE)
    return Standing(state, Fold(features, settings).derive({}, state, record))
