"""A double of Zuul's REST interface: builds and buildsets, newest first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from attrs import define, field


def stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@define(eq=False)
class ZuulDouble:
    """Knows builds, and answers queries for them."""

    builds: list[dict[str, Any]] = field(factory=list)
    buildsets: list[dict[str, Any]] = field(factory=list)
    asked: list[str] = field(factory=list)
    failing: list[web.Response | bytes] = field(factory=list)
    """What the next queries are answered instead."""

    def build(self, uuid: str, start: int, result: str = "SUCCESS", **more: Any) -> None:
        """Add a build that began at a moment and took ten minutes."""
        ref = {"project": "openstack/nova", "branch": "master", "change": None, "patchset": None}
        ref |= {key: more.pop(key) for key in ("project", "branch", "change", "patchset", "ref") if key in more}
        self.builds.append(
            {
                "_id": len(self.builds),
                "uuid": uuid,
                "job_name": "tempest",
                "result": result,
                "pipeline": "periodic",
                "voting": True,
                "final": True,
                "nodeset": "noble",
                "error_detail": None,
                "log_url": f"https://log.example/{uuid}/",
                "event_timestamp": stamp(start - 120),
                "start_time": stamp(start),
                "end_time": stamp(start + 600),
                "artifacts": [{"name": "x" * 100}],
                "buildset": {"uuid": f"set {uuid}"},
                "ref": ref,
                **more,
            }
        )

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        if self.failing:
            found = self.failing.pop(0)
            return web.Response(body=found) if isinstance(found, bytes) else found
        rows = self.builds if request.path.endswith("/builds") else self.buildsets
        rows = [one for one in reversed(rows) if one["result"]] if request.query["complete"] == "true" else rows
        skip, limit = int(request.query["skip"]), int(request.query["limit"])
        return web.json_response(rows[skip : skip + limit])


@asynccontextmanager
async def served(double: ZuulDouble) -> AsyncIterator[str]:
    """Serve a double; yields its address."""
    app = web.Application()
    for what in ("builds", "buildsets"):
        app.router.add_get(f"/api/tenant/open stack/{what}", double.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port: int = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}/"
    finally:
        await runner.cleanup()
