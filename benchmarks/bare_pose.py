"""What anybody would write first: load the pose model, look at one photo, and end. A process to compare ours with.

python -m benchmarks.bare_pose BUNDLE PHOTO
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["https_proxy"] = "http://127.0.0.1:9"  # where nothing listens: the library reports its use

import mediapipe
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision
from PIL import Image


def main(bundle: Path, photo: Path) -> None:
    options = vision.PoseLandmarkerOptions(base_options=BaseOptions(model_asset_buffer=bundle.read_bytes()))
    with vision.PoseLandmarker.create_from_options(options) as landmarker, Image.open(photo) as image:
        rgb = np.asarray(image.convert("RGB"))
        found = landmarker.detect(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb))
    print(len(found.pose_landmarks))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
