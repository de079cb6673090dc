"""What personal data and secrets look like. Precision comes first: a date or a price that is taken away is a loss."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

from agentmem.redaction.checksums import luhn, mod_97


@dataclass(frozen=True, slots=True)
class Pattern:
    """One sort of personal data.

    Attributes:
        name: what stands in its stead, in brackets: ``[EMAIL]``.
        expression: what it looks like; where it has a group ``value``, only that is replaced.
        valid: whether a text that looks so is one.
    """

    name: str
    expression: re.Pattern[str]
    valid: Callable[[str], bool] = lambda _text: True


def _an_address(text: str) -> bool:
    """Whether it is an IP address of the world: addresses of nobody in particular say nothing about anybody."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _a_phone(text: str) -> bool:
    """Whether there are as many digits as telephone numbers have (ITU-T E.164: at most 15), and it is no date."""
    digits = sum(character.isdigit() for character in text)
    return 8 <= digits <= 15 and _DATE.search(text) is None


_DATE = re.compile(r"\b(?:\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{4})\b")

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "PRIVATE_KEY",
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    ),
    Pattern("TOKEN", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}")),  # a JSON Web Token, RFC 7519
    Pattern(
        "API_KEY",
        re.compile(
            r"\b(?:sk-[\w-]{16,}|gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|xox[abeoprs]-[\w-]{10,}"
            r"|AKIA[A-Z0-9]{16}|AIza[\w-]{30,}|hf_[A-Za-z0-9]{20,}|glpat-[\w-]{16,})"
        ),
    ),
    Pattern(
        "PASSWORD",
        re.compile(
            r"\b(?:password|passwd|passphrase|pwd|api[ _-]?key|secret[ _-]?key|access[ _-]?token)"
            r"(?:\s+is|\s*[:=])\s*[\"'`]?(?P<value>[^\s\"'`,;]{6,})",
            re.IGNORECASE,
        ),
        lambda text: any(not character.isalpha() for character in text.rstrip(".!?)")),
    ),
    Pattern("PASSWORD", re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]+:(?P<value>[^\s/@]+)@", re.IGNORECASE)),
    Pattern(
        "EMAIL",
        re.compile(
            r"(?<![\w.+-])[A-Za-z0-9](?:[\w.+'-]{0,62}[\w+-])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
            r"[A-Za-z]{2,24}\b"
        ),
    ),
    Pattern("IBAN", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"), mod_97),
    Pattern("CARD", re.compile(r"(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![\d-])"), luhn),
    Pattern("SSN", re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\d-])")),  # of the USA
    Pattern("IP_ADDRESS", re.compile(r"(?<![\w.:])(?:\d{1,3}\.){3}\d{1,3}(?![\w.:]*\d)"), _an_address),
    Pattern(
        "IP_ADDRESS",
        re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){2,7}(?::?[0-9A-Fa-f]{1,4}){0,6}(?![\w:])"),
        _an_address,
    ),
    Pattern("PHONE", re.compile(r"(?<![\w+])\+\d{1,3}(?:[ ./-]?\(?\d{1,4}\)?){2,6}(?!\d)"), _a_phone),
    Pattern(
        "PHONE",
        re.compile(r"(?<![\w.-])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])"),
        _a_phone,
    ),
    Pattern("PHONE", re.compile(r"(?<![\w.,:/-])0\d{1,4}[ /-]\d{2,4}(?:[ -]?\d{2,4}){1,4}(?![\w-])"), _a_phone),
)
"""What :class:`agentmem.Redaction` looks for by itself, in this order: what was replaced is not looked at again.

Names, postal addresses and dates of birth are not among them: patterns cannot tell them from what a memory is for. Plug
in a recogniser of your own for those.
"""
