"""The builder process: one line of JSON in, one build, one line of JSON out.

In: ``{build, now, zone, set: {slice: value}, touched: {slice: moment}}``, where a null value removes a slice.
Out: ``{build, ok, pages, seconds, finished, more, frame}`` or ``{build, ok: false, error}``. The log goes to stderr;
the process ends with stdin. One Sphinx application lives in it, so that only changed pages are made.
"""

from __future__ import annotations

import errno
import gc
import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from attrs import define, field
from docutils import nodes
from sphinx.application import Sphinx

from ptgbot.background import make_way
from ptgbot.exits import FULL
from ptgbot.publish.packing import pack_all
from ptgbot.store.edits import Json
from ptgbot_site.build.banner import stamped
from ptgbot_site.build.domain import ptg_domain
from ptgbot_site.build.finished import Results, finished
from ptgbot_site.build.fragments import Fragments
from ptgbot_site.build.frame import frame_of
from ptgbot_site.build.registry import Collection, registry
from ptgbot_site.build.state import zone_of
from ptgbot_site.build.stubs import stubs, write_stubs

NICENESS = 5
"""Added to our own niceness: chat goes before pages."""
UNSURE = "unsure"
"""A file that exists during a build. If it exists at the start, the last build was killed."""
_OF_THE_DISK = FULL | {errno.EROFS}
"""Errors that say everything in one sentence: the place in the program helps nobody."""


@define
class Builder:
    """Builds the pages of one folder, many times."""

    source: Path
    output: Path
    doctrees: Path
    log: TextIO
    _app: Sphinx | None = field(default=None, init=False)
    _pages: list[str] = field(factory=list, init=False)
    _stubs: dict[str, Collection] | None = field(default=None, init=False)
    """Pages of collections that have a source; None before the first build."""
    _settled: bool = field(default=False, init=False)
    _fragments: Fragments = field(factory=Fragments, init=False)

    def build(self, request: dict[str, Any]) -> list[str]:
        """Take over changed slices and build. Return the file names of the written pages.

        Raises:
            Exception: whatever Sphinx or a directive raised; the next build continues.
        """
        if self._app is None:
            self._app = self._start()
        app = self._app
        state = ptg_domain(app.env).state
        state.now = datetime.fromisoformat(request["now"])
        state.zone = zone_of(request["zone"])
        state.replace(request["set"])
        state.touch(request.get("touched", {}))
        wanted = registry(app).wanted(app.config.ptg_stubs)
        if (pages := stubs(state, wanted)) != self._stubs:
            write_stubs(self.source, self.output, state, wanted)
            self._stubs = pages
        self._pages.clear()
        unsure = self.doctrees / UNSURE
        unsure.touch()
        app.build()
        unsure.unlink()
        self._fragments.settle(app.env.found_docs)
        if not self._settled:
            self._settled = True
            # What the first build left lives as long as the process: the collector need not look at it again.
            gc.collect()
            gc.freeze()
        written = sorted({*self._pages, *stamped(app)})
        pack_all(self.output)
        return written

    @property
    def finished(self) -> Results:
        """The finished pages of the last build."""
        return finished(self._app) if self._app else Results()

    @property
    def frame(self) -> Json:
        """The menu and the title of every page, for the projects below this site."""
        return frame_of(self._app) if self._app else None

    def _start(self) -> Sphinx:
        if (self.doctrees / UNSURE).exists():
            self._forget()
        self.doctrees.mkdir(parents=True, exist_ok=True)
        folders = (self.source, self.source, self.output, self.doctrees)
        app = Sphinx(*folders, "html", status=None, warning=self.log, parallel=1)
        app.connect("html-page-context", self._note)
        ptg_domain(app.env).fragments = self._fragments
        return app

    def _forget(self) -> None:
        """Remove everything that a killed build may have left half written."""
        shutil.rmtree(self.output, ignore_errors=True)
        shutil.rmtree(self.doctrees, ignore_errors=True)

    def _note(
        self,
        app: Sphinx,
        pagename: str,
        templatename: str,
        context: dict[str, Any],
        doctree: nodes.document | None,
    ) -> None:
        if doctree is not None:
            self._pages.append(app.builder.get_target_uri(pagename))


def answer(builder: Builder, line: str) -> dict[str, Any]:
    """Handle one request. Never raises, because one bad state must not end the builder."""
    started = time.monotonic()
    number = None
    try:
        request = json.loads(line)
        number = request["build"]
        pages = builder.build(request)
    except Exception as error:
        if not (isinstance(error, OSError) and error.errno in _OF_THE_DISK):
            traceback.print_exc(file=builder.log)
        return {"build": number, "ok": False, "error": f"{type(error).__name__}: {error}"}
    made, seconds = builder.finished, round(time.monotonic() - started, 4)
    return {
        "build": number,
        "ok": True,
        "pages": pages,
        "seconds": seconds,
        "finished": made.names,
        "more": made.more,
        "frame": builder.frame,
    }


def main(arguments: Sequence[str]) -> int:
    """Serve until stdin ends. ``arguments``: source, output and doctree folder."""
    make_way(NICENESS)
    source, output, doctrees = (Path(argument) for argument in arguments)
    # Only answers may go to stdout; whatever else is printed goes to the log.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    builder = Builder(source, output, doctrees, sys.stderr)
    for line in sys.stdin:
        print(json.dumps(answer(builder, line)), file=answers, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
