"""A guest with bulk data: a source writes numbers to its folder before it hands them in as facts.

Each number has a page, in a Sphinx project of its own.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from attrs import frozen

from ptgbot.chat.commands import ROLES, Call, Command, Context, Decision, Form, Query, say
from ptgbot.feature import Fact, Feature, Look, SiteProject, Slice, SliceKind, Source, SourceHub
from ptgbot.store.edits import ABSENT, Edit, Tree


@frozen
class HoarderSettings:
    """How many numbers there are."""

    most: int = 0


def _read(path: Path) -> list[str]:
    return path.read_text("ascii").splitlines() if path.exists() else []


async def _hoard(settings: HoarderSettings, hub: SourceHub) -> None:
    path = hub.folder / "numbers.txt"
    for number in range(1, settings.most + 1):
        if str(number) not in _read(path):
            with path.open("a", encoding="ascii") as file:
                file.write(f"{number}\n")
                file.flush()
                os.fsync(file.fileno())
        await hub.learn([Fact(str(number), number)])
        hub.count("numbers")
    await asyncio.Event().wait()


def _sum(folder: Path) -> int:
    return sum(map(int, _read(folder / "numbers" / "numbers.txt")))


def _hoard_command(tree: Tree, call: Call[HoarderSettings]) -> Decision:
    if call.fetched is None:
        return Decision(ask=Query(_sum))
    known = cast("dict[str, Any]", tree["known"])
    return say(f"{len(known)} known, {call.fetched.value} in bulk")


def _count(look: Look[HoarderSettings], _key: str) -> Slice:
    return Slice(len(cast("dict[str, Any]", look.state["known"])))


class Hoarder(Feature[HoarderSettings]):
    """Keeps numbers in bulk, and in the state which of them count."""

    name = "hoarder"
    settings = HoarderSettings
    rank = 320
    commands = (
        Command("hoard", Form.USER, ROLES[Form.USER], "+hoard", "How much there is.", "+hoard", _hoard_command),
    )
    slices = (SliceKind("count", _count),)
    site = "ptgbot_guest_hoarder_menu"
    projects = (SiteProject("numbers", "ptgbot_guest_hoarder_site", ("hoarder.count",), lambda one: one.most > 0),)
    sources = (Source("numbers", _hoard, wanted=lambda settings: settings.most > 0),)

    def empty(self) -> Tree:
        return {"known": {}, "times": {}}

    def learn(self, tree: Tree, facts: Sequence[Fact], context: Context[HoarderSettings]) -> Decision | None:
        known = cast("dict[str, Any]", tree["known"])
        new = [fact for fact in facts if fact.key not in known]
        return Decision([Edit(("known", fact.key), ABSENT, fact.value) for fact in new]) if new else None


FEATURE = Hoarder()
