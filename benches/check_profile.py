"""Checks the profile, the Pond Map, the segments, the proof, and the shift of a list against pandas.

    python3 benches/check_profile.py BINARY CUSTOMERS.csv MAPPING.toml
    python3 benches/check_profile.py BINARY TABLES

Trains on a file, renders the report as JSON, and computes the same figures from the file and the scorecard by the rules of
docs/DOCUMENTS.md and docs/MODEL.md. With a folder of tables (as in accuracy.py), does so for each of TASKS. Prints differences and
the number of figures compared, and exits with 1 if one differs. Needs pandas.
"""

import json
import math
import os
import re
import subprocess
import sys
import tempfile
import tomllib

import numpy
import pandas

from checks import Z, Checks, percent, wilson
from customers import Customers, band

# The tasks checked in a folder of tables, and additions to their mappings in accuracy.py.
TASKS = {
    "telco_churn_cltv:retained": "",
    "telco_churn_cltv:ideal": "",
    "bank_marketing:subscribed": "",
    "x_education_leads:converted": "",
    "maven_crm:won": 'since = "close_date"\nvalue = "close_value"',
}


# The codes of the currencies that the program knows.
with open(os.path.join(os.path.dirname(__file__), "../crates/sweetspot-core/src/parse/currency.rs"), encoding="utf-8") as source:
    CURRENCIES = set(re.findall(r'\("([A-Z]{3})", "\1"\)', source.read()))

# The number of customers that are used as a list of prospects.
LISTED = 500


def factor(checks, customers, attribute, value, reported):
    """Checks a learned factor: the customers with it, and its odds ratio."""
    what = f"{attribute}: {value}"
    rows = customers.having(attribute, value) & customers.labeled
    checks.share(what, reported.get("customers", {}), customers.ideal[rows] == 1)
    if rows.any():
        odds = math.exp(customers.version.effect(attribute)[rows].mean())
        checks.same(f"{what}, odds ratio", reported["oddsRatio"], odds)
    checks.same(f"{what}, middle of the interval", reported["low"] * reported["high"], reported["oddsRatio"] ** 2)


def summary(checks, customers, reported):
    """Checks the profile: its opening sentence and its values."""
    ideal, labeled = customers.ideal, customers.labeled
    checks.share("customers", reported["customers"], ideal[labeled] == 1)
    share = customers.value_share(ideal == 1)
    checks.same("ideal customers' share of value", reported.get("idealValueShare", -1), -1 if share is None else share)
    if reported.get("traits"):
        rows = labeled.copy()
        for trait in reported["traits"]:
            rows &= customers.having(trait["attribute"], trait["value"])
        checks.share("opening", reported["matching"], ideal[rows] == 1)
        share = customers.value_share(rows)
        checks.same("opening, share of value", reported.get("matchingValueShare", -1), -1 if share is None else share)
        figures = [rows.sum() / labeled.sum(), share, (ideal[rows] == 1).mean(), (ideal[labeled] == 1).mean()]
        written = [percent(figure) for figure in figures if figure is not None]
        checks.same("opening, as written", " ".join(re.findall(r"[<>−\d.]+%", reported["opening"].split("; they are ")[1])), " ".join(written))
    for part in reported["parts"]:
        for one in part.get("factors", []):
            factor(checks, customers, one["attribute"], one["value"], one)
    for one in reported.get("rulesOut", []):
        factor(checks, customers, one["attribute"], one["value"], one)
        checks.same(f"{one['attribute']}: {one['value']} lowers the odds", float(one["high"] < 1), 1)


def period(checks, what, reported, rows, customers):
    """Checks one period of adherence."""
    status, inside = customers.status[rows], customers.fits["inside"][rows]
    bought = status != "lost"
    checks.share(f"{what}, new customers inside", reported.get("newCustomersInside", {}), inside[bought])
    for side, word in ((inside, "Inside"), (~inside, "Outside")):
        checks.share(f"{what}, won {word}", reported.get(f"won{word}", {}), bought[side])
        checks.share(f"{what}, churned {word}", reported.get(f"churned{word}", {}), (status == "churned")[side & bought])


