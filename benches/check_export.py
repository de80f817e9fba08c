"""Checks exported versions against the program: trains on generated accounts, scores these, other generated ones and hostile
ones with the program, runs the exported SQL in other engines on the same accounts, and compares every column.

    python check_export.py PROGRAM [--rows N] [--engines duckdb,datafusion,postgres,spark,onnx,sqlglot] [--postgres BIN_FOLDER]

Log-odds, tiers, scores, rules, segments and reasons have to be equal; probabilities and expected values to 1e-12, and
intervals, which the program adds in 32 bits, to 1e-5. The needed packages are those of the engines, pyarrow and jsonschema.
"""

import argparse
import datetime
import decimal
import json
import math
import os
import pathlib
import pwd
import random
import re
import subprocess
import sys
import tempfile
import time
import unicodedata
import urllib.request

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = pathlib.Path(__file__).resolve().parent.parent
CITIES = ["Zürich", "İstanbul", "São Paulo", "Bern", "Ålesund", "Köln", "Łódź", "東京", "Straße", "it's \"q\" \\ x", "ΟΔΟΣ", "a|b;c"]
TOWNS = CITIES + [f"Town {number}" for number in range(40)]
TOOLS = ["SAP", "Slack", "Jira", "Données", "C++, Net", "Excel %", "Ärger"]
SCHEMA = pa.schema([
    ("account_id", pa.string()),
    ("employees", pa.int64()),
    ("revenue", pa.float64()),
    ("margin", pa.decimal128(12, 3)),
    ("industry", pa.string()),
    ("city", pa.string()),
    ("tools", pa.list_(pa.string())),
    ("since", pa.date32()),
    ("remote", pa.bool_()),
    ("country", pa.string()),
    ('Net "x"', pa.float64()),
    ("grade", pa.string()),
    ("paid", pa.decimal128(5, 2)),
    ("active", pa.float64()),
    # The training does not have these: only conditions use them.
    ("renewal", pa.date32()),
    ("seen", pa.timestamp("us")),
    ("seats", pa.decimal128(12, 2)),
    ("usage", pa.float64()),
    ("trial", pa.bool_()),
    ("note", pa.string()),
])
UNTRAINED = ["renewal", "seen", "seats", "usage", "trial", "note"]
MAPPING = """
id = "account_id"
all_rows = true
attributes = ["employees", "revenue", "margin", "industry", "city", "tools", "since", "remote", "country", 'Net "x"', "grade", "paid", "active"]
list = ["tools"]
categorical = ["industry", "city", "country", "grade"]
flag = ["paid", "active"]
[outcome]
status = { column = "stage", won = ["Won"], lost = ["Lost"] }
value = "deal"
[label]
policy = "won"
"""
HYPOTHESES = [
    'id = "logistics"\nwhen = { attribute = "industry", any_of = ["LOGISTICS", "Rail"] }\nodds_ratio = 2.5',
    'id = "size"\nwhen = { attribute = "employees", at_least = 33, below = 500 }\nodds_ratio = 1.5',
    'id = "sap"\nwhen = { attribute = "tools", any_of = ["sap", "Oracle"] }\nodds_ratio = 1.5',
    'id = "no date"\nwhen = { attribute = "since", present = false }\nodds_ratio = 0.8',
    'id = "country"\nwhen = { attribute = "country", any_of = ["CH", "de"] }\nodds_ratio = 1.2',
    'id = "margin"\nwhen = { attribute = "margin", present = true }\nodds_ratio = 1.1',
]
RULES = [
    'id = "atlantis"\nwhen = { attribute = "country", any_of = ["Atlantis"] }\nseverity = "OUT"',
    'id = "tiny"\nwhen = { attribute = "employees", below = 10 }\nseverity = "CAUTION"',
    'id = "not remote"\nwhen = { attribute = "remote", flag = false }\nseverity = "CAUTION"',
    'id = "old"\nwhen = { attribute = "since", below = 2016-03-01 }\nseverity = "OUT"',
    'id = "jira"\nwhen = { attribute = "tools", any_of = ["JIRA"] }\nseverity = "CAUTION"',
    # The id of a hypothesis, too.
    'id = "sap"\nwhen = { attribute = "tools", any_of = ["Oracle"] }\nseverity = "CAUTION"',
    'id = "high grade"\nwhen = { attribute = "grade", at_least = 10 }\nseverity = "CAUTION"',
    'id = "low grade"\nwhen = { attribute = "grade", below = 10 }\nseverity = "CAUTION"',
    'id = "passed"\nwhen = { attribute = "grade", flag = true }\nseverity = "CAUTION"',
    'id = "unpaid"\nwhen = { attribute = "paid", flag = false }\nseverity = "CAUTION"',
    'id = "inactive"\nwhen = { attribute = "active", below = 1 }\nseverity = "CAUTION"',
    'id = "renewed"\nwhen = { attribute = "renewal", at_least = 2016-03-01, below = 9000000 }\nseverity = "CAUTION"',
    'id = "seen"\nwhen = { attribute = "seen", below = 2016-03-01 }\nseverity = "CAUTION"',
    'id = "seats"\nwhen = { attribute = "seats", at_least = 10, below = 500.5 }\nseverity = "CAUTION"',
    'id = "usage"\nwhen = { attribute = "usage", at_least = 0 }\nseverity = "CAUTION"',
    'id = "no usage"\nwhen = { attribute = "usage", below = 0 }\nseverity = "CAUTION"',
    'id = "trial"\nwhen = { attribute = "trial", at_least = 1 }\nseverity = "CAUTION"',
    'id = "no trial"\nwhen = { attribute = "trial", below = 1 }\nseverity = "CAUTION"',
    'id = "note"\nwhen = { attribute = "note", at_least = 10, below = 2016-03-01 }\nseverity = "CAUTION"',
]
# Texts in other spellings of known ones, and texts that are nearly known.
TEXTS = [
    "", " ", "\u3000", "zürich", "ZU\u0308RICH", " Zürich\u00a0", "\tBERN\n", "Bern\u200b", "İSTANBUL", "istanbul", "i̇stanbul",
    "I\u0307stanbul", "STRASSE", "STRAẞE", "straße", "ＢＥＲＮ", "logistics", "LOGISTICS ", "\u2003Food\u2028", "food\u0301", "東京 ",
    "sa\u0303o paulo", "ΟΔΟΣ", "οδος", "οδοσ", "Unseen", "😀", "it's \"q\" \\ x", "A|B;C", "a|b", "x" * 900, "%", "_", "kÖln", "KO\u0308LN",
    "Å\u030alesund", "a\u030alesund", "A\u030aLESUND", "\u212blesund", "ŁÓDŹ", "łódź", "Town 7", "TOWN 7 ", "town  7", "rail", "RAIL", "ch",
    "DE ", "atlantis", "1", "true", "\u1680energy\u205f", "'; DROP TABLE prospects; --", "\\'", "{0}", "${x}",
]
ITEMS = TEXTS[:34] + ["sap", " SAP", "SAP", "DONNE\u0301ES", "jira\u3000", "c++, net", "excel %", "ärger", "A\u0308RGER", "oracle"]
NUMBERS = [0.0, -0.0, 1.0, math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 1e15, 9.999999999, 10.0, 59.999999, 60.0, 33.0, 500.0]
WHOLE = [0, -5, 9, 10, 33, 499, 500, 2**53, 2**53 + 1, -(2**40), 2**62]
DATES = [datetime.date(1, 1, 1), datetime.date(9999, 12, 31), datetime.date(1970, 1, 1), datetime.date(2016, 2, 29), datetime.date(2016, 3, 1)]
# Texts that are numbers or days, and texts that look like them.
AMOUNTS = [
    "12", "7", "-3.5", " 40 ", "1e3", "1E+3", "+15", ".5", "10.", "0010", "yes", "No", "", " ", "abc", "nan", "NaN", "inf", "-Infinity", "1e999",
    "2016-02-29", "2015-02-29", "1900-02-29", "2000-02-29", "2016-13-01", "2016-04-31", "2016-03-01", "2016-03-01 10:00", "1970-01-11T23:59:59Z",
    "1970-01-10", "0000-02-29", "0001-01-01", "9999-12-31", "9" * 80, "0x10", "1_000", "1d", "--5", "12a", "epoch", "today", "2016-03", "１２", "12\n13",
]
# How a dialect without NFC differs: on texts that are not in NFC.
NOT_NFC = [text for text in TEXTS + ITEMS if unicodedata.normalize("NFC", text) != text]


