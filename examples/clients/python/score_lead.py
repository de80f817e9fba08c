"""Scores one lead, and prints the score with its largest reason."""

import sys

from sweetspot import Client

address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051"
lead = {"account_id": "acme", "industry": "Logistics", "employees": 320, "technologies": ["SAP", "Slack"]}

with Client(f"http://{address}") as client:
    score = client.score(lead, reasons=1)

reason = score.reasons[0]
print(f"{score.account_id}: score {score.score}, tier {score.tier}, because of {reason.attribute} = {reason.value}")
