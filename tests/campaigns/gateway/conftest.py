from collections.abc import Iterator

import pytest

from tests.campaigns.gateway.wire import Wire
from tests.processes import Sandbox


@pytest.fixture(scope="session")
def gateway_wire(gateway_process: Sandbox) -> Iterator[Wire]:
    wire = Wire(gateway_process)
    yield wire
    wire.http.close()


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
