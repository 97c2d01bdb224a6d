"""Files that a program meets when it takes photos from anyone: bad ones, and good ones that are odd.

Every function returns name → bytes, the same at each call.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageOps

pillow_heif.register_heif_opener()

DATA = Path(__file__).parent / "data"
WIDTH, HEIGHT = 160, 128
RED, GREEN, BLUE, YELLOW = (200, 40, 40), (40, 160, 40), (40, 40, 200), (220, 200, 40)
# Found in the good files below; none may be found in what is made of them.
SECRETS = (
    *(b"Exif", b"EXIF", b"eXIf", b"MPF\0", b"ICC_PROFILE", b"iCCP", b"ICCP", b"Display P3"),
    *(b"my-place", b"my-comment", b"my-thumbnail", b"<script>", b"hidden.html"),
)


# The picture, and the pieces that files are made of --------------------------------------------------


def corners(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Red, green; blue, yellow: upright as it is, and no two ways of turning it look the same."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


def grain() -> Image.Image:
    """A picture that fills some kilobytes in every format."""
    noise = np.random.default_rng(7).integers(0, 256, (40, 50, 3), np.uint8)
    return Image.fromarray(noise).resize((400, 320), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    """One segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(size: tuple[int, int], depth: int, colour: int, rows: bytes, *extra: bytes, packed: int = 6) -> bytes:
    """A PNG from raw rows, each of them led by its filter byte."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(rows, packed))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + data + chunk(b"IEND")


def box(kind: bytes, *bodies: bytes) -> bytes:
    """One box of a HEIF or AVIF."""
    body = b"".join(bodies)
    return struct.pack(">I", len(body) + 8) + kind + body


def full_box(kind: bytes, version: int, *bodies: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24), *bodies)


def after_header(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def before_pixels(png_file: bytes, *chunks: bytes) -> bytes:
    at = png_file.index(b"IDAT") - 4
    return png_file[:at] + b"".join(chunks) + png_file[at:]


def claiming(file: bytes, mark: bytes, skip: int, size: bytes) -> bytes:
    """The file with another size written ``skip`` bytes behind each ``mark``."""
    changed, at = bytearray(file), -1
    while (at := file.find(mark, at + 1)) >= 0:
        changed[at + len(mark) + skip : at + len(mark) + skip + len(size)] = size
    return bytes(changed)


def exif(orientation: int = 1, thumbnail: bytes = b"", order: str = "<", long_orientation: bool = False) -> bytes:
    """An EXIF block with orientation and a GPS position, and a thumbnail where one is given."""

    def directory(at: int, entries: list[tuple[int, int, int, bytes]], following: int) -> bytes:
        body = struct.pack(f"{order}H", len(entries))
        for tag, kind, count, value in entries:
            body += struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")
        return body + struct.pack(f"{order}I", following)

    short = struct.Struct(f"{order}H").pack
    long = struct.Struct(f"{order}I").pack
    gps_at, thumbnails_at, place_at, data_at = 8 + 2 + 2 * 12 + 4, 80, 112, 128
    turned = (0x0112, 4, 1, long(orientation)) if long_orientation else (0x0112, 3, 1, short(orientation))
    main = directory(8, [turned, (0x8825, 4, 1, long(gps_at))], thumbnails_at)
    gps = directory(gps_at, [(1, 2, 2, b"N"), (28, 7, 16, long(place_at))], 0)
    thumbnails = directory(thumbnails_at, [(0x0201, 4, 1, long(data_at)), (0x0202, 4, 1, long(len(thumbnail)))], 0)
    start = (b"II*\0" if order == "<" else b"MM\0*") + long(8)
    block = (start + main + gps).ljust(thumbnails_at, b"\0") + thumbnails
    return b"Exif\0\0" + block.ljust(place_at, b"\0") + b"ASCII\0\0\0my-place" + thumbnail


def display_p3() -> bytes:
    """A small profile of the wide colours that phones record."""

    def fixed(*numbers: float) -> bytes:
        return b"".join(struct.pack(">i", round(number * 65536)) for number in numbers)

    def colour(*xyz: float) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(*xyz)

    curve = b"para\0\0\0\0\0\3\0\0" + fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    name = b"Display P3\0"
    entries = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78),
        b"wtpt": colour(0.9642, 1, 0.8249),
        b"rXYZ": colour(0.51512, 0.2412, -0.00105),
        b"gXYZ": colour(0.29198, 0.69225, 0.04189),
        b"bXYZ": colour(0.1571, 0.06657, 0.78407),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body = struct.pack(">I", len(entries)), b""
    for tag, value in entries.items():
        table += tag + struct.pack(">II", 132 + 12 * len(entries) + len(body), len(value))
        body += value.ljust(-(-len(value) // 4) * 4, b"\0")
    size = 128 + len(table) + len(body)
    header = struct.pack(">I", size) + b"none\4\0\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    return (header + fixed(0.9642, 1, 0.8249)).ljust(128, b"\0") + table + body


# No photos --------------------------------------------------------------------------------------------


def not_images() -> dict[str, bytes]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("document.xml", "<x/>")
    return {
        "text": b"Dear doctor, my back hurts.\n",
        "text in another script": "后背疼痛\n".encode(),
        "html": b"<!DOCTYPE html><html><body><svg></svg></body></html>",
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
        "mp4": box(b"ftyp", b"isom", bytes(4), b"isommp42") + box(b"moov", bytes(100)),
        "webm": b"\x1aE\xdf\xa3" + bytes(60),
        "avi": b"RIFF" + bytes(4) + b"AVI LIST" + bytes(60),
        "mpeg": b"\0\0\1\xba" + bytes(60),
        "transport stream": (b"G@\0\x10" + b"\xff" * 184) * 3,
        "windows media": b"0&\xb2u\x8ef\xcf\x11\xa6\xd9" + bytes(60),
        "flash": b"FLV\1\1" + bytes(60),
        "ogg": b"OggS\0\2" + bytes(60),
        "zip": archive.getvalue(),
        "rar": b"Rar!\x1a\7\1\0" + bytes(60),
        "7z": b"7z\xbc\xaf\x27\x1c" + bytes(60),
        "gzip": b"\x1f\x8b\x08" + bytes(60),
        "zeros": bytes(4096),
        "noise": np.random.default_rng(1).bytes(4096),
        "one byte": b"\xff",
    }


def unsupported() -> dict[str, bytes]:
    image = corners()
    return {
        "gif": encoded(image, "GIF"),
        "tiff": encoded(image, "TIFF"),
        "tiff, big-endian": b"MM\0*\0\0\0\x08" + bytes(64),
        "tiff of more than 4 gigabytes": encoded(image, "TIFF", big_tiff=True),
        "tiff of ink": encoded(image.convert("CMYK"), "TIFF", compression="tiff_lzw"),
        "bmp": encoded(image, "BMP"),
        "icon": encoded(image, "ICO"),
        "svg": b'<?xml version="1.0"?>\n<SVG xmlns="http://www.w3.org/2000/svg"/>',
        "jpeg 2000": encoded(image, "JPEG2000"),
        "canon raw": box(b"ftyp", b"crx ", bytes(4), b"crx isom"),
        "sigma raw": b"FOVb" + bytes(64),
        "jpeg xl": b"\xff\n" + bytes(64),
        "jpeg xr": b"II\xbc\1" + bytes(64),
        "openexr": b"v/1\1" + bytes(64),
        "pnm": encoded(image, "PPM"),
        "fuji raw": b"FUJIFILMCCD-RAW 0201" + bytes(64),
        "dicom": bytes(128) + b"DICM" + bytes(64),
        "photoshop": b"8BPS\0\1" + bytes(64),
        "gif 60000x60000": b"GIF89a" + struct.pack("<HH", 60000, 60000) + bytes(64),
        "bmp 60000x60000": b"BM" + struct.pack("<IIIIiiHH", 1000, 0, 54, 40, 60000, 60000, 1, 24) + bytes(64),
        "tiff 60000x60000": encoded(image, "TIFF").replace(
            struct.pack("<HHII", 256, 4, 1, WIDTH), struct.pack("<HHII", 256, 4, 1, 60000)
        ),
    }


def too_small() -> dict[str, bytes]:
    return {
        **{f"{name} 1x1": encoded(Image.new("RGB", (1, 1)), name) for name in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF")},
        "webp 1x16383": encoded(Image.new("RGB", (1, 16383)), "WEBP"),
        "avif 1x30000": encoded(Image.new("RGB", (1, 30000)), "AVIF", speed=10),
        "jpeg 1x60000": encoded(Image.new("L", (1, 60000)), "JPEG"),
        "png 60000x1": encoded(Image.new("1", (60000, 1)), "PNG"),
        "webp 63x500": encoded(Image.new("RGB", (63, 500)), "WEBP"),
    }


def damaged() -> dict[str, bytes]:
    """Cut-off files, and noise behind a valid beginning."""
    files = {}
    for name, whole in in_every_format(grain()).items():
        for share in (0.02, 0.3, 0.7, 0.97):
            files[f"{name}, {share:.0%} of it"] = whole[: int(len(whole) * share)]
        noise = np.random.default_rng(len(name)).bytes(3000)
        files[f"{name}, noise behind its beginning"] = whole[:12] + noise
        files[f"{name}, zeros behind its beginning"] = whole[:12] + bytes(3000)
    whole = encoded(grain(), "PNG")
    files["png without pixels"] = whole[:33] + chunk(b"IEND")
    files["jpeg without tables"] = whole_jpeg_without(0xDB)
    files["jpeg with two frames"] = after_header(encoded(grain(), "JPEG"), segment(0xC0, b"\x08\0\x40\0\x40\1\1\x11\0"))
    return files


def cut() -> dict[str, bytes]:
    """Photos that end after each of their kilobytes."""
    return {
        f"{name}, {kilobytes} kB of it": whole[: 1024 * kilobytes]
        for name, whole in in_every_format(grain()).items()
        for kilobytes in range(1, -(-len(whole) // 1024))
    }


def whole_jpeg_without(marker: int) -> bytes:
    jpeg = encoded(grain(), "JPEG")
    while (at := jpeg.find(bytes((0xFF, marker)))) >= 0:
        jpeg = jpeg[:at] + jpeg[at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big") :]
    return jpeg


# Bombs: small files that ask for much ------------------------------------------------------------------


def pixel_bombs() -> dict[str, bytes]:
    """More pixels than can be handled, by what their headers say."""
    image = corners()
    jpeg, webp, heic, avif = (encoded(image, name) for name in ("JPEG", "WEBP", "HEIF", "AVIF"))
    files = {"png, honest": png((30000, 30000), 1, 0, bytes(30000 * 3751), packed=1)}
    for w, h in ((10000, 10000), (30000, 30000), (200, 50000)):
        name = f"{w}x{h}"
        files[f"png {name}"] = png((w, h), 8, 2, bytes(1000))
        files[f"png {name} of 16 bits"] = png((w, h), 16, 6, bytes(1000))
        files[f"jpeg {name}"] = jpeg.replace(struct.pack(">HH", HEIGHT, WIDTH), struct.pack(">HH", h, w), 1)
        files[f"heic {name}"] = claiming(heic, b"ispe", 4, struct.pack(">II", w, h))
        files[f"avif {name}"] = claiming(avif, b"ispe", 4, struct.pack(">II", w, h))
        files[f"webp {name}"] = claiming(webp, b"\x9d\x01\x2a", 0, struct.pack("<HH", min(w, 16383), min(h, 16383)))
    body = b"WEBPVP8L" + struct.pack("<I", 1000) + b"\x2f" + struct.pack("<I", 16382 | 16382 << 14) + bytes(995)
    files["webp lossless"] = b"RIFF" + struct.pack("<I", len(body)) + body
    return files


def tile_bombs() -> dict[str, bytes]:
    """Small pictures, composed of many pixels or coded as many."""
    return {
        "avif of a frame larger than it says": claiming(
            (DATA / "large.avif").read_bytes(), b"ispe", 4, struct.pack(">II", WIDTH, HEIGHT)
        ),
        "avif of tiles larger than they say": avif_of_large_tiles(),
        "heic of 65,000 tiles": tiled(b"heic", 255, 255, (WIDTH * 255, HEIGHT * 255)),
        "heic of tiles larger than the picture": tiled(b"heic", 16, 16, (500, 500), area=(4000, 4000)),
        "heic of tiles of tiles": nested_tiles(),
    }


def work_bombs() -> dict[str, bytes]:
    """Few pixels or few bytes, and very much to do."""
    jpeg = encoded(corners(), "JPEG")
    png_file = encoded(corners(), "PNG")
    entries = 100_000
    directory = struct.pack(">I", entries) + b"".join(
        struct.pack(">IHHHII", number, 0, 0, 1, 0, 1) for number in range(entries)
    )
    return {
        "progressive jpeg of 300 scans": many_scans(300, 1000),
        "progressive jpeg of 80 scans of 16 megapixels": many_scans(80, 4000),
        "jpeg of a million segments": after_header(jpeg, segment(0xFE, b"") * 1_000_000),
        "jpeg of a thousand exif blocks": after_header(jpeg, segment(0xE1, b"Exif\0\0" + bytes(60_000)) * 1000),
        "png of a million chunks": before_pixels(png_file, chunk(b"abCd") * 1_000_000),
        "png of a million empty pixel chunks": before_pixels(png_file, chunk(b"IDAT") * 1_000_000),
        "heic of a tile of itself": tiled(b"heic", 2, 1, (256, 128), part=1),
        "avif of 100,000 items": box(b"ftyp", b"avif", bytes(4), b"avifmif1miaf")
        + full_box(b"meta", 0, full_box(b"iloc", 2, b"\x44\0", directory)),
        "avif of a million boxes": encoded(corners(), "AVIF") + box(b"free") * 1_000_000,
    }


def frame_bombs() -> dict[str, bytes]:
    """Pictures that are coded as more frames than they show, all worked through by a decoder, or as larger ones."""
    size = (2000, 1500)
    kind, _, properties, frame = tile(b"avif", size, encoded(Image.new("L", size, 128), "AVIF", speed=10))
    files = {
        f"avif of {count} frames": heif(b"avif", {1: (kind, size, properties, frame * count)}, {})
        for count in (200, 5000)
    }
    kind, _, (pixels, settings), slices = tile(b"heic", size, (DATA / "flat.heic").read_bytes())
    parameters = bytes.fromhex("4401c172b06240")
    # One bit says that pictures may be hidden; it brings another one into each picture, before the encoder's own.
    changed = settings.replace(parameters, parameters[:2] + b"\xd1" + parameters[3:])
    header = int.from_bytes(slices[6:28], "big")  # ends in zeros that make room
    low = 170
    shifted = (header >> low << low) | (header & (1 << low) - 1) >> 1
    hidden = slices[:6] + shifted.to_bytes(22, "big") + slices[28:]
    shown = slices[:6] + (shifted | 1 << low - 1).to_bytes(22, "big") + slices[28:]
    for count in (250, 5000):
        item = (kind, size, [pixels, changed], hidden * count + shown)
        files[f"heic of {count} hidden pictures"] = heif(b"heic", {1: item}, {})
    item = (kind, size, [pixels, changed], hidden * 250 + shown)
    files["heic of hidden pictures that says it is composed"] = heif(
        b"heic", {1: item, 2: tile(b"heic", (WIDTH, HEIGHT))}, {1: [2]}
    )
    files["heic of hidden pictures among its settings"] = heif(
        b"heic", {1: (kind, size, [pixels, with_units(changed, [hidden[4:]] * 250)], shown)}, {}
    )
    return files


def with_units(settings: bytes, units: list[bytes]) -> bytes:
    """The ``hvcC`` box with further units in it."""
    body = bytearray(settings[8:])
    body[22] += 1
    body += b"\x14" + struct.pack(">H", len(units)) + b"".join(struct.pack(">H", len(u)) + u for u in units)
    return box(b"hvcC", bytes(body))


def many_scans(copies: int, side: int) -> bytes:
    """A square gone over again and again: each scan costs a few bytes."""
    jpeg = encoded(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:-2] + jpeg[last:-2] * copies + jpeg[-2:]


def tiled(
    brand: bytes,
    columns: int,
    rows: int,
    size: tuple[int, int],
    area: tuple[int, int] = (WIDTH, HEIGHT),
    part: int = 2,
) -> bytes:
    """A picture composed of one tile, over and over; what the tile is said to measure is ``area``."""
    grid = bytes((0, 1, rows - 1, columns - 1)) + struct.pack(">II", *size)
    return heif(brand, {1: (b"grid", size, [], grid), 2: tile(brand, area)}, {1: [part] * (columns * rows)})


def avif_of_tiles() -> bytes:
    """The picture twice, side by side."""
    grid = bytes((0, 0, 0, 1)) + struct.pack(">HH", 2 * WIDTH, HEIGHT)
    part = tile(b"avif", (WIDTH, HEIGHT))
    items = {1: (b"grid", (2 * WIDTH, HEIGHT), [], grid), 2: part, 3: part}
    return heif(b"avif", items, {1: [2, 3]})


def avif_of_large_tiles() -> bytes:
    """A hundred tiles of twelve megapixels, said to be small."""
    large = encoded(Image.new("L", (4000, 3000), 128), "AVIF", speed=10)
    grid = bytes((0, 0, 9, 9)) + struct.pack(">HH", 10 * WIDTH, 10 * HEIGHT)
    items = {1: (b"grid", (10 * WIDTH, 10 * HEIGHT), [], grid), 2: tile(b"avif", (WIDTH, HEIGHT), large)}
    return heif(b"avif", items, {1: [2] * 100})


def nested_tiles() -> bytes:
    """Each of 400 tiles is itself composed of 400."""
    grid = bytes((0, 1, 19, 19)) + struct.pack(">II", 1280, 1280)
    items = {
        1: (b"grid", (1280, 1280), [], grid),
        2: (b"grid", (64, 64), [], grid),
        3: tile(b"heic", (WIDTH, HEIGHT)),
    }
    return heif(b"heic", items, {1: [2] * 400, 2: [3] * 400})


Item = tuple[bytes, tuple[int, int], list[bytes], bytes]


def tile(brand: bytes, area: tuple[int, int], file: bytes | None = None) -> Item:
    """A file's picture as an item for ``heif``: kind, size that it is said to have, properties, data."""
    kind, settings = (b"av01", b"av1C") if brand == b"avif" else (b"hvc1", b"hvcC")
    file = file or encoded(corners(), "AVIF" if brand == b"avif" else "HEIF")
    properties = []
    for name in (b"pixi", settings):
        at = file.index(name) - 4
        properties.append(file[at : at + int.from_bytes(file[at : at + 4], "big")])
    return kind, area, properties, file[file.index(b"mdat") + 4 :]


