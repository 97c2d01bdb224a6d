"""Renders bodies with known keypoints.

``renderer`` puts together what the others give: ``cameras``, ``mesh`` with ``clothing`` and ``hair``, ``fragments``
seen of it, their ``materials`` (``skin``, ``skin_marks``, cloth) and ``relief``, ``lighting`` and ``exposure``.
"""
