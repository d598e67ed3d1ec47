"""Every page leads to what the numbers are for, their sources, how long they are kept, and whom to ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ptgbot.config import ConfigError, load
from ptgbot.contributions.about import about, spoken
from ptgbot.contributions.mirrors import mirror_folder
from ptgbot.contributions.settings import GerritConfig, MailConfig, StatsSettings
from ptgbot.store.edits import Json
from ptgbot_site.contributions.about import body, foot
from ptgbot_site.contributions.lists import quality
from ptgbot_site.contributions.overview import body as overview
from tests.contributions.program import Program
from tests.contributions.test_pages import files

SETTINGS = StatsSettings(
    repositories=("https://user:token@git.example.org/plants/oak.git", "/srv/secret/ash.git", "git@ssh.example:x/elm"),
    gerrit=(GerritConfig("https://review.example.org/", ("plants/oak",)),),
    mail=(MailConfig("plants-discuss@lists.example.org", Path("/srv/secret/box.mbox")),),
    contact="https://example.org/privacy",
)

EMPTY: dict[str, Json] = {"totals": [[], []]}


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://user:token@git.example.org:8443/plants/oak.git/", "git.example.org/plants/oak"),
        ("ssh://git@git.example.org/oak?token=1", "git.example.org/oak"),
        ("git@git.example.org:plants/oak.git", "git.example.org/plants/oak"),
        ("https://review.example.org/", "review.example.org"),
        ("file:///srv/secret/oak.git", "oak"),
        ("/srv/a@b/oak", "oak"),
    ],
)
def test_sources_are_told_without_secrets(address: str, shown: str) -> None:
    assert spoken(address) == shown


def test_page_says_purpose_sources_retention_and_contact() -> None:
    page = body(about(SETTINGS, b"k"))
    said = words(page)
    sources = (" ash ", "git.example.org/plants/oak", "ssh.example/x/elm", "review.example.org/plants/oak", "plants-")
    for part in (*sources, "no ranking", "Hours between two readings: 6", "does not reach the history"):
        assert part in said
    assert '<a href="https://example.org/privacy">' in page
    assert not re.search(r"@|token|secret", page)
    assert "Ask whoever runs this site." in body(about(StatsSettings(), b"k"))
    assert "Whom to ask: #plants" in words(body(about(StatsSettings(contact="#plants"), b"k")))


@pytest.mark.parametrize("contact", ["mira@example.org", "ask mailto:mira@example.org", "http://example.org"])
def test_contact_is_no_address_of_mail(tmp_path: Path, contact: str) -> None:
    program = Program(tmp_path)
    program.configure(f"contact = '{contact}'\n")
    with pytest.raises(ConfigError):
        load(program.path)


def test_every_page_leads_to_the_page_about_it(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.run("refresh")
    found = {name: content.decode() for name, content in files(program.bulk).items() if name.endswith(".html")}
    assert "about.html" in found
    for name, content in found.items():
        assert ("about.html" in content) == (name != "about.html"), name
    assert foot("module/a~b").count("../") == 1
    assert 'href="about.html"' in overview(EMPTY)
    copy = mirror_folder(program.bulk / "mirrors", str(program.repositories[0]))
    assert copy.is_dir()
    program.repositories = []
    program.configure()
    program.run("fetch")
    assert not copy.exists()


def test_few_people_without_names_are_no_number() -> None:
    gone = "Active in these releases, and not for 90 days:"
    assert [words(overview({**EMPTY, "gone": number})).partition(gone)[2].split()[:3] for number in (0, 4, 5)] == [
        ["0", "Everybody,", "in"],
        ["fewer", "than", "5"],
        ["5", "Everybody,", "in"],
    ]
    unknown = words(quality({"unknown": 4, "unknown_commits": 77, "unknown_ranges": [[2, 9, 4]]}))
    assert "fewer than 5 addresses are not in the list" in unknown
    assert "77" not in unknown
    assert "6 addresses with 77 commits" in words(quality({"unknown": 6, "unknown_commits": 77}))
