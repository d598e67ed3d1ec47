"""The recovery key. An operator types it into a client of the bot's account, so that the client gets the identity.

The bot itself uses it if the rest of its store is lost.

The three private keys of the identity are in the account data, encrypted with a key that is only in our store.
Source: Matrix client-server API, sections "Secret storage", "m.secret_storage.v1.aes-hmac-sha2", "Recovery key"
(appendix "Cryptographic key representation").
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen
from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.Protocol.KDF import HKDF

from ptgbot_matrix.crypto.cross_signing import USAGES, CrossSigningIdentity, SigningKey, decode_base64, encode_base64
from ptgbot_matrix.event import table_in
from ptgbot_matrix.secretfile import write_secret
from ptgbot_matrix.session.wire import RequestRefused, Wire, part

log = logging.getLogger(__name__)

ALGORITHM: Final = "m.secret_storage.v1.aes-hmac-sha2"
_HEAD: Final = b"\x8b\x01"
_DIGITS: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@frozen
class RecoveryKey:
    """A key of 32 bytes. Its text is the form for people to type."""

    raw: bytes

    def __str__(self) -> str:
        """Return the key in base58, in groups of four."""
        body = _HEAD + self.raw
        parity = 0
        for byte in body:
            parity ^= byte
        number, text = int.from_bytes(body + bytes([parity])), ""
        while number:
            number, digit = divmod(number, len(_DIGITS))
            text = _DIGITS[digit] + text
        return " ".join(text[at : at + 4] for at in range(0, len(text), 4))

    @classmethod
    def parse(cls, text: str) -> RecoveryKey:
        """Parse the form that :meth:`__str__` returns; blanks are ignored.

        Raises:
            ValueError: the text is not a recovery key.
        """
        number = 0
        for sign in "".join(text.split()):
            if sign not in _DIGITS:
                raise ValueError(f"{sign!r} does not occur in a recovery key")
            number = number * len(_DIGITS) + _DIGITS.index(sign)
        try:
            whole = number.to_bytes(len(_HEAD) + 33)
        except OverflowError as error:
            raise ValueError("the recovery key is too long") from error
        parity = 0
        for byte in whole:
            parity ^= byte
        if parity or not whole.startswith(_HEAD):
            raise ValueError("the recovery key has a typing error")
        return cls(whole[len(_HEAD) : -1])

    def encrypt(self, name: str, text: bytes) -> dict[str, str]:
        """Return an encrypted secret in the form of the account data. The keys of the encryption depend on ``name``."""
        random = secrets.token_bytes(16)
        # The specification demands that bit 63 is zero: some implementations use a counter of fewer bits.
        start = random[:8] + bytes([random[8] & 0x7F]) + random[9:]
        key, mac_key = self._keys(name)
        sealed = AES.new(key, AES.MODE_CTR, nonce=b"", initial_value=start).encrypt(text)
        return {"iv": encode_base64(start), "ciphertext": encode_base64(sealed), "mac": _mac(mac_key, sealed)}

    def decrypt(self, name: str, secret: Mapping[str, str]) -> bytes:
        """Return the text that was passed to :meth:`encrypt`.

        Raises:
            ValueError: the key or the name is a different one.
        """
        key, mac_key = self._keys(name)
        sealed = decode_base64(secret["ciphertext"])
        if not hmac.compare_digest(_mac(mac_key, sealed), secret["mac"]):
            raise ValueError("the key does not fit")
        return AES.new(key, AES.MODE_CTR, nonce=b"", initial_value=decode_base64(secret["iv"])).decrypt(sealed)

    def description(self) -> dict[str, str]:
        """Return the description of this key, with which a client checks a typed key."""
        check = self.encrypt("", bytes(32))
        return {"algorithm": ALGORITHM, "name": "ptgbot", "iv": check["iv"], "mac": check["mac"]}

    def _keys(self, name: str) -> tuple[bytes, bytes]:
        both = HKDF(self.raw, 64, bytes(32), SHA256, context=name.encode())
        assert isinstance(both, bytes)
        return both[:32], both[32:]


def _mac(key: bytes, text: bytes) -> str:
    return encode_base64(hmac.new(key, text, hashlib.sha256).digest())


async def keep(wire: Wire, identity: CrossSigningIdentity, path: Path) -> None:
    """Put an identity into the account data, unless it is there, and write the recovery key to a file.

    Raises:
        OSError: the homeserver could not be reached, or the file could not be written.
        RequestRefused: the homeserver refuses the account data.
        TryLater: the homeserver asks for a pause.
    """
    mark = f"{identity.master}\n"
    if _is_kept(path, mark):
        return
    key, name = RecoveryKey(secrets.token_bytes(32)), secrets.token_hex(8)
    data = f"/user/{part(identity.user)}/account_data"
    await wire.put(f"{data}/m.secret_storage.key.{name}", key.description())
    for usage, private in identity.keys.items():
        secret = f"m.cross_signing.{usage}"
        sealed = key.encrypt(secret, encode_base64(private.seed).encode())
        await wire.put(f"{data}/{secret}", {"encrypted": {name: sealed}})
    _write(path, key, identity)
    await wire.put(f"{data}/m.secret_storage.default_key", {"key": name})


async def restored(wire: Wire, user: str, path: Path) -> CrossSigningIdentity | None:
    """Return the identity that the account data keep for the recovery key in a file, None if there is none.

    Raises:
        OSError: the homeserver could not be reached.
        TryLater: the homeserver asks for a pause.
    """
    try:
        key = _read(path)
        seeds = {usage: await _secret(wire, user, key, f"m.cross_signing.{usage}") for usage in USAGES}
        found = CrossSigningIdentity(user, {usage: SigningKey(seed) for usage, seed in seeds.items()})
    except (FileNotFoundError, RequestRefused):
        return None
    except (ValueError, KeyError, TypeError) as error:
        log.warning("the recovery key does not bring back the identity: %s", error)
        return None
    _write(path, key, found)
    return found


def _read(path: Path) -> RecoveryKey:
    """Return the key in a file. Raises as :meth:`RecoveryKey.parse`, and OSError."""
    return RecoveryKey.parse(path.read_text().partition("\n")[0])


async def _secret(wire: Wire, user: str, key: RecoveryKey, name: str) -> bytes:
    """Return a seed from the account data. Only one of the keys that may encrypt it is ours."""
    data = await wire.get(f"/user/{part(user)}/account_data/{name}")
    copies = [copy for copy in table_in(data, "encrypted").values() if isinstance(copy, dict)]
    for copy in copies:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return decode_base64(key.decrypt(name, copy).decode("ascii"))
    raise ValueError(f"no copy of {name} in the account data fits it")


def _write(path: Path, key: RecoveryKey, identity: CrossSigningIdentity) -> None:
    write_secret(path, f"{key}\n# of the identity {identity.master}\n")


def _is_kept(path: Path, mark: str) -> bool:
    try:
        return path.read_text().endswith(mark)
    except FileNotFoundError:
        return False
