from __future__ import annotations

from attrs import define, field

from ptgbot_matrix.ledger import Ledger


@define
class Desk:
    now: float = 100.0
    commits: list[tuple[str, set[str]]] = field(factory=list)
    ledger: Ledger = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.ledger = Ledger(lambda position, passed: self.commits.append((position, set(passed))), lambda: self.now)


def test_a_position_waits_until_the_answers_before_it_have_left() -> None:
    desk = Desk()
    page = desk.ledger.begin("s1")
    page.ids.add("$1")
    assert desk.ledger.page_of("$1") is page
    sent = page.hold()
    page.release()
    assert desk.commits == []
    sent()
    assert desk.commits == [("s1", {"$1"})]
    assert desk.ledger.page_of("$1") is None


def test_a_later_position_does_not_overtake_an_earlier_one() -> None:
    desk = Desk()
    first, second = desk.ledger.begin("s1"), desk.ledger.begin("s2")
    first.ids.add("$1")
    second.ids.add("$2")
    second.hold()()
    second.release()
    assert desk.commits == []
    first.release()
    assert desk.commits == [("s2", {"$1", "$2"})]


def test_where_nothing_was_answered_positions_are_committed_seldom() -> None:
    desk = Desk()
    for number in range(5):
        desk.now += 2
        page = desk.ledger.begin(f"s{number}")
        page.ids.add(f"${number}")
        page.release()
    assert desk.commits == [("s0", {"$0"}), ("s3", {"$1", "$2", "$3"})]
