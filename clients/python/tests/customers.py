"""Made-up customers with attributes of every kind, and what is stated about them."""

from __future__ import annotations

import datetime
import random

import pandas as pd

from sweetspot import OutcomeColumns
from sweetspot.v1 import model_service_pb2 as models
from sweetspot.v1 import types_pb2 as types

OUTCOME = OutcomeColumns("outcome", value="paid", cost_to_serve="served", since="since", currency="EUR")
TOOLS = ["SAP", "Jira", "Slack", "Café", "Straße", "ÎLE"]


def frame(count: int) -> pd.DataFrame:
    """Return customers: small fintech and large logistics companies buy, and others rarely."""
    chance = random.Random(11)
    rows = []
    for number in range(count):
        kind = number % 3
        employees = round(chance.lognormvariate(3.5, 0.4) if kind == 0 else chance.lognormvariate(7.0, 0.5))
        sector = ["Fintech", "Logistics", chance.choice(["Retail", "Farming", "Méxïco", "Ünï"])][kind]
        founded = datetime.date(1960, 1, 1) + datetime.timedelta(days=chance.randrange(22_000))
        tools = [tool for tool in TOOLS if chance.random() < 0.3]
        remote = chance.random() < 0.5
        price = chance.uniform(1, 2_000)
        log_odds = (
            [0.5, 1.8, -2.5][kind] + (1.0 if "SAP" in tools else -0.3) + ([2.0, -2.5, 0.0][kind] if remote else 0.0)
        )
        won = chance.random() < 1 / (1 + 2.718281828**-log_odds)
        rows.append(
            {
                "account_id": f"c{number}",
                "sector": sector,
                "employees": employees,
                "remote": remote if chance.random() < 0.9 else None,
                "founded": founded if chance.random() < 0.9 else None,
                "tools": tools if chance.random() < 0.9 else None,
                "price": round(price, 2) if chance.random() < 0.9 else None,
                "outcome": "won" if won else "lost",
                "paid": round(chance.uniform(1e3, 9e4)) if won else None,
                "served": round(chance.uniform(1e2, 9e3)) if won else None,
                "since": founded,
            }
        )
    return pd.DataFrame(rows)


def config() -> models.TrainingConfig:
    """Return hypotheses and exclusion rules with every kind of test, also on unknown attributes."""
    tests = {
        "sector": types.Condition(attribute="sector", any_of=types.TextList(values=["FINTECH", "space"])),
        "employees": types.Condition(attribute="employees", range=types.Range(gte=30.0, lt=900.0)),
        "remote": types.Condition(attribute="remote", flag=True),
        "tools": types.Condition(attribute="tools", any_of=types.TextList(values=["jira", "CAFÉ"])),
        "founded": types.Condition(attribute="founded", range=types.Range(lt=5_000.0)),
        "owner": types.Condition(attribute="owner", present=True),
        "turnover": types.Condition(attribute="turnover", range=types.Range(gte=100.0)),
        "notes": types.Condition(attribute="notes", any_of=types.TextList(values=["hot", "3 January 2019"])),
    }
    hypotheses = [
        models.Hypothesis(id=name, when=when, odds_ratio=1.5, confidence_customers=20.0) for name, when in tests.items()
    ]
    farming = types.Condition(attribute="sector", any_of=types.TextList(values=["farming"]))
    banned = types.Condition(attribute="banned", flag=True)
    rules = [
        types.ExclusionRule(id="farming", when=farming, severity=types.EXCLUSION_SEVERITY_OUT),
        types.ExclusionRule(id="banned", when=banned, severity=types.EXCLUSION_SEVERITY_OUT),
    ]
    return models.TrainingConfig(hypotheses=hypotheses, exclusion_rules=rules)
