"""What the search of the site finds of the status: the newest entries of each record."""

from __future__ import annotations

from collections.abc import Iterator

from ptgbot_site.build.registry import Findable
from ptgbot_site.build.state import State, text_of
from ptgbot_site.status.names import FOLDERS, RECORDS, newest, number
from ptgbot_site.status.words import kind_word

MOST = 150
"""Most entries of each record that are found."""


def _rows(state: State) -> Iterator[tuple[str, str, str, str]]:
    for record in RECORDS:
        for row in newest(state, record, MOST):
            text, at = text_of(row, "text"), text_of(row, "at")
            if text and not row.get("withdrawn"):
                about = " · ".join(filter(None, [at[:10], text_of(row, "who")]))
                address = f"{FOLDERS[record]}/{at[:7]}.html#entry-{number(row)}"
                yield kind_word(text_of(row, "kind")), text, about, address


FINDABLE = Findable([f"{slices}:*" for slices in RECORDS.values()], _rows)
