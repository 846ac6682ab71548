import environ
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from campaigns.models import Brand, Membership
from portal.models import User

PEOPLE = {
    "marca@demo.mx": ("Mariana", "López", "tienda-movistar", Membership.Role.OWNER),
    "edicion@demo.mx": ("Emilio", "Ruiz", "tienda-movistar", Membership.Role.EDITOR),
    "consulta@demo.mx": ("Carla", "Núñez", "tienda-movistar", Membership.Role.VIEWER),
    "cafe@demo.mx": ("Andrés", "Vega", "cafe-la-parroquia", Membership.Role.OWNER),
    "revision@demo.mx": ("Rebeca", "Torres", None, None),
}
BRANDS = {
    "tienda-movistar": ("Tienda Movistar", Brand.Category.TELECOM),
    "cafe-la-parroquia": ("Café La Parroquia", Brand.Category.FOOD),
}
REVIEWER_MAY = (
    "review_campaign",
    "view_campaign",
    "view_adorder",
    "change_adorder",
    "view_version",
    "view_event",
    "view_brand",
    "activate_brand",
    "view_capacity",
    "view_reservation",
    "view_journalentry",
    "view_audit",
    "view_capacitychange",
    "change_the_capacity",
    "view_waitingplace",
    "view_webhook",
    "view_webhookdelivery",
    "view_lada",
    "view_zone",
    "view_state",
    "view_municipality",
)


class Command(BaseCommand):
    help = "Make the demo brands and people of the embedded run; safe to repeat."

    @transaction.atomic
    def handle(self, **options: object) -> None:
        if not settings.EMBEDDED:
            raise CommandError("Demo people belong to the embedded run only (EMBEDDED=1).")
        password = environ.Env().str("DEMO_PASSWORD", default="")
        if not password:
            raise CommandError("Set DEMO_PASSWORD: the demo people sign in with it.")
        brands = {
            slug: Brand.objects.get_or_create(
                slug=slug, defaults={"name": name, "category": category}
            )[0]
            for slug, (name, category) in BRANDS.items()
        }
        first_person = User.objects.filter(email=next(iter(PEOPLE))).first()
        known = first_person is not None and first_person.check_password(password)
        for email, (first, last, slug, role) in PEOPLE.items():
            user = self._person(email, first, last, "" if known else password)
            if slug and role:
                Membership.objects.get_or_create(
                    brand=brands[slug], user=user, defaults={"role": role}
                )
            else:
                user.is_staff = True
                user.save(update_fields=["is_staff"])
                user.user_permissions.set(Permission.objects.filter(codename__in=REVIEWER_MAY))
        self.stdout.write(f"{len(PEOPLE)} demo people, {len(BRANDS)} demo brands.")

    def _person(self, email: str, first: str, last: str, password: str) -> User:
        """Make a person, or give one who has the password unless that is told anew."""
        user, created = User.objects.get_or_create(
            email=email, defaults={"first_name": first, "last_name": last}
        )
        if created or password:
            user.set_password(password or environ.Env().str("DEMO_PASSWORD"))
            user.save(update_fields=["password"])
        user.vouch()
        return user
