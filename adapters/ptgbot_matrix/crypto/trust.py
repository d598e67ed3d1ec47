"""Trust in our device: its keys are on the homeserver, signed by our cross-signing identity."""

from __future__ import annotations

import logging
from typing import Final

from ptgbot_matrix.config import MatrixConfig
from ptgbot_matrix.crypto import recovery
from ptgbot_matrix.crypto.cross_signing import CrossSigning, CrossSigningIdentity
from ptgbot_matrix.crypto.encryption import Encryption
from ptgbot_matrix.session.devices import remove_old_devices
from ptgbot_matrix.session.login import MatrixSession
from ptgbot_matrix.session.wire import Wire

log = logging.getLogger(__name__)

IDENTITY: Final = "cross-signing.json"
RECOVERY_KEY: Final = "recovery-key"


async def establish_trust(config: MatrixConfig, wire: Wire, session: MatrixSession, encryption: Encryption) -> str:
    """Upload our keys, sign our device and keep the recovery key, as far as the configuration allows.

    Then remove the devices that former logins of the bot left behind.

    Return a sentence that says why others may not trust our device, empty if they can.

    Raises:
        OSError: the homeserver could not be reached.
        RequestRefused: the homeserver refuses a request.
        TryLater: the homeserver asks for a pause.
        DeviceLost: our device cannot be used any more.
    """
    await encryption.send_keys()
    identity = await _identity(config, wire, session)
    signing = CrossSigning(wire, identity, session.device, config.password)
    if not config.recover:
        return await signing.problem()
    problem = await signing.establish()
    if not problem:
        await recovery.keep(wire, identity, config.store / RECOVERY_KEY)
        await remove_old_devices(wire, session.user, session.device, config.password)
    return problem


async def _identity(config: MatrixConfig, wire: Wire, session: MatrixSession) -> CrossSigningIdentity:
    """Return the identity in the store. If it is lost, bring it back with the recovery key, or make a new one."""
    path = config.store / IDENTITY
    if CrossSigningIdentity.read(session.user, path) is None:
        former = await recovery.restored(wire, session.user, config.store / RECOVERY_KEY)
        if former is not None:
            log.warning("%s: the recovery key brought back the cross-signing identity", config.name)
            former.save(path)
    return CrossSigningIdentity.load(session.user, path)