def readable_name(name):
    """The attribute's name in documents: `revenue_eur` reads `revenue (EUR)`."""
    words = name.replace("_", " ").split()
    if len(words) > 1 and words[-1].upper() in CURRENCIES:
        words[-1] = f"({words[-1].upper()})"
    return " ".join(words)


def pond(checks, customers, reported):
    """Checks the Pond Map: its factors, and adherence over time."""
    names = {readable_name(name): name for name in customers.version.attributes}
    for section in reported["sections"]:
        for one in section.get("negatives", []) + section.get("positives", []):
            if "learned" in one:
                plain = max((name for name in names if one["text"].startswith(f"{name}: ")), key=len)
                factor(checks, customers, names[plain], one["text"][len(plain) + 2 :], one["learned"])
    for word, rows in (("inside", customers.fits["inside"]), ("outside", ~customers.fits["inside"])):
        checks.share(word, reported.get(word, {}), customers.ideal[rows & customers.labeled] == 1)
    adherence(checks, customers, reported)


def exclusion_rules(checks, customers, reported):
    """Checks what each stated exclusion rule does to the customers."""
    factors = [one for section in reported["sections"] for one in section.get("negatives", []) if "matching" in one]
    stated = {one["text"]: one for one in factors}
    checks.same("exclusion rules on the map", " ".join(sorted(stated)), " ".join(sorted(name for name, *_ in customers.rules)))
    ideal, labeled = customers.ideal, customers.labeled
    for name, severity, rows in customers.rules:
        one = stated[name]
        rows, found = rows.fillna(False).astype(bool), one["matching"]
        checks.same(f"{name}, severity", one["severity"], f"EXCLUSION_SEVERITY_{severity}")
        checks.share(f"{name}, accounts", found["accounts"], rows)
        checks.share(f"{name}, ideal", found["ideal"], ideal[rows & labeled] == 1)
        checks.share(f"{name}, all", found["all"], ideal[labeled] == 1)
        checks.same(f"{name}, in words", found["summary"], in_words(severity, rows, ideal, labeled))


def in_words(severity, rows, ideal, labeled):
    """What a rule does to the customers, as documents state it."""
    count, of = int(rows.sum()), int((rows & labeled).sum())
    if not count:
        return "no customer is like this"
    action = "puts out" if severity == "OUT" else "asks for caution with"
    text = f"{action} {count:,} {'account' if count == 1 else 'accounts'}"
    if not of:
        return f"{text} of {len(rows):,}, not known to be ideal or not"
    part, average = int((ideal[rows & labeled] == 1).sum()), (ideal[labeled] == 1).mean()
    number = f"{part:,}" if part else "none"
    text += f", {number} of them ideal" if of == count else f", {of:,} of them known to be ideal or not, {number} of these ideal"
    low, high = wilson(part, of)
    text += f": {percent(part / of)} (95% {percent(low)} to {percent(high)})"
    if of == labeled.sum():
        return f"{text}; no other customer is known to be ideal or not"
    word = "above" if low > average else "below" if high < average else "not clearly above or below"
    return f"{text}, {word} the average of {percent(average)}"


def adherence(checks, customers, reported):
    """Checks adherence over time: whole quarters or years, pooled if they have fewer than ten accounts."""
    known, dated = customers.status.notna(), customers.since.notna()
    checks.same("undated", reported.get("undated", 0), (known & ~dated).sum())
    period(checks, "all", reported["total"], known, customers)
    past = known & dated & (customers.since <= pandas.Timestamp(reported["date"]))
    lost = known & (customers.status == "lost")
    periods = reported.get("periods", [])
    expected = []
    if past.any() and (lost & past).any() and 2 * (lost & past).sum() >= lost.sum():
        days = customers.since[past]
        numbers = whole_periods(days, "Q")
        frequency = "Y" if len(numbers) > 16 else "Q"
        expected = pooled(customers.since.dt.to_period(frequency).where(known & dated), whole_periods(days, frequency)[-16:])
    checks.same("periods", "; ".join(one["period"] for one in periods), "; ".join(name for name, *_ in expected))
    checks.same("a reason if there are no periods", float("missingPeriods" in reported), float(not expected))
    for one, (name, first, last, rows) in zip(periods, expected):
        checks.same(f"{name}, first position", one.get("first", 0), first)
        checks.same(f"{name}, last position", one.get("last", 0), last)
        period(checks, name, one, rows, customers)
    within = sum((rows for *_, rows in expected), start=pandas.Series(0, known.index))
    checks.same("dated outside of the periods", reported.get("outsidePeriods", 0), (known & dated & (within == 0)).sum())


