from llamada_perdida import Client, Stale, etag_of


def raise_volume(lp: Client, folio: str, volume: int) -> None:
    campaign = lp.get_campaign(folio)
    try:
        lp.update_campaign(folio, {"volume": volume}, if_match=etag_of(campaign))
    except Stale:
        print("Alguien la cambió: léela de nuevo y decide.")
