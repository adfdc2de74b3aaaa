"""Proves that a decoded record says all that its line says: it is written again, and both texts are compared.

A decoder takes more than the strict reader does: of a name that stands twice it keeps the last, and a number it rounds.
What is written again from what was decoded has every name once and numbers in their shortest form.
"""

from __future__ import annotations

import re

from validator.limits import DEFAULT
from validator.reading.files import BLANKS
from validator.reading.strict_json import names_once

_FRACTION = re.compile(rb"[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)")
_LONGEST = DEFAULT.digits + 1  # characters of a number with a point that the strict reader takes: so many are exact
_SMALL = re.compile(rb"[0-9][eE]-")  # perhaps an exponent, of which the strict reader refuses some
_LONG = re.compile(rb"0\.0[0-9]{%d}" % (DEFAULT.digits - 1))  # of what a float is written as, only this is too long
_ENDS = (b'+08:00"', b'Z"')
_BLANKS_AND_T = BLANKS + b"T"
_LOW_ESCAPE = b"\\u00"  # of a quote, a backslash, a letter of a name, or a control character


def is_odd(line: bytes) -> bool:
    """Say whether a line may hold a number that the strict reader refuses though it is what a float is written as."""
    small = (b"e-" in line or b"E-" in line) and _SMALL.search(line) is not None
    return small or (b"0.0" in line and _LONG.search(line) is not None)


def is_same(line: bytes, written: bytes | bytearray) -> bool:
    """Say whether a line without blanks around it is a text but for blanks between words, and escapes of letters."""
    if written == line:
        return True
    if b"\\u" in line:
        found = _unescaped(line)
        return found is not None and is_same(found, written)
    return len(written) < len(line) and written.translate(None, BLANKS) == line.translate(None, BLANKS)


def is_spaced(line: bytes, written: bytearray) -> bool:
    """Say whether a line is a text but for blanks, some of them between the date and the clock of times.

    Names and texts are the same in both: one was decoded from the other.
    """
    return line.translate(None, _BLANKS_AND_T) == written.translate(None, _BLANKS_AND_T)


def is_in_thousandths(line: bytes, written: bytearray) -> bool:
    """Say whether a line is a text but for how many noughts end the fractions of times."""
    return any(
        line.replace(b".000" + end, end) == written.replace(b"000" + end, end) for end in _ENDS if b"0" + end in line
    )


def says_all(line: bytes, written: bytearray) -> bool:
    """Say whether a line holds no more than what was decoded from it and written again, perhaps in another order.

    Args:
        line: JSON that was decoded into a type that allows no unknown names.
        written: what the decoded value is written as.
    """
    if _LOW_ESCAPE in line or is_odd(line):
        return False
    points = line.count(b".")
    if points != written.count(b".") or (points and not _same_fractions(line, written)):
        return False  # whole numbers can't be rounded, however they are written
    # No text lost a quote, for none is escaped as a number; so a name that stands twice is seen by its quotes.
    return written.count(b'"') == line.count(b'"') or names_once(line)  # what is null is not written


def _unescaped(line: bytes) -> bytes | None:
    r"""Return a line with letters in place of their escapes (``\u6267``); None when that is not easily told."""
    if not line.isascii() or _LOW_ESCAPE in line or b"\\U" in line:
        return None
    text = line.decode("raw-unicode-escape")  # an escaped backslash before a u stays what it is
    try:
        return text.encode()
    except UnicodeEncodeError:  # pairs of surrogates; no half is alone, or the line would not have been decoded
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le").encode()


def _same_fractions(line: bytes, written: bytearray) -> bool:
    """Say whether both have the same numbers that are not written as whole ones, but for zeros at their ends."""
    plain = _unescaped(line) if b"\\u" in line else line
    if plain is None:
        return False
    ours, theirs = _FRACTION.findall(plain), _FRACTION.findall(written)
    if max(map(len, ours), default=0) > _LONGEST:
        return False
    return ours == theirs or sorted(map(_shortest, ours)) == sorted(map(_shortest, theirs))


def _shortest(number: bytes) -> bytes:
    return number if b"e" in number.lower() else number.rstrip(b"0")
