"""Why the gateway says no: each answer that is no success, by its status and code."""

from campaigns.gateway.contract import MAX_BODY_BYTES, MOST_MAX_AD_SEPTETS


class Refusal(Exception):
    """An error of the contract on its way to whoever called."""

    def __init__(
        self, status: int, code: str, message: str, *, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


def invalid_argument(message: str) -> Refusal:
    return Refusal(400, "INVALID_ARGUMENT", message)


def out_of_range(message: str) -> Refusal:
    return Refusal(400, "OUT_OF_RANGE", message)


def unauthenticated() -> Refusal:
    return Refusal(401, "UNAUTHENTICATED", "The access token is missing or has expired")


def permission_denied(scope: str) -> Refusal:
    return Refusal(403, "PERMISSION_DENIED", f"The token lacks {scope}")


def not_found() -> Refusal:
    return Refusal(404, "NOT_FOUND", "The contract has no such path")


def ad_order_not_found() -> Refusal:
    return Refusal(404, "MISSED_CALL_ADS.AD_ORDER_NOT_FOUND", "There is no such ad order")


def method_not_allowed(method: str) -> Refusal:
    return Refusal(405, "METHOD_NOT_ALLOWED", f"{method} is not allowed here")


def stale_generation(sent: int, held: int) -> Refusal:
    return Refusal(
        409,
        "MISSED_CALL_ADS.STALE_GENERATION",
        f"Generation {sent} is older than {held}, which is held",
    )


def generation_conflict(generation: int) -> Refusal:
    return Refusal(
        409,
        "MISSED_CALL_ADS.GENERATION_CONFLICT",
        f"Generation {generation} is held with other content",
    )


def incompatible_state(message: str) -> Refusal:
    return Refusal(409, "INCOMPATIBLE_STATE", message)


def failed_precondition(message: str) -> Refusal:
    return Refusal(412, "FAILED_PRECONDITION", message)


def payload_too_large() -> Refusal:
    return Refusal(413, "PAYLOAD_TOO_LARGE", f"A body has at most {MAX_BODY_BYTES} bytes")


def unsupported_media_type(wanted: str) -> Refusal:
    return Refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"The body must be {wanted}")


def unprocessable(word: str, message: str) -> Refusal:
    return Refusal(422, f"MISSED_CALL_ADS.{word}", message)


def text_too_long(septets: int, most: int) -> Refusal:
    most = min(most, MOST_MAX_AD_SEPTETS)
    return unprocessable("TEXT_TOO_LONG", f"adText takes {septets} septets and {most} fit")


def too_many_requests(message: str, *, retry_after: int) -> Refusal:
    return Refusal(429, "TOO_MANY_REQUESTS", message, retry_after=retry_after)


def quota_exceeded(most: int) -> Refusal:
    return Refusal(429, "QUOTA_EXCEEDED", f"At most {most} active orders", retry_after=3600)


def internal() -> Refusal:
    return Refusal(500, "INTERNAL", "The gateway failed")


def unavailable() -> Refusal:
    return Refusal(503, "UNAVAILABLE", "The gateway cannot answer now")
