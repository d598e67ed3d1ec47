"""The folders of bulk storage beside the journal: ``ptg.bulk/FEATURE/NAME`` for each source and job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ptgbot.config import ConfigError
from ptgbot.feature import AnyFeature


def bulk_folder(state: Path) -> Path:
    """Return the folder of all bulk storage, for the path of the exported state."""
    return state.with_name(f"{state.stem}.bulk")


def own_folder(bulk: Path, feature: str, name: str) -> Path:
    """Return the folder of a source or job, and make it if it is missing.

    Raises:
        OSError: it cannot be made.
    """
    folder = bulk / feature / name
    for one in (bulk, bulk / feature, folder):
        one.mkdir(mode=0o700, exist_ok=True)
    return folder


def check_names(features: Sequence[AnyFeature]) -> None:
    """Make sure that no two sources or jobs have the same folder and the same name in ``/healthz``.

    Raises:
        ConfigError: two have the same name.
    """
    names = Counter(
        f"{feature.name}/{name}"
        for feature in features
        for name in (*(source.name for source in feature.sources), *(job.name for job in feature.jobs))
    )
    for name, times in names.items():
        if times > 1:
            raise ConfigError(f"{times} sources or jobs are named {name}; each needs a name of its own.")