def whole_periods(days, frequency):
    """The quarters or years from the first to the last day, without those at the ends that begin or end a week later or earlier."""
    every = list(pandas.period_range(days.min(), days.max(), freq=frequency))
    week = pandas.Timedelta(days=6)
    if every and days.min() - every[0].start_time > week:
        every = every[1:]
    if every and every[-1].end_time.normalize() - days.max() > week:
        every = every[:-1]
    return every


def pooled(period_of, every):
    """Periods with accounts, each with its name, positions and rows: small ones join the next, and the last the one before."""
    groups, pending = [], []
    for position, one in enumerate(every):
        rows = period_of == one
        if not rows.any():
            continue
        pending.append((position, one, rows))
        if sum(rows.sum() for *_, rows in pending) >= 10:
            groups.append(pending)
            pending = []
    if pending:
        groups = groups[:-1] + [groups[-1] + pending] if groups else [pending]
    found = []
    for group in groups:
        (first, start, _), (last, end, _) = group[0], group[-1]
        found.append((period_name(start, end), first, last, numpy.logical_or.reduce([rows for *_, rows in group])))
    return [(name, first, last, pandas.Series(rows, period_of.index)) for name, first, last, rows in found]


def period_name(start, end):
    """`2026 Q3`, `2026 Q1 to Q3`, `2025 Q4 to 2026 Q1`, `2026` or `2025 to 2026`."""
    name = lambda one: f"{one.year} Q{one.quarter}" if one.freqstr.startswith("Q") else f"{one.year}"
    if start == end:
        return name(start)
    return f"{name(start)} to {name(end)[5:]}" if start.year == end.year else f"{name(start)} to {name(end)}"


def rule(customers, attribute, text):
    """The customers that meet one condition of a segment's rule on a known attribute."""
    values = customers.version.values[attribute]
    if text.startswith(("is ", "has ")):
        return customers.having(attribute, text.split(" ", 1)[1])
    if text.startswith("from "):
        return band(values, text[5:])
    return band(values, text.removeprefix("of "))


def segment(checks, customers, one, rows):
    """Checks one segment: its size, rate, values, medians, traits and examples."""
    what, ideal = one["name"], rows & (customers.ideal == 1)
    part, of = int(ideal.sum()), int(rows.sum())
    for key, expected in (("customers", of), ("ideal", part), ("idealRate", part / of)):
        checks.same(f"{what}, {key}", one.get(key, 0), expected)
    checks.interval(what, one.get("idealRateLow", 0), one.get("idealRateHigh", 0), part, of)
    if "netValue" in one:
        checks.same(f"{what}, net value", one["netValue"], customers.net[rows].sum())
        checks.same(f"{what}, share of value", one.get("valueShare", 0), customers.net[rows].sum() / customers.net[customers.labeled].sum())
        mean, worth = customers.net[customers.ideal == 1].mean(), customers.net[ideal].dropna()
        checks.same(f"{what}, value of an ideal customer", one.get("valueIfIdeal", 0), (worth.sum() + 10 * mean) / (len(worth) + 10))
    for size in one.get("sizes", []):
        values = customers.version.values[size["name"]][ideal].dropna()
        checks.same(f"{what}, median {size['name']}", size.get("median", 0), values.median())
        checks.same(f"{what}, known {size['name']}", size.get("customers", 0), len(values))
    others, lifts = (customers.ideal == 1) & ~rows, []
    for trait in one.get("traits", []):
        known, has = customers.version.values[trait["attribute"]].notna(), customers.having(trait["attribute"], trait["value"])
        counts = [(has & known & ideal).sum(), (known & ideal).sum(), (has & known & others).sum(), (known & others).sum()]
        for key, expected in zip(("here", "hereOf", "elsewhere", "elsewhereOf"), counts):
            checks.same(f"{what}, {trait['value']}, {key}", trait.get(key, 0), expected)
        here, here_of, elsewhere, elsewhere_of = counts
        lifts.append((here + 0.5) / (here_of + 1) / ((elsewhere + 0.5) / (elsewhere_of + 1)))
        checks.same(f"{what}, {trait['value']}, lift", trait.get("lift", 0), lifts[-1])
    checks.same(f"{what}, traits in their order", float(lifts == sorted(lifts, reverse=True)), 1)
    members = set(customers.id[ideal])
    best = customers.net[ideal].sort_values(ascending=False)
    for place, example in enumerate(one["examples"]):
        checks.same(f"{what}, {example['accountId']} is ideal and a member", float(example["accountId"] in members), 1)
        if "netValue" in example:
            checks.same(f"{what}, example {place + 1}'s value", example["netValue"], best.iloc[place])


