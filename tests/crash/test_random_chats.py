"""Random chats through core and store, with crashes, restarts and hand edits, beside the plain model."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from pathlib import Path
from typing import Any, cast

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ptgbot.gathering.document import PtgJson
from ptgbot.service import clock
from ptgbot.store.edits import Tree, same
from ptgbot.store.file.journal import encode
from tests.plain_bot import close, feed, files, message, prepare, service
from tests.plain_gathering import Line, Plain, random_line, tables_of


class Chats(RuleBasedStateMachine):
    """What the bot holds is what the model holds, whatever happens between two lines."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        prepare(self.path)
        self.bot = service(self.path, rotate_bytes=3000)
        self.model = Plain()
        self.first: Tree = json.loads(json.dumps(self.bot.core.state.committed["gathering"]))
        self.hand_edited = False

    @initialize()
    def start(self) -> None:
        assert tables_of(self.tree) == self.model.tables

    @property
    def tree(self) -> Tree:
        return cast("Tree", self.bot.core.state.committed["gathering"])

    @rule(seed=st.integers(0, 2**32), count=st.integers(1, 12))
    def chat(self, seed: int, count: int) -> None:
        rng, messages = random.Random(seed), []
        for _ in range(count):
            at = self.model.at
            line = random_line(self.model, rng)
            if line:
                messages.append(message(line, at))
                self.model.take(line)
        asyncio.run(feed(self.bot, messages, lambda *_: None))

    @rule()
    def nonsense(self) -> None:
        lines = ["hello", "#nova nwo x", "~motd", "#nova book nowhere", "+seen nobody", "#nova color red;x", "\0" * 9]
        messages = [message(Line(text, "mira", "#one"), self.model.at) for text in lines]
        asyncio.run(feed(self.bot, messages, lambda *_: None))

    @rule()
    def export(self) -> None:
        asyncio.run(self._export())

    async def _export(self) -> None:
        await self.bot.core.keeper.export(clock())
        await self.bot.core.keeper.rotate()

    @rule(cut=st.integers(0, 200))
    def crash_while_writing(self, cut: int) -> None:
        """A line that was never acknowledged stands half in the journal."""
        close(self.bot)
        torn = encode({"seq": self.bot.core.state.seq + 1, "records": "x" * 300})[:cut]
        with files(self.bot).journal.path.open("ab") as journal:
            journal.write(torn)
        self.reopen()

    @rule()
    def crash(self) -> None:
        close(self.bot)
        self.reopen()

    @rule(topic=st.integers(0, 9))
    @precondition(lambda self: not self.hand_edited)
    def hand_edit(self, topic: int) -> None:
        """The bot ends, somebody edits the file, the bot starts: the edit is a change like any other."""
        asyncio.run(self._export())
        close(self.bot)
        path = self.path / "ptg.json"
        document = json.loads(path.read_bytes())
        document["urls"]["infra"] = f"https://meet.example.org/by-hand-{topic}"
        path.write_text(json.dumps(document))
        self.reopen()
        assert self.tree["urls"]["infra"] == document["urls"]["infra"]  # type: ignore[index, call-overload]
        self.model.tables["urls"]["infra"] = document["urls"]["infra"]
        self.hand_edited = True

    def reopen(self) -> None:
        self.bot = service(self.path, rotate_bytes=3000)

    @invariant()
    def the_same_as_the_model(self) -> None:
        document = self.bot.core.state
        assert tables_of(self.tree) == self.model.tables
        assert same(document.working, document.committed)
        typed = [record.text for record in document.log.records if record.key != "file"]
        assert typed == [line.text for line in self.model.lines]

    @invariant()
    def the_exported_file_can_be_read(self) -> None:
        raw = (self.path / "ptg.json").read_bytes()
        assert PtgJson().parse(raw)

    def teardown(self) -> None:
        """Undoing everything, the newest first, gives the state of the beginning."""
        try:
            self.undo_everything()
        finally:
            close(self.bot)
            self.folder.cleanup()

    def undo_everything(self) -> None:
        if self.hand_edited:
            return
        document = self.bot.core.state
        taken_back = {record.undoes for record in document.log.records}
        for record in list(document.log.newest()):
            if record.undoes is None and record.number not in taken_back and record.key != "file":
                answers: list[Any] = []
                line = message_like(record.room, self.model)
                asyncio.run(feed(self.bot, [line], lambda _m, got, into=answers: into.extend(got)))  # type: ignore[misc]
        remaining = [r for r in document.log.records if r.undoes is None and r.key != "file"]
        assert [record.text for record in remaining if not document.log.undone(record.number)] == []
        assert same(self.tree, self.first)


def message_like(room: str, model: Plain) -> Any:
    return message(Line("~undo", "olga", room), model.at)


Chats.TestCase.settings = settings(
    max_examples=80, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestChats = Chats.TestCase
