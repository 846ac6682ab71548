"""Fixtures for all tests: the database, capacity, people, a brand and campaigns."""

import gc
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import TransactionTestCase, override_settings
from pytest_django.plugin import blocking_manager_key

from campaigns import breaker, lifecycle, readiness, text_limit
from campaigns.models import AdOrder, Brand, Campaign, Membership
from campaigns.models.campaign import MAX_VOLUME
from core import redis_connection
from portal.accounts.models import User
from tests import counts, database, marks, nearness

PASSWORD = "una-clave-larga-de-prueba"
process_guard = marks.Guard()
TEXT = "Recarga $100 y recibe 2 GB en movistar.mx/promo"


def pytest_configure(config: pytest.Config) -> None:
    redis_connection.TIMEOUT = 10  # seconds: the tests' own Redis is there, the machine may be busy
    if not hasattr(config, "workerinput"):
        nearness.find_changes()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Run tests of what was changed first, then those that start a browser or processes.

    These are the longest. One worker begins with them, and the others with tests that wait for
    nothing: so both cores have work. The marks come before `-m` selects by them, the order after
    pytest-django's own.
    """
    for item in items:
        marks.mark(item)
    yield
    changes = nearness.changes()
    near = {path: nearness.nearness(path, changes) for path in {_file(item) for item in items}}
    items.sort(key=lambda item: (-near[_file(item)], not marks.is_marked(item)))


def _file(item: pytest.Item) -> str:
    return item.location[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    process_guard.unmarked = None if marks.is_marked(item) else item.nodeid
    try:
        return (yield)
    finally:
        process_guard.unmarked = None


def pytest_collection_finish(session: pytest.Session) -> None:
    """Have the garbage collector pass over modules and tests, which stay."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Remove what an earlier run has left, before any worker looks for the template."""
    if _has_workers(session.config):
        with _database_access(session.config):
            database.drop(database.TEMPLATE, database.UNFINISHED)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Create the template while the workers start and collect."""
    if _has_workers(session.config):
        with _database_access(session.config):
            database.create_template()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _has_workers(session.config):
        with _database_access(session.config):
            database.drop(database.TEMPLATE)


def _has_workers(config: pytest.Config) -> bool:
    """Return whether this process only hands tests out to the workers of pytest-xdist."""
    return config.pluginmanager.hasplugin("dsession")


def _database_access(config: pytest.Config) -> AbstractContextManager[None]:
    return config.stash[blocking_manager_key].unblock()


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[None]:
    """Create this process's database, with all migrations applied and the catalogue loaded."""
    worker = getattr(request.config, "workerinput", {}).get("workerid")
    option = request.config.getvalue
    keep = option("reuse_db") and not worker
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        if worker:
            name = database.copy_template(worker)
        else:
            name = database.create() if option("create_db") or not keep else database.reuse()
        patch.setattr(TransactionTestCase, "_fixture_teardown", database.empty_tables)
        yield
        if not keep:
            database.drop(name)


@pytest.fixture(scope="session", autouse=True)
def _quick_settings() -> Iterator[None]:
    """Hash passwords fast, limit no tokens and no orders, and name static files as they are.

    The strength of hashes is not what is tested, limits are tested where a test sets
    them, and hashed names where a real web process serves them.
    """
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        PASSWORD_HASHERS=[
            "django.contrib.auth.hashers.MD5PasswordHasher",
            *settings.PASSWORD_HASHERS,
        ],
        API_TOKENS_A_MINUTE=100_000,  # all tests come from one address
        MAX_ORDER=MAX_VOLUME,
        HELD_PER_BRAND=100 * MAX_VOLUME,
        SHARE_PER_BRAND=100_000,
        LADA_SHARE_PER_BRAND=100_000,
        STORAGES=settings.STORAGES | {"staticfiles": plain},
    ):
        yield


@pytest.fixture(autouse=True)
def _closed_breaker() -> None:
    """Close the breaker, which all tests of a process share: its state is in their Redis."""
    breaker.reset()


