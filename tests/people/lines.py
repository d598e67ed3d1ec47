"""What people type at a gathering, and the kind of answer that each line gets.

The lines are typed from the first to the last, by Mira, whom everybody may be, and Olga, an operator of the channel.
The gathering begins tomorrow; :func:`document` returns it.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from attrs import frozen


class Kind(enum.Enum):
    """The kind of an answer."""

    SILENT = "silent"
    """Conversation, or somebody else's business."""
    DONE = "done"
    """A sign that it worked, without words of its own."""
    TOLD = "told"
    """What was asked for, or what was done."""
    HELP = "help"
    """How commands are typed."""
    ASKS = "asks"
    """What to type instead, or which of several is meant."""
    REFUSED = "refused"
    """Who may do that, or where."""


HELPS: Final = ("COMMAND explains one", "For example: ", "for what you can ask me here")
REFUSES: Final = (" is for the operators", "is for operators", "is a track command")
ASKS_BACK: Final = (
    "There is no ", "Did you mean", "Which ", "Whom ", "Where are you", "is no command", "What about", "Type ",
    "takes nothing", "is no address", "is no CSS colour", "can't be used", "is taken by", "does not hold",
    "You have no subscription", "You are not checked in", "Please type", "Nothing was changed",
)  # fmt: skip


@frozen
class Line:
    """A line, who types it, and its answer."""

    who: str
    private: bool
    text: str
    kind: Kind
    words: str = ""
    """Words that the answer has."""


def kind_of(replies: Sequence[str], *, done: bool) -> Kind:
    """Return the kind of an answer."""
    text = " ".join(replies)
    if not replies:
        return Kind.DONE if done else Kind.SILENT
    for kind, marks in ((Kind.HELP, HELPS), (Kind.REFUSED, REFUSES), (Kind.ASKS, ASKS_BACK)):
        if any(mark in text for mark in marks):
            return kind
    return Kind.TOLD


def document(today: date, zone: str) -> dict[str, Any]:
    """Return the gathering as ``ptg.json``: two days from tomorrow on, three rooms, four tracks."""
    first, second = (today + timedelta(days=1)).isoformat(), (today + timedelta(days=2)).isoformat()
    hours = {"A1": "09:00-10:45", "A2": "11:00-12:30", "P1": "13:30-15:00"}
    return {
        "eventid": "harbour",
        "title": "Harbour Gathering",
        "timezone": zone,
        "dates": {"Monday": first, "Tuesday": second},
        "tracks": ["cinder", "nova", "storage", "swift"],
        "slots": {
            day: [{"name": day[:3] + name, "desc": desc} for name, desc in hours.items()]
            for day in ("Monday", "Tuesday")
        },
        "schedule": {
            "Aspen": {"MonA1": "nova", "MonA2": "", "MonP1": "cinder", "TueA1": "", "TueP1": "storage"},
            "Ballroom A": {"MonA1": "storage", "MonA2": "nova", "MonP1": "", "TueA1": "nova", "TueP1": ""},
            "Birch-2": {"MonA2": "cinder", "MonP1": "", "TueA1": ""},
        },
    }


def _read(table: str) -> list[Line]:
    lines = []
    for row in table.strip().splitlines():
        who, where, kind, words, text = row.split(" / ", 4)
        lines.append(Line(who, where == "private", text, Kind(kind), words))
    return lines


