from llamada_perdida import Client


def follow(lp: Client, kept: dict, since: str | None = None) -> str | None:
    """Pone en `kept` los días que cambiaron; contesta desde cuándo leer la próxima vez."""
    changed, cursor = {}, None
    while True:
        page = lp.list_results(grain="day_state", updated_since=since, cursor=cursor)
        for row in page["items"]:
            changed.setdefault((row["campaign"], row["day"]), []).append(row)
        cursor = page["nextCursor"]
        if cursor is None:
            kept.update(changed)  # un día viene entero: reemplaza lo que había
            return page["nextUpdatedSince"]
