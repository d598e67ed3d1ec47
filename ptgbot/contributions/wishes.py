"""How people want to be shown: reads the list of those who are hidden, and its secret."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ptgbot.contributions.hidden_list import BadList, HiddenList, parse_hidden
from ptgbot.contributions.masking import Wishes
from ptgbot.contributions.page_names import page_key
from ptgbot.contributions.settings import StatsSettings

LIST: Final = "hidden.txt"
"""Name of the list in the folder of the feature's bulk storage, unless the configuration names another file."""
KEY: Final = "hidden.key"
"""Name of the secret in that folder. Nothing replaces it: without it nobody on the list would be hidden."""


def list_path(settings: StatsSettings, folder: Path) -> Path:
    """Return the file with the list."""
    return settings.hidden or folder / LIST


def read_hidden(settings: StatsSettings, folder: Path) -> HiddenList:
    """Return the list of hidden people; it is empty as long as nobody was ever hidden.

    Args:
        settings: name the file of the list.
        folder: the folder of the feature's bulk storage, which has the secret.

    Raises:
        BadList: the file is no list, or the list or its secret is missing. Else a count would show everybody.
        OSError: a file cannot be read.
    """
    path, secret = list_path(settings, folder), folder / KEY
    text = path.read_text("utf-8", "replace") if path.exists() else None
    if not secret.exists():
        if text and text.strip():
            raise BadList(f"{secret} is missing, the secret of the list {path}. Put it back, or empty the list.")
        return HiddenList(b"")
    if text is None:
        raise BadList(f"{path} is missing, the list of hidden people. Put it back, or make an empty file of that name.")
    return parse_hidden(text, path.name, secret.read_bytes())


def wishes_of(settings: StatsSettings, folder: Path) -> Wishes:
    """Return how people want to be shown.

    Raises:
        BadList: the list of hidden people cannot be used.
        OSError: a file cannot be read.
    """
    return Wishes(read_hidden(settings, folder), page_key(folder), settings.initials, settings.punch_cards)
