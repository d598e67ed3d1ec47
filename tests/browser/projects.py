"""A Sphinx project of a feature, built and served beside the pages of a gathering."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from ptgbot.projection import FRAME, Shown
from ptgbot.publish import Publisher
from ptgbot.store.edits import Json
from ptgbot.web.server import WebServer
from tests.web.serving import serve, well


@asynccontextmanager
async def serve_project(
    folder: Path, name: str, extension: str, bulk: Path, slices: Mapping[str, Json], at: datetime | None = None
) -> AsyncIterator[str]:
    """Build the pages of a feature into ``html`` below a folder, serve them, and return their address.

    Args:
        folder: where to write.
        name: the name of the project, also its folder below the site.
        extension: the Sphinx extension that makes the pages.
        bulk: the bulk storage of the feature.
        slices: what the bot tells the pages.
        at: the moment that the pages show; now if left out.
    """
    publisher = Publisher(
        folder / "html", extensions=[extension], told={"project": name, "bulk": str(bulk)}, idle=60.0
    )
    frame: Json = {"title": "Gathering", "menu": [{"title": name.title(), "url": f"{name}/index.html"}]}
    publisher.update(Shown(at or datetime.now(UTC), "UTC", {**slices, FRAME: frame}, {}))
    await publisher.build_once()
    main = folder / "main.d" / "releases" / "1"
    main.mkdir(parents=True)
    (main / "manifest.webmanifest").write_text("{}")
    (main / "sw.js").write_text("")
    (folder / "main").symlink_to(main)
    server = WebServer(folder / "main", well, projects={name: folder / "html"})
    port = await serve(server, 0)
    yield f"http://127.0.0.1:{port}/{name}/"
    await server.stop()
    await publisher.close()
