"""Reads changes, patch sets and votes of servers for code review (Gerrit), through their REST interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from ptgbot.chat.adapter import Undeliverable
from ptgbot.contributions.engine import Engine, Row
from ptgbot.contributions.reading import positions
from ptgbot.contributions.remote import Ask
from ptgbot.gerrit.header import comment_of
from ptgbot.gerrit.responses import NoChanges, changes_in, seconds_of

ABANDON: Final = "Abandon"
"""The label of the vote for which a change that was abandoned counts."""
_POSITION: Final = "*gerrit"
"""In place of a branch: the newest moment that is among the facts."""
_OVERLAP: Final = 600
"""Seconds before the newest moment from which everything is asked for again."""
_PAGE: Final = 100
_OPTIONS: Final = "&o=MESSAGES&o=ALL_REVISIONS&o=DETAILED_ACCOUNTS"
_TABLES: Final = ("changes", "patch_sets", "votes")

def read_changes(engine: Engine, url: str, project: str, ask: Ask) -> int:
    """Take over the changes of a project that were touched since the last reading. Return how many there were.

    The rows of a change are replaced as a whole, so that a change counts once however often it is read. The position
    moves when all pages have been read.

    Args:
        engine: the database with the facts.
        url: the address of the server, ending in a slash.
        project: the name of the project.
        ask: fetches a response.

    Raises:
        NoChanges: the server answered something else; changes of earlier pages are stored.
        OSError, Undeliverable: it did not answer.
    """
    name = f"{url}{project}"
    since = int(positions(engine).get(name, {}).get(_POSITION, "0"))
    newest, news = since, set[str]()
    for page in _pages(url, project, since, ask):
        with engine.transaction():
            _store(engine, name, page)
        moments = [(seconds_of(change, "updated") or 0, str(change.get("_number"))) for change in page]
        news.update(number for moment, number in moments if moment > since)
        newest = max([newest, *(moment for moment, _ in moments)])
    with engine.transaction():
        engine.remove("heads", repository=name)
        engine.load("heads", [(name, _POSITION, str(newest))])
    return len(news)


def read_servers(
    engine: Engine, projects: Sequence[tuple[str, str, Ask]], tell: Callable[[str], None]
) -> Iterator[str]:
    """Read projects one after the other. Yield a sentence about each that had news.

    Args:
        engine: the database with the facts.
        projects: address of the server, name of the project, and what fetches a response.
        tell: called with a sentence about each project that cannot be read.
    """
    for url, project, ask in projects:
        try:
            read = read_changes(engine, url, project, ask)
        except (NoChanges, OSError, Undeliverable) as error:
            tell(f"{url}{project}: {str(error).removesuffix('.')}; what is known of it stays")
            continue
        if read:
            yield f"{url}{project}: {read} changes with news"


def _pages(url: str, project: str, since: int, ask: Ask) -> Iterator[list[dict[str, Any]]]:
    """Yield the changes that were touched since a moment, the newest first.

    A server skips only so many changes. So each page begins where the one before ended: its query has the moment of the
    oldest change of that one as its end, and skips changes only where more than a page of them has the same moment.
    """
    query, end, start = f'project:{project} after:"{_moment(max(since - _OVERLAP, 0))}"', "", 0
    while True:
        whole = quote(f'{query} before:"{end}"' if end else query, safe=":")
        found = changes_in(ask(f"{url}changes/?q={whole}{_OPTIONS}&n={_PAGE}&S={start}"))
        yield found
        if not found or not found[-1].get("_more_changes"):
            return
        oldest = seconds_of(found[-1], "updated")
        # Both ends belong to what is asked for; a part of a second may follow the moment that we know.
        following = "" if oldest is None else _moment(oldest + _has_parts(found[-1]))
        if following and (not end or following < end):
            end, start = following, 0
        else:
            start += len(found)


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _has_parts(change: Mapping[str, Any]) -> bool:
    """Say whether the moment of the newest event of a change is between two seconds."""
    return str(change.get("updated"))[19:].strip(".0") != ""


def _store(engine: Engine, name: str, page: Sequence[Mapping[str, Any]]) -> None:
    """Replace the rows of the changes of a page. If a change is in it twice, the later one counts."""
    changes = {str(change.get("_number")): change for change in page if isinstance(change.get("_number"), int)}
    for number in changes:
        for table in _TABLES:
            engine.remove(table, repository=name, change_key=number)
    engine.load("changes", (_change(name, number, one) for number, one in changes.items()))
    engine.load("patch_sets", (row for number, one in changes.items() for row in _patch_sets(name, number, one)))
    engine.load("votes", (row for number, one in changes.items() for row in _votes(name, number, one)))


def _change(name: str, number: str, one: Mapping[str, Any]) -> Row:
    created, updated = seconds_of(one, "created"), seconds_of(one, "updated") or 0
    texts = (_text(one, "status"), _text(one, "subject"))
    moments = (updated if created is None else created, updated, seconds_of(one, "submitted"))
    return (name, number, _text(one, "branch"), *_who(one.get("owner")), *texts, *moments)


def _patch_sets(name: str, number: str, one: Mapping[str, Any]) -> Iterator[Row]:
    for revision in _tables(one.get("revisions")):
        created = seconds_of(revision, "created")
        if isinstance(revision.get("_number"), int) and created is not None:
            yield (name, number, revision["_number"], *_who(revision.get("uploader")), created)


def _votes(name: str, number: str, one: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the votes that the messages of a change tell. Votes that the server copied have no message."""
    owner = _id(one.get("owner"))
    uploaders = {revision.get("_number"): _id(revision.get("uploader")) for revision in _tables(one.get("revisions"))}
    for message in _tables(one.get("messages")):
        at, author = seconds_of(message, "date"), message.get("real_author") or message.get("author")
        patch_set = message.get("_revision_number")
        if at is None or not isinstance(author, dict) or not isinstance(patch_set, int):
            continue
        is_own = int(_id(author) in (owner, uploaders.get(patch_set, owner)))
        votes = {ABANDON: 0} if _text(message, "tag") == "autogenerated:gerrit:abandon" else _cast(message)
        for label, score in votes.items():
            yield (name, number, patch_set, *_who(author), label, score, at, is_own)


def _cast(message: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the votes of a message by label, without those that were taken back."""
    found = comment_of(_text(message, "message")).votes
    return {label: score for label, score in found.items() if score}


def _tables(found: object) -> list[dict[str, Any]]:
    values = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return [one for one in values if isinstance(one, dict)]


def _who(account: object) -> tuple[str, str, str]:
    """Return account, name and address of somebody."""
    who = account if isinstance(account, dict) else {}
    return (f"gerrit:{_text(who, 'username') or _id(who)}", _text(who, "name"), _text(who, "email"))


def _id(account: object) -> str:
    return str(account.get("_account_id", "")) if isinstance(account, dict) else ""


def _text(tree: Mapping[str, Any], key: str) -> str:
    """Return a text, empty if there is none, without NUL and halves of surrogate pairs, which no database can store."""
    found = tree.get(key)
    plain = found.replace("\0", "") if isinstance(found, str) else ""
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
