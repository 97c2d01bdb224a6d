"""When each picture and each sound of a film is due, on one clock that runs on where clips were joined."""

from __future__ import annotations

_LONGEST_GAP_S = 10.0  # between two pictures of a broadcast; what is further ahead is another clip, as ffmpeg has it


class Timeline:
    """The clock of a film that may be several clips one after the other, each with times of its own.

    What is given to it comes in the order of the file. Times are in seconds; the first picture is at 0.

    Args:
        jumps: whether a clip may also begin with a leap ahead, as in broadcasts.
    """

    def __init__(self, jumps: bool) -> None:
        self._jumps = jumps
        self._shifts_s: list[float] = []  # of each clip, from its own clock to the film's
        self._end_s = 0.0
        self._picture_s: float | None = None
        self._sound_s: float | None = None
        self._sound_clip = 0

    def picture(self, due_s: float | None, shown_s: float, lasts_s: float) -> float:
        """What is to be added to the times of a picture.

        Args:
            due_s: when it is to be decoded, if that is known; this only goes back where another clip begins.
            shown_s: when it is to be shown; pictures need not come in that order.
            lasts_s: how long it is shown.
        """
        if not self._shifts_s or self._leaps(self._picture_s, due_s, lasts_s):
            self._shifts_s.append(self._end_s - shown_s)
            self._picture_s = None
        self._picture_s = self._picture_s if due_s is None else due_s
        shift_s = self._shifts_s[-1]
        self._end_s = max(self._end_s, shown_s + shift_s + lasts_s)
        return shift_s

    def sound(self, due_s: float, lasts_s: float) -> float | None:
        """What is to be added to the times of a piece of sound; None as long as no picture of its clip has come."""
        clip = self._sound_clip
        if clip < len(self._shifts_s) and self._leaps(self._sound_s, due_s, lasts_s):
            clip += 1
        if clip >= len(self._shifts_s):
            return None
        self._sound_clip, self._sound_s = clip, due_s
        return self._shifts_s[clip]

    def _leaps(self, before_s: float | None, now_s: float | None, slack_s: float) -> bool:
        if before_s is None or now_s is None:
            return False
        return now_s < before_s - slack_s or (self._jumps and now_s > before_s + _LONGEST_GAP_S)
