from drf_spectacular.openapi import AutoSchema


class Operation(AutoSchema):
    """How a resource's operation is described."""
