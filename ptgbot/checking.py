"""The part of ``ptgbot check`` about the files of the state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ptgbot.config import Config
from ptgbot.exports import exported_files
from ptgbot.feature import load_features
from ptgbot.store.export import Unreadable


def odd_values(config: Config, at: datetime) -> Iterator[str]:
    """Yield a sentence for each odd value in the exported files.

    Raises:
        Unreadable: a file has not the right shape.
        OSError: a file cannot be read.
    """
    for file in exported_files(config, load_features(config.features, config.off)):
        raw = file.path.read_bytes() if file.path.exists() else None
        if raw is None:
            continue
        try:
            tree = file.format.parse(raw)
        except Unreadable as error:
            raise Unreadable(f"{file.path}: {error}") from error
        for sentence in file.feature.check(tree, at, file.feature.settings_in(config.features)):
            yield f"{file.path.name}: {sentence}"
