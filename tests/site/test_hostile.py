"""Nothing that a person types is markup, wherever it is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from ptgbot_site.build.typed import clean
from tests.site.conftest import Page
from tests.site.payloads import PAYLOADS
from tests.site.test_foreign import GATHERING, site_of

ALL = (
    ".. ptg:motd::\n\n.. ptg:now::\n\n.. ptg:next::\n\n.. ptg:schedule::\n\n"
    ".. ptg:etherpads::\n\n.. ptg:links::\n\n.. ptg:checkins::\n"
)
TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "body",
        "a",
        "header",
        "p",
        "nav",
        "ul",
        "li",
        "main",
        "section",
        "h1",
        "h2",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "span",
        "bdi",
        "time",
        "code",
        "footer",
        "dl",
        "dt",
        "dd",
        "details",
        "summary",
        "em",
    ]
)


def everywhere(text: str) -> dict[str, Any]:
    return {
        "event": {"id": text, "title": text, "timezone": text},
        "motd": [{"level": text, "message": text}],
        "links": {text: text, f"{text} two": "https://ok.example.org/"},
        "tracks": {text: {"color": text, "ink": text, "url": text, "etherpad": text}, "fox": {}, "owl": {}},
        "now": {text: {"text": text, "since": text, "location": text}},
        "next": {text: {"texts": [text, text], "location": text}},
        "check_ins": [{"nick": text, "location": text, "since": text}],
        "days": [{"name": text, "date": text, "slots": [{"name": text, "desc": text, "start": text, "end": text}]}],
        "rooms": {text: {"url": text, "desc": text, "cap_icon": text, "cap_desc": text}, "Loft": {}},
        f"schedule:{text}": {text: {text: text}, "Loft": {text: ""}},
        "today": text,
        "current": [text],
    }


@pytest.mark.parametrize("text", PAYLOADS, ids=range(len(PAYLOADS)))
def test_typed_text_stays_text_in_every_field(make_site: Callable[..., Any], text: str) -> None:
    site = make_site(index=ALL)
    result = site.build(everywhere(text))
    assert result["ok"], result
    page = site.page()
    for tag, attributes, _ in page.elements:
        assert tag in TAGS
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        href = attributes.get("href", "#")
        assert href.startswith(("http://", "https://", "mailto:", "#", "_static/", "data:image/svg+xml,"))
    assert len(page.texts("script")) == 1
    assert page.texts("ptg-nick") == [" ".join(clean(text).split())]
    source = page.source
    assert not set(source) & {"\x00", "\x01", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066"}


@pytest.mark.parametrize("value", [None, 1, True, [], {}, [1], {"x": 1}, "", [None], [[]]])
def test_a_slice_of_another_shape_breaks_no_page(make_site: Callable[..., Any], value: Any) -> None:
    site = make_site(index=ALL)
    site.build()
    for name in site.slices:
        result = site.build({name: value})
        assert result["ok"], (name, result)


@pytest.mark.parametrize(
    "url", ["https://a.example.org", "http://a.example.org/x?y=1#z", "mailto:a@example.org", "HTTPS://a.example.org/"]
)
def test_an_address_in_a_topic_becomes_a_link(shown: Callable[..., Page], url: str) -> None:
    page = shown(".. ptg:now::", now={"fox": {"text": f"see {url} there"}})
    assert unquote(page.links()[url]) == url


@pytest.mark.parametrize(
    "url", ["https://bank.example@evil.example/", "https://user:secret@a.example/", "ftp://a.example/"]
)
def test_an_address_with_another_host_stays_text(shown: Callable[..., Page], url: str) -> None:
    page = shown(".. ptg:now::", now={"fox": {"text": f"see {url} there"}})
    assert page.texts("ptg-topic") == [f"see {url} there"]
    assert [href for href in page.links().values() if "a.example" in href or "evil" in href] == []


def test_track_name_ends_where_sentence_continues(make_site: Callable[..., Any]) -> None:
    site = make_site(index=".. ptg:motd::")
    site.build({"tracks": {"fox": {}, "v1.0": {}}, "motd": [{"message": "#fox. #V1.0, a#fox ##fox #foxes &#fox;"}]})
    assert site.page().texts("ptg-badge") == ["fox", "v1.0"]
    assert site.page().texts("ptg-info") == ["fox. v1.0, a#fox ##fox #foxes &#fox;"]


def test_a_long_text_is_cut() -> None:
    assert len(clean("ab " * 5000)) <= 4000
    assert clean("ab " * 5000).endswith("…")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("e" + "\u0301" * 200, "e" + "\u0301" * 8),
        ("\U0001f469" + "\u200d\U0001f469" * 60, "\U0001f469" * 61),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("\u0e01\u0e34\u0e48 \u05e9\u05c1\u05bc\u05b8", "\u0e01\u0e34\u0e48 \u05e9\u05c1\u05bc\u05b8"),
    ],
)
def test_endless_chains_of_marks_are_cut(typed: str, shown: str) -> None:
    assert clean(typed) == shown


def test_mail_address_of_link_stays_readable(tmp_path: Path) -> None:
    site = site_of(tmp_path, {**GATHERING, "links": {"Desk": "mailto:desk@example.org"}}, "ptgbot_site.gathering")
    site.build()
    assert site.page("links").links()["Desk"] == "mailto:desk@example.org"
