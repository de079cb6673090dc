"""Check digits, by which a number that only looks like a card or an account is told from one that is."""

from __future__ import annotations


def luhn(text: str) -> bool:
    """Whether the digits of a text end in their check digit (ISO/IEC 7812-1, annex B). Other characters are ignored."""
    digits = [int(character) for character in text if character.isascii() and character.isdigit()]
    if len(digits) < 2:
        return False
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def mod_97(text: str) -> bool:
    """Whether an account number is one: country, check digits, account (ISO 13616; ISO 7064 MOD 97-10)."""
    plain = "".join(text.split()).upper()
    if not plain.isascii() or not plain.isalnum():
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1
