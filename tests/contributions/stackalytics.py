"""A small ``default_data.json``, with every kind of entry that the rules know."""

from __future__ import annotations

from typing import Any

DATA: dict[str, Any] = {
    "users": [
        {
            "launchpad_id": "mira",
            "gerrit_id": "mlind",
            "companies": [
                {"company_name": "Example Ltd", "end_date": "2015-Jan-01"},
                {"company_name": "Other Works", "end_date": None},
            ],
            "user_name": "Mira Lind",
            "emails": ["mira@example.org", "Mira@Home.example"],
        },
        {
            "companies": [{"company_name": "*independent", "end_date": None}],
            "user_name": "Zed",
            "emails": ["Zed@example.net"],
        },
        {
            "gerrit_id": "ci",
            "companies": [{"company_name": "*robots", "end_date": None}],
            "user_name": "CI",
            "emails": [],
        },
        {
            "launchpad_id": "robot",
            "companies": [{"company_name": "*robots", "end_date": None}],
            "user_name": "Robot",
            "emails": ["robot@example.org"],
        },
    ],
    "companies": [
        {"company_name": "Example", "domains": ["example.org"], "aliases": ["Example Ltd"]},
        {"company_name": "Other Works", "domains": ["other.example"], "aliases": []},
        {"company_name": "*independent", "domains": [""]},
    ],
    "releases": [
        {"release_name": "Ash", "end_date": "2014-Jul-01", "refs": {"governance": {"type": "legacy"}}},
        {"release_name": "Birch", "end_date": "2015-Jan-01"},
    ],
    "repos": [
        {
            "uri": "https://git.example.org/plants/tagged.git",
            "module": "tagged",
            "organization": "plants",
            "aliases": ["old-tagged"],
            "releases": [
                {"release_name": "One", "tag_from": "0.9", "tag_to": "1.0"},
                {"release_name": "ignored", "tag_to": "0.9"},
                {"release_name": "Gone", "tag_from": "7.0", "tag_to": "8.0"},
            ],
        },
        {
            "uri": "https://git.example.org/plants/branched.git",
            "module": "branched",
            "organization": "plants",
            "releases": [
                {"release_name": "One", "tag_from": "0.9", "tag_to": "HEAD", "branch": "stable/one"},
                {"release_name": "Two", "tag_from": "1.0rc1", "tag_to": "HEAD", "branch": "stable/two"},
            ],
        },
    ],
    "mail_lists": [],
    "module_groups": [{"module_group_name": "plants-group", "modules": ["tagged"]}],
}
