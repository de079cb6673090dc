"""Names by which something is looked up, in a form that redaction leaves alone.

A hook before writing may change any name that it sees in metadata, and what was stored under ``ana@example.org`` would
then be there under ``[EMAIL]``, where nothing finds it. So a name is compared by a digest of it, its *address*, and
kept beside it only to be shown. A name that was changed is shown with its address behind it, ``[EMAIL]~...``, and in
that form means the same.

The digest has no key: whoever can read it can test a guess of the name.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_SHOWN = re.compile(r"(.*)~([a-p]{32})", re.DOTALL)


def digest_of(*names: Any) -> str:
    """128 bits of BLAKE2b (RFC 7693) over names, as 32 letters from ``a`` to ``p``.

    Letters only: in hexadecimal, a run of decimal digits may pass for the number of a card.
    """
    told = json.dumps(names, sort_keys=True, default=repr)
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest().translate(_LETTERS)


def address_of(name: str) -> str:
    """What a name is compared by; the same for the form in which :func:`shown_name` gives it."""
    shown = _SHOWN.fullmatch(name) if isinstance(name, str) else None
    return shown[2] if shown else digest_of(name)


def stored_name(name: str) -> str:
    """The name as it is kept beside its address."""
    shown = _SHOWN.fullmatch(name) if isinstance(name, str) else None
    return shown[1] if shown else name


def shown_name(stored: str, address: str) -> str:
    """The name of an address: as it was stored, and with the address behind it where that is not what was given."""
    return stored if digest_of(stored) == address else f"{stored}~{address}"
