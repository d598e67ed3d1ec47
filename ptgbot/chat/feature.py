"""What a feature hands the core, and how features are found."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import entry_points
from typing import Any, Protocol

from ptgbot.chat.commands import Command, Decision, Fetched, History
from ptgbot.chat.message import Message, Person, Room
from ptgbot.store.edits import Tree


class Feature(Protocol):
    """A part of the bot that has commands and a part of the state. Pure: no clock, no file, no network."""

    @property
    def name(self) -> str:
        """Its name in the configuration, and the name of its part of the state."""

    @property
    def commands(self) -> Sequence[Command]:
        """Every command, for help and the command page."""

    @property
    def reserved(self) -> frozenset[str]:
        """Words that can't be names of tracks."""

    @property
    def settings(self) -> type[Any]:
        """The attrs class of its table in the configuration."""

    @property
    def rank(self) -> int:
        """Features with a lower rank are asked first."""

    def claims(self, tree: Tree, room: Room, word: str) -> bool:
        """Say whether a ``#word`` is this feature's here and now, before help and everybody else."""

    def empty(self) -> Tree:
        """Return its part of the state before anything happened."""

    def complete(self, tree: Tree) -> None:
        """Add what a state of an earlier version lacks."""

    def decide(
        self,
        tree: Tree,
        message: Message,
        history: History,
        settings: Any,
        fetched: Fetched | None = None,
        site: str = "",
    ) -> Decision | None:
        """Decide on a message; None where it is conversation. ``site`` is the site's address, if it has one."""

    def personal(self, tree: Tree, person: Person) -> list[tuple[str, ...]]:
        """Return the places in its part of the state that belong to one person."""

    def next_tick(self, tree: Tree, at: datetime, settings: Any) -> datetime | None:
        """Return when time alone will next change what is shown."""


@functools.cache
def load_features() -> tuple[Feature, ...]:
    """Return the features of the entry-point group ``ptgbot.features``, in the order they are asked."""
    found = [entry.load() for entry in entry_points(group="ptgbot.features")]
    return tuple(sorted(found, key=lambda feature: (feature.rank, feature.name)))
