"""Compares figures of documents with those that were found otherwise, and counts them."""

import math

import numpy

Z = 1.959963984540054


class Checks:
    """Compares figures and counts them."""

    def __init__(self):
        self.compared, self.wrong = 0, 0

    def same(self, what, told, expected):
        """A number or a text."""
        self.compared += 1
        if isinstance(expected, str):
            good = told == expected
        else:
            told, expected = float(told or 0), float(expected)
            good = math.isclose(told, expected, rel_tol=1e-9, abs_tol=1e-9)
        if not good:
            self.wrong += 1
            print(f"  WRONG {what}: told {told}, found {expected}")

    def share(self, what, told, holds):
        """A share of rows, with its Wilson interval."""
        part, of = int(holds.sum()), len(holds)
        self.same(f"{what}, part", told.get("part", 0), part)
        self.same(f"{what}, of", told.get("of", 0), of)
        if of:
            self.same(f"{what}, rate", told.get("rate", 0), part / of)
            self.interval(what, told.get("low", 0), told.get("high", 0), part, of)

    def interval(self, what, low, high, part, of):
        """A Wilson interval, by solving (p - rate)² = z² p (1 - p) / n for p."""
        rate, square = part / of, Z * Z / of
        roots = sorted(numpy.roots([1 + square, -(2 * rate + square), rate * rate]).real)
        self.same(f"{what}, low", low, max(roots[0], 0))
        self.same(f"{what}, high", high, min(roots[1], 1))


def percent(share):
    """As documents write a share."""
    value, sign = abs(share * 100), "−" if share < 0 else ""
    if abs(value - round(value)) < 1e-9:
        return f"{sign if round(value) else ''}{value:.0f}%"
    if value < 0.05:
        return ">−0.1%" if share < 0 else "<0.1%"
    if 99.95 <= value < 100 and share > 0:
        return ">99.9%"
    return f"{sign}{value:.1f}%" if value < 9.95 or f"{value:.0f}" == "100" else f"{sign}{value:.0f}%"
