"""What the command says, for :mod:`locator.catalogue.words`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CommandWords:
    """What the command says of photos and films."""

    issue: str
    standard_input: str
    people: str
    marked: str
    side_by_side: str
    pictures_marked: str
    pictures_marked_in: str
    stopped: str
    model_ready: str
    listening: str


@dataclass(frozen=True)
class BatchWords:
    """What the command says of a folder of photos."""

    photos: str
    located: str
    refused: str
    unreadable: str
    largest: str
    each: str
    skipped: str
    closed: str
    stopped: str
    failed: str


@dataclass(frozen=True)
class DoctorWords:
    """What the command says of this machine."""

    good: str
    missing: str
    mend: str
    install_python: str
    install_anew: str
    avif: str
    heic: str
    page: str
    handles: str
    setup: str
    downloads: str
    one_opencv: str
    other_opencv: str
    networks: str
    hand_model: str
    pose_model: str
    pose_runs: str
    cores: str
