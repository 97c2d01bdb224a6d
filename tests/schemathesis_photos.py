"""What Schemathesis sends as photos where they are to be taken; its command finds this as SCHEMATHESIS_HOOKS."""

import io
from pathlib import Path

import pillow_heif
import schemathesis
from hypothesis import strategies
from PIL import Image

pillow_heif.register_heif_opener()


def encoded(photo, format):
    out = io.BytesIO()
    with Image.open(photo) as image:
        image.save(out, format)
    return out.getvalue()


BACK = Path(__file__).parents[1] / "sample_images" / "standing.jpg"
PHOTOS = [BACK.read_bytes(), *(encoded(BACK, format) for format in ("PNG", "WEBP", "HEIF", "AVIF"))]

schemathesis.openapi.media_type("application/octet-stream", strategies.sampled_from(PHOTOS))


@schemathesis.hook
def map_query(context, query):
    """The photos show one back: a second is refused, as it is not there."""
    return {**query, "person": 1} if query and "person" in query else query
