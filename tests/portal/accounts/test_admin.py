"""Groups in the admin: the permissions that they may have."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from portal.accounts.admin import APPS

pytestmark = pytest.mark.django_db


def test_a_group_may_have_the_permissions_of_every_app_of_the_portal(client, django_user_model):
    assert {"accounts", "campaigns", "inventory", "segments"} <= set(APPS)
    administrator = django_user_model.objects.create_superuser("jefa@telefonica.mx", "x")
    client.force_login(administrator)

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
