"""Compares the evaluation of a version with its accuracy on new accounts, if accounts have several rows.

    python3 benches/repeats.py BINARY [REPEATS] [WORLD ...]

Needs numpy and scikit-learn. Each repeat generates customers of a world with known probabilities, trains on them as a user would
(one CSV file, no group declared), and scores new accounts of the same world. Figures are means over the repeats: how often
accounts were found, AUC and log-loss as claimed by the evaluation and on new accounts, the log-loss of cross-validated logistic
regression on the same accounts, and how often the 90% interval of a score contains the true probability. `DECLARED=1` maps
the account as a group; `INDEPENDENT=1` trains with --independent-rows. Exits with 1 if, in a world whose rows repeat
accounts, the mean claimed AUC is off by more than 0.03 or the mean log-loss exceeds that of logistic regression by more
than 0.005, or if accounts are found in another world.
"""

import csv
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import warnings

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy

REPEATS = 4
# Nodes and weights of the expectation over a standard normal account effect.
NODES, WEIGHTS = numpy.polynomial.hermite_e.hermegauss(25)
TEXTS = {
    "branch": ["Tech", "Trade", "Care", "Bank", "Build", "Food", "Other"],
    "area": ["North", "South", "East", "West"],
    "kind": ["New", "More", "Again"],
    "origin": ["Site", "Fair", "Friend", "Call"],
    "role": ["Chief", "Buyer", "Maker", "Clerk"],
}


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def texts(random, name, count):
    return random.choice(TEXTS[name], count)


class Rows:
    """Columns, log-odds without the account effect, the account of each row, and the standard deviation of the effect, which is
    None if all rows of an account have one random outcome."""

    def __init__(self, columns, log_odds, account, deviation):
        self.columns, self.log_odds, self.account, self.deviation = columns, log_odds, account, deviation

    def draw(self, random):
        """Draws labels, and returns columns, labels, true probabilities and accounts, in random order."""
        accounts = self.account.max() + 1
        if self.deviation is None:
            first = numpy.unique(self.account, return_index=True)[1]
            truth = sigmoid(self.log_odds)
            labels = (random.random(accounts) < truth[first])[self.account]
        else:
            effect = random.normal(0, 1, accounts)[self.account] * self.deviation
            labels = random.random(len(self.log_odds)) < sigmoid(self.log_odds + effect)
            truth = sigmoid(self.log_odds[:, None] + self.deviation * NODES) @ WEIGHTS / WEIGHTS.sum()
        order = random.permutation(len(labels))
        columns = {name: numpy.asarray(column)[order] for name, column in self.columns.items()}
        return columns, labels[order].astype(int), truth[order], self.account[order]


def deals(random, accounts, sizes, deviation):
    """Opportunities: head count, turnover, branch and area belong to the account; kind, origin and amount to the deal."""
    size = random.choice(sizes, accounts)
    account = numpy.repeat(numpy.arange(accounts), size)
    rows = len(account)
    head = numpy.exp(random.normal(4.2, 1.1, accounts)).astype(int) + 2
    turnover = (head * random.lognormal(11, 0.6, accounts)).astype(int)
    branch, area = texts(random, "branch", accounts), texts(random, "area", accounts)
    kind, origin, amount = texts(random, "kind", rows), texts(random, "origin", rows), numpy.round(random.lognormal(9, 1, rows), -2)
    log_odds = -0.8 + 0.4 * numpy.log(head / 66)[account] + 0.6 * (branch == "Tech")[account] + 0.6 * (kind == "New") - 0.5 * (origin == "Call")
    log_odds += 0.3 * (numpy.log(amount + 1) - 9)
    columns = {"Head": head[account], "Turnover": turnover[account], "Branch": branch[account], "Area": area[account], "Kind": kind, "Origin": origin, "Amount": amount}
    return Rows(columns, log_odds, account, deviation)


