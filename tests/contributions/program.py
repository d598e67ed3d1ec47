"""A configuration with repositories, and the program that works on it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ptgbot.cli import main
from ptgbot.contributions.snapshots import open_snapshot
from ptgbot.exits import Exit
from tests.contributions.histories import Made, history
from tests.contributions.stackalytics import DATA

LINES = b"one\ntwo\n"
MADE = (
    Made(b"a", b"Mira <mira@example.org>", 1_400_000_000, files={b"a": LINES}),
    Made(b"b\n\nAlso-By: Ada <ada@other.example>", b"Robot <robot@example.org>", 1_410_000_000, files={b"b": LINES}),
)


class Program:
    """A configuration with repositories, and the program that works on it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str] | None = None) -> None:
        self.folder, self.capsys = folder, capsys
        self.path, self.bulk = folder / "ptgbot.toml", folder / "ptg.bulk" / "stats"
        (folder / "default_data.json").write_text(json.dumps(DATA))
        self.repositories = [history(folder / "plants", *MADE)]
        self.configure()

    def configure(self, more: str = "") -> None:
        uris = json.dumps([str(path) for path in self.repositories])
        text = f"[state]\npath = 'ptg.json'\n[stats]\npeople = 'default_data.json'\nrepositories = {uris}\n{more}"
        self.path.write_text(text)

    def __call__(self, verb: str, status: Exit = Exit.STOPPED, *more: str) -> tuple[str, str]:
        self.run(verb, status, *more)
        assert self.capsys
        return self.capsys.readouterr()

    def run(self, verb: str, status: Exit = Exit.STOPPED, *more: str) -> None:
        """Run a subcommand whose output is not looked at."""
        assert main(["stats", *verb.split(), str(self.path), *more]) == status

    def answer(self, question: str) -> list[tuple[object, ...]]:
        engine = open_snapshot(self.bulk)
        assert engine is not None
        try:
            return [tuple(row) for row in engine.rows(question)]
        finally:
            engine.close()
