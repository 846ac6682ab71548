"""Tests of the Python client. They import the built one, which is not part of the tree."""

import sys

from tests.built_client import site_packages

sys.path.insert(0, str(site_packages()))
