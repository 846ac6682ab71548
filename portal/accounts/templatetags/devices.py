"""The template filter `device`: a user agent as a browser and its system."""

from django import template

from portal.accounts import sessions

register = template.Library()

register.filter("device", sessions.device)
