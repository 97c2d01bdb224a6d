"""The least page that looks at a photo: the pose model's keypoints on it. A peer for ``speed``.

``BUNDLE`` names the file of the pose model.
"""

from __future__ import annotations

import os

os.environ["https_proxy"] = "http://127.0.0.1:9"  # where nothing listens: the library reports its use

import cv2
import mediapipe
import numpy as np
import streamlit as st
from mediapipe.tasks.python import BaseOptions, vision
from PIL import Image


@st.cache_resource
def _landmarker() -> vision.PoseLandmarker:
    options = vision.PoseLandmarkerOptions(base_options=BaseOptions(model_asset_path=os.environ["BUNDLE"]))
    return vision.PoseLandmarker.create_from_options(options)


chosen = st.file_uploader("A photo")
if chosen is not None:
    rgb = np.array(Image.open(chosen).convert("RGB"))
    found = _landmarker().detect(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb))
    for pose in found.pose_landmarks:
        for point in pose:
            centre = round(point.x * rgb.shape[1]), round(point.y * rgb.shape[0])
            cv2.circle(rgb, centre, max(3, rgb.shape[1] // 200), (0, 255, 0), -1)
    st.image(rgb)
