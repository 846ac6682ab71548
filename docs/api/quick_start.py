import os
import time
from datetime import date, timedelta

from llamada_perdida import Client

starts_on = date.today() + timedelta(days=5)
text = "Hoy 2 por 1 en cafe de grano, hasta las 8 pm"
terms = {
    "area": {"ladas": ["33", "55"]},
    "startsOn": starts_on.isoformat(),
    "endsOn": (starts_on + timedelta(days=2)).isoformat(),
    "volume": 60_000,
}

with Client(os.environ["LP_URL"], os.environ["LP_ID"], os.environ["LP_SECRET"]) as lp:
    checked = lp.check_ad_text({"adText": text})
    print("Quedan", checked["remaining"], "caracteres")
    print("Caben", lp.check_availability(terms)["fits"], "notificaciones")

    campaign = lp.create_campaign({"name": "Café de diciembre", "adText": text, **terms})
    print("Borrador", campaign["id"])
    lp.submit_campaign(campaign["id"])

    while campaign["status"] in ("draft", "reserving"):
        time.sleep(1)
        campaign = lp.get_campaign(campaign["id"])
    print(campaign["statusLabel"])
