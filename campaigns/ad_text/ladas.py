"""The area codes (LADAs) of Mexico, which tell telephone numbers from other numbers.

The list is that of segments/data/lada.csv; a test compares the two.
"""

_TWO_DIGITS = "33 55 56 81"
#: The first two digits of codes, and each digit that may follow them.
_THREE_DIGITS = """
    22:0123456789 23:1235678 24:13456789 27:12345689 28:1234578 29:467 31:12345679 32:123456789
    34:123456789 35:123456789 37:12345678 38:123456789 39:12345 41:12345789 42:123456789
    43:12345678 44:0123456789 45:0123456789 46:123456789 47:123456789 48:12356789 49:2345689
    58:8 59:12345679 61:234568 62:123456789 63:123456789 64:123456789 65:1236789 66:012345789
    67:1234567 68:67 69:45678 71:123456789 72:0123456789 73:123456789 74:123456789 75:13456789
    76:123456789 77:0123456789 78:1234569 79:17 82:1345689 83:123456 84:12456 86:1246789
    87:012378 89:12479 91:346789 92:1234 93:234678 95:1348 96:0123456789 97:12 98:12345678
    99:0123456789
"""
_BY_START = dict(row.split(":") for row in _THREE_DIGITS.split())

LADAS = frozenset(
    [*_TWO_DIGITS.split(), *(start + end for start, ends in _BY_START.items() for end in ends)]
)

#: National services without an area: free calls and calls at the caller's expense.
SERVICES = frozenset({"800", "900"})

#: Ten digits that begin with an area code or a national service, as a pattern.
TEN_DIGITS = (
    f"(?:(?:{_TWO_DIGITS.replace(' ', '|')})[0-9]{{8}}"
    f"|(?:{'|'.join(f'{start}[{ends}]' for start, ends in _BY_START.items())}|[89]00)[0-9]{{7}})"
)
