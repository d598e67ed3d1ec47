from __future__ import annotations

from attrs import define, field

from ptgbot_matrix.session.sync_tokens import SyncTokens


@define
class Desk:
    now: float = 100.0
    commits: list[tuple[str, set[str]]] = field(factory=list)
    tokens: SyncTokens = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.tokens = SyncTokens(self.commit, lambda: self.now)

    def commit(self, token: str, passed: frozenset[str]) -> None:
        self.commits.append((token, set(passed)))


def test_token_waits_until_earlier_answers_have_left() -> None:
    desk = Desk()
    batch = desk.tokens.begin("s1")
    batch.ids.add("$1")
    assert desk.tokens.batch_of("$1") is batch
    sent = batch.hold()
    batch.release()
    assert desk.commits == []
    sent()
    assert desk.commits == [("s1", {"$1"})]
    assert desk.tokens.batch_of("$1") is None


def test_later_token_never_overtakes_an_earlier_one() -> None:
    desk = Desk()
    first, second = desk.tokens.begin("s1"), desk.tokens.begin("s2")
    first.ids.add("$1")
    second.ids.add("$2")
    second.hold()()
    second.release()
    assert desk.commits == []
    first.release()
    assert desk.commits == [("s2", {"$1", "$2"})]


def test_tokens_without_answers_are_committed_seldom() -> None:
    desk = Desk()
    for number in range(5):
        desk.now += 2
        batch = desk.tokens.begin(f"s{number}")
        batch.ids.add(f"${number}")
        batch.release()
    assert desk.commits == [("s0", {"$0"}), ("s3", {"$1", "$2", "$3"})]


def test_hold_that_is_released_twice_counts_once() -> None:
    desk = Desk()
    batch = desk.tokens.begin("s1")
    sent, other = batch.hold(), batch.hold()
    batch.release()
    sent()
    sent()
    assert desk.commits == []
    other()
    assert desk.commits == [("s1", set())]


def test_ended_connection_commits_nothing_more() -> None:
    """The next connection may have committed a later token already, which an earlier one would take back."""
    desk = Desk()
    batch = desk.tokens.begin("s1")
    sent = batch.hold()
    batch.release()
    desk.tokens.end()
    sent()
    assert desk.commits == []