def segments(checks, customers, reported):
    """Checks every segment, on the customers that are in no earlier segment."""
    left = customers.labeled.copy()
    for one in reported.get("segments", []):
        rows = left.copy()
        for condition in one["rule"]:
            attribute = max((name for name in customers.version.attributes if condition.startswith(f"{name} ")), key=len)
            rows &= rule(customers, attribute, condition[len(attribute) + 1 :])
        segment(checks, customers, one, rows)
        left &= ~rows
    checks.same("customers in no segment", reported.get("outsideCustomers", 0), left.sum())
    checks.same("ideal ones in no segment", reported.get("outsideIdeal", 0), (left & (customers.ideal == 1)).sum())


def described(customers, condition):
    """The customers that meet one condition of a pattern, such as `Industry: Fintech` or `at least 200 employees`."""
    names = {name: name for name in customers.version.attributes} | {readable_name(name): name for name in customers.version.attributes}
    currencies = "|".join(sorted(CURRENCIES))
    forms = (
        (r"at least ([-\d.,−]+) (.+)", "{} or more"),
        (r"fewer than ([-\d.,−]+) (.+)", "below {}"),
        (rf"(.+) of at least (?:(?:{currencies}) )?([-\d.,−]+)", "{} or more"),
        (rf"(.+) below (?:(?:{currencies}) )?([-\d.,−]+)", "below {}"),
    )
    for spelled, name in sorted(names.items(), key=lambda pair: -len(pair[0])):
        # The first letter of a pattern is a capital.
        if condition[: len(spelled)].lower() == spelled.lower():
            rest = condition[len(spelled) :]
            if rest.startswith(": "):
                return customers.having(name, rest[2:])
            if re.match(" (is|from|of) ", rest) and not rest.startswith(" of at least "):
                return rule(customers, name, rest[1:])
            if rest.startswith(" ") and not rest.startswith((" of ", " below ")):
                return customers.having(name, rest[1:])
    for form, text in forms:
        found = re.fullmatch(form, condition[:1].lower() + condition[1:]) or re.fullmatch(form, condition)
        if found:
            noun, bound = found.groups()[::-1] if text == "{} or more" and condition.lower().startswith("at least") or condition.lower().startswith("fewer") else found.groups()
            matching = [name for spelled, name in names.items() if re.sub(r" \([A-Z]{3}\)$", "", spelled).lower() == noun.lower()]
            if matching:
                return band(customers.version.values[matching[0]], text.format(bound))
    raise ValueError(condition)


def overview(checks, customers, reported):
    """Checks the overview: the counts of each pattern and of all together, and the bounds of its rates."""
    ideal, labeled = customers.ideal, customers.labeled
    usual = (ideal[labeled] == 1).mean()
    checks.share("all", reported["all"], ideal[labeled] == 1)
    sides = {}
    for side in ("call", "skip"):
        union = labeled & False
        for one in reported.get(side, []):
            rows = labeled.copy()
            for condition in re.split(r", and |, (?=[^,]*, and )", one["description"]):
                rows &= described(customers, condition)
            checks.share(one["description"], one["customers"], ideal[rows] == 1)
            share = customers.value_share(rows)
            checks.same(f"{one['description']}, share of value", one.get("valueShare", -1), -1 if share is None else share)
            better = one["customers"].get("low", 0) > usual if side == "call" else one["customers"].get("high", 0) < usual
            checks.same(f"{one['description']} differs from all", float(better), 1)
            union |= rows
        sides[side] = union
    checks.share("called", reported["called"], ideal[sides["call"]] == 1)
    checks.share("skipped", reported["skipped"], ideal[sides["skip"] & ~sides["call"]] == 1)