def heif(brand: bytes, items: dict[int, Item], parts: dict[int, list[int]]) -> bytes:
    """A file of items, some composed of others."""
    properties, owners, names, links = b"", b"", b"", b""
    count = 0
    for item, (kind, size, others, _) in items.items():
        mine = [full_box(b"ispe", 0, struct.pack(">II", *size)), *others]
        numbers = (number | (128 if each[4:8] == b"clap" else 0) for number, each in enumerate(mine, count + 1))
        owners += struct.pack(">HB", item, len(mine)) + bytes(numbers)
        properties += b"".join(mine)
        count += len(mine)
        names += full_box(b"infe", 2, struct.pack(">HH", item, 0) + kind + b"\0")
    for item, mentioned in parts.items():
        links += box(b"dimg", struct.pack(f">HH{len(mentioned)}H", item, len(mentioned), *mentioned))

    def directory(offset: int) -> bytes:
        places = b""
        for item, (_, _, _, data) in items.items():
            places += struct.pack(">HHHII", item, 0, 1, offset, len(data))
            offset += len(data)
        return full_box(
            b"meta",
            0,
            full_box(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
            full_box(b"pitm", 0, b"\0\1"),
            full_box(b"iloc", 0, b"\x44\0", struct.pack(">H", len(items)), places),
            full_box(b"iinf", 0, struct.pack(">H", len(items)), names),
            full_box(b"iref", 0, links),
            box(
                b"iprp",
                box(b"ipco", properties),
                full_box(b"ipma", 0, struct.pack(">I", len(items)), owners),
            ),
        )

    start = box(b"ftyp", brand, bytes(4), brand, b"mif1", b"miaf")
    offset = len(start) + len(directory(0)) + 8
    return start + directory(offset) + box(b"mdat", *(data for _, _, _, data in items.values()))


# Good photos --------------------------------------------------------------------------------------------


def in_every_format(image: Image.Image) -> dict[str, bytes]:
    return {
        "jpeg": encoded(image, "JPEG", quality=90),
        "jpeg, progressive": encoded(image, "JPEG", quality=90, progressive=True),
        "png": encoded(image, "PNG"),
        "webp": encoded(image, "WEBP", quality=90),
        "webp, lossless": encoded(image, "WEBP", lossless=True),
        "heic": encoded(image, "HEIF", quality=80),
        "heic, tiled": encoded(image, "HEIF", quality=80, tile_size=64),
        "avif": encoded(image, "AVIF", quality=90),
    }


def turned() -> dict[str, bytes]:
    """The picture as every way of holding a camera stores it; the number says which."""
    back = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    files = {}
    for number, method in back.items():
        stored = corners() if method is None else corners().transpose(method)
        for order, byte_order in (("little", "<"), ("big", ">")):
            block = exif(number, order=byte_order)
            jpeg = encoded(stored, "JPEG", quality=95, subsampling=0)
            files[f"jpeg {number}, {order}-endian"] = after_header(jpeg, segment(0xE1, block))
            block = exif(number, order=byte_order, long_orientation=True)
            files[f"jpeg {number} as a long number, {order}-endian"] = after_header(jpeg, segment(0xE1, block))
        files[f"png {number}"] = before_pixels(encoded(stored, "PNG"), chunk(b"eXIf", exif(number)[6:]))
        files[f"webp {number}"] = encoded(stored, "WEBP", quality=95, exif=exif(number))
        files[f"avif {number}"] = encoded(stored, "AVIF", quality=95, exif=exif(number))
        files[f"heic {number}"] = encoded(stored, "HEIF", quality=90, exif=exif(number))
    return files


def odd() -> dict[str, bytes]:
    """The picture, stored in ways that cameras, scanners and programs have come up with."""
    image = corners()
    rgba = image.copy()
    rgba.putalpha(255)
    palette = image.quantize(4)
    wide = np.asarray(image).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in wide)
    opaque = np.dstack([wide, np.full(wide.shape[:2], 65535, ">u2")])
    rows_with_alpha = b"".join(b"\0" + row.tobytes() for row in opaque)
    plain = encoded(image, "JPEG", quality=95, subsampling=0)
    cmyk = encoded(image.convert("CMYK"), "JPEG", quality=95)
    thumbnail = encoded(corners(80, 64), "JPEG", comment=b"my-thumbnail")
    luma = ImageOps.invert(image).convert("YCbCr").split()
    # The encoder inverts these four, as it would CMYK; the marker then tells what they really are.
    ycck = encoded(
        Image.merge("CMYK", [*map(ImageOps.invert, luma), Image.new("L", image.size, 0)]), "JPEG", quality=95
    )
    at = ycck.index(b"Adobe") + 11
    text = b"my-comment\0\0" + zlib.compress(bytes(1 << 20), 9)
    return {
        "png, 16 bits": png(image.size, 16, 2, rows),
        "png, 16 bits with a transparent colour": png(
            image.size, 16, 2, rows, chunk(b"tRNS", b"\x12\x34\x56\x78\x9a\xbc")
        ),
        "png, 16 bits with alpha": png(image.size, 16, 6, rows_with_alpha),
        "png, palette": encoded(palette, "PNG"),
        "png, palette with a transparent colour": encoded(palette, "PNG", transparency=200),
        "png, alpha": encoded(rgba, "PNG"),
        "png, animated": encoded(image, "PNG", save_all=True, append_images=[image.rotate(180)]),
        "png, many times a profile that unpacks to a megabyte": before_pixels(
            encoded(image, "PNG"), chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1 << 20), 9)) * 5000
        ),
        "png, huge text": before_pixels(encoded(image, "PNG"), chunk(b"zTXt", text) * 400),
        "png, text of a wrong checksum": before_pixels(encoded(image, "PNG"), chunk(b"tEXt", b"a\0b")[:-1] + b"?"),
        "webp, alpha": encoded(rgba, "WEBP", quality=95),
        "webp, animated": encoded(
            image, "WEBP", quality=95, save_all=True, append_images=[image.rotate(180)], duration=40
        ),
        "avif, animated": encoded(
            image, "AVIF", quality=95, save_all=True, append_images=[image.rotate(180)], duration=40
        ),
        "avif, broken film in it": encoded(image, "AVIF", quality=95) + box(b"moov", b"\xff" * 40),
        "avif, alpha": encoded(rgba, "AVIF", quality=95),
        "avif, broken exif": encoded(image, "AVIF", quality=95, exif=exif(1)).replace(b"II*\0", b"????"),
        "heic, broken film in it": encoded(image, "HEIF", quality=90) + box(b"moov", b"\xff" * 40),
        "heic, alpha": encoded(rgba, "HEIF", quality=90),
        "heic, data of the maker behind it": encoded(image, "HEIF", quality=90) + b"SEFT and so on\xff",
        "jpeg, cmyk": cmyk,
        "jpeg, ycck": ycck[:at] + b"\2" + ycck[at + 1 :],
        "jpeg, two pictures": encoded(image, "MPO", quality=95, save_all=True, append_images=[image.rotate(180)]),
        "jpeg, index of pictures broken": after_header(plain, segment(0xE2, b"MPF\0II*\0" + b"\xff" * 30)),
        "jpeg, comment, place and thumbnail": after_header(
            plain, segment(0xE1, exif(1, thumbnail)), segment(0xFE, b"my-comment")
        ),
        "jpeg, broken exif": after_header(plain, segment(0xE1, b"Exif\0\0MM\0*" + b"\xff" * 40)),
        "jpeg, exif that reaches beyond its end": after_header(plain, segment(0xE1, exif(1)[:20])),
        "jpeg, exif of orientation 99": after_header(plain, segment(0xE1, exif(99))),
        "jpeg, huge exif": after_header(plain, segment(0xE1, exif(1).ljust(65_000, b"\xee"))),
        **{
            f"{name}, exif of 20 megabytes": encoded(image, name, quality=95, exif=exif(1).ljust(20_000_000, b"\xee"))
            for name in ("PNG", "WEBP", "HEIF", "AVIF")
        },
        "jpeg, broken profile": encoded(image, "JPEG", quality=95, subsampling=0, icc_profile=b"\xff" * 500),
        "jpeg, fill bytes": after_header(plain, b"\xff" * 5000),
        "jpeg, video behind it": plain + box(b"ftyp", b"mp42") + b"\xff\xda\0\2" * 5000,
    }


