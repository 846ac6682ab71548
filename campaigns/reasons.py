"""The reasons that staff write for what they do to brands, campaigns and the channel."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.errors import BadComment, BadReason
from campaigns.models.brand import MAX_REASON_LENGTH

MAX_COMMENT_LENGTH = 1_000  # characters


def clean_comment(comment: str) -> str:
    """Return the comment of a decision as `clean` does; it may be empty. Raises BadComment."""
    comment = comment.replace("\r\n", "\n").strip()
    if (over := len(comment) - MAX_COMMENT_LENGTH) > 0:
        raise BadComment(over, MAX_COMMENT_LENGTH)
    return comment


def clean(reason: str, *, readers: str) -> str:
    """Return a reason with its line breaks normalised, without spaces around it.

    `readers` is who reads it, in Spanish, for the message where it is missing. Raises BadReason.
    """
    reason = reason.replace("\r\n", "\n").strip()
    if not reason or "\0" in reason:
        raise BadReason(_("Escribe el motivo: {readers}.").format(readers=readers))
    if (over := len(reason) - MAX_REASON_LENGTH) > 0:
        raise BadReason(
            ngettext(
                "El motivo pasa por {over} carácter de los {most} que caben: acórtalo.",
                "El motivo pasa por {over} caracteres de los {most} que caben: acórtalo.",
                over,
            ).format(over=over, most=MAX_REASON_LENGTH)
        )
    return reason