def plain_account(draw, number):
    """An account like those in the training, and the log-odds that it is ideal."""
    industry, employees = draw.choice(["Logistics", "Food", "Energy", "Mining"]), int(draw.lognormvariate(4, 1.2))
    tools = [tool for tool in TOOLS if draw.random() < 0.25]
    kind = draw.choice(["small", "large", "", ""])
    if kind == "small":
        industry, employees, tools = "Mining", draw.randrange(5, 40), ["Jira"]
    elif kind == "large":
        industry, employees, tools = "Logistics", draw.randrange(300, 1500), ["SAP", "Slack"]
    revenue = round(draw.lognormvariate(10, 1), 2)
    since = datetime.date(2015, 1, 1) + datetime.timedelta(days=draw.randrange(3000))
    account = {
        "account_id": f"A{number}",
        "employees": employees if draw.random() > 0.05 else None,
        "revenue": revenue if draw.random() > 0.1 else None,
        "margin": decimal.Decimal(str(round(draw.gauss(10, 5), 3))),
        "industry": industry,
        "city": draw.choice(CITIES if draw.random() < 0.6 else TOWNS),
        "tools": tools if draw.random() > 0.1 else None,
        "since": since if draw.random() > 0.2 else None,
        "remote": draw.random() < 0.4 if draw.random() > 0.1 else None,
        "country": draw.choice(["DE", "CH", "US", "Atlantis"]),
        'Net "x"': draw.gauss(0, 1),
        "grade": draw.choice(["yes", "no", "12", "7", None]),
        "paid": draw.choice([decimal.Decimal("1.00"), decimal.Decimal("0.00"), None]),
        "active": draw.choice([1.0, 0.0, -0.0, None]),
    }
    log_odds = -3.2 + 4 * (kind != "") + (industry == "Logistics") * 1.1 + (employees > 60) * 0.9 + ("SAP" in tools) * 0.8
    log_odds += ("Slack" in tools) * -0.5 + (account["city"] == "Zürich") * 0.9 + (account["remote"] is True) * 0.3
    if industry == "Food":
        log_odds += 1.5 if revenue > 25000 else -1.0
    return account, log_odds + 0.6 * (since.year > 2020)


