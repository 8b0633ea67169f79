"""What OPTIONS answers."""

from __future__ import annotations

from typing import Any

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request


class OnlyMethods(BaseMetadata):
    """The methods of an address, as `Allow` has them. What may be written is said by the OpenAPI document, which knows
    no rows: DRF's own answer would list those that a field may point at.
    """

    def determine_metadata(self, request: Request, view: Any) -> dict[str, list[str]]:
        return {"methods": view.allowed_methods}
