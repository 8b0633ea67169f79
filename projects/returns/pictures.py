"""Pictures as they come from a phone, made into pictures that we keep.

Nothing of the file that was sent is kept: what can be read as a picture is drawn anew as JPEG, turned upright, without
the place and the device that the camera wrote into it. What a name or a header claims is not asked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Final

from django.core.exceptions import ValidationError
from PIL import ExifTags, Image, ImageOps

from zones import clock

LARGEST: Final = 12 * 1024 * 1024  # bytes of a file
MOST_PIXELS: Final = 60_000_000  # which is more than phones take, and as much as one process may draw
FORMATS: Final = ("JPEG", "PNG", "WEBP")
FULL: Final = (2400, 2400)
SMALL: Final = (320, 320)
TOO_LARGE: Final = f"照片不能超过 {LARGEST // 1024 // 1024} 兆，请用较小的尺寸重拍或压缩后上传"
NO_PICTURE: Final = "这不是能读懂的照片：请上传 JPG、PNG 或 WEBP 格式的图片"
UNREADABLE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to keep and its thumbnail, both JPEG; the digest of what was sent, and the day it was taken."""

    full: bytes
    small: bytes
    digest: str
    taken_on: date | None


def read(data: bytes) -> Picture:
    """Make the pictures to keep. Raises ValidationError for what is too large or no picture."""
    if len(data) > LARGEST:
        raise ValidationError(TOO_LARGE)
    try:
        image, taken_on = _drawn(data)
    except UNREADABLE as error:
        raise ValidationError(NO_PICTURE) from error
    return Picture(_jpeg(image, FULL), _jpeg(image, SMALL), hashlib.sha256(data).hexdigest(), taken_on)


def _drawn(data: bytes) -> tuple[Image.Image, date | None]:
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        taken_on = _taken_on(image)
        image.draft("RGB", FULL)  # a large JPEG is read at a fraction of its size
        upright = ImageOps.exif_transpose(image)
        return _on_white(upright), taken_on


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image.copy()
    layered = image.convert("RGBA")
    ground = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(ground, layered).convert("RGB")


def _jpeg(image: Image.Image, within: tuple[int, int]) -> bytes:
    shrunk = image.copy()
    shrunk.thumbnail(within)
    kept = BytesIO()
    shrunk.save(kept, "JPEG", quality=85)
    return kept.getvalue()


def _taken_on(image: Image.Image) -> date | None:
    """The day that the camera wrote, if it wrote one that can be."""
    written = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
    try:
        day = datetime.strptime(str(written)[:10], "%Y:%m:%d").date()
    except ValueError:
        return None
    return day if day <= clock.today() else None