def tiers(checks, customers, reported):
    """Checks the out-of-fold tables: that they are of these customers, and that their figures follow from their counts."""
    evaluation, customers_of = reported["evaluation"], int(customers.labeled.sum())
    labeled, ideal = int(evaluation["rows"]), int(evaluation["positives"])
    rows = [(int(row.get("customers", 0)), int(row.get("ideal", 0)), row) for row in evaluation["tiers"]]
    # With many customers, only enough folds for 10,000 rows are evaluated, each with a proportional number of ideal customers.
    checks.same("evaluated", float(labeled == customers_of or 10_000 <= labeled < customers_of), 1)
    checks.same("evaluated, ideal", float(abs(ideal - labeled * (customers.ideal == 1).sum() / customers_of) <= 5), 1)
    for name in ("tiers", "deciles"):
        checks.same(f"{name} together", sum(int(row.get("customers", 0)) for row in evaluation[name]), labeled)
        checks.same(f"{name} together, ideal", sum(int(row.get("ideal", 0)) for row in evaluation[name]), ideal)
    so_far = so_far_ideal = 0
    for of, part, row in rows:
        so_far, so_far_ideal = so_far + of, so_far_ideal + part
        if of:
            checks.same(f"{row['tier']}, precision", row.get("precision", 0), part / of)
        if so_far:
            checks.same(f"{row['tier']}, precision so far", row.get("precisionSoFar", 0), so_far_ideal / so_far)
        checks.same(f"{row['tier']}, recall", row.get("recall", 0), part / ideal)
        checks.same(f"{row['tier']}, recall so far", row.get("recallSoFar", 0), so_far_ideal / ideal)
    for row in evaluation["deciles"]:
        checks.same("lift of a decile", row.get("lift", 0), row.get("idealRate", 0) / (ideal / labeled))
    acceptance(checks, reported["acceptance"], rows, labeled, ideal)
    checks.same("too broad", float(reported.get("tooBroad", False)), float((rows[0][0] + rows[1][0]) / labeled > 0.4))


def acceptance(checks, reported, rows, labeled, ideal):
    """Checks the acceptance criteria: the share in A and B, their share of the ideal customers, and A's rate over D's."""
    inside, held = rows[0][0] + rows[1][0], rows[0][1] + rows[1][1]
    for one, part, of in ((reported[0], inside, labeled), (reported[1], held, ideal)):
        checks.same(one["name"], one.get("found", 0), part / of)
        checks.interval(one["name"], one.get("low", 0), one.get("high", 0), part, of)
    (best_of, best, _), (worst_of, worst, _) = rows[0], rows[3]
    if best_of and worst_of and best + worst:
        added = 0 if best and worst else 0.5
        counts = [count + added for count in (best, best_of, worst, worst_of)]
        ratio = counts[0] / counts[1] / (counts[2] / counts[3])
        error = math.sqrt(1 / counts[0] - 1 / counts[1] + 1 / counts[2] - 1 / counts[3])
        for key, expected in (("found", ratio), ("low", ratio * math.exp(-Z * error)), ("high", ratio * math.exp(Z * error))):
            checks.same(f"{reported[2]['name']}, {key}", reported[2].get(key, 0), expected)


def scores(checks, customers, reported):
    """Checks the score distribution by outcome, and the missing values by label."""
    for one in reported.get("scores", []):
        rows = customers.status == one["outcome"] if one.get("outcome") else customers.status.isna()
        probability = customers.fits["probability"][rows]
        bins = numpy.bincount(numpy.minimum((probability * 20).astype(int), 19), minlength=20)
        counts = customers.fits["tier"][rows].value_counts()
        for number, expected in enumerate(bins):
            checks.same(f"{one.get('outcome')}, bin {number}", one["bins"][number], expected)
        for number, tier in enumerate("ABCD"):
            checks.same(f"{one.get('outcome')}, tier {tier}", one["tiers"][number], counts.get(tier, 0))
    for one in reported.get("missing", []):
        missing = customers.version.values[one["attribute"]].isna()
        for key, label in (("ideal", 1), ("other", 0)):
            checks.same(f"{one['attribute']}, {key}", one[key], (customers.ideal == label).sum())
            checks.same(f"{one['attribute']}, {key} missing", one.get(f"{key}Missing", 0), (missing & (customers.ideal == label)).sum())


