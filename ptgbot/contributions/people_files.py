"""Reads the files about people: ``default_data.json`` of Stackalytics, or our TOML with its ``.mailmap``."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import define, evolve, field, frozen

from ptgbot.contributions.corrections import Correction, corrections_in
from ptgbot.contributions.group_files import LISTS, groups_in, left_out
from ptgbot.contributions.json_lines import JsonLines
from ptgbot.contributions.mailmap import Mailmap, parse_mailmap
from ptgbot.contributions.model import (
    INDEPENDENT,
    Employer,
    Organisation,
    Person,
    Register,
    Release,
    Repository,
    Tagged,
    folded,
    last_part,
)
from ptgbot.contributions.node import Node, Source
from ptgbot.contributions.toml_lines import TomlLines


class BadData(ValueError):
    """A file about people can't be used. The message has a line for each mistake, with file, line and key."""


@frozen
class Form:
    """The names of the keys in one of the two forms."""

    people: str
    person: str
    person_id: Callable[[Node, Sequence[str]], str]
    accounts: Callable[[Node], Sequence[str]]
    employers: str
    employer: str
    employed_until: str
    organisations: str
    organisation: str
    release: str
    released_until: str
    repositories: str
    owner: str
    known: Mapping[str, frozenset[str]]
    """The keys that a table may have, by the name of its list; empty where others are passed over."""


def _stackalytics_accounts(node: Node) -> Sequence[str]:
    """Return the accounts of an entry, with the programs that they belong to."""
    accounts = ((kind, node.maybe(f"{kind}_id")) for kind in ("gerrit", "member", "github", "zanata", "ldap"))
    return tuple(f"{kind}:{name}" for kind, name in accounts if name)


def _stackalytics_id(node: Node, emails: Sequence[str]) -> str:
    """Return the id that Stackalytics gave: the name at Launchpad, else the first address, else another account."""
    found = node.maybe("launchpad_id") or (emails[0] if emails else "")
    found = found or next(iter(_stackalytics_accounts(node)), "") or node.maybe("user_id") or ""
    if not found:
        node.problem("launchpad_id", "a person needs an account or an address")
    return found


STACKALYTICS: Final = Form(
    "users", "user_name", _stackalytics_id, _stackalytics_accounts, "companies", "company_name", "end_date",
    "companies", "company_name", "release_name", "end_date", "repos", "organization", {},
)  # fmt: skip
OURS: Final = Form(
    "people", "name", lambda node, _emails: node.text("id"), lambda node: node.texts("accounts"),
    "employers", "name", "until", "organisations", "name", "name", "until", "repositories", "organisation",
    {
        "": frozenset({"mailmap", "people", "organisations", "releases", "repositories"}) | LISTS,
        "people": frozenset({"id", "name", "emails", "employers", "accounts", "shown", "punch_card"}),
        "employers": frozenset({"name", "until"}),
        "organisations": frozenset({"name", "domains", "aliases", "merged_into", "from"}),
        "releases": frozenset({"name", "until"}),
        "repositories": frozenset({"uri", "module", "organisation", "aliases", "releases"}),
        "tagged": frozenset({"name", "tag_from", "tag_to", "branch"}),
    },
)  # fmt: skip


@define
class Loaded:
    """A register, and the contradictions in the files of which it was made."""

    register: Register
    doubts: Sequence[str] = field(factory=tuple)
    left_out: Sequence[str] = field(factory=tuple)
    """Sentences about lists that no count needs."""


def load_people(path: Path) -> Loaded:
    """Read a file about people: TOML if its name ends in ``.toml``, else JSON.

    Raises:
        BadData: the file is not valid, or has values that can't be used.
        OSError: it cannot be read.
    """
    return read_people(path.read_bytes(), path)


