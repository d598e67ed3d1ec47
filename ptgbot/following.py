"""Opens the state of a configuration: to lead, or to read it while a bot runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from ptgbot import progress
from ptgbot.config import Config
from ptgbot.derived import Fold
from ptgbot.exports import main_file
from ptgbot.feature import AnyFeature, load_features
from ptgbot.progress import CORE
from ptgbot.standalone import Standing, imported
from ptgbot.store.edits import Tree
from ptgbot.store.export import Unreadable
from ptgbot.store.file import FileStore
from ptgbot.store.opening import Opening
from ptgbot.store.state import Derivation


def features_of(config: Config) -> tuple[AnyFeature, ...]:
    """Return the features that a configuration switches on.

    Raises:
        Missing: a feature cannot be imported.
    """
    return load_features(config.features, config.off)


def opening_of(
    config: Config, features: Sequence[AnyFeature], at: datetime, *, discard_edits: bool = False
) -> Opening:
    """Return the :class:`Opening` for the state of a configuration at a moment.

    Raises:
        ValueError: no feature is enabled.
    """

    def complete(state: Tree) -> None:
        progress.complete(cast("Tree", state.setdefault(CORE, {})))
        for feature in features:
            feature.complete(cast("Tree", state.setdefault(feature.name, feature.empty())))

    empty: Tree = {CORE: progress.empty(), **{feature.name: feature.empty() for feature in features}}
    fold = Fold(features, config.features)
    derivation = Derivation(fold.version, fold.derive)
    store, file = FileStore.beside(config.state.path), main_file(config, features)
    return Opening(store, file, empty, complete, at, discard_edits, derivation=derivation)


async def follow(config: Config, at: datetime) -> Standing:
    """Return the committed state and its derived tree, without locking or writing.

    If there is no store yet, return the state in the exported file, else the empty state.

    Args:
        config: the configuration.
        at: the moment of the import of a file that does not say when it was written.

    Raises:
        Damaged: the store is not what was written.
        Newer: a later version wrote it.
        Unreadable: the exported file has not the right shape.
        OSError: a file cannot be read.
    """
    features, path = features_of(config), config.state.path
    opening = opening_of(config, features, at)
    opened = await opening.follow()
    if opened:
        await opened.store.close()
        return Standing(opened.state.committed, opened.state.derived)
    if not path.exists():
        return Standing(opening.empty, {})
    try:
        return imported(features, config.features, path.read_bytes(), at)
    except Unreadable as error:
        raise Unreadable(f"{path}: {error}") from error
