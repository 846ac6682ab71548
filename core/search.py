"""Search of texts as people type them: letter case and accents do not matter."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import CharField, Lookup, Q, TextField

ACCENTED = "ÁÀÂÄÃÉÈÊËÍÌÎÏÓÒÔÖÕÚÙÛÜÑÇáàâäãéèêëíìîïóòôöõúùûüñç"
PLAIN = "aaaaaeeeeiiiiooooouuuuncaaaaaeeeeiiiiooooouuuunc"


@CharField.register_lookup
@TextField.register_lookup
class ContainsUnaccented(Lookup):
    """Whether a text contains another: `name__contains_unaccented="cafe"` finds "Café".

    No extension of PostgreSQL is needed, and no sign of the other text has a meaning of its own.
    """

    lookup_name = "contains_unaccented"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        text, text_params = self.process_lhs(compiler, connection)
        part, part_params = self.process_rhs(compiler, connection)
        plain = "lower(translate(normalize({}::text), %s, %s))"
        letters = (ACCENTED, PLAIN)
        params = (*text_params, *letters, *part_params, *letters)
        return f"strpos({plain.format(text)}, {plain.format(part)}) > 0", params


def fields(*names: str) -> list[str]:
    """Return the `search_fields` of an admin that searches these fields."""
    return [f"{name}__{ContainsUnaccented.lookup_name}" for name in names]


def in_any(text: str, *names: str) -> Q:
    """Return the condition that one of the fields contains a text."""
    return reduce(or_, (Q(**{field: text}) for field in fields(*names)))
