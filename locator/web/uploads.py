"""What of one visitor's uploads Streamlit keeps: in memory, and no more than the pages can ask for at a time."""

from __future__ import annotations

from starlette.formparsers import MultiPartParser
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from locator.photo import sources

HANDLES_MB = 1
"""The largest file of handles that is taken; they have a few kilobytes."""

MOST_BYTES = 2 * sources.MAX_BYTES + HANDLES_MB * 1024 * 1024
"""Of one visitor: a photo, another day's to compare it with, and handles."""


def keep_in_memory() -> None:
    """Let no upload go to a temporary file while it comes in. Streamlit bounds its size."""
    MultiPartParser.spool_max_size = 0


def bound(manager: MemoryUploadedFileManager, most_bytes: int = MOST_BYTES) -> None:
    """Make Streamlit drop a visitor's oldest uploads when they have more than ``most_bytes`` together.

    Its page takes back what it has replaced. Another program, or a page that has lost its connection, does not.
    """
    add = manager.add_file

    def add_within_bounds(session_id: str, file: UploadedFileRec) -> None:
        manager.remove_file(session_id, file.file_id)  # so that it is the newest
        add(session_id, file)
        kept = [(one.file_id, len(one.data)) for one in manager.file_storage[session_id].values()]
        total = sum(size for _, size in kept)
        for file_id, size in kept:
            if total <= most_bytes:
                break
            manager.remove_file(session_id, file_id)
            total -= size

    manager.add_file = add_within_bounds  # type: ignore[method-assign]
