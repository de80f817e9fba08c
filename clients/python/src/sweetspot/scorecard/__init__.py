"""A scorecard: a model as JSON, which scores here without a server and gives the same log-odds to the last bit."""

from sweetspot.scorecard._scorecard import Scorecard

__all__ = ["Scorecard"]
