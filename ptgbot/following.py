"""The state of a configuration as it lies on the disk, read without a lock and without writing anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import cast

from ptgbot.config import Config
from ptgbot.derived import Fold
from ptgbot.feature import AnyFeature, load_features
from ptgbot.standalone import Standing, imported
from ptgbot.store import journal as journals
from ptgbot.store.edits import Tree
from ptgbot.store.export import Unreadable
from ptgbot.store.history import HISTORY
from ptgbot.store.opening import Paths, load, older


def features_of(config: Config) -> Sequence[AnyFeature]:
    """Return the features that a configuration switches on. Raises Missing."""
    return load_features(config.features, config.off)


def follow(config: Config, at: datetime) -> Standing:
    """Return the committed state and what is derived from its records.

    Without a journal the exported file is taken, else a state in which nothing happened.

    :param at: the moment of the import of a file that does not say when it was written.
    Raises Damaged, Newer, Unreadable, OSError.
    """
    features, paths = features_of(config), Paths(config.state.path)
    if paths.journal.exists():
        return _journaled(config, features, paths)
    if not paths.export.exists():
        return Standing({feature.name: feature.empty() for feature in features}, {})
    try:
        return imported(features, config.features, paths.export.read_bytes(), at)
    except Unreadable as error:
        raise Unreadable(f"{paths.export}: {error}") from error


def _journaled(config: Config, features: Sequence[AnyFeature], paths: Paths) -> Standing:
    def complete(state: Tree) -> None:
        for feature in features:
            feature.complete(cast("Tree", state.setdefault(feature.name, feature.empty())))

    opened = load(paths.journal, journals.read(paths.journal), complete, HISTORY)
    fold = Fold(features, config.features)
    state = opened.committed
    records = [*older(paths.journal, opened), *opened.log.records]
    derived: Tree = reduce(lambda known, record: fold.derive(known, state, record), records, {})
    return Standing(state, derived)
