import pytest
from django.test import Client

from tests.portal.links import PHONE, approved_link


@pytest.fixture
def link(brand, editor, reviewer, terms):
    return approved_link(brand, editor, reviewer, terms)


@pytest.fixture
def visitor():
    return Client(headers={"user-agent": PHONE})
