"""Computes the scores of a version from its scorecard and a table, by the rules of docs/MODEL.md alone.

Needs numpy and pandas. A `Version` is the JSON of `sweetspot model show --json`; a mapping is a parsed mapping file.
"""

import unicodedata

import numpy
import pandas

YES, NO = {"yes", "true", "y", "t", "on", "1"}, {"no", "false", "n", "f", "off", "0"}


def key(text):
    """The form of a text in which levels are compared."""
    return unicodedata.normalize("NFC", text.strip()).lower()


def without_markers(texts, mapping):
    """A column with its missing markers replaced by NaN."""
    texts = texts.str.strip()
    return texts.where(~texts.isin([marker.strip() for marker in mapping.get("missing", [])] + [""]))


def flag(text):
    """Parses a flag; NaN if the text is neither yes nor no."""
    return True if key(text) in YES else False if key(text) in NO else numpy.nan


class Version:
    """A scorecard applied to the customers of a table: slots, log-odds, tiers and pond sides."""

    def __init__(self, card, table, mapping):
        self.card, self.table = card, table
        self.attributes = {term["attribute"]: term for term in card["attributes"]}
        self.kinds = {name: term["kind"] for name, term in self.attributes.items()}
        self.texts = {name: without_markers(table[name], mapping) for name in self.attributes}
        self.values = {name: self.read(name) for name in self.attributes}
        self.slots = {name: self.place(name) for name in self.attributes}

    def read(self, name):
        """The values of a column, parsed as its kind."""
        texts = self.texts[name]
        if self.kinds[name] == "number":
            return pandas.to_numeric(texts, errors="coerce")
        if self.kinds[name] == "flag":
            return texts.map(flag, na_action="ignore")
        if self.kinds[name] == "category":
            return texts
        raise SystemExit(f"{name}: a {self.kinds[name]} is not supported here")

    def place(self, name):
        """The slot of each customer."""
        term, values = self.attributes[name], self.values[name]
        missing = len(term["slots"]) - 1
        if self.kinds[name] == "number":
            slots = pandas.Series(numpy.searchsorted(term["edges"], values, side="right"), values.index)
        elif self.kinds[name] == "flag":
            slots = values.map({False: 0, True: 1})
        else:
            keys = {text: slot for slot, text in enumerate(term["keys"])}
            slots = values.map(lambda text: keys.get(key(text), len(keys)), na_action="ignore")
        return slots.where(values.notna(), missing).astype(int)

    def term(self, name):
        """The contribution of an attribute to each customer's log-odds."""
        return numpy.array([slot["log_odds"] for slot in self.attributes[name]["slots"]])[self.slots[name]]

    def pair(self, pair):
        """The contribution of an interaction."""
        first = numpy.array(pair["first_groups"])[self.slots[pair["first"]]]
        second = numpy.array(pair["second_groups"])[self.slots[pair["second"]]]
        cells = numpy.array([cell["log_odds"] for cell in pair["cells"]])
        return cells[first * (max(pair["second_groups"]) + 1) + second]

    def effect(self, name):
        """The contribution of an attribute and its interactions."""
        pairs = [self.pair(pair) for pair in self.card["pairs"] if name in (pair["first"], pair["second"])]
        return self.term(name) + sum(pairs, numpy.zeros(len(self.table)))

    def fits(self):
        """The probability and tier of each customer, and whether it is in the pond."""
        if self.card["hypotheses"]:
            raise SystemExit("hypotheses are not supported here")
        terms = [self.term(name) for name in self.attributes] + [self.pair(pair) for pair in self.card["pairs"]]
        log_odds = self.card["base_log_odds"] + sum(terms, numpy.zeros(len(self.table)))
        probability = 1 / (1 + numpy.exp(-log_odds))
        cuts = [self.card["tiers"][tier] for tier in "abc"]
        tier = numpy.select([probability >= cut for cut in cuts], list("ABC"), "D")
        inside = (tier != "D") | (cuts[2] >= 1)
        return pandas.DataFrame({"probability": probability, "tier": tier, "inside": inside}, self.table.index)
