"""Photos of returns: what is known of them, and sending one."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from projects import facts
from projects.api.shared import OF_PROJECT, FactsViewSet, OfProjectRow, person, refuse_ended
from projects.filters.returns import PhotoFilters
from projects.models import Photo
from projects.returns import pictures
from zones.scoped.api.fields import Day, Words
from zones.scoped.api.refusals import Refused
from zones.scoped.api.views import RowsViewSet, typed

MULTIPART: Final = "multipart/form-data"
BESIDE: Final = 64 * 1024  # bytes for what stands beside the picture
AS_FORM: Final = f"请以 {MULTIPART} 上传，photo 为一张图片文件"


class OfReturnRow(OfProjectRow):
    """A row that hangs on a return."""

    project = serializers.IntegerField(source="monthly_return.project_id", read_only=True)
    project_code = serializers.CharField(source="monthly_return.project.code", read_only=True)
    project_name = serializers.CharField(source="monthly_return.project.name", read_only=True)
    zone = serializers.CharField(source="monthly_return.project.zone.code", read_only=True, help_text="区域代号")
    month = serializers.DateField(source="monthly_return.month", read_only=True)


class PhotoRow(OfReturnRow):
    """A picture of the site. The picture itself is served to who is signed in on the screens."""

    uploaded_by = person("uploaded_by", "上传人")

    class Meta:
        model = Photo
        fields: ClassVar = (
            *(*OF_PROJECT, "monthly_return", "month", "taken_on", "place", "digest"),
            *("uploaded_at", "uploaded_by"),
        )


class Photos(RowsViewSet):
    """月报照片：拍摄日期、地点和上传人。照片在填报页上传，或用 returns 的 photos。"""

    queryset = Photo.objects.all()
    serializer_class = PhotoRow
    filterset_class = PhotoFilters
    orders: ClassVar = {"id": "pk", "taken_on": "taken_on", "monthly_return": "monthly_return_id"}

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(removed_at=None)


# ---- Sending -----------------------------------------------------------------------------------------
@extend_schema_field({"type": "string", "format": "binary"})
class _File(serializers.FileField):
    """A file."""


class PhotoForm(serializers.Serializer):
    """A photo of an open return (未报、退回)."""

    photo = _File(help_text="JPG、PNG 或 WEBP，不超过 12 兆")
    taken_on = Day(required=False, help_text="拍摄日期；不填取相机记录的日期")
    place = Words(required=False, default="", allow_blank=True, max_length=100, help_text="拍摄地点")


class Uploads(MultiPartParser):
    """Reads a form with one file. It takes every media type, to say what is wanted instead of "JSON".

    Raises Refused for another media type, for more than a picture may have, and for what stands there twice.
    """

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> DataAndFiles[Any, Any]:
        if str(media_type).partition(";")[0].strip().lower() != MULTIPART:
            raise Refused("unsupported_media", AS_FORM)
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > pictures.LARGEST + BESIDE:
            raise Refused("too_large", pictures.TOO_LARGE)
        try:
            read = super().parse(stream, media_type, parser_context)
        except ParseError as error:
            raise Refused("invalid", AS_FORM) from error
        if any(len(each) > 1 for part in (read.data, read.files) for _, each in part.lists()):
            raise Refused("invalid", "一次只能传一张照片，每一项只写一次")
        return read


class PhotosMixin(FactsViewSet):
    """Adds sending a photo to the endpoint of returns."""

    @extend_schema(request={MULTIPART: PhotoForm}, responses={200: PhotoRow, 201: PhotoRow})
    @action(detail=True, methods=["post"], parser_classes=[Uploads])
    def photos(self, request: Request, pk: int) -> Response:
        """给未报或退回的月报加一张照片，以 multipart/form-data 上传。同一张照片再传一次不重复登记，回答 200。"""
        told = typed(PhotoForm, request)
        file = told.pop("photo")
        if file.size > pictures.LARGEST:
            raise Refused("too_large", pictures.TOO_LARGE)
        with self.changing(pk) as row:
            refuse_ended(row.project)
            known = set(row.photos.values_list("pk", flat=True))
            photo = facts.add_photo(row.project, row.month, file.read(), by=self.writer, **told)
        shown = PhotoRow.read_one(Photo.objects.visible_to(self.writer).filter(pk=photo.pk), self.writer)
        headers = {"ETag": self.answer(pk)["ETag"], "Location": reverse("photo-detail", [photo.pk])}
        return Response(shown, 200 if photo.pk in known else 201, headers=headers)
