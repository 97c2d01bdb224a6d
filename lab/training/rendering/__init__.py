"""Renders bodies with known keypoints."""
