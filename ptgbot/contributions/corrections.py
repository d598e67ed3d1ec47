"""Mistakes in commits that cannot be changed any more, mended by ``corrections.json`` of Stackalytics."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from ptgbot.contributions.engine import Row
from ptgbot.contributions.node import Node

_FIELDS: Final = ("lines_added", "lines_deleted", "loc", "date", "release", "user_id", "company_name")
_KEY: Final = re.compile(r"([0-9a-f]{40}(?:[0-9a-f]{24})?)(.*)")


@frozen
class Correction:
    """The fields of a commit, or of one person in it, that are overwritten; None where the commit is right."""

    sha: str
    email: str = ""
    """Address of the person whom the correction is about; empty for everybody in the commit."""
    added: int | None = None
    deleted: int | None = None
    loc: int | None = None
    at: int | None = None
    """Seconds since 1970."""
    release: str | None = None
    user_id: str | None = None
    company: str | None = None

    def row(self) -> Row:
        """Return the row of the table ``corrections``."""
        numbers = (self.added, self.deleted, self.loc, self.at)
        return (self.sha, self.email, *numbers, self.release, self.user_id, self.company)


def corrections_in(top: Node) -> list[Correction]:
    """Return the corrections of commits in a file. Entries about other kinds of records are passed over."""
    found: dict[tuple[str, str], Correction] = {}
    written: dict[tuple[str, str], list[object]] = {}
    for node in top.nodes("corrections"):
        key = _KEY.fullmatch(node.text("primary_key"))
        if key is None:
            continue
        values = [node.table.get(one) for one in _FIELDS]
        if written.setdefault((key[1], key[2].lower()), values) != values:
            node.problem("primary_key", "an earlier entry corrects this record in another way")
        found[key[1], key[2].lower()] = Correction(
            key[1],
            key[2].lower(),
            node.number("lines_added"),
            node.number("lines_deleted"),
            node.number("loc"),
            node.number("date"),
            node.maybe("release"),
            node.maybe("user_id"),
            node.maybe("company_name"),
        )
    return list(found.values())
