"""Every Monday: import the customers, train, compare with the live version, and promote unless a promotion check fails."""

import logging
import os
from datetime import datetime, timedelta

import pandas as pd
from airflow.exceptions import AirflowSkipException
from airflow.sdk import dag, task

from sweetspot import Client, OutcomeColumns
from sweetspot.errors import ModelNotFound, NoLiveVersion, PromotionCheckFailed

OUTCOME = OutcomeColumns(status="status", value="lifetime_value_eur", since="client_since", currency="EUR")
# What is known before the sale. Everything else in the file is ignored.
ATTRIBUTES = ["industry", "employees", "revenue_eur", "country", "use_case", "pain", "impact"]

log = logging.getLogger(__name__)


def client() -> Client:
    """Return a client; the API key is in SWEETSPOT__API_KEY."""
    return Client(os.environ.get("SWEETSPOT_URL", "http://127.0.0.1:50051"))


@dag(
    schedule="0 5 * * 1",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=10)},
)
def sweetspot_weekly():
    """Train every week."""

    @task
    def import_customers() -> str:
        customers = pd.read_csv(os.environ["SWEETSPOT_CUSTOMERS"])
        with client() as sweetspot:
            imported = sweetspot.import_accounts(customers, OUTCOME, attributes=ATTRIBUTES)
        log.info("imported %s customers", imported.accounts)
        return imported.dataset_version

    @task(execution_timeout=timedelta(hours=1))
    def train(dataset_version: str) -> str:
        with client() as sweetspot:
            number = int(dataset_version.rpartition("/")[2])
            run = sweetspot.wait(sweetspot.train(dataset_version=number, label="ideal", description="weekly training"))
        return run.model_version

    @task
    def compare(version: str) -> str:
        with client() as sweetspot:
            try:
                log.info(sweetspot.compare(version).markdown)
            except (ModelNotFound, NoLiveVersion):
                log.info("no version is live yet")
        return version

    @task(retries=0)
    def promote(version: str) -> None:
        with client() as sweetspot:
            try:
                sweetspot.promote(version, reason="weekly training", by="airflow")
            except PromotionCheckFailed as error:
                raise AirflowSkipException(f"{version} stays a candidate: {error}") from error
        log.info("%s is live", version)

    promote(compare(train(import_customers())))


sweetspot_weekly()
