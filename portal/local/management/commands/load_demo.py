import environ
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from campaigns.models import Brand, Membership
from inventory.capacity import last_open_day
from portal.accounts.models import User
from portal.local import demo, demo_campaigns
from portal.local.sandbox_control import SandboxControl

PEOPLE = {
    "marca@demo.mx": ("Mariana", "López", "tienda-movistar", Membership.Role.OWNER),
    "edicion@demo.mx": ("Emilio", "Ruiz", "tienda-movistar", Membership.Role.EDITOR),
    "consulta@demo.mx": ("Carla", "Núñez", "tienda-movistar", Membership.Role.VIEWER),
    "cafe@demo.mx": ("Andrés", "Vega", "cafe-barranca", Membership.Role.OWNER),
    "optica@demo.mx": ("Lucía", "Ortega", "optica-lumbre", Membership.Role.OWNER),
    "nueva@demo.mx": ("Paula", "Reyes", "la-espiga-azul", Membership.Role.OWNER),
    "revision@demo.mx": ("Rebeca", "Torres", None, None),
}
BRANDS = {
    "tienda-movistar": ("Tienda Movistar", Brand.Category.TELECOM),
    "cafe-barranca": ("Café Barranca", Brand.Category.FOOD),
    "optica-lumbre": ("Óptica Lumbre", Brand.Category.HEALTH),
    "la-espiga-azul": (
        "La Espiga Azul",
        Brand.Category.FOOD,
    ),  # without campaigns: it shows the first steps
}
# The author of each brand's campaigns.
WRITERS = {
    demo_campaigns.SHOP: "edicion@demo.mx",
    demo_campaigns.CAFE: "cafe@demo.mx",
    demo_campaigns.OPTICIAN: "optica@demo.mx",
}
REVIEWER = "revision@demo.mx"
REVIEWER_PERMISSIONS = (
    "review_campaign",
    "view_campaign",
    "view_adorder",
    "view_inboxevent",
    "change_inboxevent",
    "view_streamposition",
    "change_adorder",
    "view_drift",
    "change_drift",
    "view_reconciliationrun",
    "add_testdelivery",
    "view_testdelivery",
    "view_version",
    "view_event",
    "view_brand",
    "activate_brand",
    "suspend_brand",
    "stop_channel",
    "view_channelswitch",
    "view_capacity",
    "view_reservation",
    "view_journalentry",
    "view_audit",
    "view_capacitychange",
    "change_the_capacity",
    "view_staffreport",
    "view_waitinglistentry",
    "view_certificate",
    "settle_certificate",
    "view_webhook",
    "view_webhookdelivery",
    "view_lada",
    "view_zone",
    "view_state",
    "view_municipality",
)


class Command(BaseCommand):
    help = "Make the demo brands, people and campaigns of the embedded run; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--here", action="store_true", help="also where neither EMBEDDED nor DEBUG is set"
        )
        parser.add_argument(
            "--people-only", action="store_true", help="make brands and people, no campaigns"
        )

    @transaction.atomic
    def handle(self, *, here: bool, people_only: bool, **options: object) -> None:
        if not (settings.EMBEDDED or settings.DEBUG or here):
            raise CommandError(
                "Demo people belong to the embedded run (EMBEDDED=1). "
                "To make them on this database all the same: load_demo --here."
            )
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
        has_password = first_person is not None and first_person.check_password(password)
        for email, (first, last, slug, role) in PEOPLE.items():
            user = self._person(email, first, last, "" if has_password else password)
            if slug and role:
                Membership.objects.get_or_create(
                    brand=brands[slug], user=user, defaults={"role": role}
                )
            else:
                user.is_staff = True
                user.save(update_fields=["is_staff"])
                user.user_permissions.set(
                    Permission.objects.filter(codename__in=REVIEWER_PERMISSIONS)
                )
        self.stdout.write(f"{len(PEOPLE)} demo people, {len(BRANDS)} demo brands.")
        if not people_only and not demo.exists():
            self._create_campaigns()

    def _create_campaigns(self) -> None:
        if last_open_day() is None:
            raise CommandError("Nothing is on sale yet. First: open_capacity.")
        people = {user.email: user for user in User.objects.filter(email__in=PEOPLE)}
        writers = {slug: people[email] for slug, email in WRITERS.items()}
        number = 0
        if url := environ.Env().str("SANDBOX_CONTROL_URL", default=""):
            with SandboxControl(url) as gateway:
                number += demo.put_on_air(writers, people[REVIEWER], gateway, timezone.now())
        number += demo.create(writers, people[REVIEWER])
        self.stdout.write(f"{number} demo campaigns.")

    def _person(self, email: str, first: str, last: str, password: str) -> User:
        """Return the person, created or with a new password if one is given."""
        user, created = User.objects.get_or_create(
            email=email, defaults={"first_name": first, "last_name": last}
        )
        if created or password:
            user.set_password(password or environ.Env().str("DEMO_PASSWORD"))
            user.save(update_fields=["password"])
        user.confirm_email()
        return user
