"""Text that came from a peer, made fit to be shown.

A peer chooses instance ids, error messages, names and payloads. Escaping for HTML or XML is not enough: a right-to-left
override turns `fail` into something else on the screen, a zero-width character hides a difference, a lone surrogate
cannot be written to a file at all, and a message of 50 MB makes the report useless. So each renderer first makes such
text *visible* (every character that has no glyph of its own is replaced by one that says what stood there) and
*bounded*, and then escapes it for its own format.
"""

import re
import unicodedata
from functools import lru_cache

_CONTROL_PICTURES = 0x2400
_DELETE = 0x7F
_SPACE = 0x20
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
_PLAIN = re.compile(r"[\t\n -~]*")
_SURROGATE = re.compile("[\ud800-\udfff]")


def visible(text: str) -> str:
    """The same text with control, format, bidirectional and surrogate characters spelled out; newline and tab stay."""
    if _PLAIN.fullmatch(text):
        return text
    return "".join(map(_shown, text))


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    if char in "\n\t" or unicodedata.category(char) not in _INVISIBLE:
        return char
    code = ord(char)
    if code < _SPACE:
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return "\u2421"
    return f"\u27e8U+{code:04X}\u27e9"


def bounded(text: str, limit: int) -> str:
    """At most about `limit` characters: the begin, and how many were left out."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… [{len(text) - limit:,} more characters]"


def shown(text: str, *, limit: int) -> str:
    """Bounded first (so that a huge text costs little), then visible."""
    return visible(bounded(text, limit))


def one_line(text: str, *, limit: int) -> str:
    """Bounded and visible on a single line: runs of white space become one space."""
    return " ".join(shown(text, limit=limit).split())


def without_surrogates(text: str) -> str:
    """The same text as UTF-8 can carry it: a lone surrogate becomes its escape, as in a Python literal."""
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
