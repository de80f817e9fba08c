"""Compares figures of documents with independently computed ones, and counts the comparisons."""

import math

import numpy

Z = 1.959963984540054


class Checks:
    """Counts compared figures and differences."""

    def __init__(self):
        self.compared, self.wrong = 0, 0

    def same(self, what, reported, expected):
        """Compares a number or a text."""
        self.compared += 1
        if isinstance(expected, str):
            good = reported == expected
        else:
            reported, expected = float(reported or 0), float(expected)
            good = math.isclose(reported, expected, rel_tol=1e-9, abs_tol=1e-9)
        if not good:
            self.wrong += 1
            print(f"  WRONG {what}: reported {reported}, expected {expected}")

    def share(self, what, reported, holds):
        """Compares a share of rows, and its Wilson interval."""
        part, of = int(holds.sum()), len(holds)
        self.same(f"{what}, part", reported.get("part", 0), part)
        self.same(f"{what}, of", reported.get("of", 0), of)
        if of:
            self.same(f"{what}, rate", reported.get("rate", 0), part / of)
            self.interval(what, reported.get("low", 0), reported.get("high", 0), part, of)

    def interval(self, what, low, high, part, of):
        """Compares a Wilson interval."""
        expected_low, expected_high = wilson(part, of)
        self.same(f"{what}, low", low, expected_low)
        self.same(f"{what}, high", high, expected_high)


def wilson(part, of):
    """The ends of a Wilson interval: the solutions p of (p - rate)² = z² p (1 - p) / n."""
    rate, square = part / of, Z * Z / of
    roots = sorted(numpy.roots([1 + square, -(2 * rate + square), rate * rate]).real)
    return max(roots[0], 0), min(roots[1], 1)


def percent(share):
    """A share in the format of documents."""
    value, sign = abs(share * 100), "−" if share < 0 else ""
    if abs(value - round(value)) < 1e-9:
        return f"{sign if round(value) else ''}{value:.0f}%"
    if value < 0.05:
        return ">−0.1%" if share < 0 else "<0.1%"
    if 99.95 <= value < 100 and share > 0:
        return ">99.9%"
    return f"{sign}{value:.1f}%" if value < 9.95 or f"{value:.0f}" == "100" else f"{sign}{value:.0f}%"
