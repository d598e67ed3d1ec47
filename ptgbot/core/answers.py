"""The form of answers in the journal, so that a message that the server sends twice gets the same answers."""

from __future__ import annotations

from collections.abc import Mapping

from ptgbot.chat.message import Announce, Answer, Done, Reach, Reply, Target, Tell


def to_json(answer: Answer) -> dict[str, str]:
    """Return an answer in its form in the journal."""
    match answer:
        case Reply(text, items, people, instead):
            lists = {name: "\n".join(several) for name, several in (("items", items), ("people", people)) if several}
            return {"reply": instead or text, **lists}
        case Tell(key, text):
            return {"tell": text, "key": key}
        case Announce(text, None):
            return {"announce": text}
        case Announce(text, Target(network, room)):
            return {"announce": text, "network": network, "room": room}
        case Reach():
            return {"reach": ""}
        case Done(quiet):
            return {"done": "quiet" if quiet else ""}
    raise TypeError(f"not an answer: {answer!r}")


def from_json(tree: Mapping[str, str]) -> Answer:
    """Parse the form that :func:`to_json` returns."""
    if "reply" in tree:
        return Reply(tree["reply"], _several(tree, "items"), _several(tree, "people"))
    if "tell" in tree:
        return Tell(tree["key"], tree["tell"])
    if "reach" in tree:
        return Reach()
    if "announce" in tree:
        return Announce(tree["announce"], Target(tree["network"], tree["room"]) if "room" in tree else None)
    return Done(quiet=tree.get("done") == "quiet")


def _several(tree: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(tree[name].split("\n")) if name in tree else ()
