from tests.campaigns.certificates.conftest import certificate, final, over, settler

__all__ = ["certificate", "final", "over", "settler"]
