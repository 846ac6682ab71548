"""Dates in English: written so that no day can be taken for a month, read as in Spanish."""

from django.conf.locale.es_MX import formats as spanish

DATE_FORMAT = "F j, Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "F j, Y, H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "F j"
SHORT_DATE_FORMAT = "Y-m-d"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
DATE_INPUT_FORMATS = spanish.DATE_INPUT_FORMATS
DATETIME_INPUT_FORMATS = spanish.DATETIME_INPUT_FORMATS