def people(random, accounts, sizes):
    """Contacts of a company, which share one random outcome."""
    account = numpy.repeat(numpy.arange(accounts), random.choice(sizes, accounts))
    rows = len(account)
    head = numpy.exp(random.normal(4.2, 1.1, accounts)).astype(int) + 2
    branch, area = random.choice(TEXTS["branch"][:5], accounts), texts(random, "area", accounts)
    log_odds = -0.6 + 0.3 * numpy.log(head / 66) + 0.4 * (branch == "Tech")
    columns = {"Head": head[account], "Branch": branch[account], "Area": area[account], "Role": texts(random, "role", rows), "Years": random.integers(0, 30, rows)}
    return Rows(columns, log_odds[account], account, None)


def policies(random, accounts, sizes=(1, 1, 2, 6), deviation=2.5):
    """Policies of a person with an exact income, which is 0 for a fifth of them; half of the attributes belong to the policy."""
    account = numpy.repeat(numpy.arange(accounts), random.choice(sizes, accounts))
    rows = len(account)
    income = random.integers(8000, 120_000, accounts)
    income[random.random(accounts) < 0.2] = 0
    school, family = random.choice(list("ABCD"), accounts), random.choice(["one", "two", "more"], accounts)
    premium, channel = random.integers(50, 140, rows), random.choice(["Agent", "Net", "Desk"], rows)
    log_odds = -1 + 0.5 * (school == "A")[account] - 0.4 * (family == "more")[account] + 0.5 * (channel == "Agent") - 0.01 * (premium - 95)
    columns = {"Income": income[account], "School": school[account], "Area": random.choice(list("PQRSTU"), accounts)[account], "Family": family[account]}
    columns |= {"Premium": premium, "Channel": channel, "Number": random.integers(1, 9, rows)}
    return Rows(columns, log_odds, account, deviation)


def names(random, accounts, sizes=(1, 2, 4, 8, 12), deviation=1.5):
    """Deals in which only the firm's name repeats."""
    rows = deals(random, accounts, sizes, deviation)
    labels = numpy.char.add("firm ", random.permutation(10**6)[:accounts].astype(str))
    rows.columns = {"Name": labels[rows.account], **{name: rows.columns[name] for name in ("Branch", "Kind", "Origin", "Amount")}}
    return rows


# Places and prices are the same in every draw, so that new customers have known places and prices.
FIXED = numpy.random.default_rng(77)
ZIPS = numpy.sort(FIXED.choice(numpy.arange(10_000, 99_999), 1500, replace=False))
CITY_OF_ZIP, STATE_OF_CITY = numpy.sort(FIXED.integers(0, 400, 1500)), numpy.sort(FIXED.integers(0, 25, 400))
ZIP_SHARE = FIXED.dirichlet(numpy.full(1500, 1.5))
PRICES, PRICE_SHARE = numpy.sort(FIXED.choice(numpy.arange(100, 9000), 700, replace=False)), FIXED.dirichlet(numpy.ones(700))


def places(random, count):
    """Customers of different households in towns with many customers; the town has no effect."""
    place = random.choice(1500, count, p=ZIP_SHARE)
    city, age, plan = CITY_OF_ZIP[place], random.integers(18, 90, count), random.choice(list("SML"), count)
    columns = {"Zip": numpy.char.add("z", ZIPS[place].astype(str)), "City": numpy.char.add("c", city.astype(str))}
    columns |= {"State": numpy.char.add("s", STATE_OF_CITY[city].astype(str)), "Age": age, "Plan": plan, "Monthly": numpy.round(random.uniform(20, 120, count), 2)}
    return Rows(columns, -0.7 + 0.02 * (age - 50) + 0.5 * (plan == "L"), numpy.arange(count), 0.0)


def prices(random, count):
    """Orders from a price list; the price depends on the plan and has no other effect."""
    price = random.choice(700, count, p=PRICE_SHARE)
    plan = numpy.where(random.random(count) < 0.8, numpy.array(list("ABCDEFG"))[PRICES[price] % 7], random.choice(list("ABCDEFG"), count))
    region = texts(random, "area", count)
    columns = {"Price": PRICES[price], "Plan": plan, "Region": region, "Age": random.integers(18, 90, count)}
    return Rows(columns, -0.7 + 0.5 * (region == "North") + 0.3 * (plan == "A"), numpy.arange(count), 0.0)


