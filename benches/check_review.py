"""Checks the figures of an account review against pandas.

    python3 benches/check_review.py FILE.csv < review.json

Needs pandas. FILE.csv is the imported file, with the headings of the review template; review.json is the message
AccountReview as JSON, with names in camel or snake case. `Active` and `won` count as customers, `Churned` as customers that
left, and `Lost` as lost. Prints every figure with both values, and exits with 1 if one of them differs.
"""

import json
import math
import sys

import pandas

Z = 1.959963984540054


def snake(value):
    """Converts all names to snake case."""
    if isinstance(value, dict):
        name = lambda key: "".join("_" + c.lower() if c.isupper() else c for c in key)
        return {name(key): snake(item) for key, item in value.items()}
    return [snake(item) for item in value] if isinstance(value, list) else value


def wilson(part, of):
    """The 95% interval of a share."""
    rate, spread = part / of, Z * Z / of
    half = Z * math.sqrt(rate * (1 - rate) / of + spread / (4 * of)) / (1 + spread)
    center = (rate + spread / 2) / (1 + spread)
    return center - half, center + half


class Checks:
    """Compares figures with expected values."""

    def __init__(self):
        self.wrong = 0

    def equal(self, what, found, expected):
        """Compares a figure, up to rounding."""
        found, expected = float(found or 0), float(expected)
        same = math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)
        self.wrong += not same
        print(f"{'ok   ' if same else 'WRONG'} {what}: {found:.10g} {expected:.10g}")

    def amounts(self, what, found, values):
        """Compares statistics of amounts."""
        values = values.dropna()
        if values.empty:
            return self.equal(f"{what}, known", 0 if found is None else 1, 0)
        self.equal(f"{what}, n", found.get("customers", 0), len(values))
        for key, expected in [
            ("total", values.sum()),
            ("average", values.mean()),
            ("least", values.min()),
            ("lower_quartile", values.quantile(0.25)),
            ("median", values.median()),
            ("upper_quartile", values.quantile(0.75)),
            ("most", values.max()),
        ]:
            self.equal(f"{what}, {key}", found.get(key, 0), expected)

    def share(self, what, found, part, of):
        """Compares a count, its base and its interval."""
        self.equal(f"{what}, part", found.get("part", 0), part)
        self.equal(f"{what}, of", found.get("of", 0), of)
        if of:
            for key, expected in zip(("low", "high"), wilson(part, of)):
                self.equal(f"{what}, {key}", found.get(key, 0), min(max(expected, 0), 1))


def items(cell):
    """The distinct items of a list."""
    return sorted({item.strip() for item in str(cell).split(";") if item.strip()})


def main():
    table, review = pandas.read_csv(sys.argv[1]), snake(json.load(sys.stdin))
    status = table["Current Status"].astype(str).str.lower()
    customers = table[~status.isin(["lost"])]
    checks = Checks()
    checks.equal("accounts", review.get("accounts", 0), len(table))
    checks.equal("customers", review.get("customers", 0), len(customers))
    checks.amounts("deal size", review.get("deals"), customers["Deal Size"])
    checks.amounts("employees", review["employees"].get("amounts"), customers["Company Size - # of employees"])
    checks.amounts("revenue", review["revenue"].get("amounts"), customers["Company Size - Revenue"])
    left = int((status == "churned").sum())
    checks.share("churn", review["standing"]["churn"], left, int(status.isin(["active", "won", "churned"]).sum()))
    if "Total won value" in table:
        value = customers["Total won value"]
        for heading, key in [("Industry", "industries"), ("Location", "places")]:
            for level in review[key]["levels"]:
                rows = customers[heading] == level["name"]
                name = f"{heading} {level['name']}"
                checks.share(name, level["customers"], int(rows.sum()), int(customers[heading].notna().sum()))
                checks.equal(f"{name}, value share", level.get("value_share", 0), value[rows].sum() / value.sum())
    for level in review["industries"]["levels"]:
        cells = customers.loc[customers["Industry"] == level["name"], "Use Case"].dropna().map(items)
        counts = cells.explode().value_counts()
        segment = next((s for s in review["segments"]["segments"] if s["name"] == level["name"]), None)
        if segment is None or counts.empty:
            continue
        concentration = ((counts / counts.sum()) ** 2).sum()
        checks.equal(f"use cases of {level['name']}, Herfindahl", segment.get("concentration", 0), concentration)
        checks.equal(f"use cases of {level['name']}, commonest", segment["use_case"]["share"]["part"], counts.max())
    since = pandas.to_datetime(customers["Client since when"]).dt.year.value_counts()
    for year in review["tenure"].get("by_year", []):
        checks.equal(f"since {year['year']}", year["customers"], since[year["year"]])
    print(f"{checks.wrong} differ")
    sys.exit(checks.wrong > 0)


if __name__ == "__main__":
    main()
