"""The errors of the contract, by status and code."""

from campaigns.gateway.contract import MAX_BODY_BYTES, MAX_MAX_AD_SEPTETS


class ApiError(Exception):
    """An error that the server turns into the contract's error body."""

    def __init__(
        self, status: int, code: str, message: str, *, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


def invalid_argument(message: str) -> ApiError:
    return ApiError(400, "INVALID_ARGUMENT", message)


def out_of_range(message: str) -> ApiError:
    return ApiError(400, "OUT_OF_RANGE", message)


def unauthenticated() -> ApiError:
    return ApiError(401, "UNAUTHENTICATED", "The access token is missing or has expired")


def permission_denied(scope: str) -> ApiError:
    return ApiError(403, "PERMISSION_DENIED", f"The token lacks {scope}")


def not_found() -> ApiError:
    return ApiError(404, "NOT_FOUND", "The contract has no such path")


def ad_order_not_found() -> ApiError:
    return ApiError(404, "MISSED_CALL_ADS.AD_ORDER_NOT_FOUND", "There is no such ad order")


def method_not_allowed(method: str) -> ApiError:
    return ApiError(405, "METHOD_NOT_ALLOWED", f"{method} is not allowed here")


def stale_generation(received: int, stored: int) -> ApiError:
    return ApiError(
        409,
        "MISSED_CALL_ADS.STALE_GENERATION",
        f"Generation {received} is older than {stored}, which is held",
    )


def generation_conflict(generation: int) -> ApiError:
    return ApiError(
        409,
        "MISSED_CALL_ADS.GENERATION_CONFLICT",
        f"Generation {generation} is held with other content",
    )


def incompatible_state(message: str) -> ApiError:
    return ApiError(409, "INCOMPATIBLE_STATE", message)


def advancing() -> ApiError:
    return ApiError(409, "ADVANCING", "The clock is being advanced")


def failed_precondition(message: str) -> ApiError:
    return ApiError(412, "FAILED_PRECONDITION", message)


def payload_too_large() -> ApiError:
    return ApiError(413, "PAYLOAD_TOO_LARGE", f"A body has at most {MAX_BODY_BYTES} bytes")


def unsupported_media_type(expected: str) -> ApiError:
    return ApiError(415, "UNSUPPORTED_MEDIA_TYPE", f"The body must be {expected}")


def unprocessable(code: str, message: str) -> ApiError:
    return ApiError(422, f"MISSED_CALL_ADS.{code}", message)


def text_too_long(septets: int, maximum: int) -> ApiError:
    maximum = min(maximum, MAX_MAX_AD_SEPTETS)
    return unprocessable("TEXT_TOO_LONG", f"adText takes {septets} septets and {maximum} fit")


def too_many_requests(message: str, *, retry_after: int) -> ApiError:
    return ApiError(429, "TOO_MANY_REQUESTS", message, retry_after=retry_after)


def quota_exceeded(maximum: int) -> ApiError:
    return ApiError(429, "QUOTA_EXCEEDED", f"At most {maximum} active orders", retry_after=3600)


def internal() -> ApiError:
    return ApiError(500, "INTERNAL", "The gateway failed")


def unavailable() -> ApiError:
    return ApiError(503, "UNAVAILABLE", "The gateway cannot answer now")