def read_people(raw: bytes, path: Path) -> Loaded:
    """Read the contents of a file about people.

    Args:
        raw: the contents.
        path: where they are, or will be.

    Raises:
        BadData: they are not valid, or have values that can't be used.
        OSError: the ``.mailmap`` that they name cannot be read.
    """
    form = OURS if path.suffix == ".toml" else STACKALYTICS
    top = _parsed(raw, path)
    register = Builder(form, top).register()
    register.groups = groups_in(top, form is OURS, {one.name.lower() for one in register.releases})
    written = top.maybe("mailmap") if form is OURS else None
    if top.source.wrong:
        raise BadData("\n".join(top.source.wrong))
    if written:
        register.mailmap = load_mailmap(path.parent / written)
    return Loaded(register, tuple(top.source.doubtful), () if form is OURS else left_out(top))


def load_mailmap(path: Path) -> Mailmap:
    """Read a ``.mailmap``.

    Raises:
        BadData: a line has none of the forms of gitmailmap(5).
        OSError: it cannot be read.
    """
    try:
        return parse_mailmap(path.read_text("utf-8", "replace"), path.name)
    except ValueError as error:
        raise BadData(str(error)) from error


def load_corrections(path: Path) -> Sequence[Correction]:
    """Read ``corrections.json``.

    Raises:
        BadData: the file is not valid, or has values that can't be used.
        OSError: it cannot be read.
    """
    top = _parsed(path.read_bytes(), path)
    found = corrections_in(top)
    if top.source.wrong:
        raise BadData("\n".join(top.source.wrong))
    return found