def shapes(checks, customers, reported):
    """Checks the shapes of numbers: the customers of each range, and the ideal ones."""
    for shape in reported.get("shapes", []):
        numbers = customers.version.values[shape["attribute"]]
        steps = shape["steps"]
        for number, step in enumerate(steps):
            above = numbers >= step.get("from", 0) if number else numbers.notna()
            below = numbers < step.get("to", 0) if number + 1 < len(steps) else numbers.notna()
            rows = above & below & customers.labeled
            what = f"{shape['attribute']} from {step.get('from', 0)} to {step.get('to', 0)}"
            checks.same(f"{what}, customers", int(step.get("customers", 0)), int(rows.sum()))
            checks.same(f"{what}, ideal", int(step.get("ideal", 0)), int((customers.ideal[rows] == 1).sum()))
            checks.same(f"{what}, middle of the interval", step["low"] * step["high"], step["oddsRatio"] ** 2)


def bands(term, slots):
    """The range of each slot: adjacent bins with about a quarter of the customers in total; any other slot is its own range."""
    if term["kind"] != "number":
        return numpy.arange(len(slots))
    counts, found, seen = [slot["customers"] for slot in slots[:-1]], [], 0
    for count in counts:
        band = (seen + count // 2) * 4 // max(sum(counts), 1)
        last = found[-1] if found else -1
        found.append(last + 1 if last < 0 or (last < band and last < 3) else last)
        seen += count
    return numpy.array(found + [found[-1] + 1])


def shifts(checks, customers, reported):
    """Checks the stability index of each attribute between the first rows of the file, as a list, and the labeled customers."""
    weights = []
    for one in reported["summary"].get("shifts", []):
        name = one["attribute"]
        term = customers.version.attributes[name]
        of_slot, slots = bands(term, term["slots"]), customers.version.slots[name]
        counts = [numpy.bincount(of_slot[rows], minlength=of_slot.max() + 1) for rows in (slots[customers.labeled], slots[:LISTED])]
        counts = [count[counts[0] + counts[1] > 0] for count in counts]
        p, q = [(count + 0.5) / (count + 0.5).sum() for count in counts]
        parts, freedom = (q - p) * numpy.log(q / p), len(p) - 1
        ninth = 2 / (9 * max(freedom, 1))
        chance = freedom * (1 - ninth + 1.6448536269514722 * math.sqrt(ninth)) ** 3 * sum(1 / count.sum() for count in counts)
        checks.same(f"{name}, stability index", one.get("stabilityIndex", 0), parts.sum())
        checks.same(f"{name}, by chance", one.get("byChance", 0), chance)
        for key, count in zip(("customers", "listed"), counts):
            checks.same(f"{name}, {key}", one.get(key, 0), count.sum())
        # If several values contribute equally, any of them is correct.
        most = [tuple(map(int, both)) for both in zip(counts[0][parts == parts.max()], counts[1][parts == parts.max()])]
        reported_most = tuple(int(one.get(f"{key}With", 0)) for key in ("customers", "listed"))
        checks.same(f"{name}, with {one['valueLabel']} {reported_most}, one of {most}", float(reported_most in most), 1)
        weights.append(one.get("spread", 0) * parts.sum())
    checks.same("attributes compared", len(weights), len(customers.version.attributes))
    checks.same("in the order of importance", float(weights == sorted(weights, reverse=True)), 1)


def run_json(binary, folder, *command):
    """The JSON output of a command."""
    done = subprocess.run([binary, "--store", folder, "-q", *command], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def state_rules(binary, folder, customers):
    """States exclusion rules about the first number and the first category of the version, and returns for each its statement,
    its severity, and the customers that it holds for."""
    kinds, values, rules = customers.version.kinds, customers.version.values, []
    number = next((name for name, kind in kinds.items() if kind == "number" and values[name].notna().any()), None)
    text = next((name for name, kind in kinds.items() if kind == "category" and values[name].notna().any()), None)
    if number:
        middle = float(values[number].median())
        rules.append(("low", "OUT", ["--attribute", number, "--below", repr(middle)], values[number] < middle))
        rules.append(("not known", "CAUTION", ["--attribute", number, "--present", "false"], values[number].isna()))
    if text:
        level = values[text].value_counts().index[0]
        rules.append(("frequent", "OUT", ["--attribute", text, "--is", level], customers.having(text, level)))
        rules.append(("nowhere", "OUT", ["--attribute", text, "--is", "a text that no customer has"], pandas.Series(False, values[text].index)))
    for name, severity, condition, _ in rules:
        command = ["rule", "add", name, "--statement", name, f"--{severity.lower()}", *condition]
        subprocess.run([binary, "--store", folder, "-q", *command], check=True, capture_output=True)
    return [(name, severity, rows) for name, severity, _, rows in rules]


def check(binary, path, mapping_path):
    """Trains, renders the report and the scorecard, and compares."""
    with open(mapping_path, "rb") as file:
        mapping = tomllib.load(file)
    with tempfile.TemporaryDirectory() as folder:
        train = [binary, "--store", folder, "-q", "train", path, "--mapping", mapping_path]
        # Exit code 4: trained, but a promotion check failed. The figures are the same.
        trained = subprocess.run(train, check=False, capture_output=True, text=True)
        if trained.returncode not in (0, 4):
            sys.exit(f"{' '.join(train)} failed with {trained.returncode}: {trained.stderr}")
        table = pandas.read_csv(path, dtype=str, keep_default_na=False)
        listed = os.path.join(folder, "list.csv")
        table[:LISTED].to_csv(listed, index=False)
        targets = ["--targets", listed, "--mapping", mapping_path]
        report = run_json(binary, folder, "report", "--format", "json", "--version", "candidate", *targets)
        card = run_json(binary, folder, "model", "show", "candidate", "--json")
        customers = Customers(card, report, table, mapping)
        customers.rules = state_rules(binary, folder, customers)
        ruled = run_json(binary, folder, "report", "--format", "json", "--version", "candidate", "--document", "pond-map")
    checks, counts = Checks(), []
    for document, name in ((overview, "overview"), (summary, "summary"), (pond, "pondMap"), (segments, "segments"), (tiers, "proof"), (scores, "proof"), (shapes, "proof"), (shifts, "targets")):
        before = checks.compared
        document(checks, customers, report[name])
        if document is pond:
            exclusion_rules(checks, customers, ruled["pondMap"])
        counts.append(checks.compared - before)
    return checks, counts, len(report["segments"].get("segments", []))


def tables(binary, folder):
    """Checks every task of a folder of tables, and returns the number of differences."""
    import accuracy

    sys.path.insert(0, os.path.join(folder, "bench"))
    import tables

    wrong = 0
    print("| table | customers | overview | profile | Pond Map | segments | tiers | scores and missing values | shapes | list | differ |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for task, more in TASKS.items():
        table = tables.Table(task.split(":")[0])
        with tempfile.TemporaryDirectory() as work:
            accuracy.lay_out(work, table, task, range(len(table.rows)), [])
            mapping = os.path.join(work, "mapping.toml")
            text = open(mapping, encoding="utf-8").read().replace("[label]", f"{more}\n[label]")
            open(mapping, "w", encoding="utf-8").write(text)
            checks, counts, found = check(binary, os.path.join(work, "train.csv"), mapping)
        counts[3] = f"{counts[3]} ({found} found)"
        print(f"| {task} | {len(table.rows):,} | {' | '.join(map(str, counts))} | {checks.wrong} |", flush=True)
        wrong += checks.wrong
    return wrong


def main(binary, *paths):
    if len(paths) == 1:
        wrong = tables(binary, paths[0])
    else:
        checks, *_ = check(binary, *paths)
        print(f"{checks.compared} compared, {checks.wrong} differ")
        wrong = checks.wrong
    sys.exit(wrong > 0)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
