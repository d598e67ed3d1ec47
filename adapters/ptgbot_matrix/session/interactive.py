"""Requests for which the homeserver wants the password of the account again.

Source: Matrix client-server API, section "User-Interactive Authentication API".
"""

from __future__ import annotations

from ptgbot_matrix.session.wire import Interactive, JsonObject, RequestRefused, Wire


async def post_with_password(wire: Wire, path: str, body: JsonObject, user: str, password: str) -> None:
    """Send a POST request, and again with the password if the homeserver asks for it.

    Args:
        user: Matrix id of the account.
        password: password of the account, or empty.

    Raises:
        OSError: the homeserver could not be reached.
        RequestRefused: the homeserver refuses the request, or wants a password that we do not have.
        TryLater: the homeserver asks for a pause.
    """
    try:
        await wire.post(path, body)
    except Interactive as asked:
        if not password:
            raise RequestRefused(401, "M_FORBIDDEN", "the password of the account is needed") from asked
        who = {"type": "m.id.user", "user": user}
        auth = {"type": "m.login.password", "identifier": who, "password": password, "session": asked.session}
        await wire.post(path, {**body, "auth": auth})
