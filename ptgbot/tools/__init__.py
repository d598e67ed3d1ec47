"""The commands of the program: one module for each."""

from __future__ import annotations

from collections.abc import Sequence

from ptgbot.tools import asking, backups, checking, demos, journal, legacy, running, sites, times
from ptgbot.tools.verb import Verb

VERBS: Sequence[Verb] = (
    running.VERB,
    demos.VERB,
    sites.VERB,
    checking.VERB,
    *asking.VERBS,
    journal.VERB,
    *backups.VERBS,
    times.VERB,
    legacy.VERB,
)
"""Every command, except those of features and the one that completes all of them."""

__all__ = ["VERBS"]
