"""How a line is read: the rules of the specification's second section, in their order."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from ptgbot.chat.commands import Command, Decision, Form, parse, say
from ptgbot.chat.message import Message, Reply, Role, Room
from ptgbot.feature import AnyFeature, Feature, load_features
from ptgbot.gathering import FEATURE
from ptgbot.router import Router, WordTaken
from ptgbot.store.edits import Tree
from ptgbot.store.history import History, Log
from ptgbot.testing import CHANNEL, START, Chat, person

ONE_LINE_OF_HELP = "Type help for what you can ask me here: in, out, seen, subscribe, unsubscribe, now, who …"


@pytest.fixture
def chat(chat: Chat) -> Chat:
    chat.op("~add nova cinder 3d")
    return chat


# conversation

CONVERSATION = [
    *(
        "",
        " ",
        "\t",
        "\0",
        "\u200b",
        "+",
        "~",
        "#",
        "+ ",
        "+1",
        "+1 to that",
        "+ in lobby",
        "~20 people",
        "~/.config",
        "~ newday",
    ),
    *(
        "#!",
        "#!/bin/sh",
        "# x",
        "# nova now x",
        "##nova now x",
        "#1",
        "#42 is fixed",
        "#-nova now x",
        "…",
        "->",
        "++i",
        "+=1",
    ),
    *(
        "hello",
        "in lobby",
        "help",
        "now nova",
        "nova now x",
        "tracks",
        "/in lobby",
        "!in lobby",
        "I said +in lobby",
        "mira: +in bar",
    ),
    *("#hashtag", "#hashtag in a sentence", "#qqqq is nice", "#svift", "#svift rings", "#svift nwo x", "#99 now x"),
    *(
        "#action mira writes it down",
        "#info now we know",
        "#topic next week",
        "#agreed",
    ),
    *(
        "#book now",
        "#now then",
        "#newday",
        "#add x",
        "#list",
        "#tracks",
        "#undo",
        "#auto now x",
    ),
]


@pytest.mark.parametrize("line", CONVERSATION)
@pytest.mark.parametrize("role", Role)
def test_conversation_is_never_answered(chat: Chat, line: str, role: Role) -> None:
    assert chat(line, role=role) == []
    assert chat.decision is None


# commands


@pytest.mark.parametrize(
    "line", ["#in lobby", "#IN lobby", "+in lobby", "+In  lobby ", "\x02+in\x02 lobby", "+in\tlobby", "\0+in lobby\r\n"]
)
def test_user_command_works_in_both_spellings(chat: Chat, line: str) -> None:
    assert chat(line) == ["You are checked in at lobby. +out ends it."]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("#out", "You are not checked in anywhere. +in LOCATION does that."),
        ("#seen vera", "vera has not checked in so far."),
        ("#subscribe x", "You will get a private message when a topic matches x."),
        ("#unsubscribe", "You have no subscription that could be dropped."),
    ],
)
def test_old_spellings_still_work(chat: Chat, line: str, answer: str) -> None:
    assert chat(line) == [answer]


@pytest.mark.parametrize("line", ["#now", "#when nova", "#who nova", "#free", "#tracks", "#forget me"])
def test_new_user_commands_have_no_old_spelling(chat: Chat, line: str) -> None:
    assert chat(line) == []


@pytest.mark.parametrize(
    "line",
    [
        *(
            "#nova now cells",
            "#NOVA NOW cells",
            "#Nova  nOw   cells",
            " #nova now cells",
            "#nova: now cells",
            "#nova, now cells",
        ),
        *("#nova\tnow\tcells", "#nova \x02now\x02 cells", "#nova now \u202ecells\u202c", "#nova now\r\ncells\0"),
    ],
)
def test_track_command_ignores_case_and_blanks(chat: Chat, line: str) -> None:
    assert chat(line)[1:] == []
    assert chat.tree["now"] == {"nova": "cells"}


def test_the_case_of_a_topic_is_kept(chat: Chat) -> None:
    chat("#nova now Live Migration")
    assert chat.tree["now"] == {"nova": "Live Migration"}


def test_half_a_surrogate_pair_is_replaced(chat: Chat) -> None:
    chat("#nova now a\ud83db")
    assert chat.tree["now"] == {"nova": "a\ufffdb"}


def test_a_track_may_begin_with_a_digit(chat: Chat) -> None:
    chat("#3d now printers")
    assert chat.tree["now"] == {"3d": "printers"}


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("#nvoa now x", "There is no track nvoa. Did you mean #nova?"),
        ("#Cindr book Aspen-A", "There is no track cindr. Did you mean #cinder?"),
        ("#nоva clear", "There is no track nоva. Did you mean #nova?"),
        (
            "#qqqqq next x",
            "There is no track qqqqq. +tracks lists them; operators of #gathering add one with ~add qqqqq.",
        ),
        (f"#{'x' * 3000} now x", f"There is no track {'x' * 49}…. +tracks lists them."),
    ],
)
def test_unknown_track_with_command_is_answered_once(chat: Chat, line: str, answer: str) -> None:
    assert chat(line) == [answer]


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("+inn lobby", "There is no command +inn. Did you mean +in? +help lists them all."),
        (
            "+SUBSCIRBE x",
            "There is no command +subscirbe. Did you mean +subscribe? +help lists them all.",
        ),
        ("+qqqqq", "There is no command +qqqqq. +help lists them all."),
        ("~newdya", "There is no command ~newdya. Did you mean ~newday? +help lists them all."),
        (f"+{'y' * 3000}", f"There is no command +{'y' * 29}…. +help lists them all."),
        ("#nova booook x", None),
    ],
)
def test_unknown_word_is_answered_with_near_ones(chat: Chat, line: str, answer: str | None) -> None:
    near = "“booook” is no command of #nova. Did you mean #nova book? +help lists them all."
    assert chat(line) == [answer or near]
    assert chat.edits == ()


# private


@pytest.mark.parametrize(
    "line",
    ["hello", "+1", "~20 people", "# x", "#hashtag in a sentence", "#!", "inn lobby", "…", "1", "newday", "#qqqq"],
)
def test_unknown_word_in_private_gets_short_help(chat: Chat, line: str) -> None:
    assert chat(line, private=True) == [ONE_LINE_OF_HELP]


@pytest.mark.parametrize("line", ["", " ", "\0", "\u200b\ufeff"])
def test_empty_private_line_is_not_answered(chat: Chat, line: str) -> None:
    assert chat(line, private=True) == []


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("+inn x", "There is no command +inn. Did you mean +in? +help lists them all."),
        ("~newdya", "There is no command ~newdya. Did you mean ~newday? +help lists them all."),
        ("#nvoa now x", "There is no track nvoa. Did you mean #nova?"),
        ("tracks", "3 tracks: 3d cinder nova"),
        ("Now NOVA", "#nova: nothing now."),
    ],
)
def test_in_private_commands_are_answered(chat: Chat, line: str, answer: str) -> None:
    assert chat(line, private=True) == [answer]


# help

FOR_ALL = "+… in out seen subscribe unsubscribe now who free tracks when where next schedule rooms forget link unlink"
FOR_TRACKS = "#TRACK … now next advance drop clean etherpad url color location book unbook full undo log"
FOR_OPERATORS = (
    "~… room list add del clean newday motd emptydb fetchdb requirevoice alloweveryone moderator meetings undo log"
)
FIXED = "#… status success thanks startmeeting"
LAST = ". +help COMMAND explains one."
OVERVIEW = f"{FOR_ALL} | {FOR_TRACKS} | {FIXED}{LAST}"
OVERVIEW_IN_PRIVATE = f"{FOR_ALL} | {FIXED}{LAST}"
SEEN = "+seen NAME – Where somebody checked in last, and when. Finds people on all networks. For example: +seen mira"
SHOW = "#TRACK – What the track discusses now and next, and where. For example: #nova"


@pytest.mark.parametrize("line", ["+help", "#help", "~help", "+HELP", "#help ", "+help help"])
@pytest.mark.parametrize("private", [False, True])
def test_help_answers_in_three_forms(chat: Chat, line: str, private: bool) -> None:
    assert chat(line, private=private) == [OVERVIEW_IN_PRIVATE if private else OVERVIEW]


def test_help_for_operators_names_their_commands(chat: Chat) -> None:
    assert chat.op("+help") == [f"{FOR_ALL} | {FOR_TRACKS} | {FIXED} | {FOR_OPERATORS}{LAST}"]
    [answer] = chat.answers
    assert isinstance(answer, Reply)
    assert answer.items == (FOR_ALL, FOR_TRACKS, FIXED, f"{FOR_OPERATORS}{LAST}")


@pytest.mark.parametrize("line", ["help", "Help", "HELP", "help?", "help!"])
def test_in_private_help_needs_no_prefix(chat: Chat, line: str) -> None:
    assert chat(line, private=True) == [OVERVIEW_IN_PRIVATE]


@pytest.mark.parametrize("line", ["＋tracks", "﹢tracks"])
def test_wide_signs_begin_commands_too(chat: Chat, line: str) -> None:
    assert chat(line) == ["3 tracks: 3d cinder nova"]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("seen", SEEN),
        ("SEEN", SEEN),
        ("+seen", SEEN),
        ("#seen", SEEN),
        ("seen mira", SEEN),
        ("#nova", SHOW),
        ("#TRACK", SHOW),
        ("sene", "There is no command sene. Did you mean seen?"),
        ("nonsense", "There is no command nonsense."),
        ("#nova nonsense", "There is no command nonsense."),
        ("#nova bok", "There is no command bok. Did you mean book?"),
        ("~seen", SEEN),
        ("1", "There is no command 1."),
    ],
)
@pytest.mark.parametrize("prefix", ["+", "#", "~"])
def test_help_on_one_command(chat: Chat, prefix: str, asked: str, answer: str) -> None:
    assert chat(f"{prefix}help {asked}") == [answer]


@pytest.mark.parametrize(
    ("asked", "usages"),
    [
        ("now", ["+now [TRACK]", "#TRACK now TEXT"]),
        ("+now", ["+now [TRACK]"]),
        ("#nova now", ["#TRACK now TEXT"]),
        ("#nova clear", ["#TRACK clean"]),
        ("clear", ["#TRACK clean", "~clean TRACK…"]),
        ("~clear", ["~clean TRACK…"]),
        ("log", ["#TRACK log [N]", "~log [#TRACK|ROOM|NAME|SLOT] [N]"]),
    ],
)
def test_help_tells_every_command_of_that_name(chat: Chat, asked: str, usages: list[str]) -> None:
    [answer] = chat(f"+help {asked}")
    assert [part.split(" – ")[0] for part in answer.split(" | ") if " – " in part] == [*usages]


def test_help_names_the_command_page(chat: Chat) -> None:
    assert routed("+help", url="https://ptg.example.org/") == [
        f"{OVERVIEW} All of them: https://ptg.example.org/commands.html"
    ]
    assert routed("+help seen", url="https://ptg.example.org/") == [
        f"{SEEN} All of them: https://ptg.example.org/commands.html"
    ]


EVERY = Router(load_features(), {}).commands


OF_MEETINGS = [command for command in EVERY if command.form is Form.FIXED]
OTHERS = [command for command in EVERY if command.form is not Form.FIXED]


@pytest.mark.parametrize("command", OF_MEETINGS, ids=lambda command: f"#{command.name}")
def test_every_word_of_meetings_has_help(command: Command[Any]) -> None:
    typed = parse(command.example)
    assert typed
    assert typed.word == command.name
    assert command.help.endswith(".")
    assert command.usage.startswith(f"#{command.name}")


@pytest.mark.parametrize("command", OTHERS, ids=lambda command: f"{command.form.value}{command.name}")
def test_every_command_has_help_and_true_example(chat: Chat, command: Command[Any]) -> None:
    assert command.help.endswith(".")
    assert command.usage.startswith(command.form.value)
    words = {Form.USER: "+", Form.TRACK: "#nova ", Form.ADMIN: "~", Form.FIXED: "#"}[command.form] + command.name
    assert chat(f"+help {words}") == [f"{command.usage} – {command.help} For example: {command.example}"]
    typed = parse(command.example)
    assert typed
    if command.form is Form.TRACK:
        assert (typed.prefix, typed.word, typed.rest.partition(" ")[0]) == ("#", "nova", command.name)
    else:
        assert (typed.prefix, typed.word) == (command.form.value, command.name)
    chat.op(command.example)
    assert chat.decision
    assert chat.answers or chat.decision.ask
    for answer in chat.answers:
        assert not (
            isinstance(answer, Reply)
            and answer.text.startswith(("Type ", "Which ", "What about", "There is no command"))
        )


def test_number_of_commands_matches_the_specification() -> None:
    forms = [command.form for command in EVERY]
    assert {form: forms.count(form) for form in Form} == {Form.USER: 17, Form.TRACK: 15, Form.ADMIN: 15, Form.FIXED: 30}


# long lines


def routed(text: str, *, private: bool = False, url: str = "", longest: int = 4000, room: Room = CHANNEL) -> list[str]:
    """Return the replies of a router with the features there are."""
    state: Tree = {feature.name: feature.empty() for feature in load_features()}
    router = Router(load_features(), {}, url, longest)
    message = Message(START, room, person("mira"), Role.ATTENDEE, text, private)
    found = router.decide(state, message, History(Log()))
    return [answer.text for answer in found[1].answers if isinstance(answer, Reply)] if found else []


def test_a_command_may_have_so_many_characters() -> None:
    assert routed("+in " + "x" * 36, longest=40) == [f"You are checked in at {'x' * 36}. +out ends it."]
    assert routed("+in " + "x" * 37, longest=40) == [
        "That line has 41 characters; a command may have 40. Please make it shorter."
    ]


@pytest.mark.parametrize("start", ["+in ", "#in ", "~newday ", "+help ", "+bogus ", "#svift now "])
def test_a_command_of_100_kilobytes_is_refused(start: str) -> None:
    assert routed(start + "x" * 100_000) == [
        f"That line has {100_000 + len(start)} characters; a command may have 4000. Please make it shorter."
    ]


@pytest.mark.parametrize("start", ["", "+1 ", "#hashtag ", "#action ", " ", "~20 ", "#"])
def test_conversation_of_100_kilobytes_is_not_answered(start: str) -> None:
    assert routed(start + "x" * 100_000) == []


def test_line_of_100_kilobytes_in_private_is_refused() -> None:
    assert routed("hello " * 20_000, private=True) == [
        "That line has 120000 characters; a command may have 4000. Please make it shorter."
    ]


# features


@frozen
class NoSettings:
    """A feature without a table."""


@frozen(eq=False)
class Minutes(Feature[NoSettings]):
    """Another feature: while its meeting runs it claims some words."""

    name = "meetings"
    rank = 10
    settings = NoSettings
    running: bool = True

    def claims(self, tree: Tree, room: Room, word: str) -> bool:
        return self.running and word in ("help", "topic", "undo", "nova")

    def decide(self, tree: Tree, message: Message, *_more: Any, **_named: Any) -> Decision | None:
        return (
            say(f"minuted: {message.text}") if message.text.startswith(("#help", "#topic", "#undo", "#nova")) else None
        )


@pytest.mark.parametrize(
    ("line", "running", "feature", "answer"),
    [
        ("#help wanted with the docs", True, "meetings", "minuted: #help wanted with the docs"),
        ("#help seen", False, "", SEEN),
        ("+help seen", True, "", SEEN),
        ("~help seen", True, "", SEEN),
        ("#nova now x", True, "meetings", "minuted: #nova now x"),
        ("+tracks", True, "gathering", "There are no tracks yet."),
    ],
)
def test_claimed_word_precedes_other_features(line: str, running: bool, feature: str, answer: str) -> None:
    features: list[AnyFeature] = [Minutes(running=running), FEATURE]
    state: Tree = {one.name: one.empty() for one in features}
    message = Message(START, CHANNEL, person("mira"), Role.ATTENDEE, line)
    found = Router(features, {}).decide(state, message, History(Log()))
    assert found == (feature, say(answer))


def test_meeting_command_is_conversation_without_its_feature() -> None:
    features: list[AnyFeature] = [Minutes(), FEATURE]
    state: Tree = {one.name: one.empty() for one in features}
    room = evolve(CHANNEL, features=frozenset({"gathering"}))
    message = Message(START, room, person("mira"), Role.ATTENDEE, "#help seen")
    assert Router(features, {}).decide(state, message, History(Log())) == ("", say(SEEN))


@settings(max_examples=150, deadline=None)
@given(
    st.builds(
        lambda start, rest: start + rest,
        st.sampled_from(
            ["", "+", "~", "#", "#nova ", "#nova book ", "+in ", "+seen ", "~motd ", "~log ", "~add ", "+free "]
        ),
        st.text(st.characters(), max_size=30),
    ),
    st.sampled_from(Role),
    st.booleans(),
)
def test_any_line_is_handled_without_error(line: str, role: Role, private: bool) -> None:
    chat = Chat()
    chat.op("~add nova")
    for answer in chat(line, role=role, private=private):
        answer.encode()
        assert answer
        assert answer.isprintable() or not set(answer) & set("\r\n\0\x03\x1b")


def test_commands_for_everybody_stand_first() -> None:
    roles = [command.role for command in EVERY]
    assert roles == sorted(roles)


@pytest.mark.parametrize(
    ("line", "page"),
    [
        ("+now", ""),
        ("+tracks", ""),
        ("+free", None),
        ("+help", "commands.html"),
    ],
)
def test_question_is_answered_with_the_full_page(line: str, page: str | None) -> None:
    (answer,) = routed(line, url="https://ptg.example.org/")
    assert answer.endswith("https://ptg.example.org/" + page) if page is not None else "https" not in answer


BANG = evolve(CHANNEL, exclamation=True)


@pytest.mark.parametrize(
    ("line", "means"),
    [
        ("!in #nova", "+in #nova"),
        ("!HELP in", "+help in"),
        ("!now nova", "+now nova"),
        ("!nova now Cells", "#nova now Cells"),
        ("!Nova: now Cells", "#Nova: now Cells"),
        ("!3d", "#3d"),
        ("!motd list", "~motd list"),
        ("!noav now Cells", "#noav now Cells"),
    ],
)
def test_exclamation_mark_replaces_signs_if_switched_on(chat: Chat, line: str, means: str) -> None:
    assert (chat.op(line), chat.decision) == ([], None)
    other = copy.deepcopy(chat)
    said = chat.op(line, room=BANG)
    assert (said, chat.decision) == (other.op(means), other.decision) != ([], None)


@pytest.mark.parametrize(
    "line", ["!", "!!", "! in", "!?", "!important notice for all", "!=1", "!1 more", "!#nova now x"]
)
def test_an_exclamation_is_conversation(chat: Chat, line: str) -> None:
    assert (chat.op(line, room=BANG), chat.decision) == ([], None)


# several features


@frozen(eq=False)
class Named(Feature[NoSettings]):
    """A feature with one command."""

    name: str
    commands: Sequence[Command[NoSettings]] = ()
    settings = NoSettings


def command(name: str, form: Form, *aliases: str) -> Command[NoSettings]:
    return Command(name, form, Role.ATTENDEE, "", "", "", lambda _tree, _call: say("done"), aliases)


@pytest.mark.parametrize("form", [Form.USER, Form.ADMIN, Form.FIXED])
def test_same_word_in_two_features_is_refused(form: Form) -> None:
    one, other = Named("one", [command("tea", form)]), Named("other", [command("cup", form, "tea")])
    sign = form.value
    with pytest.raises(WordTaken) as refused:
        Router([one, other], {})
    assert str(refused.value) == (
        f"one and other both have the command {sign}tea. "
        'Switch one off: write off = ["other"] into the table [features].'
    )


def test_a_word_of_the_core_is_refused() -> None:
    with pytest.raises(WordTaken, match="the core and one both have the command ~undo"):
        Router([Named("one", [command("undo", Form.ADMIN)])], {})


def test_one_word_in_two_forms_is_allowed() -> None:
    features = [Named("one", [command("tea", Form.USER)]), Named("other", [command("tea", Form.ADMIN)])]
    assert {"tea", "help", "undo"} <= Router(features, {}).words


@pytest.mark.parametrize("aliases", [("undo",), ("brew", "brew")])
def test_repeated_word_in_one_feature_is_refused(aliases: tuple[str, ...]) -> None:
    with pytest.raises(WordTaken):
        Router([Named("one", [command("brew", Form.TRACK, *aliases)])], {})