def grey() -> dict[str, bytes]:
    """A picture without colour, from black on the left to white on the right."""
    ramp = np.tile(np.linspace(0, 65535, WIDTH).astype(">u2"), (HEIGHT, 1))
    eight = Image.fromarray((ramp >> 8).astype(np.uint8))
    with_alpha = np.dstack([ramp, np.full_like(ramp, 65535)]).astype(">u2")
    return {
        "png, 16-bit grey": png(eight.size, 16, 0, b"".join(b"\0" + row.tobytes() for row in ramp)),
        "png, 16-bit grey with a transparent shade": png(
            eight.size, 16, 0, b"".join(b"\0" + row.tobytes() for row in ramp), chunk(b"tRNS", b"\x12\x34")
        ),
        "png, 16-bit grey with alpha": png(eight.size, 16, 4, b"".join(b"\0" + row.tobytes() for row in with_alpha)),
        "png, grey": encoded(eight, "PNG"),
        "png, grey with alpha": encoded(eight.convert("LA"), "PNG"),
        "jpeg, grey": encoded(eight, "JPEG", quality=98),
        "heic, grey": encoded(eight, "HEIF", quality=95),
    }


def profiled() -> dict[str, bytes]:
    """The picture in colours that are not sRGB."""
    return {
        name: encoded(corners(), name, icc_profile=display_p3()) for name in ("JPEG", "PNG", "WEBP", "HEIF", "AVIF")
    }


