"""The parts for readers: slices of the state, the built site, the web server, the command after each build."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import define, field

from ptgbot.config import Config, SiteConfig
from ptgbot.core import Core
from ptgbot.metrics import Metrics
from ptgbot.parts.health import Part
from ptgbot.parts.ticking import Turning
from ptgbot.publish import AfterBuild, BuildResult, Projects, Publisher
from ptgbot.service.routing import routes_of
from ptgbot.showing import Showing
from ptgbot.site_facts import after_build_of, projection_of, publisher_of, publishers_below
from ptgbot.web.processes import WebProcesses, WebSettings


@define(eq=False)
class Site:
    """The parts that show the state. Without a ``[site]`` table only slices are computed, for nobody.

    Raises:
        ConfigError: two features have the same address.
        OSError: the logo cannot be read.
    """

    config: Config
    core: Core
    clock: Callable[[], datetime]
    turned: Callable[[], None]
    """Called when time alone makes pages look different."""
    health: Callable[[], tuple[bool, dict[str, Any]]]
    """Returns what ``/healthz`` answers."""
    metrics: Metrics
    publisher: Publisher | None = field(default=None, init=False)
    projects: Projects = field(factory=lambda: Projects({}), init=False)
    """The Sphinx projects below the site."""
    after_build: AfterBuild | None = field(default=None, init=False)
    showing: Showing = field(init=False)
    turning: Turning = field(init=False)
    web: WebProcesses | None = field(default=None, init=False)
    port: int | None = field(default=None, init=False)
    """Port of the web server, once it listens; None for a Unix socket."""

    def __attrs_post_init__(self) -> None:
        """Connect the parts. Nothing runs yet."""
        config, features = self.config, self.core.router.features
        if config.site:
            self.publisher = publisher_of(config, features)
            self.publisher.on_switch = self._switched
            self.projects = publishers_below(config, features, self.publisher)
            self.publisher.on_frame = self.projects.framed
            self.projects.switched(self._project_switched)
            self.after_build = after_build_of(config)
        showing = Showing(self.core, projection_of(config, features), self.clock, self.publisher, self.projects)
        self.showing = showing
        self.turning = Turning(self.clock, self.showing.next_change, self.turned)
        self.showing.on_shown = self.turning.wake
        if config.site and config.site.listen:
            self.web = self._web_server(config.site)

    def _web_server(self, site: SiteConfig) -> WebProcesses:
        operators = self.config.operators
        assert self.publisher is not None
        settings = WebSettings(
            site.output,
            site.listen,
            operators.listen,
            operators.token,
            site.processes,
            site.streams,
            site.streams_per_address,
            site.proxies,
            {path: self.publisher.folder_of(path) for path in self.projects.publishers},
        )
        routes = routes_of(self.config, self.core.router, lambda: self.showing.slices)
        web = WebProcesses(settings, self.health, routes, self.metrics.text)
        assert self.publisher is not None
        self.publisher.on_note = web.announce
        return web

    def _switched(self, build: BuildResult) -> None:
        self.metrics.built(build.seconds)
        if self.web:
            self.web.announce(build.about)
        if self.after_build:
            self.after_build.switched()

    def change(self, config: Config) -> None:
        """Show everything anew with another configuration."""
        self.showing.projection = projection_of(config, self.core.router.features)
        if self.web:
            self.web.routes.replace(routes_of(config, self.core.router, lambda: self.showing.slices))
        self.showing.wake()

    @property
    def is_ready(self) -> bool:
        """Whether readers see a site that this run of the bot has built, or there is none."""
        return self.publisher is None or self.publisher.is_built

    def _project_switched(self, path: str, build: BuildResult) -> None:
        if self.web:
            self.web.announce(build.about, path)
        if self.after_build:
            self.after_build.switched()

    def parts(self) -> dict[str, Part]:
        """Return the parts for ``/healthz``, by name."""
        found = {}
        if self.publisher:
            found["site"] = Part(self.publisher.health)
        found |= {name: Part(health) for name, health in self.projects.health().items()}
        if self.after_build:
            found["after_build"] = Part(self.after_build.health)
        if self.web:
            found["web"] = Part(self.web.health, self.web.counts)
        return found

    async def open(self) -> None:
        """Lock the folder of the site.

        Raises:
            PublishError: it is not ours.
        """
        if self.publisher:
            await self.publisher.open()
            await self.projects.open()

    async def listen(self) -> None:
        """Let the web server listen.

        Raises:
            OSError: the address is taken.
        """
        if self.web:
            self.port = await self.web.start()

    async def close(self) -> None:
        """End the web server and the builder, and unlock the folder."""
        if self.web:
            await self.web.stop()
        if self.publisher:
            await self.projects.close()
            await self.publisher.close()
