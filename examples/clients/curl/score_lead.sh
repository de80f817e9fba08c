#!/bin/sh
# Scores one lead over HTTP, and prints the score with its largest reason. Needs curl and jq.
set -eu

address=${1:-127.0.0.1:8080}

curl --silent --show-error --fail-with-body "http://$address/v1/score" \
  --header 'content-type: application/json' \
  --data '{"account_id": "acme", "industry": "Logistics", "employees": 320, "technologies": ["SAP", "Slack"]}' |
  jq --raw-output '"\(.account_id): score \(.score), tier \(.tier), because of \(.reasons[0].attribute) = \(.reasons[0].value)"'
