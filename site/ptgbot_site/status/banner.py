"""The banner of open alerts at the top of every page, and the script with which other sites show them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from docutils import nodes

from ptgbot_site.build.assets import hashed
from ptgbot_site.build.registry import Feed, Part
from ptgbot_site.build.state import State, text_of
from ptgbot_site.build.typed import clean, link
from ptgbot_site.build.view import View
from ptgbot_site.build.words import language, say
from ptgbot_site.status.alertfile import FILE as ALERTS
from ptgbot_site.status.names import NOW, Row, matters, texts
from ptgbot_site.status.words import state_word

FILE = "alert.js"
"""The script that other sites name. It loads the file with the banner, whose name holds its digest."""
_SCRIPT = Path(__file__).parent / "assets" / "alert.js"
_LOADER = """/* Shows open alerts at the top of the page. */
(() => {{
  const script = document.createElement("script");
  script.src = new URL("{name}", document.currentScript.src).href;
  document.head.append(script);
}})();
"""


def _alerts(view: View, _given: str) -> Sequence[nodes.Node]:
    return [_message(view, row) for row in matters(view.state, "alerts")]


def _message(view: View, row: Row) -> nodes.paragraph:
    services = ", ".join(clean(name) for name in texts(row, "services"))
    words = say("Alert (%s):") % services if services else say("Alert:")
    shown = nodes.paragraph("", "", classes=["ptg-message", "ptg-danger", "ptg-status-alert"])
    shown += [nodes.inline("", words, classes=["ptg-level"]), nodes.Text(" "), view.typed(text_of(row, "text"))]
    shown += [nodes.Text(" "), nodes.inline("", f"({state_word(text_of(row, 'state'))})", classes=["ptg-state"])]
    if page := view.page("status"):
        shown += [nodes.Text(" "), link(page, nodes.Text(say("Status")))]
    return shown


BANNER = Part(_alerts, lambda _given: [NOW], order=10)


def _files(_state: State) -> Mapping[str, bytes]:
    words = {
        "label": say("Alerts"),
        "alert": say("Alert:"),
        "more": say("Status"),
        "states": {one: state_word(one) for one in ("open", "identified", "monitoring")},
        "lang": language(),
    }
    data = json.dumps({"file": ALERTS, "words": words}, ensure_ascii=False)
    content = f"(() => {{\nconst ptgAlerts = {data};\n{_SCRIPT.read_text(encoding='utf-8')}}})();\n"
    name = f"_static/{hashed('alert.js', content)}"
    return {name: content.encode(), FILE: _LOADER.format(name=name).encode()}


FEED = Feed("status banner", (NOW,), _files, needs=[NOW])
