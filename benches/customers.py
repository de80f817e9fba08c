"""Computes outcomes, labels and scores of a table's customers by docs/MODEL.md and adr/0004, to check documents against."""

import math
import re

import numpy
import pandas

import by_hand


def numbers(text):
    """The text of a range without thousands separators, and with an ASCII minus."""
    return re.sub(r"(?<=\d),(?=\d{3})", "", text.replace("\u2212", "-"))


def band(values, text):
    """The customers in a range: `below 30`, `30 to 59`, `1.5 to below 2`, `90 or more`, `7`."""
    text = numbers(text)
    if text.startswith("below "):
        return values < float(text[6:])
    if text.endswith(" or more"):
        return values >= float(text[:-8])
    if " to below " in text:
        low, high = text.split(" to below ")
        return (values >= float(low)) & (values < float(high))
    if " to " in text:
        low, high = text.split(" to ")
        return (values >= float(low)) & (values <= float(high))
    return values == float(text)


class Customers:
    """A table with outcomes, labels and scores."""

    def __init__(self, card, report, table, mapping):
        self.version = by_hand.Version(card, table, mapping)
        self.table, self.outcome = table, mapping["outcome"]
        self.id = table[mapping["id"]].str.strip()
        self.status = self.statuses(table)
        # The amount of a lost deal is not a value.
        self.net = self.nets(table, mapping).mask(self.status == "lost")
        self.ideal = self.labels(mapping["label"], report)
        self.fits = self.version.fits()
        self.labeled = self.ideal.notna()
        since = self.outcome.get("since")
        self.since = pandas.to_datetime(by_hand.without_markers(table[since], mapping)) if since else pandas.Series(pandas.NaT, table.index)

    def statuses(self, table):
        column = self.outcome.get("status")
        names = {text: status for status in ("won", "lost", "churned") for text in (column or {}).get(status, [])}
        return table[column["column"]].str.strip().map(names) if column else pandas.Series(None, table.index, dtype=object)

    def nets(self, table, mapping):
        amount = lambda what: pandas.to_numeric(by_hand.without_markers(table[self.outcome[what]], mapping), errors="coerce")
        if "value" not in self.outcome:
            return pandas.Series(numpy.nan, table.index)
        costs = [amount(cost).fillna(0) for cost in ("cost_to_serve", "cost_to_acquire") if cost in self.outcome]
        return amount("value") - sum(costs, 0)

    def labels(self, label, report):
        """1 for ideal, 0 for not ideal, NaN if the outcome gives no label (adr/0004)."""
        policy, status, unlabeled = label["policy"], self.status, pandas.Series(numpy.nan, self.table.index)
        if policy == "won":
            return unlabeled.mask(status.isin(["won", "churned"]), 1).mask(status == "lost", 0)
        if policy == "retained":
            return unlabeled.mask(status == "won", 1).mask(status == "churned", 0)
        known = self.net[(status != "lost") & self.net.notna()].sort_values(ascending=False)
        top = max(int(math.floor(label.get("top_share", 0.2) * len(known) + 0.5)), 1)
        high = (self.net >= label.get("value_at_least", known.iloc[top - 1])).where(self.net.notna()).astype(float)
        if policy == "high_value":
            return high.where(status != "lost")
        if policy == "ideal":
            return high.mask(status.isin(["lost", "churned"]), 0)
        raise SystemExit(f"label policy {policy} is not supported here")

    def having(self, attribute, text):
        """The customers with a value in the format of documents, or with any of several values joined by `or`."""
        values, kind = self.version.values[attribute], self.version.kinds[attribute]
        if kind == "flag":
            return values == (text == "yes")
        if kind == "number":
            return numpy.logical_or.reduce([band(values, part) for part in re.split(r" or (?!more)", text)])
        keys = values.map(by_hand.key, na_action="ignore")
        whole = keys == by_hand.key(text)
        return whole if whole.any() else keys.isin([by_hand.key(part) for part in text.split(" or ")])

    def value_share(self, rows):
        """The share of all net value that these customers hold; None if the total is not positive."""
        return self.net[rows].sum() / self.net.sum() if self.net.sum() > 0 else None
