"""Video: tracking, smoothing, coaching, films."""