def lossless_jpeg(width: int, height: int) -> bytes:
    """A grey picture, every pixel coded as being like its neighbour."""
    code = segment(0xC4, b"\0\1" + bytes(15) + b"\0")  # one bit that says: no difference
    frame = segment(0xC3, b"\x08" + struct.pack(">HH", height, width) + b"\x01\x01\x11\0")
    scan = segment(0xDA, b"\x01\x01\0\x01\0\0")  # as the neighbour on the left
    return b"\xff\xd8" + code + frame + scan + bytes(width * height // 8) + b"\xff\xd9"


def unusual() -> dict[str, bytes]:
    """Small pictures of the kinds that few programs write, each read in a way of its own, or refused for what it is."""
    image, hdr = corners(80, 64), struct.pack(">HH", 9, 16)
    jpeg, avif, heic = (encoded(image, name) for name in ("JPEG", "AVIF", "HEIF"))
    crop = box(b"clap", struct.pack(">IIIIiIiI", 100, 1, 80, 1, 30, 1, -24, 1))
    kind, size, properties, data = tile(b"avif", (WIDTH, HEIGHT))
    place = avif.index(b"iloc") + 10
    return {
        "avif of tiles": avif_of_tiles(),
        "avif, cropped": heif(b"avif", {1: (kind, size, [*properties, crop], data)}, {}),
        "avif without a place of its own": avif[:place] + b"\0\0" + avif[place + 2 :],
        "avif in a film": avif.replace(b"meta", b"moov"),
        "avif in layers": avif.replace(b"pixi", b"lsel").replace(b"mdat", b"free"),
        "avif, hdr": claiming(avif, b"nclx", 0, hdr),
        "heic, hdr": claiming(heic, b"nclx", 0, hdr),
        "png, hdr": before_pixels(encoded(image, "PNG"), chunk(b"cICP", bytes((9, 16, 0, 1)))),
        "png, gamma and primaries": before_pixels(
            encoded(image, "PNG"),
            chunk(b"gAMA", struct.pack(">I", 55000)),
            chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)),
        ),
        "png without its end": encoded(image, "PNG")[:-12],
        "jpeg without its end": jpeg[:-2],
        "jpeg with padding": jpeg[:-2] + b"\0" + jpeg[-2:],
        "jpeg, restart markers": encoded(image, "JPEG", restart_marker_rows=1),
        "jpeg, arithmetic code said": jpeg.replace(b"\xff\xc0", b"\xff\xc9"),
        "jpeg, lossless": lossless_jpeg(80, 64),
        "jpeg, cmyk": encoded(image.convert("CMYK"), "JPEG"),
        "heic of full colour": encoded(image, "HEIF", chroma=444),
    }


def polyglots() -> dict[str, bytes]:
    """Good photos that are something else, too."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("hidden.html", "<script>")
    page = b"<html><script>alert(1)</script></html>"
    image = corners()
    return {
        "jpeg and zip": encoded(image, "JPEG", quality=95, subsampling=0) + archive.getvalue(),
        "jpeg and html": after_header(encoded(image, "JPEG", quality=95, subsampling=0), segment(0xFE, page)),
        "png and html": encoded(image, "PNG") + page,
        "png and zip": before_pixels(encoded(image, "PNG"), chunk(b"zzZz", archive.getvalue())),
        "jpeg and pdf": after_header(encoded(image, "JPEG", quality=95, subsampling=0), segment(0xFE, b"\n%PDF-1.7\n")),
        "webp and zip": encoded(image, "WEBP", quality=95) + archive.getvalue(),
        "heic and html": encoded(image, "HEIF", quality=90) + page,
        "avif and zip": encoded(image, "AVIF", quality=95) + box(b"free", archive.getvalue()),
    }
