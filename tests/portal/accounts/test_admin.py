"""Users and groups in the admin: who can give rights, and to whom."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from portal.accounts.admin import APPS
from portal.accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    user = User.objects.create_superuser("jefa@telefonica.mx", PASSWORD)
    client.force_login(user)
    return user


@pytest.fixture
def staff(client):
    """Return somebody of Telefónica with each permission there is, and no administrator."""
    user = User.objects.create_user("todo@telefonica.mx", PASSWORD, is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    return user


def rights(user: User) -> tuple[bool, bool, set[str]]:
    fresh = User.objects.get(pk=user.pk)
    return fresh.is_staff, fresh.is_superuser, fresh.get_all_permissions()


def test_a_group_may_have_the_permissions_of_every_app_of_the_portal(client, administrator):
    assert {"accounts", "campaigns", "inventory", "segments"} <= set(APPS)

    page = client.get(reverse("admin:auth_group_add")).content.decode()

    for app in APPS:
        permissions = Permission.objects.filter(content_type__app_label=app)
        assert permissions.exists(), app
        for permission in permissions:
            assert f'name="permissions" value="{permission.pk}"' in page, permission
    others = Permission.objects.exclude(content_type__app_label__in=APPS)
    assert others.exists()
    for permission in others:
        assert f'name="permissions" value="{permission.pk}"' not in page, permission


@pytest.mark.parametrize("page", ["add", "change", "delete"])
def test_only_an_administrator_writes_groups(client, staff, page):
    group = Group.objects.create(name="Revisión")
    address = reverse(f"admin:auth_group_{page}", args=[] if page == "add" else [group.pk])
    data = {"name": "Todo", "permissions": [p.pk for p in Permission.objects.all()], "post": "yes"}

    assert client.post(address, data).status_code == 403
    assert list(Group.objects.values_list("name", "permissions")) == [("Revisión", None)]


RIGHTS = {"is_staff": "on", "is_superuser": "on"}


def test_nobody_but_an_administrator_gets_rights_by_a_form_of_people(client, staff):
    """Forms of a new person and of a brand's: whatever is posted, the fields are not read."""
    group = Group.objects.create(name="Todo")
    extra = RIGHTS | {
        "groups": [group.pk],
        "user_permissions": [Permission.objects.order_by("pk")[0].pk],
    }
    new = {"email": "nueva@marca.mx", "password1": PASSWORD, "password2": PASSWORD}
    new |= {"usable_password": "true"}

    added = client.post(reverse("admin:accounts_user_add"), new | extra)

    made = User.objects.get(email="nueva@marca.mx")
    assert added.status_code == 302
    assert rights(made) == (False, False, set())
    address = reverse("admin:accounts_user_change", args=[made.pk])
    form = {"email": "otra@marca.mx", "first_name": "", "last_name": "", "is_active": "on"}
    assert client.post(address, form | extra).status_code == 302
    assert User.objects.get(pk=made.pk).email == "otra@marca.mx"
    assert rights(made) == (False, False, set())


def prepare_staff(user: User) -> None:
    user.is_staff = True
    user.save()


def prepare_superuser(user: User) -> None:
    user.is_superuser = True
    user.save()


def prepare_group(user: User) -> None:
    user.groups.add(Group.objects.create(name="Revisión"))


def prepare_permission(user: User) -> None:
    user.user_permissions.add(Permission.objects.order_by("pk")[0])


@pytest.mark.parametrize(
    "prepare", [prepare_staff, prepare_superuser, prepare_group, prepare_permission]
)
@pytest.mark.parametrize("page", ["accounts_user_change", "auth_user_password_change"])
def test_whoever_has_rights_is_changed_by_administrators_only(client, staff, prepare, page):
    """An address or a password of theirs would be a way to their rights."""
    other = User.objects.create_user("otra@telefonica.mx", PASSWORD)
    prepare(other)
    before = User.objects.filter(pk=other.pk).values().get()
    data = {"email": "mia@mia.mx", "is_active": "on"}
    data |= {"usable_password": "true", "password1": "x" * 20 + "1", "password2": "x" * 20 + "1"}

    response = client.post(reverse(f"admin:{page}", args=[other.pk]), data)

    assert response.status_code == 403
    assert User.objects.filter(pk=other.pk).values().get() == before


def test_nobody_gives_themselves_anything(client, staff):
    before = rights(staff)

    response = client.post(reverse("admin:accounts_user_change", args=[staff.pk]), RIGHTS)

    assert response.status_code == 403
    assert rights(staff) == before


def test_no_page_of_the_libraries_changes_how_people_sign_in():
    """A new page of a library must be looked at before it is offered to staff."""
    ours = {"campaigns", "accounts", "auth", "inventory", "segments"}
    assert {model._meta.app_label for model in admin.site._registry} == ours


def act(client: Client, action: str, user: User):
    data = {"action": action, "_selected_action": [user.pk]}
    return client.post(reverse("admin:accounts_user_changelist"), data, follow=True)


@pytest.fixture
def person(editor):
    """Return a brand's editor with a second factor and a session."""
    Authenticator.objects.create(user=editor, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=editor, type="recovery_codes", data={"seed": "x"})
    own = Client()
    own.force_login(editor)
    own.get("/")
    assert UserSession.objects.filter(user=editor).exists()
    return own


def test_an_administrator_removes_a_lost_second_factor(
    client, administrator, person, editor, mailoutbox
):
    page = act(client, "remove_second_factor", editor)

    assert "Se quitó a 1 persona" in page.content.decode()
    assert not editor.authenticator_set.exists()
    assert [mail.to for mail in mailoutbox] == [[editor.email]]
    history = client.get(reverse("admin:accounts_user_history", args=[editor.pk]))
    assert "Se quitó la verificación en dos pasos." in history.content.decode()


def test_an_administrator_ends_the_sessions_of_a_person(client, administrator, person, editor):
    page = act(client, "end_sessions", editor)

    assert "Se cerró 1 sesión" in page.content.decode()
    assert person.get("/perfil/").status_code == 302


@pytest.mark.parametrize("action", ["remove_second_factor", "end_sessions"])
def test_other_staff_do_neither(client, staff, person, editor, action):
    act(client, action, editor)

    assert editor.authenticator_set.count() == 2
    assert UserSession.objects.filter(user=editor).exists()
