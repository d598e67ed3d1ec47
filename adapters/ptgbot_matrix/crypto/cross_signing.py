"""The cross-signing identity of the bot. More and more clients give no keys to a device that its owner has not signed.

An identity has three Ed25519 keys. The master key stands for the user; it signs the self-signing key, which signs the
user's devices. The user-signing key would sign other users. We verify nobody, but servers demand the key.
Source: Matrix client-server API, sections "Cross-signing", "Key and signature security", "POST
/keys/device_signing/upload", "POST /keys/signatures/upload", appendix "Signing JSON".
"""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path
from typing import Any, Final

from attrs import define, frozen
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

from ptgbot_matrix.event import table_in
from ptgbot_matrix.secretfile import write_secret
from ptgbot_matrix.session.interactive import post_with_password
from ptgbot_matrix.session.wire import JsonObject, RequestRefused, Wire

USAGES: Final = ("master", "self_signing", "user_signing")


def encode_base64(raw: bytes) -> str:
    """Return unpadded base64 (appendix "Unpadded Base64")."""
    return base64.b64encode(raw).decode().rstrip("=")


def decode_base64(text: str) -> bytes:
    """Decode unpadded base64 (appendix "Unpadded Base64").

    Raises:
        ValueError: the text is not base64.
    """
    return base64.b64decode(text + "=" * (-len(text) % 4))


def canonical(value: JsonObject) -> bytes:
    """Return the bytes that are signed: sorted keys, no blanks, no signatures (appendix "Canonical JSON")."""
    bare = {key: kept for key, kept in value.items() if key not in ("signatures", "unsigned")}
    return json.dumps(bare, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def has_signature(value: JsonObject, user: str, public: str) -> bool:
    """Say whether an object is signed by a user with the key whose public part is ``public``."""
    signature = table_in(table_in(value, "signatures"), user).get(f"ed25519:{public}")
    if not isinstance(signature, str):
        return False
    key = eddsa.import_public_key(decode_base64(public))
    try:
        eddsa.new(key, "rfc8032").verify(canonical(value), decode_base64(signature))
    except ValueError:
        return False
    return True


@frozen
class SigningKey:
    """One Ed25519 key."""

    seed: bytes

    @property
    def public(self) -> str:
        """The public part in base64. It is also the id of the key."""
        return encode_base64(self._key.public_key().export_key(format="raw"))

    def sign(self, user: str, value: JsonObject) -> dict[str, Any]:
        """Return a copy of an object with the signature of this key and user added."""
        signature = encode_base64(eddsa.new(self._key, "rfc8032").sign(canonical(value)))
        kept = table_in(value, "signatures")
        ours = {**table_in(kept, user), f"ed25519:{self.public}": signature}
        return {**value, "signatures": {**kept, user: ours}}

    @property
    def _key(self) -> ECC.EccKey:
        return ECC.construct(curve="Ed25519", seed=self.seed)


@frozen
class CrossSigningIdentity:
    """The three keys of a user, by usage."""

    user: str
    keys: dict[str, SigningKey]

    @property
    def master(self) -> str:
        """The public master key."""
        return self.keys["master"].public

    def upload(self) -> dict[str, Any]:
        """Return the body of the request that uploads all three keys."""
        bodies = {
            usage: {"user_id": self.user, "usage": [usage], "keys": {f"ed25519:{key.public}": key.public}}
            for usage, key in self.keys.items()
        }
        sign = self.keys["master"].sign
        return {f"{usage}_key": body if usage == "master" else sign(self.user, body) for usage, body in bodies.items()}

    def signed_device(self, device: JsonObject) -> dict[str, Any]:
        """Return the keys of a device with the signature of the self-signing key added."""
        return self.keys["self_signing"].sign(self.user, {k: v for k, v in device.items() if k != "unsigned"})

    @classmethod
    def load(cls, user: str, path: Path) -> CrossSigningIdentity:
        """Return the identity in a file. If there is none, make one and write it.

        Raises:
            OSError: the file cannot be written.
        """
        if (found := cls.read(user, path)) is not None:
            return found
        made = cls(user, {usage: SigningKey(secrets.token_bytes(32)) for usage in USAGES})
        made.save(path)
        return made

    @classmethod
    def read(cls, user: str, path: Path) -> CrossSigningIdentity | None:
        """Return the identity in a file, None if the file is missing or damaged."""
        try:
            found = json.loads(path.read_bytes())
            return cls(user, {usage: SigningKey(decode_base64(found[usage])) for usage in USAGES})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def save(self, path: Path) -> None:
        """Write the identity to a file.

        Raises:
            OSError: the file cannot be written.
        """
        write_secret(path, json.dumps({usage: encode_base64(key.seed) for usage, key in self.keys.items()}))


@define(eq=False)
class CrossSigning:
    """Uploads the identity and signs our device with it."""

    wire: Wire
    identity: CrossSigningIdentity
    device: str
    password: str
    """Password of the account, or empty. The homeserver asks for it if the account has an identity already."""

    async def problem(self) -> str:
        """Return a sentence that says why others may not trust our device, empty if they can.

        Raises:
            OSError: the homeserver could not be reached.
            RequestRefused: the homeserver refuses a request.
            TryLater: the homeserver asks for a pause.
        """
        found = await self._query()
        user = self.identity.user
        master = table_in(table_in(found, "master_keys"), user)
        device = table_in(table_in(table_in(found, "device_keys"), user), self.device)
        if not master:
            return "the account has no cross-signing identity"
        if self.identity.master not in table_in(master, "keys").values():
            return "the account has another cross-signing identity than ours"
        if not device:
            return f"the homeserver has no keys of our device {self.device}"
        if not has_signature(device, user, self.identity.keys["self_signing"].public):
            return f"our device {self.device} is not signed by its owner"
        return ""

    async def establish(self) -> str:
        """Upload the identity and sign our device, as far as either is missing.

        Return the remaining problem as a sentence, empty if there is none.

        Raises:
            OSError: the homeserver could not be reached.
            RequestRefused: the homeserver refuses a request.
            TryLater: the homeserver asks for a pause.
        """
        problem = await self.problem()
        if not problem:
            return ""
        try:
            if "identity" in problem:
                await self._upload()
            await self._sign()
        except RequestRefused as refused:
            return f"{problem}, and the homeserver refused ours: {refused}"
        return await self.problem()

    async def _query(self) -> JsonObject:
        return await self.wire.post("/keys/query", {"device_keys": {self.identity.user: []}})

    async def _upload(self) -> None:
        path, user = "/keys/device_signing/upload", self.identity.user
        await post_with_password(self.wire, path, self.identity.upload(), user, self.password)

    async def _sign(self) -> None:
        user = self.identity.user
        device = table_in(table_in(table_in(await self._query(), "device_keys"), user), self.device)
        if device:
            signed = self.identity.signed_device(device)
            await self.wire.post("/keys/signatures/upload", {user: {self.device: signed}})
