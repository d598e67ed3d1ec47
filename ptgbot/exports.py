"""The files that show the state to other programs: all formats of all enabled features."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import cast

from attrs import frozen

from ptgbot.config import Config
from ptgbot.feature import AnyFeature, Format
from ptgbot.store.edits import Edit, Tree, difference
from ptgbot.store.export import ExportFile, Unreadable


@frozen
class Exported:
    """One file, and the feature whose part of the state it shows."""

    path: Path
    feature: AnyFeature
    format: Format


    @property
    def for_store(self) -> ExportFile:
        """The file in the form for the store."""
        return ExportFile(self.path, _Shown(self.feature.name, self.format))


@frozen
class _Shown:
    """A format in the form for the store: with the name of its feature."""

    feature: str
    format: Format

    def render(self, tree: Tree, at: datetime, changed: datetime) -> bytes:
        return self.format.render(tree, at, changed)

    def parse(self, raw: bytes) -> Tree:
        return self.format.parse(raw)

    def stamped(self, raw: bytes) -> datetime | None:
        return self.format.stamped(raw)

    def changes(self, before: Tree, after: Tree) -> list[Edit]:
        return self.format.changes(before, after)


@frozen
class PlainJson:
    """The format for a feature that has none of its own: its part of the state as JSON."""

    feature: str
    name: str = "state.json"

    def render(self, tree: Tree, at: datetime, changed: datetime) -> bytes:
        """Return the contents of the file."""
        return json.dumps(tree, ensure_ascii=False, indent=2, allow_nan=False).encode() + b"\n"

    def public(self, tree: Tree, at: datetime, changed: datetime) -> None:
        """Return None, because nobody has said which part may be published."""

    def parse(self, raw: bytes) -> Tree:
        """Return the state in the contents of a file.

        Raises:
            Unreadable: they are not a JSON object.
        """
        try:
            tree = json.loads(raw)
        except ValueError as error:
            raise Unreadable(f"{error}.") from error
        if not isinstance(tree, dict):
            raise Unreadable("expected an object.")
        return cast("Tree", tree)

    def stamped(self, raw: bytes) -> None:
        """Return None, because the file does not say when it was written."""

    def changes(self, before: Tree, after: Tree) -> list[Edit]:
        """Return the edits that lead from one state to another."""
        return difference(before, after)


def main_file(config: Config, features: Sequence[AnyFeature]) -> ExportFile:
    """Return the file that may be edited by hand.

    Raises:
        ValueError: no feature is enabled.
    """
    return exported_files(config, features)[0].for_store


def exported_files(config: Config, features: Sequence[AnyFeature]) -> list[Exported]:
    """Return the exported files, the main one first.

    The main file has the configured path. It is the first format of the first feature that has one, and may be edited
    by hand while the bot is stopped. The others are beside it under their own names and are only written.

    Raises:
        ValueError: no feature is enabled.
    """
    found = [
        Exported(config.state.path.with_name(one.name), feature, one)
        for feature in features
        for one in feature.formats(feature.settings_in(config.features))
    ]
    if not found:
        if not features:
            raise ValueError("no feature is switched on: the bot would have nothing to do.")
        plain = PlainJson(features[0].name)
        found = [Exported(config.state.path, features[0], plain)]
    first, *others = found
    return [Exported(config.state.path, first.feature, first.format), *others]
