"""A project of a code-review server, as its REST interface tells of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from ptgbot.chat.adapter import Undeliverable

MIRA = {"_account_id": 1, "name": "Mira", "email": "mira@example.org", "username": "mlind"}
ADA = {"_account_id": 2, "name": "Ada", "email": "ada@other.example", "username": "ada"}
ZED = {"_account_id": 3, "name": "Zed", "username": "zed"}
ROBOT = {"_account_id": 4, "name": "CI", "username": "ci"}
AT = 1_400_000_000


def stamp(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}.000000000"


def said(author: Mapping[str, Any], text: str, at: int, patch_set: int = 1, tag: str = "") -> dict[str, Any]:
    message = {"author": author, "message": text, "date": stamp(at), "_revision_number": patch_set}
    return {**message, "tag": tag} if tag else message


def voted(author: Mapping[str, Any], vote: str, at: int, patch_set: int = 1) -> dict[str, Any]:
    return said(author, f"Patch Set {patch_set}: {vote}\n\n(1 comment)", at, patch_set)


def change(
    number: int, *messages: Mapping[str, Any], at: int = AT, owner: Mapping[str, Any] = MIRA, **more: Any
) -> dict[str, Any]:
    revisions = {"a" * 40: {"_number": 1, "created": stamp(at), "uploader": owner}}
    updated = max([at, *(int(datetime.fromisoformat(f"{one['date'][:19]}+00:00").timestamp()) for one in messages)])
    return {
        "_number": number,
        "branch": "main",
        "owner": owner,
        "status": "NEW",
        "subject": f"Change {number}",
        "created": stamp(at),
        "updated": stamp(updated),
        "revisions": revisions,
        "messages": [*messages],
        **more,
    }


class Server:
    """Answers queries in pages, the newest changes first, and skips only so many of them."""

    def __init__(self, *changes: Mapping[str, Any], page: int = 2, most: int = 100) -> None:
        self.changes: Sequence[Mapping[str, Any]] = changes
        self.page, self.most = page, most
        self.asked: list[str] = []

    def ask(self, address: str) -> bytes:
        self.asked.append(address)
        start = int(address.rpartition("=")[2])
        if start > self.most:
            raise Undeliverable("the server refused it with status 400.")
        end = re.search(r' before:"([^"]+)"', unquote(address))
        known = [one for one in self.changes if not end or str(one.get("updated")) <= f"{end[1]}.000000000"]
        found = sorted(known, key=lambda one: str(one["updated"]), reverse=True)
        shown = [dict(one) for one in found[start : start + self.page]]
        if start + self.page < len(found):
            shown[-1]["_more_changes"] = True
        return b")]}'\n" + json.dumps(shown).encode()
