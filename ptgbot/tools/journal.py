"""``ptgbot journal``: shows, verifies, exports and repairs a journal, and converts it for an earlier version."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from ptgbot.bars import progress
from ptgbot.chat.text import clean, count, short
from ptgbot.config import Config, load
from ptgbot.exits import Exit
from ptgbot.following import features_of, opening_of
from ptgbot.service import clock
from ptgbot.store.documents import from_bytes, stored_name
from ptgbot.store.file import Paths
from ptgbot.store.file.journal import archives, read_whole
from ptgbot.store.file.repair import downgrade, repair
from ptgbot.store.opening import records
from ptgbot.store.record import Record
from ptgbot.store.state import StoredState
from ptgbot.store.store import Damaged
from ptgbot.tools.output import print_lines
from ptgbot.tools.verb import Verb, takes_config


def show(config: Config) -> Iterator[str]:
    """Yield a line for each change in the journal, the oldest first: everything before the first damaged line.

    Raises:
        Damaged: a line is not what was written; raised after the whole lines.
        Newer: a later version wrote the journal.
        OSError: a file cannot be read.
    """
    return (_line(record) for record in _records(config))


def export(config: Config) -> Iterator[str]:
    """Yield each change in the journal as a line of JSON, the oldest first, with its edits.

    Raises:
        Damaged, Newer, OSError: as :func:`show`.
    """
    return (json.dumps(record.to_json(), ensure_ascii=False) for record in _records(config))


def _records(config: Config) -> Iterator[Record]:
    newest = Paths(config.state.path).journal
    seen: set[int] = set()
    problems = []
    for path in (*archives(newest), newest):
        contents, problem = read_whole(path)
        problems += [problem] if problem else []
        for record in records(contents) if contents else ():
            if record.number not in seen:
                seen.add(record.number)
                yield record
    if problems:
        raise Damaged(" ".join(problems))


def _line(record: Record) -> str:
    text = "(in private)" if record.private else short(clean(record.text), 120)
    who, where = record.nick or "(forgotten)", record.room_name or "-"
    return f"{record.number:>6} {record.at:%Y-%m-%d %H:%M:%S} {where} {who}: {text}"


def verify(config: Config) -> Iterator[str]:
    """Read all journals and documents, and replay the newest journal. Yield a sentence for each file that is whole.

    Raises:
        Damaged: a line or a document is not what was written.
        Newer: a later version wrote the journal.
        OSError: a file cannot be read.
    """
    paths = Paths(config.state.path)
    problems = []
    for path in progress([*archives(paths.journal), paths.journal], "journals"):
        contents, problem = read_whole(path)
        if contents is None or problem:
            problems.append(problem)
        else:
            torn = f", and a torn last line of {len(contents.torn)} bytes" if contents.torn else ""
            yield f"{path.name}: {count(len(contents.batches), 'batch', 'batches')}, whole{torn}."
    if problems:
        raise Damaged(" ".join(problems))
    state = asyncio.run(_followed(config))
    for identifier, digest in progress([*state.documents.items()], "documents"):
        from_bytes((paths.documents / stored_name(identifier, digest)).read_bytes(), identifier, digest)
    yield f"The state follows from it: batch {state.seq}."
    yield f"Documents: {len(state.documents)}, all whole."


async def _followed(config: Config) -> StoredState:
    opened = await opening_of(config, features_of(config), clock()).follow()
    assert opened is not None, "its journal has just been read"
    await opened.store.close()
    return opened.state


Action = Callable[[Config], Iterator[str]]
ACTIONS: Final[Mapping[str, Action]] = {
    "show": show,
    "verify": verify,
    "repair": lambda config: repair(config.state.path),
    "export": export,
    "downgrade": lambda config: downgrade(config.state.path),
}
"""What can be done with a journal."""
_HELP: Final = (
    "show: print it; verify: read all of it; repair: keep what is whole; export: print it as lines of JSON; "
    "downgrade: convert it for an earlier version"
)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=(*ACTIONS,), help=_HELP)
    takes_config(parser)


def _call(options: argparse.Namespace) -> Exit:
    print_lines(ACTIONS[options.action](load(options.config, secrets=False)))
    return Exit.STOPPED


EXAMPLES: Sequence[str] = (
    "show /etc/ptgbot/ptgbot.toml",
    "verify /etc/ptgbot/ptgbot.toml",
    "export /etc/ptgbot/ptgbot.toml | jq -r .text",
    "repair /etc/ptgbot/ptgbot.toml",
)
VERB = Verb("journal", "look at the journal, or mend it", _call, EXAMPLES, _arguments)

