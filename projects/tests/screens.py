"""Asking the core's screens over HTTP, and reading what they answer."""

import re
from urllib.parse import urlencode

from django.contrib import admin

from projects.models import Project

PROJECTS = "/admin/projects/project/"
NAMES = sorted(model._meta.model_name for model in admin.site._registry if model._meta.app_label == "projects")


def of(zone):
    return Project.objects.filter(zone=zone).order_by("pk")


def act(project, name):
    return f"{PROJECTS}{project.pk}/{name}/"


def page_of(project):
    return f"{PROJECTS}{project.pk}/change/"


def found(client, **filters):
    page = client.get(f"{PROJECTS}?{urlencode(filters)}")
    assert page.status_code == 200
    return {row.pk for row in page.context["cl"].result_list}


def text_of(response):
    """The page without what differs on every visit."""
    changing = r'name="csrfmiddlewaretoken" value="[^"]+"|<code>[0-9]{4}-[0-9]{4}-[0-9]{4}</code>'
    return re.sub(changing, "", response.content.decode())


def errors(page):
    return [str(e) for each in page.context["form"].errors.values() for e in each]


def messages(page):
    return [str(message) for message in page.context["messages"]]


def typed(page, **changed):
    """What the form of a change page would send back, with some of it changed."""
    form = page.context["adminform"].form
    told = {name: form[name].value() or "" for name in form.fields}
    for inline in page.context["inline_admin_formsets"]:
        counts = inline.formset.management_form
        told |= {counts.add_prefix(name): counts[name].value() for name in counts.fields}
    return told | changed
