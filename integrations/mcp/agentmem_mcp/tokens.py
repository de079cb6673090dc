"""Bearer tokens: each is bound to one scope, by a file that only the operator writes.

The file holds the SHA-256 of a token rather than the token, so that who reads it can use none::

    [[token]]
    scope = "acme/ana"
    sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"

A token of 256 random bits needs no slow hash: it cannot be guessed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp.server.auth.provider import AccessToken

from agentmem import Scope
from agentmem.errors import InvalidInput

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Tokens:
    """Which token has which scope, by the token's SHA-256; a token verifier for the SDK's HTTP server."""

    scopes: Mapping[str, Scope]

    async def verify_token(self, token: str) -> AccessToken | None:
        """Who presents this token; ``None``: nobody known. A lookup by hash tells a guesser nothing by its time."""
        digest = digest_of(token)
        scope = self.scopes.get(digest)
        if scope is None:
            return None
        # The subject keeps the sessions of two tokens apart, also when they share a scope.
        return AccessToken(token=digest, client_id=scope.path, subject=digest, scopes=[])

    def scope_of(self, token: AccessToken | None) -> Scope:
        """The scope of a verified token. Raises InvalidInput without one."""
        scope = None if token is None else self.scopes.get(token.token)
        if scope is None:
            raise InvalidInput("This request has no token that is known here. Send: Authorization: Bearer TOKEN")
        return scope


def read_tokens(path: Path) -> Tokens:
    """The tokens of a file.

    Raises:
        InvalidInput: the file cannot be read, is no such TOML, holds no token, or one twice.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"The tokens {path} cannot be read ({error.strerror}). Check the path.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"The tokens {path} are not TOML ({error}). See 'agentmem-mcp --new-token'.") from error
    tables = said.get("token")
    if set(said) != {"token"} or not isinstance(tables, list) or not tables:
        raise InvalidInput(f"{path} must hold [[token]] tables, one or more, and nothing else.")
    scopes: dict[str, Scope] = {}
    for number, table in enumerate(tables, 1):
        digest, scope = _token(table, f"{path}, token {number}")
        if digest in scopes:
            raise InvalidInput(f"{path}, token {number}: this token is there twice. Give each user one of their own.")
        scopes[digest] = scope
    return Tokens(scopes)


def _token(table: Any, place: str) -> tuple[str, Scope]:
    if not isinstance(table, dict) or set(table) != {"scope", "sha256"}:
        raise InvalidInput(f'{place}: it needs scope = "..." and sha256 = "...". See \'agentmem-mcp --new-token\'.')
    if not isinstance(table["sha256"], str) or not _DIGEST.fullmatch(table["sha256"].lower()):
        raise InvalidInput(f"{place}: sha256 is the token's SHA-256, 64 hex digits. See 'agentmem-mcp --new-token'.")
    if not isinstance(table["scope"], str):
        raise InvalidInput(f'{place}: scope is text such as "acme/ana".')
    return table["sha256"].lower(), Scope.from_path(table["scope"])


def digest_of(token: str) -> str:
    """The SHA-256 of a token, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token() -> str:
    """256 random bits, as text for a header."""
    return secrets.token_urlsafe(32)


def told(token: str, scope: Scope) -> str:
    """What to do with a new token, in words and TOML."""
    return (
        f"The token, for the user's client; it is shown this once:\n\n    {token}\n\n"
        f'For the file of --tokens:\n\n[[token]]\nscope = "{scope.path}"\nsha256 = "{digest_of(token)}"'
    )
