"""What anybody would write first: load the pose model, look at photos, and end. A process to compare ours with.

    python -m lab.speed.bare_pose BUNDLE PHOTO [PHOTO ...] [--jobs N]

With several jobs, as many processes take the photos in turn.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os

os.environ["https_proxy"] = "http://127.0.0.1:9"  # where nothing listens: the library reports its use

import mediapipe
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from PIL import Image

_landmarker: vision.PoseLandmarker


def load(bundle: str) -> None:
    """Make this process able to look at photos."""
    global _landmarker
    with open(bundle, "rb") as file:  # noqa: PTH123
        options = vision.PoseLandmarkerOptions(base_options=BaseOptions(model_asset_buffer=file.read()))
    _landmarker = vision.PoseLandmarker.create_from_options(options)


def people(photo: str) -> int:
    """How many the model finds in a photo."""
    with Image.open(photo) as image:
        rgb = np.asarray(image.convert("RGB"))
    return len(_landmarker.detect(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)).pose_landmarks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("photo", nargs="+")
    parser.add_argument("--jobs", type=int, default=0, help="processes; 0 for this one alone")
    asked = parser.parse_args()
    if asked.jobs:
        with multiprocessing.get_context("spawn").Pool(asked.jobs, load, (asked.bundle,)) as pool:
            for found in pool.imap_unordered(people, asked.photo):
                print(found)
    else:
        load(asked.bundle)
        for photo in asked.photo:
            print(people(photo))


if __name__ == "__main__":
    main()
