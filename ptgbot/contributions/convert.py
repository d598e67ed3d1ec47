"""Writes a register as TOML, one table for each person, organisation, release and repository."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from ptgbot.contributions.group_files import groups_as_toml
from ptgbot.contributions.model import Employer, Register, Repository


def as_toml(register: Register) -> Iterator[str]:
    """Yield the lines of a file that reads as the same register, without its mailmap."""
    for person in register.people:
        yield "[[people]]"
        yield f"id = {_text(person.id)}"
        yield f"name = {_text(person.name)}"
        yield f"emails = {_texts(person.emails)}"
        if person.accounts:
            yield f"accounts = {_texts(person.accounts)}"
        if person.shown != "name":
            yield f"shown = {_text(person.shown)}"
        if person.punch_card:
            yield "punch_card = true"
        yield from _employers(person.employers)
        yield ""
    for organisation in register.organisations:
        yield "[[organisations]]"
        yield f"name = {_text(organisation.name)}"
        yield f"domains = {_texts(organisation.domains)}"
        if organisation.aliases:
            yield f"aliases = {_texts(organisation.aliases)}"
        if organisation.merged_into:
            yield f"merged_into = {_text(organisation.merged_into)}"
            yield f"from = {_day(organisation.merged_at)}"
        yield ""
    for release in register.releases:
        yield "[[releases]]"
        yield f"name = {_text(release.name)}"
        yield f"until = {_day(release.until)}"
        yield ""
    for repository in register.repositories:
        yield from _repository(repository)
    yield from groups_as_toml(register.groups)


def _employers(employers: Sequence[Employer]) -> Iterator[str]:
    if not employers:
        return
    yield "employers = ["
    for one in employers:
        until = "" if one.until is None else f", until = {_day(one.until)}"
        yield f"  {{ name = {_text(one.name)}{until} }},"
    yield "]"


def _repository(repository: Repository) -> Iterator[str]:
    yield "[[repositories]]"
    yield f"uri = {_text(repository.uri)}"
    yield f"module = {_text(repository.module)}"
    if repository.organisation:
        yield f"organisation = {_text(repository.organisation)}"
    if repository.aliases:
        yield f"aliases = {_texts(repository.aliases)}"
    if repository.releases:
        yield "releases = ["
        for one in repository.releases:
            begin = f", tag_from = {_text(one.tag_from)}" if one.tag_from else ""
            branch = f", branch = {_text(one.branch)}" if one.branch else ""
            yield f"  {{ name = {_text(one.release)}{begin}, tag_to = {_text(one.tag_to)}{branch} }},"
        yield "]"
    yield ""


def _day(at: int) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"


def _texts(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _text(text: str) -> str:
    """Return a text as a basic string of TOML, which has the escapes of JSON; DEL must be escaped, too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