def customers(count):
    draw, rows = random.Random(1), []
    for number in range(count):
        account, log_odds = plain_account(draw, number)
        account["account_id"] = f"C{number}"
        account["country"] = "CH"  # Not an attribute of the model, as it is constant: only conditions use it.
        account["stage"] = "Won" if draw.random() < 1 / (1 + math.exp(-log_odds)) else "Lost"
        account["deal"] = round((50000 if account["industry"] == "Logistics" else 20000) * draw.lognormvariate(0, 0.3), 2)
        rows.append(account)
    return pa.Table.from_pylist(rows, schema=SCHEMA.append(pa.field("stage", pa.string())).append(pa.field("deal", pa.float64())))


def prospects(count):
    """Accounts, half of them with values that are hard to read."""
    draw, rows = random.Random(7), []
    for number in range(count):
        account, _ = plain_account(draw, number)
        if draw.random() < 0.5:
            for name, values in [
                ("industry", TEXTS + [None]),
                ("city", TEXTS + [None]),
                ("country", TEXTS + [None]),
                ("revenue", NUMBERS),
                ('Net "x"', NUMBERS),
                ("employees", WHOLE),
                ("since", DATES + [None]),
                ("margin", [decimal.Decimal("-999999.999"), decimal.Decimal(0), None]),
                ("grade", AMOUNTS + ["true", "false", None]),
                ("paid", [decimal.Decimal("2.00"), decimal.Decimal("-1.00"), decimal.Decimal("0.01"), None]),
                ("active", [2.0, 0.5, math.nan, math.inf, None]),
                ("renewal", DATES + [None]),
                ("seen", [datetime.datetime(2016, 2, 29, 23, 59, 59), datetime.datetime(2016, 3, 1), datetime.datetime(1970, 1, 1, 1, 2, 3, 4), None]),
                ("seats", [decimal.Decimal(text) for text in ["10.00", "9.99", "500.50", "500.49", "-0.01", "9999999999.99"]] + [None]),
                ("usage", NUMBERS + [None]),
                ("trial", [True, False, None]),
                ("note", AMOUNTS + [None]),
            ]:
                if draw.random() < 0.4:
                    account[name] = draw.choice(values)
            if draw.random() < 0.5:
                account["tools"] = [draw.choice(ITEMS) for _ in range(draw.randrange(5))]
        rows.append(account)
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def api_value(value):
    """A value of a request; None if it is missing."""
    if isinstance(value, bool):
        return {"flag": value}
    if isinstance(value, (int, float, decimal.Decimal)):
        return {"number": float(value)} if math.isfinite(value) else None
    if isinstance(value, list):
        return {"texts": {"values": value}}
    return None if value is None else {"text": str(value)}


