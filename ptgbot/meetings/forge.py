"""Issues of forges: which issue a topic is about, and the comment with what was decided about it.

A comment is a delivered effect. Only hosts in the configuration get one, with a token from a file.
Sources: the REST references of GitHub (issues/comments), GitLab (notes) and Gitea (issue/createComment).
"""

from __future__ import annotations

import asyncio
import enum
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from attrs import field, frozen

from ptgbot.chat.adapter import Undeliverable
from ptgbot.chat.text import short
from ptgbot.chat.urls import address_problem
from ptgbot.hooks import accepted, exchange

LONGEST_COMMENT: Final = 20_000
"""Most characters of a comment."""
_PATH = re.compile(
    r"/(?P<project>[\w.-]+(?:/[\w.-]+){1,9}?)(?P<dash>/-)?/(?P<kind>issues|pulls?|merge_requests)/(?P<number>\d{1,12})/?"
)
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&$:^])")
_TIMEOUT = 20.0


class ForgeKind(enum.StrEnum):
    """The kinds of forges that take comments."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"


@frozen
class ForgeConfig:
    """An entry of ``[[meetings.forges]]``."""

    host: str
    kind: ForgeKind
    token_file: Path
    api: str = field(default="")
    """Address of the interface; empty for the usual one of the host."""

    @api.validator
    def _address(self, _attribute: object, value: str) -> None:
        if value and (problem := address_problem(value)):
            raise ValueError(problem)

    @property
    def base(self) -> str:
        """The address of the interface, without a slash at the end."""
        usual = {
            ForgeKind.GITHUB: "https://api.github.com" if self.host == "github.com" else f"https://{self.host}/api/v3",
            ForgeKind.GITLAB: f"https://{self.host}/api/v4",
            ForgeKind.GITEA: f"https://{self.host}/api/v1",
        }
        return (self.api or usual[self.kind]).rstrip("/")


@frozen
class Issue:
    """An issue, pull request or merge request of a forge."""

    host: str
    project: str
    """Its project, such as ``openstack/nova``."""
    number: int
    merge: bool = False
    """Whether it is a merge request (GitLab numbers those apart from issues)."""


def issue_at(url: str) -> Issue | None:
    """Return the issue at an address, None if it is not the address of an issue."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    found = _PATH.fullmatch(parts.path)
    if parts.scheme not in ("https", "http") or not host or parts.username is not None or found is None:
        return None
    names = found["project"].split("/")
    if any(set(name) <= {"."} for name in names):
        return None
    where = f"{host}:{port}" if port else host
    return Issue(where.lower(), found["project"], int(found["number"]), merge=found["kind"] == "merge_requests")


def comments_address(issue: Issue, forge: ForgeConfig) -> str:
    """Return the address to which a comment on an issue is posted."""
    if forge.kind is ForgeKind.GITLAB:
        part = "merge_requests" if issue.merge else "issues"
        return f"{forge.base}/projects/{quote(issue.project, safe='')}/{part}/{issue.number}/notes"
    return f"{forge.base}/repos/{issue.project}/issues/{issue.number}/comments"


def escaped(text: str) -> str:
    """Return typed text for Markdown: no markup, no link to a person or another issue, one line."""
    plain = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    return plain.replace("@", "@\u200b")


@frozen
class Resolution:
    """An item of the minutes that goes to a forge."""

    type: str
    nick: str
    text: str


def comment(topic: str, meeting: str, resolutions: Sequence[Resolution], minutes: str = "") -> str:
    """Return the text of a comment, in Markdown.

    Args:
        topic: the topic that was about the issue.
        meeting: what the meeting is called.
        resolutions: the items to be told.
        minutes: address of the minutes; empty if there is none yet.
    """
    lines = [f"**{escaped(topic)}** ({escaped(meeting)})", ""]
    size = len(lines[0])
    for one in resolutions:
        line = f"- {one.type.upper()}: {escaped(short(one.text, 2000))} ({escaped(one.nick)})"
        size += len(line)
        if size > LONGEST_COMMENT:
            lines.append("- …")
            break
        lines.append(line)
    return "\n".join([*lines, *(["", f"Minutes: {minutes}"] if minutes else [])])


def forge_of(issue: Issue, forges: Iterable[ForgeConfig]) -> ForgeConfig | None:
    """Return the forge of an issue, None if its host is not in the configuration."""
    return next((forge for forge in forges if forge.host.lower() == issue.host), None)


async def write_comment(forges: Sequence[ForgeConfig], url: str, text: str) -> None:
    """Write a comment on the issue at an address.

    Raises:
        OSError: not now; try again later.
        Undeliverable: the host is not in the configuration, or the forge refuses the comment.
    """
    issue = issue_at(url)
    forge = forge_of(issue, forges) if issue else None
    if issue is None or forge is None:
        raise Undeliverable("its host is not in the list of forges.")
    token = await asyncio.to_thread(_token, forge.token_file)
    body = json.dumps({"body": text}).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "ptgbot", **_login(forge.kind, token)}
    accepted(await exchange("POST", comments_address(issue, forge), body, headers, within=_TIMEOUT))


def _login(kind: ForgeKind, token: str) -> dict[str, str]:
    match kind:
        case ForgeKind.GITHUB:
            return {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
        case ForgeKind.GITLAB:
            return {"PRIVATE-TOKEN": token}
        case ForgeKind.GITEA:
            return {"Authorization": f"token {token}"}


def _token(path: Path) -> str:
    """Return the token in a file.

    Raises:
        OSError: the file cannot be read or has no token, until an operator mends it.
    """
    try:
        token = path.read_text("utf-8", errors="replace").strip()
    except OSError as error:
        raise OSError(f"{path.name} cannot be read: {error.strerror}.") from error
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise OSError(f"{path.name} holds no token.")
    return token
