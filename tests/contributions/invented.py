"""A ``default_data.json`` of the size and with the oddities of a real one, with invented names."""

from __future__ import annotations

import random
from typing import Any

SYLLABLES = ("ka", "mi", "ro", "ta", "lu", "ne", "so", "vi", "da", "zu", "pe", "hi")


def invented(people: int, seed: int = 1) -> dict[str, Any]:
    """Return data with every key that the newest and older files have, and every contradiction that they have."""
    chance = random.Random(seed)

    def word() -> str:
        return "".join(chance.choices(SYLLABLES, k=3)).capitalize()

    companies: list[dict[str, Any]] = [
        {"company_name": f"{word()} {number}", "domains": [f"works{number}.example"] if number % 9 else [""]}
        for number in range(40)
    ]
    for one in companies[::5]:
        one["aliases"] = [f"{one['company_name']}, Inc."]
    names = [str(one["company_name"]) for one in companies]
    users = [_user(number, names, chance, f"{word()} {word()}") for number in range(people)]
    years = range(2011, 2016)
    return {
        "users": users,
        "companies": [*companies, {"company_name": "*independent", "domains": [""]}],
        "releases": [
            {"release_name": f"R{year}", "end_date": f"{year}-Apr-15", "refs": {"governance": {"type": "legacy"}}}
            for year in years
        ],
        "repos": [
            {"module": "plants", "organization": "garden", "uri": "https://git.example.org/plants.git"},
            {
                "module": "oak@garden",
                "organization": "garden",
                "uri": "https://git.example.org/oak.git",
                "aliases": ["old-oak"],
                "default_branch": "main",
                "launchpad_name": "oak",
                "releases": [
                    {"release_name": f"R{year}", "tag_from": f"{year}.0", "tag_to": "HEAD", "branch": f"stable/{year}"}
                    for year in years
                ],
            },
        ],
        "project_sources": [{"organization": "garden", "exclude": ["weeds"], "uri": "github://"}],
        "module_groups": [{"module_group_name": "trees", "modules": ["oak@garden"]}],
        "project_types": [{"id": "all", "title": "All", "modules": ["trees"]}],
        "mail_lists": ["https://lists.example.org/plants/"],
        "member_lists": ["https://members.example.org/"],
    }


def _user(number: int, names: list[str], chance: random.Random, name: str) -> dict[str, Any]:
    moved = sorted(chance.sample(range(2011, 2021), chance.randrange(3)))
    employers: list[dict[str, str | None]] = [
        {"company_name": chance.choice(names), "end_date": f"{year}-Jun-{1 + year % 28:02}"} for year in moved
    ]
    employers.append({"company_name": chance.choice([*names, "*independent"]), "end_date": None})
    made: dict[str, Any] = {
        "companies": employers,
        "user_name": name,
        "emails": [f"p{number}@works{number % 50}.example", f"{'P' if number % 4 else 'p'}{number}@Home.example"],
    }
    for key, every in (("launchpad_id", 3), ("github_id", 5), ("gerrit_id", 7), ("zanata_id", 11), ("ldap_id", 13)):
        if number % every:
            made[key] = f"{key[0]}{number}"
    return made