def flags(random, count):
    """Six flags, a coarse category and a grade: nearly every row equals another one."""
    columns = {f"Has {index}": random.choice(["yes", "no"], count) for index in range(6)}
    columns |= {"Class": random.choice(list("abcde"), count), "Grade": random.integers(1, 12, count)}
    return Rows(columns, -0.7 + 0.6 * (columns["Has 0"] == "yes") + 0.1 * (columns["Grade"] - 6), numpy.arange(count), 0.0)


WORLDS = {
    "deals 1-8, sd 0": lambda random: deals(random, 800, range(1, 9), 0.0),
    "deals 1-8, sd 1": lambda random: deals(random, 800, range(1, 9), 1.0),
    "deals 1-8, sd 1.5": lambda random: deals(random, 800, range(1, 9), 1.5),
    "deals 1-8, sd 3": lambda random: deals(random, 800, range(1, 9), 3.0),
    "deals 3, sd 1.5": lambda random: deals(random, 1500, (3,), 1.5),
    "deals 8, sd 1.5": lambda random: deals(random, 600, (8,), 1.5),
    "deals 1-3, sd 1": lambda random: deals(random, 1500, (1, 2, 3), 1.0),
    "deals 1-3, sd 3": lambda random: deals(random, 1500, (1, 2, 3), 3.0),
    "people 3": lambda random: people(random, 1000, (3,)),
    "people 1-8": lambda random: people(random, 800, (1, 2, 4, 8)),
    "policies": lambda random: policies(random, 1200),
    "60 accounts of 60-100": lambda random: deals(random, 60, (60, 80, 100), 1.5),
    "names 1-12": lambda random: names(random, 1500),
    "single rows": lambda random: deals(random, 3000, (1,), 0.0),
    "places": lambda random: places(random, 5000),
    "price list": lambda random: prices(random, 5000),
    "flags": lambda random: flags(random, 3000),
}
# Worlds in which accounts have several rows with correlated outcomes.
REPEATED = [name for name in WORLDS if name.startswith(("deals", "people", "policies", "60", "names")) and "sd 0" not in name]


def write(path, columns, labels, account):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["@id", "@account", "won", *columns])
        writer.writerows(zip(range(len(labels)), account.tolist(), labels.tolist(), *(column.tolist() for column in columns.values())))


def call(binary, folder, *arguments):
    done = subprocess.run([binary, *arguments, "--store", "store", "-q"], cwd=folder, capture_output=True, text=True)
    if done.returncode not in (0, 4):
        sys.exit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def mapping(columns):
    outcome = 'status = { column = "won", won = ["1"], lost = ["0"] }'
    if os.environ.get("DECLARED"):
        outcome += '\ngroup = "@account"'
    return f'id = "@id"\nattributes = {json.dumps(list(columns))}\n[outcome]\n{outcome}\n[label]\npolicy = "won"\n'


def auc(labels, scores):
    values, place, counts = numpy.unique(scores, return_inverse=True, return_counts=True)
    ranks = (numpy.cumsum(counts) - (counts - 1) / 2)[place]
    ideal = labels.sum()
    return (ranks[labels == 1].sum() - ideal * (ideal + 1) / 2) / (ideal * (len(labels) - ideal))


def log_loss(labels, probabilities):
    return -numpy.mean(numpy.where(labels == 1, numpy.log(probabilities), numpy.log(1 - probabilities)))


def logistic(columns, labels, new):
    """Probabilities of new rows by cross-validated ridge regression on standardized logarithms and common levels."""
    from sklearn.linear_model import LogisticRegressionCV

    warnings.filterwarnings("ignore")

    def matrix(rows):
        parts = []
        for name, column in columns.items():
            if column.dtype.kind in "if":
                known, value = numpy.log1p(column.astype(float)), numpy.log1p(rows[name].astype(float))
                parts.append((value - known.mean()) / (known.std() + 1e-9))
            else:
                levels, counts = numpy.unique(column, return_counts=True)
                parts += [(rows[name] == level).astype(float) for level in levels[numpy.argsort(-counts)][:50]]
        return numpy.column_stack(parts)

    model = LogisticRegressionCV(Cs=8, cv=5, scoring="neg_log_loss", max_iter=500).fit(matrix(columns), labels)
    return model.predict_proba(matrix(new))[:, 1]


