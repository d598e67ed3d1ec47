"""Trust in our device: its keys are on the homeserver, signed by our cross-signing identity."""

from __future__ import annotations

from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.crypto import recovery
from ptgbot_matrix.crypto.cross_signing import CrossSigning, CrossSigningIdentity
from ptgbot_matrix.crypto.encryption import Encryption
from ptgbot_matrix.session.login import MatrixSession
from ptgbot_matrix.session.wire import Wire


async def establish_trust(config: MatrixConfig, wire: Wire, session: MatrixSession, encryption: Encryption) -> str:
    """Upload our keys, sign our device and keep the recovery key, as far as the configuration allows.

    Return a sentence that says why others may not trust our device, empty if they can.

    Raises:
        OSError: the homeserver could not be reached.
        RequestRefused: the homeserver refuses a request.
        TryLater: the homeserver asks for a pause.
        DeviceLost: our device cannot be used any more.
    """
    await encryption.send_keys()
    identity = CrossSigningIdentity.load(session.user, config.store / "cross-signing.json")
    signing = CrossSigning(wire, identity, session.device, config.password)
    if not config.recover:
        return await signing.problem()
    problem = await signing.establish()
    if not problem:
        await recovery.keep(wire, identity, config.store / "recovery-key")
    return problem