def score_by_api(url, table, batch=2000):
    """The scores of the program, which reads values as in the table: a file would be read with more rules."""
    scores = []
    for start in range(0, table.num_rows, batch):
        rows = []
        for account in table.slice(start, batch).to_pylist():
            values = {name: api_value(value) for name, value in account.items() if name != "account_id"}
            values = {name: value for name, value in values.items() if value is not None}
            rows.append({"accountId": account["account_id"], "attributes": values})
        body = json.dumps({"config": {"view": "SCORE_VIEW_TOP_REASONS"}, "rows": {"rows": rows}}).encode()
        call = urllib.request.Request(url, body, {"content-type": "application/json"})
        with urllib.request.urlopen(call) as response:
            answer = json.load(response)
        assert not answer.get("errors"), answer["errors"][:3]
        scores += answer["scores"]
    return scores


def differences(score, row):
    """The columns in which a row of SQL differs from the score of the program."""
    same = {
        "account_id": score["accountId"],
        "log_odds": score.get("logOdds", 0.0),
        "score": score["score"],
        "tier": score["tier"][-1],
        "pond_side": score["pondSide"].rpartition("_")[2],
        "segment_id": score.get("segmentId"),
        "exclusion_rules": ";".join(score.get("exclusionRules", [])),
    }
    reasons = [(None, None)] * 3
    for place, reason in enumerate(score["reasons"]):
        reasons[place] = (f"{reason['attribute']}: {reason['valueLabel']}", reason.get("logOdds", 0.0))
    found = [name for name, value in same.items() if row[name] != value]
    for place, (label, log_odds) in enumerate(reasons, start=1):
        # The program's label of a rare value is the value itself.
        label_differs = row[f"reason_{place}"] != label and not (row[f"reason_{place}"] or "").endswith(": other")
        if label_differs or row[f"reason_{place}_log_odds"] != log_odds:
            found.append(f"reason_{place}")
    for name, key, most in [("probability", "probability", 1e-12), ("expected_value", "expectedValue", 1e-12), ("low", "low", 1e-5), ("high", "high", 1e-5)]:
        value, expected = row[name], score.get(key)
        if (value is None) != (expected is None) or value is not None and abs(value - expected) > most * max(1, abs(expected)):
            found.append(name)
    return found


