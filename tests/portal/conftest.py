import pytest
from django.test import Client

from tests.portal.links import PHONE, lead


@pytest.fixture
def link(brand, editor, reviewer, terms):
    return lead(brand, editor, reviewer, terms)


@pytest.fixture
def visitor():
    return Client(headers={"user-agent": PHONE})
