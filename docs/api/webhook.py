from standardwebhooks import Webhook, WebhookVerificationError


def receive(body: bytes, headers: dict[str, str], secret: str) -> int:
    """Contesta el estado HTTP de la petición. `body` es lo que llegó, sin tocar."""
    try:
        event = Webhook(secret).verify(body, headers)  # firma y hora
    except WebhookVerificationError:
        return 400
    print(event["type"], event["subject"])  # guárdalo y trabaja después: contesta pronto
    return 204
