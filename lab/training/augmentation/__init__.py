"""Augmentation: from stored scenes to training samples, with every crop, rotation, background, light and flaw.

``sampling`` puts together what the others do: ``crops`` and ``geometric`` say where the body is seen, ``backgrounds``,
``occluders`` and ``overlays`` what is seen beside it, ``photometric`` how.
"""