def repeat(job):
    binary, world, seed = job
    random = numpy.random.default_rng([list(WORLDS).index(world), seed])
    columns, labels, _, account = WORLDS[world](random).draw(random)
    new, new_labels, truth, new_account = WORLDS[world](random).draw(random)
    with tempfile.TemporaryDirectory() as folder:
        write(os.path.join(folder, "train.csv"), columns, labels, account)
        write(os.path.join(folder, "test.csv"), new, new_labels, new_account)
        with open(os.path.join(folder, "mapping.toml"), "w", encoding="utf-8") as file:
            file.write(mapping(columns))
        flags = ["--independent-rows"] if os.environ.get("INDEPENDENT") else []
        version = json.loads(call(binary, folder, "train", "train.csv", "--mapping", "mapping.toml", "--json", *flags))["version"]
        call(binary, folder, "score", "test.csv", "--mapping", "mapping.toml", "--version", "1", "--reasons", "0", "-o", "out.csv")
        with open(os.path.join(folder, "out.csv"), newline="", encoding="utf-8") as file:
            scored = list(csv.DictReader(file))
    probability, low, high = (numpy.array([float(row[name]) for row in scored]) for name in ("probability", "low", "high"))
    claimed = version["evaluation"]
    flat = numpy.ptp(probability) < 1e-9
    found = any("rows look like" in warning for warning in version.get("warnings", []))
    unseen = claimed.get("leaveValuesOut") or {}
    return {
        "found": float(found),
        "rows": int(claimed["rows"]),
        "claimed AUC": 0.5 if flat else claimed["auc"],
        "AUC": auc(new_labels, probability),
        "claimed log-loss": claimed["logLoss"],
        "log-loss": log_loss(new_labels, probability),
        "logistic": log_loss(new_labels, logistic(columns, labels, new)),
        "best": log_loss(new_labels, truth),
        "inside": numpy.mean((low <= truth) & (truth <= high)),
        "width": numpy.mean(high - low),
        "contradicted": float(bool(unseen.get("disagrees"))),
        "interval": float(flat or claimed["aucLow"] <= auc(new_labels, probability) <= claimed["aucHigh"]),
    }


def main(binary, repeats, worlds):
    print("| world | rows | found | refused | AUC claimed → true | within its interval | log-loss claimed → true | logistic | best possible | 90% interval contains | mean width |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    wrong = []
    with multiprocessing.get_context("fork").Pool() as pool:
        for world in worlds:
            parts = pool.map(repeat, [(os.path.abspath(binary), world, seed) for seed in range(repeats)], chunksize=1)
            mean = {name: float(numpy.mean([part[name] for part in parts])) for name in parts[0]}
            found, refused, inside = (f"{sum(part[name] for part in parts):.0f} of {repeats}" for name in ("found", "contradicted", "interval"))
            cells = [world, f"{mean['rows']:,.0f}", found, refused, f"{mean['claimed AUC']:.3f} → {mean['AUC']:.3f}", inside]
            cells += [f"{mean['claimed log-loss']:.3f} → {mean['log-loss']:.3f}", f"{mean['logistic']:.3f}", f"{mean['best']:.3f}", f"{mean['inside']:.0%}", f"{mean['width']:.2f}"]
            print(f"| {' | '.join(cells)} |", flush=True)
            off = abs(mean["claimed AUC"] - mean["AUC"]) > 0.03 or mean["log-loss"] > mean["logistic"] + 0.005
            if world in REPEATED and off or world not in REPEATED and mean["found"] > 0:
                wrong.append(world)
    if wrong:
        sys.exit(f"wrong claims: {', '.join(wrong)}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    worlds = sys.argv[3:] or list(WORLDS)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else REPEATS, worlds)
