"""Who somebody is, and for whom they worked at a date."""

from __future__ import annotations

import pytest

from ptgbot.contributions.dates import day_in, seconds
from ptgbot.contributions.model import EARLIEST, LATEST, Employer, Organisation, Person, Register, Release, Repository

MIDNIGHT = seconds(day_in("2015-Jun-30"))
MOVED = Person("mira", "Mira", ("m@example.org",), (Employer("Second"), Employer("First", MIDNIGHT)))


@pytest.mark.parametrize(
    ("at", "employer"),
    [(0, "First"), (-(10**9), "First"), (MIDNIGHT - 1, "First"), (MIDNIGHT, "Second"), (2**33, "Second")],
)
def test_first_employer_with_later_end_counts(at: int, employer: str) -> None:
    assert Register().employer_at(MOVED, at) == employer


def test_nobody_employs_after_the_last_end() -> None:
    person = Person("a", "A", (), (Employer("First", MIDNIGHT),))
    assert [Register().employer_at(person, at) for at in (MIDNIGHT - 1, MIDNIGHT)] == ["First", "*independent"]


def test_entry_without_employer_is_independent() -> None:
    register = Register((Person("a", "A", ("a@example.org",)),), (Organisation("Example", ("example.org",)),))
    assert register.employer_at(register.person("A", "A@Example.org"), 0) == "*independent"


@pytest.mark.parametrize(
    ("email", "organisation"),
    [
        ("x@a.b.example", "Deep"),
        ("x@c.b.example", "Shallow"),
        ("x@b.example", "Shallow"),
        ("x@other.example", "*independent"),
        ("x@example", "*independent"),
        ("example.example", "*independent"),
        ("", "*independent"),
    ],
)
def test_longest_known_suffix_of_domain_counts(email: str, organisation: str) -> None:
    organisations = (Organisation("Deep", ("a.b.example",)), Organisation("Shallow", ("b.example", "example")))
    assert Register((), organisations).by_domain(email).name == organisation


@pytest.mark.parametrize("email", ["m@example.org", "M@EXAMPLE.org", "m\u200b@example\x07.org"])
def test_address_is_found_in_any_spelling(email: str) -> None:
    assert Register((MOVED,)).person("?", email) is MOVED


def test_unknown_person_has_the_address_as_id() -> None:
    found = Register((MOVED,)).person("Zed", "Zed@Example.net")
    assert (found.id, found.name, Register().employer_at(found, 0)) == ("zed@example.net", "Zed", "*independent")


def test_releases_follow_each_other_without_gaps() -> None:
    register = Register(releases=(Release("B", 20), Release("A", 10)))
    assert [*register.release_periods()] == [(EARLIEST, 10, "A"), (10, 20, "B"), (20, LATEST, "after B")]
    assert [*register.release_periods(last_goes_on=True)][-1] == (20, LATEST, "B")


@pytest.mark.parametrize("text", ["2015-Jun-30", "2015-JUN-30", "2015-06-30", " 2015-6-30 "])
def test_date_is_midnight_in_utc(text: str) -> None:
    assert seconds(day_in(text)) == 1_435_622_400


@pytest.mark.parametrize("text", ["2015-Foo-30", "2015-02-30", "30.6.2015", "", "now"])
def test_other_text_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|calendar"):
        day_in(text)


def test_repository_is_found_by_address_or_name() -> None:
    one = Repository("https://git.example.org/a/nova.git", "nova")
    two = Repository("https://git.example.org/b/nova.git", "other")
    register = Register(repositories=(one, two))
    assert register.repository("x", "git://git.example.org/b/nova") is two
    assert register.repository("nova.git") is one
    assert register.repository("other") is two
    assert register.repository("none") is None
