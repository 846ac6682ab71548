"""The web process goes on after its connections to PostgreSQL were ended, as by a restart."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.db import connection

from tests.processes import Web

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]

READER = {"authorization": "Bearer leer"}  # strangers cause no query
END_CONNECTIONS = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'
"""


@pytest.fixture
def get(tmp_path):
    """Return a function that requests the figures of the health check n times, four at once."""
    web = Web(tmp_path, METRICS_TOKEN="leer")

    def statuses(times):
        with (
            httpx.Client(base_url=web.url, headers=READER, trust_env=False) as browser,
            ThreadPoolExecutor(4) as threads,
        ):
            return set(threads.map(lambda _: browser.get("/salud/").status_code, range(times)))

    yield statuses
    web.stop()


def test_no_request_meets_a_connection_that_the_restart_ended(get):
    assert get(40) == {200}
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute(END_CONNECTIONS)
            assert cursor.fetchone()[0] >= 1

        assert get(40) == {200}
