"""Calendar days as people and programs write them, as docs/API.md documents them (how values are read)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable

from sweetspot.scorecard._texts import SPACES, is_digits, level_key, trim

# English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish.
_MONTHS = (
    "jan january januar jänner janvier janv enero ene gennaio gen janeiro januari styczeń stycznia sty",
    "feb february februar février fevrier févr fevr fév febrero febbraio fevereiro fev februari luty lutego lut",
    "mar march märz maerz mrz mär mars marzo março marco maart mrt marzec marca",
    "apr april avril avr abril abr aprile kwiecień kwietnia kwi",
    "may mai mayo maggio mag maio mei maj maja",
    "jun june juni juin junio giugno giu junho czerwiec czerwca cze",
    "jul july juli juillet juil julio luglio lug julho lipiec lipca lip",
    "aug august août aout agosto ago augustus augusti sierpień sierpnia sie",
    "sep sept september septembre septiembre setiembre settembre set setembro wrzesień września wrz",
    "oct october okt oktober octobre octubre ottobre ott outubro out październik października paź",
    "nov november novembre noviembre novembro listopad listopada lis",
    "dec december dez dezember décembre decembre déc diciembre dic dicembre dezembro grudzień grudnia gru",
)
_MONTH_OF_NAME = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_CENTURY_PIVOT = 69
_UNIX_EPOCH_SERIAL, _MAX_SERIAL = 25_569, 2_958_465
_SEPARATORS = re.compile(f"[{re.escape(SPACES)}/.,-]")
_ORDINALS = ("st", "nd", "rd", "th", "er", "º")
# The year, month and day of three numbers, in each order.
_ORDERS: dict[str, Callable[[str, str, str], tuple[str, str, str]]] = {
    "mdy": lambda a, b, c: (c, a, b),
    "dmy": lambda a, b, c: (c, b, a),
    "ymd": lambda a, b, c: (a, b, c),
}


def read_day(text: str, order: str = "") -> int | None:
    """Read a day as days since 1970-01-01.

    A text that is a day in several orders is read in `order`, or else with the day first if
    its mark is a dot. With an order, years may have two digits, and quarters, weeks, months and serial numbers are
    days.
    """
    text, wide = trim(text), bool(order)
    for spelled in (text, text.replace(". ", ".")):
        numbers = _three_numbers(spelled)
        if numbers is not None and (readings := _readings(*numbers, wide)):
            return _in_order(readings, order or ("dmy" if numbers[0] == "." else "mdy"))
    day = _with_month_name(text, wide)
    if day is not None or not wide:
        return day
    if re.fullmatch(r"[0-9]+(?:[.,][0-9]+)?", text):
        return _serial_number(text, order)
    return _period(text)


def _in_order(readings: dict[str, int], order: str) -> int | None:
    """Return the day in an order, or else the only day."""
    if order in readings:
        return readings[order]
    days = set(readings.values())
    return days.pop() if len(days) == 1 else None


def _three_numbers(text: str) -> tuple[str, str, str, str] | None:
    """Split a day of three numbers, with any time after it, into the mark and the numbers."""
    cut = re.search("[T ,]", text)
    if cut is not None:
        time = text[cut.end() :].lstrip(" ,-")
        if not time or not is_digits(time[0]):
            return None
        text = text[: cut.start()]
    mark = next((character for character in text if not is_digits(character)), "")
    fields = text.split(mark) if mark and mark in "-/." else []
    return (mark, fields[0], fields[1], fields[2]) if len(fields) == 3 else None


def _readings(mark: str, a: str, b: str, c: str, wide: bool) -> dict[str, int]:
    """Return the day of three numbers in each order in which they are one."""
    if len(a) == 4:
        day = _civil(a, b, c, wide)
        return {} if day is None else dict.fromkeys(_ORDERS, day)
    days = {order: _civil(*fields(a, b, c), wide) for order, fields in _ORDERS.items()}
    return {order: day for order, day in days.items() if day is not None}


def _civil(year: str, month: str, day: str, wide: bool) -> int | None:
    """Return the day of a year, a month and a day in digits."""
    if not all(map(is_digits, (year, month, day))) or len(month) > 2 or len(day) > 2:
        return None
    if len(year) != 4 and not (wide and len(year) == 2):
        return None
    return _day_number(_full_year(year), int(month), int(day))


def _full_year(year: str) -> int:
    number = int(year)
    if len(year) != 2:
        return number
    return number + (2000 if number < _CENTURY_PIVOT else 1900)


def _day_number(year: int, month: int, day: int) -> int | None:
    """Return the days since 1970-01-01, also for the year 0, which `datetime` does not have."""
    if not 1 <= month <= 12:
        return None
    length = 28 + calendar.isleap(year) if month == 2 else 30 if month in (4, 6, 9, 11) else 31
    if not 1 <= day <= length:
        return None
    # Years begin in March, so that the leap day is their last one.
    year, shifted = (year, month - 3) if month > 2 else (year - 1, month + 9)
    day_of_year = (153 * shifted + 2) // 5 + day - 1
    return 365 * year + year // 4 - year // 100 + year // 400 + day_of_year - 719_468


def _parts(text: str) -> list[str]:
    return [part for part in _SEPARATORS.split(text) if part not in ("", "de", "del", "of")]


def _with_month_name(text: str, wide: bool) -> int | None:
    """Read day, month and year; month, day and year; or year, month and day; with any time after it."""
    parts = _parts(text)
    if len(parts) < 3 or (len(parts) > 3 and (":" not in parts[3] or not is_digits(parts[3][0]))):
        return None
    first, second, third = parts[:3]
    if not is_digits(first[0]):
        name, day, year = first, second, third
    elif len(first) == 4 and is_digits(first):
        name, day, year = second, third, first
    else:
        name, day, year = second, first, third
    ordinal = next((ending for ending in _ORDINALS if day.endswith(ending)), "")
    month = _MONTH_OF_NAME.get(level_key(name))
    return None if month is None else _civil(year, str(month), day.removesuffix(ordinal), wide)


def _serial_number(text: str, order: str) -> int | None:
    """Read a number alone: eight digits with the year first, or a serial number of spreadsheets."""
    whole = re.split("[.,]", text)[0]
    if order == "ymd" and len(text) == 8 and whole == text:
        return _civil(text[:4], text[4:6], text[6:], False)
    if order == "serial" and 1 <= int(whole) <= _MAX_SERIAL:
        return int(whole) - _UNIX_EPOCH_SERIAL
    return None


def _period(text: str) -> int | None:
    """Read the first day of a quarter, an ISO week or a month."""
    parts = _parts(text)
    if len(parts) == 1:
        # `2022Q3`, `2022W28`: four bytes, and the rest.
        parts = _split_at_four(parts[0])
    if len(parts) != 2:
        return None
    year, part = parts if _is_year(parts[0]) else reversed(parts)
    if not _is_year(year) and not (len(year) == 2 and is_digits(year) and part[:1].isalpha()):
        return None
    number = re.fullmatch(r"([QqTWw])\+?([0-9]+)", part)
    if number is None:
        month = part if is_digits(part) else str(_MONTH_OF_NAME.get(level_key(part), ""))
        return _civil(year, month, "1", True)
    count, of = int(number[2]), _full_year(year)
    if number[1] in "QqT":
        return _day_number(of, 3 * count - 2, 1) if 1 <= count <= 4 else None
    return _week(of, count)


def _split_at_four(text: str) -> list[str]:
    data = text.encode()
    try:
        return [data[:4].decode(), data[4:].decode()]
    except UnicodeDecodeError:
        return []


def _is_year(text: str) -> bool:
    return len(text) == 4 and is_digits(text)


def _week(year: int, week: int) -> int | None:
    """Return the Monday of an ISO week: January 4th is in the first one."""

    def first(of: int) -> int:
        day = _day_number(of, 1, 4) or 0
        # 1970-01-01 was a Thursday.
        return day - (day + 3) % 7

    weeks = (first(year + 1) - first(year)) // 7
    return first(year) + 7 * (week - 1) if 1 <= week <= weeks else None
