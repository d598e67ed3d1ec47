"""Comments on issues: addresses, escaping, and the request that a forge gets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from ptgbot.chat.adapter import Undeliverable
from ptgbot.meetings.forge import (
    LONGEST_COMMENT,
    ForgeConfig,
    ForgeKind,
    Issue,
    Resolution,
    comment,
    comments_address,
    escaped,
    issue_at,
    write_comment,
)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://github.com/o/r/issues/3", Issue("github.com", "o/r", 3)),
        ("https://GitHub.com/o/r/pull/3/", Issue("github.com", "o/r", 3)),
        ("https://example.org/a/b/c/-/merge_requests/12", Issue("example.org", "a/b/c", 12, merge=True)),
        ("https://example.org/a/b/-/issues/12#note_1", Issue("example.org", "a/b", 12)),
        ("https://example.org:3000/a/b/pulls/1?x=1", Issue("example.org:3000", "a/b", 1)),
    ],
)
def test_address_names_an_issue(url: str, wanted: Issue) -> None:
    assert issue_at(url) == wanted


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/o/r",
        "ftp://github.com/o/r/issues/3",
        "https://user@github.com/o/r/issues/3",
        "https://github.com/../r/issues/3",
        "https://github.com/o/r/issues/3/../../4",
        "https://github.com:x/o/r/issues/3",
        "https://[::1/o/r/issues/3",
        "github.com/o/r/issues/3",
        "https://github.com/" + "a/" * 5000 + "issues/3",
        "https://github.com/o/r/issues/" + "9" * 50,
    ],
)
def test_other_addresses_name_no_issue(url: str) -> None:
    assert issue_at(url) is None


def forge(kind: ForgeKind, host: str = "example.org", api: str = "", token: Path = Path("token")) -> ForgeConfig:
    return ForgeConfig(host, kind, token, api)


def test_address_of_comments_by_kind() -> None:
    issue, merge = Issue("example.org", "a/b", 3), Issue("example.org", "a/b/c", 3, merge=True)
    assert comments_address(issue, forge(ForgeKind.GITHUB, "github.com")) == (
        "https://api.github.com/repos/a/b/issues/3/comments"
    )
    assert comments_address(issue, forge(ForgeKind.GITHUB)) == "https://example.org/api/v3/repos/a/b/issues/3/comments"
    assert comments_address(merge, forge(ForgeKind.GITLAB)) == (
        "https://example.org/api/v4/projects/a%2Fb%2Fc/merge_requests/3/notes"
    )
    assert comments_address(issue, forge(ForgeKind.GITEA)) == "https://example.org/api/v1/repos/a/b/issues/3/comments"


def test_typed_text_is_never_markup() -> None:
    assert escaped("**x** @mira <b> [a](b)\n# 3") == (
        "\\*\\*x\\*\\* @\u200bmira \\<b\\> \\[a\\]\\(b\\) \\# 3"
    )


def test_comment_lists_resolutions_and_minutes() -> None:
    found = comment("Port", "Nova", [Resolution("agreed", "mira", "port it")], "https://example.org/m/1")
    assert found == "**Port** (Nova)\n\n- AGREED: port it (mira)\n\nMinutes: https://example.org/m/1"


def test_long_comment_is_cut() -> None:
    found = comment("a", "b", [Resolution("info", "jo", "x" * 1999)] * 100)
    assert len(found) < LONGEST_COMMENT + 100
    assert found.endswith("- …")


class Double:
    """A forge that keeps the requests it gets."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, Any]] = []
        self.status = 201
        self.host = ""

    async def answer(self, request: web.Request) -> web.Response:
        login = request.headers.get("Authorization") or request.headers.get("PRIVATE-TOKEN") or ""
        self.got.append((request.raw_path, login, await request.json()))
        return web.json_response({}, status=self.status)


@pytest.fixture
async def double() -> AsyncIterator[Double]:
    made = Double()
    app = web.Application()
    app.router.add_post("/{path:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.host = f"127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("secret-of-ours\n")
    return path


@pytest.mark.parametrize(
    ("kind", "path", "login"),
    [
        (ForgeKind.GITHUB, "/repos/a/b/issues/3/comments", "Bearer secret-of-ours"),
        (ForgeKind.GITLAB, "/projects/a%2Fb/issues/3/notes", "secret-of-ours"),
        (ForgeKind.GITEA, "/repos/a/b/issues/3/comments", "token secret-of-ours"),
    ],
)
async def test_comment_reaches_the_forge(double: Double, token: Path, kind: ForgeKind, path: str, login: str) -> None:
    config = forge(kind, double.host, f"http://{double.host}", token)
    await write_comment([config], f"http://{double.host}/a/b/issues/3", "agreed")
    assert double.got == [(path, login, {"body": "agreed"})]


async def test_other_hosts_get_nothing(double: Double, token: Path) -> None:
    config = forge(ForgeKind.GITEA, "example.org", f"http://{double.host}", token)
    with pytest.raises(Undeliverable, match="not in the list"):
        await write_comment([config], f"http://{double.host}/a/b/issues/3", "agreed")
    assert double.got == []


async def test_busy_forge_is_tried_again(double: Double, token: Path) -> None:
    double.status = 503
    with pytest.raises(OSError, match="503"):
        await write_comment([forge(ForgeKind.GITEA, double.host, f"http://{double.host}", token)],
                            f"http://{double.host}/a/b/issues/3", "agreed")


@pytest.mark.parametrize("contents", [None, "", "two words", "zwölf"])
async def test_bad_token_is_tried_again(double: Double, tmp_path: Path, contents: str | None) -> None:
    path = tmp_path / "bad"
    if contents is not None:
        path.write_text(contents)
    config = forge(ForgeKind.GITEA, double.host, f"http://{double.host}", path)
    with pytest.raises(OSError, match="bad"):
        await write_comment([config], f"http://{double.host}/a/b/issues/3", "agreed")
    assert double.got == []