def compare(engine, scores, names, rows, seconds, ignored=frozenset()):
    """Compares the result of an engine. Rows of `ignored` accounts may differ."""
    assert len(rows) == len(scores), f"{engine}: {len(rows)} rows instead of {len(scores)}"
    by_id = {row[0]: dict(zip(names, row)) for row in rows}
    assert len(by_id) == len(scores), f"{engine}: ids repeat"
    wrong = {}
    for score in scores:
        if score["accountId"] not in ignored:
            for column in differences(score, by_id[score["accountId"]]):
                wrong.setdefault(column, []).append(score["accountId"])
    for column, ids in wrong.items():
        print(f"{engine}: {column} differs for {len(ids)} accounts, such as {ids[:3]}, where it is {by_id[ids[0]][column]!r}")
    compared = len(scores) - len(ignored)
    print(f"{engine}: {compared} of {len(scores)} accounts compared, {len(wrong)} columns differ, {seconds:.1f} s, {len(scores) / seconds:,.0f} rows/s")
    return not wrong


def run_duckdb(folder, sql, connection=None):
    import duckdb

    connection = connection or duckdb.connect()
    connection.execute(f"CREATE TABLE prospects AS SELECT * FROM '{folder}/prospects.parquet'")
    start = time.monotonic()
    result = connection.execute(sql)
    rows = result.fetchall()
    return ([column[0] for column in result.description], rows), time.monotonic() - start


def run_datafusion(folder, sql):
    import datafusion

    context = datafusion.SessionContext()
    context.register_parquet("prospects", f"{folder}/prospects.parquet")
    start = time.monotonic()
    table = context.sql(sql).to_arrow_table()
    return names_and_rows(table), time.monotonic() - start


def run_spark(folder, sql):
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[2]").config("spark.driver.memory", "4g").config("spark.ui.enabled", "false").config("spark.sql.codegen.wholeStage", "false").config("spark.sql.analyzer.maxIterations", "1000").getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.read.parquet(f"{folder}/prospects.parquet").createOrReplaceTempView("prospects")
    out = f"{folder}/spark.parquet"
    start = time.monotonic()
    spark.sql(sql).write.mode("overwrite").parquet(out)
    seconds = time.monotonic() - start
    table = pq.read_table(out)
    spark.stop()
    return names_and_rows(table), seconds


