"""``ptgbot demo``: shows the bot in one terminal."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from ptgbot import demo, logs
from ptgbot.exits import Exit
from ptgbot.service import Service, clock, open_state
from ptgbot.tools.running import Running
from ptgbot.tools.verb import Verb


def _demo(options: argparse.Namespace) -> Exit:
    logs.configure("ERROR")
    document = demo.document_from(options.file)
    with tempfile.TemporaryDirectory(prefix="ptgbot-demo-") as folder:
        config = demo.prepare(Path(folder), document, clock())
        opened = asyncio.run(open_state(config))
        # The folder is removed at the end: nobody will read what a build makes then.
        service = Service(config, opened, finishes_site=False)
        asyncio.run(Running(service, ready=_invite).until_stopped())
    return Exit.STOPPED


def _invite(service: Service) -> None:
    sys.stdout.write(demo.invitation(service.core.state.committed, service.port, clock()))
    sys.stdout.flush()


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", help="a ptg.json to show instead of the sample")


STATUSES = (Exit.STOPPED, Exit.UNEXPECTED, Exit.CONFIGURATION, Exit.STATE)
VERB = Verb(
    "demo", "try it here: a sample gathering, a terminal, a page", _demo, ("", "ptg.json"), _arguments, STATUSES
)