def _parsed(raw: bytes, path: Path) -> Node:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadData(f"{path.name}, line {line}: the file is not in UTF-8.") from error
    try:
        if path.suffix == ".toml":
            return Node(Source(path.name, TomlLines(text.replace("\r\n", "\n")).line), (), tomllib.loads(text))
        found: Any = json.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadData(f"{path.name}: {error}.") from error
    except json.JSONDecodeError as error:
        raise BadData(f"{path.name}, line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except RecursionError as error:
        raise BadData(f"{path.name}: lists and tables are nested too deeply.") from error
    if not isinstance(found, dict):
        raise BadData(f"{path.name}, line 1: expected a table with users, companies, releases and repos.")
    return Node(Source(path.name, JsonLines(text).line), (), found)


@define
class Builder:
    """Makes a register of a file, and notes what is wrong in it."""

    form: Form
    top: Node
    _aliases: dict[str, str] = field(factory=dict, init=False)
    """Names of organisations by their names and aliases."""
    _owners: dict[tuple[str, str, str], str | int] = field(factory=dict, init=False)
    """The table that has an address, an account, an id or a name, by its list and key."""

    def register(self) -> Register:
        """Return the register. Mistakes are noted at the file."""
        self._only(self.top, "")
        organisations = self._merged(self._organisations())
        people = tuple(self._person(node) for node in self.top.nodes(self.form.people))
        releases = tuple(self._release(node) for node in self.top.nodes("releases"))
        repositories = tuple(self._repository(node) for node in self.top.nodes(self.form.repositories))
        return Register(people, organisations, releases, repositories, source=self.top.source)

    def _only(self, node: Node, name: str) -> None:
        if name in self.form.known:
            node.only(self.form.known[name])

    def _organisations(self) -> Sequence[tuple[Node, Organisation]]:
        found, domains = [], dict[str, str]()
        for node in self.top.nodes(self.form.organisations):
            self._only(node, "organisations")
            name = node.text(self.form.organisation)
            self._check_unique(node, self.form.organisations, self.form.organisation, name)
            written = tuple(folded(one) for one in node.texts("domains") if one)
            one = Organisation(name, written, node.texts("aliases"), place=node.place)
            for alias in (name, *one.aliases):
                if self._aliases.setdefault(alias, name) != name:
                    node.doubt("aliases", f"{self._aliases[alias]} has the name {alias}, too")
            for domain in one.domains:
                if domains.setdefault(domain, name) != name:
                    node.doubt("domains", f"{domains[domain]} has the domain {domain}, too")
            found.append((node, one))
        return found

    def _merged(self, found: Sequence[tuple[Node, Organisation]]) -> Sequence[Organisation]:
        """Return the organisations with those that they were merged into, which may be listed later."""
        if self.form is not OURS:
            return tuple(one for _, one in found)
        made = [self._merger(node, one) for node, one in found]
        leads = {one.name: one.merged_into for one in made if one.merged_into}
        for node, one in found:
            chain = [one.name]
            while (into := leads.get(chain[-1], "")) and into not in chain:
                chain.append(into)
            if into == one.name:
                node.problem("merged_into", f"the organisations lead in a circle: {' → '.join([*chain, into])}")
        return tuple(made)

    def _merger(self, node: Node, one: Organisation) -> Organisation:
        into, at = node.maybe("merged_into"), node.midnight("from")
        if into is None and node.table.get("from") is not None:
            node.problem("merged_into", "a text is missing: the organisation to which it belongs from that date on")
        if into is None:
            return one
        target = into if into == INDEPENDENT else self._aliases.get(into, "")
        if not target:
            node.problem("merged_into", f"there is no organisation {into} in the file")
        if at is None and not node.table.get("from"):
            node.problem("from", "a date is missing, such as 2017-01-01")
        return evolve(one, merged_into=target, merged_at=at or 0)

    def _person(self, node: Node) -> Person:
        self._only(node, "people")
        employers = tuple(self._employer(one) for one in node.nodes(self.form.employers))
        ends = [one.until for one in employers]
        for end in sorted({end for end in ends if ends.count(end) > 1}, key=str):
            names = " and ".join(one.name for one in employers if one.until == end)
            node.doubt(self.form.employers, f"{names} overlap, for they end at the same time")
        emails = tuple(folded(one) for one in node.texts("emails") if folded(one))
        key, accounts = self.form.person_id(node, emails), self.form.accounts(node)
        for email in emails:
            self._check_unique(node, self.form.people, "emails", email)
        for account in accounts:
            named = "accounts" if self.form is OURS else f"{account.partition(':')[0]}_id"
            self._check_unique(node, self.form.people, named, account)
        if key:
            self._check_unique(node, self.form.people, "id" if self.form is OURS else "launchpad_id", key)
        wishes = self._wishes(node) if self.form is OURS else ()
        return Person(key, node.maybe(self.form.person) or key, emails, employers, accounts, node.place, *wishes)

    def _wishes(self, node: Node) -> tuple[str, bool]:
        """Return how a person wants to be shown, and whether with the hours of the week."""
        shown = node.maybe("shown") or "name"
        if shown not in ("name", "initials"):
            node.problem("shown", "expected name or initials")
        return shown, node.truth("punch_card")

    def _employer(self, node: Node) -> Employer:
        self._only(node, "employers")
        name = node.text(self.form.employer)
        if name and not name.startswith("*") and name not in self._aliases:
            alike = next((one for one in self._aliases if one.casefold() == name.casefold()), "")
            hint = f"; there is {alike}" if alike else ""
            node.doubt(self.form.employer, f"there is no organisation {name} in the file{hint}")
        return Employer(self._aliases.get(name, name), node.midnight(self.form.employed_until), node.place)

    def _check_unique(self, node: Node, name: str, key: str, value: str) -> None:
        """Note a value that an earlier table of the same list has, too.

        Args:
            node: the table.
            name: the name of the list.
            key: the key that has the value.
            value: an address, an account, an id or a name.
        """
        number = node.place[-1]
        earlier = self._owners.setdefault((name, key, value), number)
        if earlier != number:
            node.doubt(key, f"{value} belongs to {name}[{earlier}], too")

    def _release(self, node: Node) -> Release:
        self._only(node, "releases")
        name = node.text(self.form.release)
        self._check_unique(node, "releases", self.form.release, name)
        until = node.midnight(self.form.released_until)
        if until is None and not node.table.get(self.form.released_until):
            node.problem(self.form.released_until, "a release needs the date of its end")
        return Release(name, until or 0)

    def _repository(self, node: Node) -> Repository:
        self._only(node, "repositories")
        tagged = []
        for one in node.nodes("releases"):
            self._only(one, "tagged")
            if one.maybe("tag_to"):
                ends = (one.text("tag_to"), one.maybe("tag_from") or "", one.maybe("branch") or "")
                tagged.append(Tagged(one.text(self.form.release), *ends))
        uri = node.text("uri")
        module, owner = node.maybe("module") or last_part(uri), node.maybe(self.form.owner) or ""
        return Repository(uri, module, node.texts("aliases"), tuple(tagged), owner)