def run_postgres(folder, sql, programs):
    import psycopg

    data = pathlib.Path(folder) / "postgres"
    data.mkdir()
    run = []
    if os.geteuid() == 0:
        # It does not run as root.
        user = pwd.getpwnam("nobody")
        os.chown(data, user.pw_uid, user.pw_gid)
        os.chmod(folder, 0o755)
        run = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    subprocess.run(run + [f"{programs}/initdb", "-D", data / "db", "-E", "UTF8", "--locale=C.UTF-8", "-U", "postgres", "-A", "trust"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = subprocess.Popen(run + [f"{programs}/postgres", "-D", data / "db", "-k", data, "-c", "listen_addresses="], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        connection = wait_for(lambda: psycopg.connect(host=str(data), user="postgres", dbname="postgres"))
        types = ["text", "bigint", "float8", "numeric", "text", "text", "text[]", "date", "bool", "text", "float8", "text", "numeric", "float8"]
        types = dict(zip(SCHEMA.names, types + ["date", "timestamp", "numeric", "float8", "bool", "text"], strict=True))
        columns = ", ".join('"{}" {}'.format(name.replace('"', '""'), of_type) for name, of_type in types.items())
        connection.execute(f"CREATE TABLE prospects ({columns})")
        table = pq.read_table(f"{folder}/prospects.parquet")
        with connection.cursor().copy("COPY prospects FROM STDIN") as copy:
            for row in zip(*(column.to_pylist() for column in table.columns)):
                copy.write_row(row)
        connection.execute("ANALYZE prospects")
        # Compiling the query takes longer than running it.
        connection.execute("SET jit = off")
        start = time.monotonic()
        cursor = connection.execute(sql)
        rows = cursor.fetchall()
        seconds = time.monotonic() - start
        names = [column.name for column in cursor.description]
        connection.close()
        return (names, rows), seconds
    finally:
        server.terminate()
        server.wait()


def wait_for(connect, seconds=30):
    end = time.monotonic() + seconds
    while True:
        try:
            return connect()
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def level_key(text):
    """The key of a text, as docs/SCORECARD.md defines it."""
    composed = unicodedata.normalize("NFC", text.strip("\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"))
    return unicodedata.normalize("NFC", composed.lower())


def amount(value):
    """A value as a number or as days since 1970-01-01; NaN if it is neither."""
    if isinstance(value, datetime.date):
        return float((datetime.date(value.year, value.month, value.day) - datetime.date(1970, 1, 1)).days)
    if not isinstance(value, str):
        return math.nan if value is None else float(value)
    text = value.strip()
    if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return float(text)
    if match := re.fullmatch(r"(\d{4}-\d\d-\d\d)([T ]\d.*)?", text, re.ASCII):
        try:
            # Year 0, which Python does not have, has as many days as 2000.
            is_year_0 = text.startswith("0000")
            return amount(datetime.date.fromisoformat("2000" + match[1][4:] if is_year_0 else match[1])) - is_year_0 * 730_485
        except ValueError:
            pass
    return math.nan


def condition_input(when, value):
    """Whether a condition holds that the graph cannot evaluate: on items that the model does not know, or on numbers in texts."""
    if when.get("any_of"):
        return bool({level_key(item) for item in value or []} & set(when["any_of"]))
    number = amount(value)
    return math.isfinite(number) and when.get("at_least", -math.inf) <= number < when.get("below", math.inf)


def onnx_input(kind, keys, values):
    """The tensor of an attribute, as docs/SCORECARD.md defines it."""
    import numpy as np

    if kind in ("number", "date"):
        return np.array([[amount(value)] for value in values])
    if kind == "flag":
        return np.array([[int(value) if value in (0, 1) else -1] for value in values], dtype=np.int64)
    if kind == "category":
        return np.array([["" if value is None else level_key(value)] for value in values], dtype=object)
    rows = []
    for items in values:
        known = None if items is None else {level_key(item) for item in items} - {""}
        rows.append([int(known is not None and key in known) for key in keys] + [int(known == set()), int(known is None)])
    return np.array(rows, dtype=np.int64)


def run_onnx(folder, scorecard, table, batch=4096):
    import onnxruntime

    session = onnxruntime.InferenceSession(folder / "model.onnx")
    kinds = {attribute["attribute"]: (attribute["kind"], attribute.get("keys")) for attribute in scorecard["attributes"]}
    kinds |= {name: ("number", None) for name in UNTRAINED}
    conditions = {f"condition:{rule['id']}": rule["when"] for rule in scorecard["exclusion_rules"]}
    conditions |= {name.replace(":", ":rule:", 1): when for name, when in conditions.items()}
    conditions |= {f"condition:{hypothesis['id']}": hypothesis["when"] for hypothesis in scorecard["hypotheses"]}
    names = [output.name for output in session.get_outputs()]
    rows, seconds = [], 0.0
    for start in range(0, table.num_rows, batch):
        part, tensors = table.slice(start, batch), {}
        for tensor in session.get_inputs():
            name = tensor.name
            if name in table.column_names:
                kind, keys = kinds.get(name, ("category", None))
                tensors[name] = onnx_input(kind, keys, part.column(name).to_pylist())
            else:
                when = conditions[name]
                values = part.column(when["attribute"]).to_pylist()
                tensors[name] = onnx_input("flag", None, [condition_input(when, value) for value in values])
        began = time.monotonic()
        outputs = session.run(None, tensors)
        seconds += time.monotonic() - began
        columns = [output[:, 0].tolist() for output in outputs]
        rows += [dict(zip(names, row)) for row in zip(*columns)]
    return rows, seconds


def compare_onnx(scores, rows, seconds):
    wrong = {}
    for score, row in zip(scores, rows, strict=True):
        rules = [name.removeprefix("rule:") for name, holds in row.items() if name.startswith("rule:") and holds]
        same = {"log_odds": score.get("logOdds", 0.0), "tier": score["tier"][-1], "pond_side": score["pondSide"].rpartition("_")[2]}
        found = [name for name, value in same.items() if row[name] != value]
        found += ["rules"] if rules != score.get("exclusionRules", []) else []
        found += [name for name, most in [("probability", 1e-12), ("low", 1e-5), ("high", 1e-5)] if abs(row[name] - score[name]) > most]
        for name in found:
            wrong.setdefault(name, []).append((score["accountId"], row.get(name)))
    for name, examples in wrong.items():
        print(f"onnx: {name} differs for {len(examples)} accounts, such as {examples[:3]}")
    print(f"onnx: {len(scores)} accounts compared, {len(wrong)} columns differ, {seconds:.1f} s, {len(scores) / seconds:,.0f} rows/s")
    return not wrong


def names_and_rows(table):
    return table.column_names, list(zip(*(column.to_pylist() for column in table.columns)))


def accounts_with(table, texts):
    """The ids of accounts with one of these texts."""
    texts, found = set(texts), set()
    for account in table.to_pylist():
        if texts.intersection([account["industry"], account["city"], account["country"], *(account["tools"] or [])]):
            found.add(account["account_id"])
    return found


def check_scorecard(program, folder):
    import jsonschema

    scorecard = json.loads((folder / "scorecard.json").read_text())
    jsonschema.validate(scorecard, json.loads((ROOT / "docs/scorecard.schema.json").read_text()))
    kinds = {attribute["kind"] for attribute in scorecard["attributes"]}
    assert kinds == {"number", "date", "category", "flag", "list"}, kinds
    for member in ["pairs", "hypotheses", "exclusion_rules", "segments", "values"]:
        assert scorecard[member], f"the version has no {member}, so nothing tests them"
    conditions = [rule["when"] for rule in scorecard["exclusion_rules"] if rule["when"]["attribute"] in UNTRAINED]
    assert conditions and not any("kind" in when for when in conditions), conditions
    shown = subprocess.run([program, "--store", folder / "store", "model", "show", "--json"], check=True, capture_output=True).stdout
    assert json.loads(shown) == scorecard


def main():
    sys.stdout.reconfigure(line_buffering=True)
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--rows", type=int, default=20_000)
    arguments.add_argument("--engines", default="duckdb,datafusion,onnx,sqlglot")
    arguments.add_argument("--postgres", default="", help="the folder with initdb and postgres")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(0 if check(options, pathlib.Path(folder)) else 1)


def check(options, folder):
    program = str(pathlib.Path(options.program).resolve())
    command = [program, "--quiet", "--store", folder / "store"]
    trained_on = customers(6000)
    pq.write_table(trained_on, folder / "customers.parquet")
    # The golden rows of a version are customers that it was trained on.
    table = pa.concat_tables([trained_on.select(SCHEMA.names), prospects(options.rows)])
    pq.write_table(table, folder / "prospects.parquet")
    (folder / "mapping.toml").write_text(MAPPING)
    (folder / "hypotheses.toml").write_text("".join(f"[[hypothesis]]\n{entry}\nconfidence_customers = 20\n" for entry in HYPOTHESES))
    (folder / "rules.toml").write_text("".join(f"[[rule]]\n{entry}\n" for entry in RULES))
    train = ["train", "customers.parquet", "--mapping", "mapping.toml", "--hypotheses", "hypotheses.toml", "--rules", "rules.toml", "--promote"]
    subprocess.run(command + train, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    subprocess.run(command + ["model", "export", "-o", folder / "scorecard.json"], check=True)
    check_scorecard(program, folder)

    def export(dialect):
        out = folder / f"{dialect}.sql"
        subprocess.run(command + ["model", "export", "--format", "sql", "--dialect", dialect, "-o", out], check=True)
        return out.read_text()

    dialects = {dialect: export(dialect) for dialect in ["ansi", "duckdb", "postgres", "spark", "snowflake", "bigquery"]}
    start = time.monotonic()
    scores = score_with_server(command, table)
    print(f"program: {len(scores)} accounts scored in {time.monotonic() - start:.1f} s, tiers {sorted({score['tier'][-1] for score in scores})}")
    start = time.monotonic()
    subprocess.run(command + ["score", "prospects.parquet", "-o", "scores.parquet"], check=True, cwd=folder)
    seconds = time.monotonic() - start
    print(f"score: {seconds:.1f} s from file to file, {table.num_rows / seconds:,.0f} rows/s")
    outside_nfc = accounts_with(table, NOT_NFC)
    # A dialect without NFC and without the rule for the last letter of a Greek word.
    outside_snowflake = outside_nfc | accounts_with(table, ["ΟΔΟΣ"])
    engines = options.engines.split(",")
    results = []
    if "duckdb" in engines:
        (names, rows), seconds = run_duckdb(folder, dialects["duckdb"])
        results.append(compare("duckdb", scores, names, rows, seconds))
    if "datafusion" in engines:
        (names, rows), seconds = run_datafusion(folder, dialects["ansi"])
        results.append(compare("datafusion", scores, names, rows, seconds, outside_nfc))
    if "postgres" in engines:
        (names, rows), seconds = run_postgres(folder, dialects["postgres"], options.postgres)
        results.append(compare("postgres", scores, names, rows, seconds))
    if "spark" in engines:
        (names, rows), seconds = run_spark(folder, dialects["spark"])
        results.append(compare("spark", scores, names, rows, seconds, outside_nfc))
    if "onnx" in engines:
        subprocess.run(command + ["model", "export", "--format", "onnx", "-o", folder / "model.onnx"], check=True)
        results.append(compare_onnx(scores, *run_onnx(folder, json.loads((folder / "scorecard.json").read_text()), table)))
    if "sqlglot" in engines:
        results += [check_translation(folder, dialects, "bigquery", scores, frozenset())]
        results += [check_translation(folder, dialects, "snowflake", scores, outside_snowflake)]
    return bool(results) and all(results)


def check_translation(folder, dialects, dialect, scores, ignored):
    """Runs the SQL of a warehouse that is not here: translated for DuckDB."""
    import duckdb
    import sqlglot

    (query,) = sqlglot.parse(dialects[dialect], read=dialect)
    while node := query.find(sqlglot.exp.Normalize):
        node.replace(sqlglot.exp.func("nfc_normalize", node.this.copy()))
    connection = duckdb.connect()
    # What DuckDB does not have.
    connection.execute("CREATE MACRO range_bucket(number, edges) AS len(list_filter(edges, lambda edge: edge <= number))")
    (names, rows), seconds = run_duckdb(folder, query.sql(dialect="duckdb"), connection)
    return compare(f"{dialect} as duckdb", scores, names, rows, seconds, ignored)


def score_with_server(command, table):
    listen = ["serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"]
    server = subprocess.Popen(command + listen, stderr=subprocess.PIPE, text=True)
    try:
        addresses = re.findall("http://[0-9.:]+", server.stderr.readline())
        return score_by_api(f"{addresses[-1]}/v1/workspaces/default/models/default/versions/live:score", table)
    finally:
        server.terminate()
        server.communicate()


if __name__ == "__main__":
    main()
