"""Files that people send in beside what they tell, as rows."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.db import models

from projects.files.reading import Content, named


class KeptFile(models.Model):
    """What is known of a kept file. A subclass says whose it is and where its `file` and `thumbnail` are kept.

    `ending` is what the file is by its content, not what its name claimed; a picture is drawn anew and has a thumbnail.
    `digest` is of what was sent. A removed one keeps its row and loses its file.
    """

    file: models.FileField
    thumbnail: models.FileField
    name = models.CharField("名称", max_length=120)
    ending = models.CharField("类型", max_length=5)
    size = models.PositiveIntegerField("大小（字节）")
    digest = models.CharField("摘要", max_length=64, editable=False)
    taken_on = models.DateField("拍摄日期", null=True, blank=True)
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    uploaded_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上传人"
    )
    removed_at = models.DateTimeField("删除时间", null=True, blank=True)
    removed_by = models.ForeignKey(
        "zones.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="删除人"
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown in the page."""
        return bool(self.thumbnail)

    def keep(self, name: str, content: Content) -> None:
        """Write the file and its thumbnail, and save the row, checked; if that fails nothing stays behind."""
        self.name, self.ending = named(name, content.ending), content.ending
        self.size, self.digest, self.taken_on = len(content.full), content.digest, content.taken_on
        self.file.save("", ContentFile(content.full), save=False)
        try:
            if content.small:
                self.thumbnail.save("", ContentFile(content.small), save=False)
            self.full_clean(exclude=[each.name for each in self._meta.fields if each.is_relation])
            self.save()
        except BaseException:
            self.drop_files()
            raise

    def drop_files(self) -> None:
        """Delete what was written; the row is the caller's."""
        for file in (self.file, self.thumbnail):
            if file:
                file.storage.delete(str(file.name))
