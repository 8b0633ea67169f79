"""One lock order for every verb: the project first."""

from __future__ import annotations

from projects.models import Project


def locked(project: Project) -> Project:
    """The project as it is stored now; nobody else's verb touches it until this transaction ends.

    Raises ValidationError when its file was taken back meanwhile.

    The key stays unlocked: rows that point at the project may be written meanwhile, by a scan above all.
    """
    held = Project.objects.select_for_update(no_key=True, of=("self",)).select_related("zone")
    return held.get(pk=project.pk).refuse_withdrawn()
