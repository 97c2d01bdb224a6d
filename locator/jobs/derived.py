"""Files that are made of a batch's records, in the forms that other programs want: a table, and COCO's.

Records are read from the disk one after the other, as often as needed: there may be millions.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locator.core import files
from locator.core.types import ImageInfo, Location
from locator.formats import coco, csv_table
from locator.formats.record import image_of, location_of

if TYPE_CHECKING:
    import pyarrow as pa

_ID_BITS, _COUNT_BITS = 24, 28  # together as many as a program that counts in floats tells apart
_AT_ONCE = 10_000  # rows of a table in the memory at a time


def write_coco(records: Path, target: Path) -> None:
    """All marks in one file of COCO keypoints.

    The ids count up, from a number that the records themselves give: those of two batches differ.

    Raises:
        OSError: if it cannot be written.
    """
    with records.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    first_id = 1 + (int(digest, 16) % (1 << _ID_BITS) << _COUNT_BITS)
    with files.replacing(target) as unfinished, unfinished.open("w", encoding="ascii") as out:
        out.writelines(coco.of_many(lambda: _photos(records), first_id))


def write_table(records: Path, target: Path) -> None:
    """A row for each mark: Parquet or CSV, as the ending says.

    Raises:
        OSError: if it cannot be written.
    """
    rows = (row for image, person, location in _located(records) for row in csv_table.rows(image, person, location))
    with files.replacing(target) as unfinished:
        if target.suffix.lower() == ".csv":
            with unfinished.open("w", encoding="utf-8", newline="") as out:
                table = csv.DictWriter(out, list(csv_table.COLUMNS), lineterminator="\n")
                table.writeheader()
                table.writerows(csv_table.plain(row) for row in rows)
            return
        from pyarrow import Table, parquet

        schema = _schema()
        with parquet.ParquetWriter(unfinished, schema) as writer:
            while part := list(itertools.islice(rows, _AT_ONCE)):
                writer.write_table(Table.from_pylist(part, schema))


def _schema() -> pa.Schema:
    import pyarrow as pa

    kinds = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    return pa.schema([pa.field(name, kinds[kind]) for name, kind in csv_table.COLUMNS.items()])


def _photos(records: Path) -> Iterator[tuple[ImageInfo, list[Location]]]:
    """Every photo that was located, with the backs that are marked in it."""
    for image, backs in itertools.groupby(_located(records), lambda one: one[0]):
        yield image, [location for _, _, location in backs]


def _located(records: Path) -> Iterator[tuple[ImageInfo, int, Location]]:
    """Every back that was located: its photo, its number among the backs in that, and its marks."""
    with records.open("rb") as file:
        for line in file:
            document: dict[str, Any] = json.loads(line)
            if document["status"] == "located":
                yield image_of(document), document["person"], location_of(document)
