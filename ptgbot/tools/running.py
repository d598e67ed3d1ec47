"""``ptgbot run``: runs the bot, and does what signals and the control socket ask."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import structlog
from attrs import define, field

from ptgbot import __version__, logs
from ptgbot.config import Config, ConfigError, load
from ptgbot.control import Control, Denied
from ptgbot.exits import Exit
from ptgbot.notify import Supervisor
from ptgbot.publish import check_output
from ptgbot.service import Service, open_state
from ptgbot.tools import legacy
from ptgbot.tools.archive import copy_running
from ptgbot.tools.verb import Verb
from ptgbot.waiting import cancel_all

log = structlog.get_logger()


@contextlib.contextmanager
def configured(path: Path) -> Iterator[Config]:
    """Read a configuration: TOML, or the ``config.json`` of the original.

    Raises:
        ConfigError: the file cannot be read, or a key or value is wrong.
    """
    if path.suffix != ".json":
        yield load(path)
        return
    with tempfile.TemporaryDirectory(prefix="ptgbot-") as folder:
        config, odd = legacy.load_legacy(path, Path(folder))
        for sentence in odd:
            log.warning(f"{path}: {sentence}")
        yield config


@define(eq=False)
class Running:
    """A running bot, from its start to its end, as its supervisor and its operators see it."""

    service: Service
    source: Path | None = None
    """The file of the configuration; None if it cannot be read again."""
    ready: Callable[[Service], None] = lambda _service: None
    """Called when the bot works."""
    supervisor: Supervisor = field(factory=Supervisor.of)
    _tasks: set[asyncio.Task[None]] = field(factory=set, init=False)
    _one: asyncio.Lock = field(factory=asyncio.Lock, init=False)
    """Held while a changed configuration is applied."""

    async def until_stopped(self) -> bool:
        """Run the bot. Return whether it was told to stop.

        Raises:
            Exception: as :meth:`Service.run`.
        """
        loop, service = asyncio.get_running_loop(), self.service
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        control = Control(service.config.control, self._commands())
        task = asyncio.create_task(service.run(), name="service")
        started = asyncio.create_task(service.started.wait(), name="started")
        try:
            await asyncio.wait({task, started}, return_when=asyncio.FIRST_COMPLETED)
            if started.done():
                await control.start()
                self._started()
            return await task
        finally:
            started.cancel()
            await control.stop()
            await cancel_all(self._tasks)
            log.info("stopped")

    def _started(self) -> None:
        service = self.service
        where = service.config.site.listen if service.config.site else ""
        log.info("started", listening=where or None, port=service.port, batches=service.core.state.seq)
        self.supervisor.ready(f"runs as process {os.getpid()}")
        self._tasks.add(asyncio.create_task(self.supervisor.keep_alive(), name="watchdog"))
        self.ready(service)

    def _stop(self) -> None:
        self.supervisor.stopping()
        log.info("stopping")
        self.service.stop()

    def _hang_up(self) -> None:
        task = asyncio.create_task(self._reload_or_not(), name="reload")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reload_or_not(self) -> None:
        with contextlib.suppress(Denied):
            await self.reload()

    async def reload(self) -> Sequence[str]:
        """Read the configuration again and apply it. Return what changed. A wrong one is refused; the old one stays.

        Raises:
            Denied: the configuration is wrong, or needs a restart.
        """
        async with self._one:
            return await self._change()

    async def _change(self) -> Sequence[str]:
        self.supervisor.reloading()
        try:
            new = self._read()
            changed = await self.service.change(new)
        except (ConfigError, OSError) as error:
            sentence = f"the configuration was not changed: {error}"
            log.error(sentence)
            self.service.hub.tell_operators(sentence)
            raise Denied(sentence) from error
        finally:
            self.supervisor.ready(f"runs as process {os.getpid()}")
        logs.configure(new.log.level, as_json=new.log.as_json)
        log.info("configuration read", changed=changed)
        return changed

    def _read(self) -> Config:
        if self.source is None:
            raise ConfigError("this configuration can't be read again; restart the bot.")
        return load(self.source)

    def _commands(self) -> Mapping[str, Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]]:
        return {"status": self._status, "reload": self._reload, "stop": self._end, "backup": self._backup}

    async def _status(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        _, said = self.service.health()
        return {
            "status": said,
            "version": __version__,
            "pid": os.getpid(),
            "metrics": self.service.metrics.text().decode(),
            "rooms": {name: sorted(self.service.presence.joined(name)) for name in self.service.adapters},
        }

    async def _reload(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"changed": [*await self.reload()]}

    async def _end(self, _asked: Mapping[str, Any]) -> Mapping[str, Any]:
        self._stop()
        return {}

    async def _backup(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        target = Path(str(asked.get("to", "")))
        if not target.is_absolute():
            raise Denied("write the whole path of the archive, from / on.")
        try:
            return {"files": await copy_running(self.service, target)}
        except OSError as error:
            raise Denied(f"{target}: {error.strerror or error}") from error


NO_ADAPTER: Final = "no adapter. Write an [[irc]] table."
"""What is wrong with a configuration without a network in which no feature works alone."""


def _run(options: argparse.Namespace) -> Exit:
    with configured(options.config) as config:
        logs.configure(config.log.level, as_json=config.log.as_json)
        if not config.adapters and not config.works_alone:
            raise ConfigError(f"{options.config}: {NO_ADAPTER}")
        networks = [one.name for _, one, _ in config.adapters]
        log.info("starting", version=__version__, configuration=str(options.config), networks=networks)
        if config.site:
            # Before the state is opened and locked: a wrong folder must leave no trace.
            check_output(config.site.output)
        opened = asyncio.run(open_state(config, discard_edits=options.discard_edits))
        source = options.config if options.config.suffix != ".json" else None
        told = asyncio.run(Running(Service(config, opened), source).until_stopped())
    return Exit.STOPPED if told else Exit.NO_ADAPTER


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("config", type=Path, help="configuration: TOML, or the config.json of the original")
    parser.add_argument("--discard-edits", action="store_true", help="put a hand-edited state file aside")


EXAMPLES = ("/etc/ptgbot/ptgbot.toml", "--discard-edits /etc/ptgbot/ptgbot.toml", "config.json")
VERB = Verb("run", "run the bot in the foreground", _run, EXAMPLES, _arguments, tuple(Exit))
