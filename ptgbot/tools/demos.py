"""``ptgbot demo``: shows the bot in one terminal."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ptgbot import demo, logs
from ptgbot.exits import Exit
from ptgbot.service import Service, clock, open_state
from ptgbot.tools.running import Running
from ptgbot.tools.verb import Verb


def _demo(options: argparse.Namespace) -> Exit:
    logs.configure("ERROR")
    document = demo.document_from(options.file)
    with tempfile.TemporaryDirectory(prefix="ptgbot-demo-") as folder:
        asyncio.run(_shown(Path(folder), document, seed=options.seed if options.ci else None))
    return Exit.STOPPED


async def _shown(folder: Path, document: Mapping[str, Any], *, seed: int | None) -> None:
    """Run the demo in a folder, with the CI board of a made-up Gerrit if there is a seed for it."""
    async with contextlib.AsyncExitStack() as stack:
        tables = await stack.enter_async_context(demo.gerrit(folder, seed)) if seed is not None else {}
        config = demo.prepare(folder, document, clock(), tables)
        # The folder is removed at the end: nobody will read what a build makes then.
        service = Service(config, await open_state(config), finishes_site=False)
        await Running(service, ready=partial(_invite, has_board=bool(tables))).until_stopped()


def _invite(service: Service, *, has_board: bool) -> None:
    sys.stdout.write(demo.invitation(service.core.state.committed, service.port, clock(), has_board=has_board))
    sys.stdout.flush()


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="a ptg.json to show instead of the sample")
    parser.add_argument("--ci", action="store_true", help="show the CI board, too, of a made-up Gerrit")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another number makes another history")


STATUSES = (Exit.STOPPED, Exit.UNEXPECTED, Exit.CONFIGURATION, Exit.STATE)
VERB = Verb(
    "demo", "try it here: a sample gathering, a terminal, a page", _demo, ("", "ptg.json", "--ci"), _arguments, STATUSES
)