LINES: Final = _read("""\
mira / room / silent /  / good morning everybody
mira / room / silent /  / +1
mira / room / silent /  / ~20 people in the lobby
mira / room / silent /  / #hashtag in a sentence
mira / room / silent /  / # heading
mira / room / silent /  / where is nova?
mira / room / silent /  / I think ptgbot is great
mira / room / silent /  / ptgbot is away again
mira / room / silent /  / olga: ptgbot: now
mira / room / silent /  / ++
mira / room / silent /  / +
mira / room / silent /  / #42
mira / room / silent /  / ~~~
mira / room / silent /  / now
mira / room / help / +… in out / +help
mira / room / help / #TRACK … now / #help
mira / room / help / +seen NAME / +help seen
mira / room / help / #TRACK now TEXT / +help #nova now
mira / room / asks / Did you mean seen / +help sene
mira / room / help / +… in out / ptgbot: help
mira / room / help / +… in out / ptgbot, help
mira / room / help / +… in out / ptgbot help
mira / room / help / +… in out / @ptgbot
mira / room / help / +… in out / ptgbot?
olga / room / help / ~… / +help
mira / room / told / Nothing is being discussed / ptgbot: now
mira / room / told / Nothing is being discussed / PTGbot: +now
mira / room / told / #nova: nothing now / ptgbot, now nova
mira / room / help / Type +help / ptgbot: you rock
mira / room / help / Type +help / ptgbot: thanks!
mira / room / told / #nova meets in Aspen on Monday / ptgbot: where is nova?
mira / room / told / #nova meets in Aspen / @ptgbot where's #nova
mira / room / told / Nobody has checked in / ptgbot: who is in #nova?
mira / room / told / Next, / ptgbot: what's next?
mira / room / told / 4 tracks / ptgbot: what tracks are there?
mira / room / told / Free / ptgbot: which rooms are free?
mira / room / told / Nothing is being discussed / +now
mira / room / told / #nova: nothing now / +now nova
mira / room / told / #nova: nothing now / +NOW #Nova
mira / room / asks / There is no track nvoa. Did you mean #nova? / +now nvoa
mira / room / told / #nova meets next: / +when nova
mira / room / told / and 2 more times / +when #nova
mira / room / told / 09:00-10:45 in Ballroom A / +when storage
mira / room / told / has no slot booked / +when swift
mira / room / told / Next, / +when
mira / room / asks / There is no track qqqq / +when qqqq
mira / room / told / #nova meets next / +when is nova?
mira / room / told / #cinder meets in Birch-2 / +where #cinder
mira / room / told / #cinder meets in Birch-2 / +where is cinder
mira / room / told / swift has no room on Monday / +where swift
mira / room / asks / Which track? / +where
mira / room / told / Next, / +next
mira / room / told / Nothing is announced / +next nova
mira / room / told / Monday: 09:00-10:45 #nova in Aspen / +today
mira / room / told / Monday: / +schedule
mira / room / told / Tuesday: / +schedule Tuesday
mira / room / told / Tuesday: / +schedule tue
mira / room / told / Monday: / +schedule tomorrow
mira / room / asks / There is no day Friday / +schedule Friday
mira / room / told / 3 rooms: Aspen, Ballroom A, Birch-2 / +rooms
mira / room / told / 4 tracks: cinder nova storage swift / +tracks
mira / room / told / Aspen-MonA2 / +free
mira / room / told / Aspen-MonA2 / +free tomorrow
mira / room / told / Aspen-TueA1 / +free Tuesday
mira / room / told / Ballroom A-TueP1 / +free tue pm
mira / room / told / Birch-2-MonP1 / +free Birch-2
mira / room / told / Aspen-MonA2 / +free Aspen monday 11:00
mira / room / asks / There is no day Friday / +free Friday
mira / room / told / Nobody has checked in with #nova / +who #nova
mira / room / told / Nobody has checked in with #nova / +who is in nova
mira / room / asks / Which track? / +who
mira / room / asks / Where are you? / +in
mira / room / told / checked in at #nova / +in #nova
mira / room / told / checked in at #nova / +in nova
mira / room / told / checked in at coffee bar / +in coffee bar
mira / room / asks / There is no track nvoa / +in #nvoa
mira / room / told / checked in at #nova / #in nova
mira / room / told / mira / +who #nova
mira / room / told / mira checked in at #nova / +seen mira
mira / room / told / mira checked in at #nova / +seen @mira
mira / room / told / mira checked in at #nova / +seen Mira!
mira / room / told / mira checked in at #nova / #seen mira
mira / room / told / mira checked in at #nova / +where is mira?
mira / room / told / nobody has not checked in / +seen nobody
mira / room / asks / Whom do you look for? / +seen
mira / room / told / checked out of #nova / +out
mira / room / told / checked out of #nova already / +out
mira / room / told / mira left #nova / +seen mira
olga / room / asks / You are not checked in / +out
mira / room / asks / You have no subscription / +subscribe
mira / room / told / when a topic matches nova / +subscribe nova
mira / room / told / You are subscribed to nova / +subscribe
mira / room / told / in place of nova / +subscribe #swift|quotas
mira / room / asks / can't be used / +subscribe (
mira / room / told / dropped / +unsubscribe
mira / room / asks / You have no subscription / +unsubscribe
mira / room / asks / Did you mean +seen? / +find mira
mira / room / asks / Did you mean +in? / +inn lobby
mira / room / asks / There is no command +qqqqq / +qqqqq
mira / room / asks / +forget me / +forget
mira / room / told / #nova: nothing now, in Aspen / #nova
mira / room / done /  / #nova now live migration
mira / room / told / #nova: now live migration / +now nova
mira / room / told / #nova: live migration / +now
mira / room / done /  / #NOVA now Live Migration
mira / room / done /  / #nova: now live migration
mira / room / done /  / ptgbot: #nova now live migration
mira / room / done /  / #nova next cells
mira / room / done /  / #nova next quotas
mira / room / told / #nova next: cells · quotas / +next nova
mira / room / told / #nova now discusses cells / #nova advance
mira / room / asks / takes nothing behind it / #nova advance now
mira / room / done /  / #nova drop 1
mira / room / told / nothing announced / #nova drop 1
mira / room / told / nothing announced / #nova advance
mira / room / asks / What about? / #nova now
mira / room / told / has no room today / #swift now rings
mira / room / asks / “is” is no command of #storage / #storage is late
mira / room / asks / Did you mean #storage clean or #storage unbook? / #storage cancel
mira / room / asks / Did you mean #nova now? / #nova nwo x
mira / room / asks / There is no track nvoa. Did you mean #nova? / #nvoa now x
mira / room / asks / add one with ~add newteam / #newteam now kickoff
mira / room / done /  / #nova clean
mira / room / asks / takes nothing behind it / #nova clean all
mira / room / told / #nova: nothing now / #nova
mira / room / told / Notes of #nova: https:// / #nova etherpad
mira / room / done /  / #nova etherpad https://etherpad.example.org/p/nova
mira / room / told / Notes of #nova: https://etherpad.example.org/p/nova / #nova etherpad
mira / room / asks / is no address / #nova etherpad foo
mira / room / done /  / #nova etherpad auto
mira / room / told / has no meeting link / #nova url
mira / room / done /  / #nova url https://meet.example.org/nova
mira / room / told / meets at https://meet.example.org/nova / #nova url
mira / room / done /  / #nova url none
mira / room / asks / The colour of #nova is / #nova color
mira / room / done /  / #nova color teal
mira / room / asks / is no CSS colour / #nova color blurple
mira / room / done /  / #swift location lobby, by the piano
mira / room / told / #swift is in lobby, by the piano / +where swift
mira / room / done /  / #swift location
mira / room / asks / Free on Monday / #swift book
mira / room / told / Aspen-MonA2 is booked for #swift / #swift book Aspen-MonA2
mira / room / told / has Aspen-MonA2 already / #swift book aspen-mona2
mira / room / asks / is taken by #swift / #storage book Aspen-MonA2
mira / room / asks / There is no Aspen-MonX9 / #storage book Aspen-MonX9
mira / room / asks / Which one? Free: / #storage book Ballroom A
mira / room / told / Ballroom A-MonP1 is booked for #storage / #storage book Ballroom A MonP1
mira / room / told / Aspen-TueA1 is booked for #storage / #storage book Aspen Tuesday 09:00
mira / room / asks / Which slot does #swift give back? It holds Aspen-MonA2 / #swift unbook
mira / room / told / Aspen-MonA2 is free again / #swift unbook Aspen-MonA2
mira / room / asks / does not hold / #swift unbook Aspen-MonA2
mira / room / told / unbook Aspen-MonA2 / #swift log 1
mira / room / told / swift unbook Aspen-MonA2 / #swift undo
mira / room / refused / is for the operators / ~add oslo
mira / room / refused / is for the operators / ~newday
mira / room / refused / is for the operators / ~list
mira / room / asks / There is no command ~newdya / ~newdya
olga / room / told / 4 tracks / ~list
olga / room / told / oslo / ~add oslo
olga / room / asks / One track or 2? / ~add New Team
olga / room / told / oslo / ~del oslo
olga / room / asks / Did you mean ~del? / ~remove nova
olga / room / told / Message 1 is on the page / ~motd add info Lunch at noon
olga / room / told /  / ~motd del 1
olga / room / asks / ~emptydb harbour / ~emptydb
olga / room / told /  / ~requirevoice
mira / room / told / needs +v or moderator rights / #nova now x
olga / room / told /  / ~alloweveryone
mira / room / done /  / #nova now x
mira / private / told / #nova: now x / now nova
mira / private / told / #nova: now x / +now nova
mira / private / told / #nova: now x / ptgbot: now nova
mira / private / told / #nova: now x / what is nova discussing?
mira / private / told / 4 tracks / tracks
mira / private / told / #nova meets / where is nova?
mira / private / told / #nova meets next / when does the nova team meet?
mira / private / told / Next, / what's next?
mira / private / told / Monday: / what's on tomorrow?
mira / private / told / Free / is anything free on Tuesday?
mira / private / told / 3 rooms / which rooms are there?
mira / private / told / checked in at lobby / in lobby
mira / private / told / mira checked in at lobby / where is mira?
mira / private / help / +… in out / help
mira / private / help / +… in out / help!
mira / private / help / +seen NAME / help seen
mira / private / help / Type help / hello
mira / private / help / Type help / 1
mira / private / refused / is a track command / #nova now x
mira / private / refused / is for operators / ~add oslo
mira / private / asks / Did you mean +in? / +inn lobby
""")
"""Lines, each after who types it, where, the kind of its answer and words of it."""
