from collections.abc import Iterator

import pytest

from campaigns.gateway.client import GatewayClient
from tests.campaigns.gateway.wire import Wire
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


@pytest.fixture(scope="session")
def gateway_wire(gateway_process: Sandbox) -> Iterator[Wire]:
    wire = Wire(gateway_process)
    yield wire
    wire.http.close()


@pytest.fixture
def sandbox(gateway_process: Sandbox) -> Sandbox:
    """The sandbox, as new."""
    gateway_process.reset()
    return gateway_process


@pytest.fixture
def client(sandbox: Sandbox, gateway_client: GatewayClient) -> GatewayClient:
    """A client of the sandbox, with its default scopes."""
    return gateway_client


@pytest.fixture
def wire(sandbox: Sandbox, gateway_wire: Wire) -> Wire:
    """Raw calls of the sandbox, each answer held against the contract."""
    gateway_wire.forget_tokens()
    return gateway_wire


@pytest.fixture
def own_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox that the test may kill."""
    with Sandbox(tmp_path_factory.mktemp("own-gateway")) as sandbox:
        yield sandbox
