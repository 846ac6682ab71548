from django import template

from portal import sessions

register = template.Library()

register.filter("device", sessions.device)
