from django import template

from portal.accounts import sessions

register = template.Library()

register.filter("device", sessions.device)
