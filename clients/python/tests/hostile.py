"""Accounts at random, with values of every type and texts that are hard to read."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

NUMBERS = (
    "1234.5|1,234.50|1.234,50|1 234,5|1'234|1’234|12,34,567|3,5|1.5e3|-5|(300)|300-|$ 1,200|99 EUR|7.4M|7,4 Mio|12%|true"
    "|FALSE|1.200|1,200|.5|5.|1.e2|+7|--7|1_000|٣|12B|12.0B|5 m|5 m €|CHF 25.-|25,–|−4|R$5|5 zł|0x10|1e400|nan|inf"
    "|1.2.3|1,2,3|012,345|1 000 000|5 Tsd.|3K|2 lakh|1e5,0|kr. 50|50 kr.|Rs.9|9 SFr.|( 4 )|(-4)|1\u00a0234|1\u2009234,5"
    "|30|900|899.99|29.999|1e-9|-0.0"
).split("|")
DAYS = (
    "2026-11-22|2026-11-22T10:00:00Z|2026/11/22|22.11.2026|11/22/2026|22-11-2026|22 Nov 2026|November 22, 2026|01/03/2019"
    "|3. März 1999|1er avril 2001|22 de noviembre de 2026|16-Jul-22|Q3 2022|2022-W28|2022W53|2020W53|07/2022|Juli 22"
    "|20220716|44758|44758,5|31.04.2001|29.02.1900|29.02.2000|0000-01-01|9999-12-31|2026-11-22 foo|22.11.2026, 10:22"
    "|3rd May 2004|31 Juni 2004|5 lis 2003|sty 5, 2003|2 º maio 2001|1.2.3|1/2/03|13/13/2003|2001-2-3|Mär22|Févr22"
).split("|")
FLAGS = "yes|NO|Ja|nein|wahr|Oui|vrai|sí|Sì|não|0|1|1.0|0.00|2|t|f|maybe|TAK|kyllä|EI|1,0| on ".split("|")
TEXTS = (
    "Fintech|FINTECH| fintech |\u3000Fintech\u2028|\x1fFintech|Fintech\x85|Logistics|me\u0301xi\u0308co|MÉXÏCO|ünï|ÜNI\u0308"
    "|Retail;Farming|space|farming|Farming, Space|hot|HOT; cold|a|hot, cold|3 January 2019|03.01.2019|100|99.9|1e2|2019-01-03"
    "|STRASSE|straße|STRAẞE|Île|ÎLE|I\u0302LE|İLE|ΣΑΣ|σας|K|\u212a|ﬁntech|Fintech\u200b|\ufeffFintech|🙂|\u0130"
).split("|")
LISTS = (
    "SAP|sap; Jira|SAP|Jira, Slack|Café;STRASSE|straße | ÎLE|;|, |SAP,Jira|CAFE\u0301|a; b; SAP; sap|Slack;;Slack| ; SAP ; "
).split("|")
BLANK = ["", " ", "\t\n", "\u00a0\u3000", "\x1c"]


def value(chance: random.Random) -> Any:
    """Return any value that an account may have."""
    kinds = (
        lambda: None,
        lambda: float("nan"),
        lambda: pd.NA,
        lambda: pd.NaT,
        lambda: chance.choice([True, False, np.True_]),
        lambda: chance.choice([0, 1, 30, 900, 5_000, -1, 2**53 + 1, 10**25, 7]),
        lambda: chance.choice([0.0, -0.0, 1.0, 29.999999999999996, 30.0, 1e-300, 1e300, 1e22, 0.1 + 0.2, 99.99999]),
        lambda: chance.lognormvariate(4, 2),
        lambda: chance.choice([np.float32(30.1), np.int8(1), Decimal("30.50"), np.uint64(2**63)]),
        lambda: datetime.date(1950, 1, 1) + datetime.timedelta(days=chance.randrange(40_000)),
        lambda: datetime.datetime(1969, 12, 31, 23, 59, tzinfo=datetime.timezone(datetime.timedelta(hours=-8))),
        lambda: chance.choice([pd.Timestamp("2019-01-03 12:00", tz="Asia/Tokyo"), np.datetime64("1969-12-31T23:00")]),
        lambda: chance.choice(NUMBERS),
        lambda: chance.choice(DAYS),
        lambda: chance.choice(FLAGS),
        lambda: chance.choice(TEXTS),
        lambda: chance.choice(LISTS),
        lambda: chance.choice(BLANK),
        lambda: chance.sample(TEXTS + LISTS + BLANK, chance.randrange(4)),
        lambda: chance.choice([set(), {"SAP", "jira"}, ("Café",), np.array(["Slack", "sap"]), [1, 2.5, True, None]]),
    )
    return chance.choice(kinds)()


def accounts(names: list[str], plain: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """Return accounts with values of any type instead of some plain ones, except for days in `notes`, as rows have none."""
    chance = random.Random(seed)
    made = []
    for account in plain:
        share = chance.random()
        changed = {name: value(chance) for name in names if chance.random() < share}
        made.append({**{name: account[name] for name in names if name in account}, **changed})
    for account in made:
        if isinstance(account.get("notes"), (datetime.date, np.datetime64)):
            del account["notes"]
    return made
