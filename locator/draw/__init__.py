"""From a location to shapes, and shapes to pixels, SVG, PDF and paper."""
