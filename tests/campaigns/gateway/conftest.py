from collections.abc import Iterator

import pytest

from tests.campaigns.gateway.conformance import ConformanceClient
from tests.processes import Sandbox


@pytest.fixture(scope="session")
def conformance_client(gateway_process: Sandbox) -> Iterator[ConformanceClient]:
    api = ConformanceClient(gateway_process)
    yield api
    api.http.close()


@pytest.fixture
def api(sandbox: Sandbox, conformance_client: ConformanceClient) -> ConformanceClient:
    """Return a client of the empty sandbox that checks each response against the contract."""
    conformance_client.forget_tokens()
    return conformance_client


@pytest.fixture
def own_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that the test may kill."""
    with Sandbox(tmp_path_factory.mktemp("own-gateway")) as sandbox:
        yield sandbox


@pytest.fixture
def own_api(own_sandbox: Sandbox) -> Iterator[ConformanceClient]:
    """A client of the test's own sandbox."""
    api = ConformanceClient(own_sandbox)
    yield api
    api.http.close()