@pytest.fixture(autouse=True)
def _gateway_never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test see the limit that another one's gateway reported: a process keeps it."""
    monkeypatch.setattr(text_limit, "_kept", None)
    monkeypatch.setattr(text_limit, "_kept_until", float("inf"))


@pytest.fixture(autouse=True)
def _nothing_on_sale(request: pytest.FixtureRequest) -> None:
    """Take the days of a new database off sale, unless the test asks for them."""
    names = set(request.fixturenames)
    uses_database = names & {"db", "transactional_db", "live_server"}
    if "on_sale" not in names and (uses_database or request.node.get_closest_marker("django_db")):
        request.getfixturevalue("db")
        database.set_on_sale(wanted=False)


@pytest.fixture
def trial(subtests: pytest.Subtests, db: None) -> Callable[[str], AbstractContextManager[None]]:
    """Return a context in which one of many cases is tried on the same rows.

    A case that fails is reported by its name and stops no other; what it wrote is undone.
    """

    @contextmanager
    def run(name: str) -> Iterator[None]:
        with subtests.test(name), transaction.atomic():
            yield
            transaction.set_rollback(True)

    return run


@pytest.fixture
def on_sale(db: None) -> date:
    """The first day that a campaign may start; ten days from today are on sale."""
    database.set_on_sale(wanted=True)
    return readiness.first_possible_day()


def _person(email: str, **fields: Any) -> User:
    return User.objects.create_user(email, PASSWORD, **fields)


@pytest.fixture
def brand(db: None) -> Brand:
    return Brand.objects.create(name="Tienda", slug="tienda")


@pytest.fixture
def owner(brand: Brand) -> User:
    return _member(brand, "titular@tienda.mx", Membership.Role.OWNER)


@pytest.fixture
def editor(brand: Brand) -> User:
    return _member(brand, "edicion@tienda.mx", Membership.Role.EDITOR)


@pytest.fixture
def viewer(brand: Brand) -> User:
    return _member(brand, "consulta@tienda.mx", Membership.Role.VIEWER)


@pytest.fixture
def stranger(db: None) -> User:
    """A person of another brand."""
    return _member(
        Brand.objects.create(name="Otra", slug="otra"), "titular@otra.mx", Membership.Role.OWNER
    )


@pytest.fixture
def reviewer(db: None) -> User:
    user = _person("revision@telefonica.mx", is_staff=True)
    codes = ["review_campaign", "view_campaign", "view_adorder", "change_adorder"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


def _member(brand: Brand, email: str, role: str) -> User:
    user = _person(email)
    Membership.objects.create(brand=brand, user=user, role=role)
    return user


@pytest.fixture
def terms(on_sale: date) -> dict[str, Any]:
    """The terms of a campaign that can be sent: 55, 33 and 81, three days, 60,000."""
    return {
        "name": "Recarga de diciembre",
        "text": TEXT,
        "area": {"ladas": ["33", "55", "81"]},
        "starts_on": on_sale,
        "ends_on": on_sale + timedelta(days=2),
        "volume": 60_000,
    }


@pytest.fixture
def draft(brand: Brand, editor: User, terms: dict[str, Any]) -> Campaign:
    return lifecycle.draft(brand.pk, terms, by=editor)


@pytest.fixture
def campaign_in_review(draft: Campaign, editor: User) -> Campaign:
    lifecycle.submit(draft.pk, by=editor)
    lifecycle.hold_submitted()
    draft.refresh_from_db()
    assert draft.status == Campaign.Status.IN_REVIEW
    return draft


@pytest.fixture
def approved(campaign_in_review: Campaign, reviewer: User) -> Campaign:
    return lifecycle.approve(
        campaign_in_review.pk, version=campaign_in_review.version_number, by=reviewer
    )


@pytest.fixture
def live(approved: Campaign, time_machine: Any) -> Campaign:
    """A campaign on air at noon of its first of three days, and a gateway that reports."""
    lifecycle.schedule(approved.pk)
    AdOrder.objects.update(acknowledged_generation=1)
    time_machine.move_to(counts.at(approved.starts_on, 12), tick=False)
    lifecycle.advance_due()
    counts.beat()
    approved.refresh_from_db()
    assert approved.status == Campaign.Status.LIVE
    return approved
