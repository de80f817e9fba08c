"""Numbers as people and programs write them, as docs/API.md documents them (how values are read)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from sweetspot.scorecard._texts import SPACES, is_digits, trim

# Powers of ten, by the words after a number.
_MAGNITUDES = {
    3: "k tsd t tys thousand",
    5: "lakh lac lakhs",
    6: "m mn mm mio mill mln milj million millionen millions",
    7: "cr crore crores",
    9: "b bn mrd mld mia billion md milliarden",
}
_POWER_OF_WORD = {word: power for power, words in _MAGNITUDES.items() for word in words.split()}
# A sign that ends with another one comes before it.
_CURRENCIES = (
    "US$ R$ CA$ C$ AU$ A$ NZ$ HK$ MX$ S$ $ € £ ¥ ₹ ₩ ₺ ₪ ฿ ₱ ₽ ₴ zł Kč Ft lei Rs. Rs SFr. SFr Fr. "
    "kr. kr AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KRW "
    "MXN MYR NGN NOK NZD PHP PLN RON RUB SAR SEK SGD THB TRY TWD UAH USD ZAR"
).split()
_PLAIN = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WITHOUT_DECIMALS = re.compile(r"[.,][-–—]\Z")  # noqa: RUF001
_APOSTROPHES = "’\u02bc`´"  # noqa: RUF001
_GROUP_MARKS = str.maketrans({**dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(SPACES, " ")})


def read_number(text: str, decimal: str = "") -> float | None:
    """Read a finite number. A text that could have a decimal point or a comma has `decimal`, or else a point."""
    amount = _Amount.split(text)
    if amount is None:
        return None
    point, comma = amount.number("."), amount.number(",")
    if decimal == "," and comma is not None:
        return comma
    return point if point is not None else comma


@dataclass
class _Amount:
    """The digits of an amount, without the signs around them."""

    digits: str
    negative: bool = False
    signed: bool = False
    currency: bool = False
    percent: bool = False
    power: int | None = None

    @classmethod
    def split(cls, text: str) -> _Amount | None:
        text = trim(text)
        inner = text[1:-1] if len(text) > 1 and text[0] == "(" and text[-1] == ")" else None
        amount = cls(text, False) if inner is None else cls(inner, negative=True, signed=True)
        amount._strip_front()
        amount._strip_back()
        return amount if re.match(r"[0-9.]", amount.digits) else None

    def _strip_front(self) -> None:
        """Remove a sign and a currency, in either order."""
        while True:
            self.digits = self.digits.lstrip(SPACES)
            if self.digits[:1] and self.digits[0] in "-+\u2212" and not self.signed:
                self.negative, self.signed = self.digits[0] != "+", True
                self.digits = self.digits[1:]
                continue
            sign = next((sign for sign in _CURRENCIES if not self.currency and self.digits.startswith(sign)), None)
            if sign is None:
                return
            self.currency, self.digits = True, self.digits.removeprefix(sign)

    def _strip_back(self) -> None:
        """Remove a percent sign, a currency, a magnitude, and a minus after the number."""
        while True:
            self.digits = self.digits.rstrip(SPACES)
            if self.digits and is_digits(self.digits[-1]):
                return
            if _WITHOUT_DECIMALS.search(self.digits):
                self.digits = self.digits[:-2]
            elif self.digits.endswith(("-", "\u2212")) and not self.signed:
                self.signed = self.negative = True
                self.digits = self.digits[:-1]
            elif self.digits.endswith("%") and not self.percent:
                self.percent, self.digits = True, self.digits[:-1]
            elif not (self._strip_currency() or self._strip_magnitude()):
                return

    def _strip_currency(self) -> bool:
        sign = next((sign for sign in _CURRENCIES if not self.currency and self.digits.endswith(sign)), None)
        if sign is None:
            return False
        self.currency, self.digits = True, self.digits.removesuffix(sign)
        return True

    def _strip_magnitude(self) -> bool:
        text = self.digits.removesuffix(".")
        rest = text
        while rest and rest[-1].isalpha():
            rest = rest[:-1]
        word = text[len(rest) :]
        # `12B` can be a house number, and `5 m` five meters.
        allowed = True
        if word in ("m", "t", "T"):
            allowed = self.currency
        elif word in ("b", "B"):
            allowed = self.currency or "." in rest or "," in rest
        power = _POWER_OF_WORD.get(word.lower())
        if power is None or not allowed or self.power is not None:
            return False
        self.power, self.digits = power, rest
        return True

    def number(self, decimal: str) -> float | None:
        """Return the number with this decimal mark."""
        plain = float(self.digits) if _PLAIN.fullmatch(self.digits) else None
        if self.power is None and is_digits(self.digits):
            number = plain
        elif self.power is None and decimal == ".":
            number = plain if plain is not None else self._grouped(decimal)
        elif self.power is None and "e" in self.digits.lower() and "." not in self.digits:
            # Programs write exponents with a decimal point, or without a mark.
            number = plain
        else:
            number = self._grouped(decimal)
        if number is None or not math.isfinite(number):
            return None
        return -number if self.negative else number

    def _grouped(self, decimal: str) -> float | None:
        """Read a number with valid groups, and with digits only as decimals."""
        integer, mark, fraction = self.digits.partition(decimal)
        if mark and not is_digits(fraction):
            return None
        if not integer and decimal == ".":
            digits: str | None = "0"
        else:
            digits = _ungroup(integer, thousands="," if decimal == "." else ".")
        return None if digits is None else float(f"{digits}.{fraction or '0'}e{self.power or 0}")


def _ungroup(text: str, thousands: str) -> str | None:
    """Remove the separators of a whole number: groups of three digits, or with commas as in India."""
    if is_digits(text):
        return text
    plain = text.translate(_GROUP_MARKS)
    mark = next((character for character in plain if not is_digits(character)), "")
    if mark not in (thousands, " ", "'") or not mark:
        return None
    first, *middle = groups = plain.split(mark)
    last = middle.pop()
    if len(last) != 3 or first.startswith("0") or not all(map(is_digits, groups)):
        return None
    by_three = len(first) <= 3 and all(len(group) == 3 for group in middle)
    indian = mark == "," and len(first) <= 2 and middle and all(len(group) == 2 for group in middle)
    return "".join(groups) if by_three or indian else None
