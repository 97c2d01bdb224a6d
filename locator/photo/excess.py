"""What a file may be refused for before it is decoded."""


class TooComplex(Exception):
    """A file made to keep a decoder busy."""


class TooManyPixels(Exception):
    """A small picture composed of many large ones."""
