"""The recovery key. An operator types it into a client of the bot's account, so that the client gets the identity.

The three private keys of the identity are in the account data, encrypted with a key that is only in our store.
Source: Matrix client-server API, sections "Secret storage", "m.secret_storage.v1.aes-hmac-sha2", "Recovery key"
(appendix "Cryptographic key representation").
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen
from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.Protocol.KDF import HKDF

from ptgbot_matrix.crypto.cross_signing import CrossSigningIdentity, decode_base64, encode_base64
from ptgbot_matrix.secretfile import write_secret
from ptgbot_matrix.session.wire import Wire, part

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
    write_secret(path, f"{key}\n# of the identity {mark}")
    await wire.put(f"{data}/m.secret_storage.default_key", {"key": name})


def _is_kept(path: Path, mark: str) -> bool:
    try:
        return path.read_text().endswith(mark)
    except FileNotFoundError:
        return False
