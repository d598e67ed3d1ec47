"""The commonest answers of the old interface, for the files of a site that is served without the bot's web server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.old_answers import ANSWERS, Question
from ptgbot.contributions.old_names import known_in
from ptgbot.contributions.page_store import Facts

KIND: Final = "api"
"""Begins the keys of these files among those of the pages."""
_CHOSEN: Final = ("stats/companies", "stats/modules", "stats/engineers", "companies", "modules", "users")
_WHOLE: Final = ("releases", "metrics", "project_types")
FILES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    **{name: (name, {}) for name in (*_CHOSEN, *_WHOLE)},
    **{f"{name}_all": (name, {"release": "all"}) for name in _CHOSEN},
}
"""By the name of the file, without its ending: the address below ``/api/1.0/`` and the parameters that it answers."""


def answered(snapshot: Duck, folder: Path) -> Iterator[tuple[str, Facts]]:
    """Yield the keys and the contents of all files.

    Args:
        snapshot: the newest snapshot.
        folder: the folder of the feature's bulk storage.
    """
    snapshot.prepare_old()
    known = known_in(snapshot, Path(), folder)
    for name, (address, query) in FILES.items():
        found = ANSWERS[address](Question(snapshot, known, query))
        assert isinstance(found, dict)
        yield f"{KIND}:{name}", found
