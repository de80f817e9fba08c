"""Texts as the model compares them. White space and letters are those of Unicode, as for the server."""

from __future__ import annotations

import unicodedata

# The property White_Space. `str.strip` also removes U+001C to U+001F, which are not white space.
SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_FLAGS = {
    True: "yes true y t on ja j wahr oui vrai sí si sì sim 1 verdadero vero tak kyllä".split(),
    False: "no false n f off nein falsch non faux não nee nej nei 0 nao falso nie ei".split(),
}
_FLAG_OF_WORD = {word: flag for flag, words in _FLAGS.items() for word in words}


def trim(text: str) -> str:
    """Remove outer white space."""
    return text.strip(SPACES)


def level_key(text: str) -> str:
    """Return the key of a text: NFC, trimmed, in lower case. Texts with one key are the same value."""
    trimmed = trim(text)
    if trimmed.isascii():
        return trimmed.lower()
    # Lower case can decompose, so the text is composed again.
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", trimmed).lower())


def is_digits(text: str) -> bool:
    """Whether a text consists of the digits 0 to 9, and has one."""
    return text.isascii() and text.isdigit()


def read_flag_word(text: str) -> bool | None:
    """Read a word for yes or no."""
    return _FLAG_OF_WORD.get(level_key(text))


def split_list(text: str) -> list[str]:
    """Split a text into its items: at `;` and `|` or, without either, at a comma and a space."""
    parts = text.replace("|", ";").split(";") if ";" in text or "|" in text else text.split(", ")
    return [item for item in map(trim, parts) if item]
