from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptgbot.chat.urls import safe_url


@pytest.mark.parametrize(
    "typed",
    [
        *("https://a.example", "http://a.example/", "HTTPS://A.example/Path?q=1&r=2#top", "https://a.example:8443/x"),
        *("https://[2001:db8::1]/x", "https://10.0.0.1/", "https://münchen.example/straße", "https://例え.example/道"),
        *(
            "https://a.example/@user",
            "https://a.example/?next=https://b.example",
            "https://a.example/%20",
            "https://a.example/'x'",
        ),
        *("mailto:team@a.example", "mailto:team@a.example?subject=x"),
    ],
)
def test_web_and_mail_addresses_may_become_links(typed: str) -> None:
    assert safe_url(typed) == typed


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\tscript:alert(1)",
            " javascript:alert(1)",
            "\x01javascript:alert(1)",
        ),
        *(
            "data:text/html,<script>",
            "vbscript:msgbox(1)",
            "file:///etc/passwd",
            "ftp://a.example/",
            "blob:https://a.example/x",
        ),
        *("//a.example/x", "/x", "x", "", "https:", "https://", "https:///x", "https:a.example", "http:\\\\a.example"),
        *(
            "https://a.example/a b",
            "https://a.example/a\nb",
            "https://a.example/\0",
            "https://a.example/\x7f",
            "https://a.example/\x85",
        ),
        *(
            'https://a.example/"x',
            "https://a.example/<x>",
            "https://a.example/`x`",
            "https://a.example/{x}",
            "https://a.example\\x",
        ),
        *(
            "https://user@a.example/",
            "https://user:secret@a.example/",
            "https://good.example@evil.example/",
            "https://@a.example/",
        ),
        *("https://[::1", "https://a.example:99999/", "https://a.example:x/", "https://a.example／x@b.example/"),
        *(
            "https://a.example/\u2028x",
            "https://a.example/\u3000x",
            "https://a.example/\u202egpj",
            "mailto:nobody",
            "mailto:",
            "mailto://a.example",
        ),
        "https://a.example/" + "x" * 2000,
        *(None, 5, ["https://a.example"], b"https://a.example"),
    ],
)
def test_other_addresses_may_not_become_links(typed: object) -> None:
    assert safe_url(typed) is None


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=12),
    st.sampled_from(["", "http:", "https://", "https://a.example/", "javascript:", "mailto:a@", "data:"]),
)
def test_accepted_address_has_safe_scheme_without_blanks(text: str, start: str) -> None:
    found = safe_url(start + text)
    if found is not None:
        assert urlsplit(found).scheme in ("http", "https", "mailto")
        assert not set(found) & set(' \t\r\n\0"<>\\')
