from collections.abc import Iterator

import pytest

from campaigns.gateway.client import GatewayClient
from tests.processes import Sandbox


@pytest.fixture(scope="session")
def gateway_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for the whole run."""
    with Sandbox(tmp_path_factory.mktemp("gateway")) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def gateway_client(gateway_process: Sandbox) -> Iterator[GatewayClient]:
    with gateway_process.client() as client:
        yield client


@pytest.fixture
def sandbox(gateway_process: Sandbox) -> Sandbox:
    """The sandbox, as new."""
    gateway_process.reset()
    return gateway_process


@pytest.fixture
def client(sandbox: Sandbox, gateway_client: GatewayClient) -> GatewayClient:
    """A client of the sandbox, with its default scopes."""
    return gateway_client
