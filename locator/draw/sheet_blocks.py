"""The blocks of text on the sheet: the routine, the cautions, a card for each point."""

from __future__ import annotations

from collections.abc import Sequence

from locator.catalogue.entries import Acupoint, Catalogue, halved, joined
from locator.core.box import Box
from locator.draw import fonts
from locator.draw.content import number
from locator.draw.fonts import Weight
from locator.draw.shapes import WHITE, Colour
from locator.draw.typesetting import Composition, Type

GREY: Colour = (110, 110, 114)
_PALE: Colour = (242, 241, 238)
_SMALLEST_PT = 8.0


class Blocks:
    """Sets blocks of text on a page.

    Each is given the upper left corner and the width of its place in pt, and returns the y where the next one may
    begin.

    Args:
        page: where they are set; assignable.
        body_pt: size of the running text, by which all others go.
    """

    def __init__(self, page: Composition, words: Catalogue, body_pt: float) -> None:
        self.page, self.words = page, words
        family = words.font
        self.body = Type(family, body_pt)
        self.bold = Type(family, body_pt, Weight.BOLD)
        self.small = Type(family, max(body_pt * 0.86, _SMALLEST_PT), colour=GREY)
        self.head = Type(family, body_pt * 1.2, Weight.BOLD)

    def routine(self, points: Sequence[Acupoint], x: float, y: float, width: float) -> float:
        """The points in the order of pressing, with their minutes, and how to press."""
        words, body = self.words, self.body
        routine = words.routine
        total = words.counted(routine.total_minutes(points))
        y = self.page.paragraph(capital(words.sheet.routine.format(count=total)), x, y, width, self.head) + 3
        steps: list[tuple[Acupoint | None, str, float]] = [
            (None, routine.begin, routine.begin_minutes),
            *((point, "", point.minutes) for point in points),
            (None, routine.end, routine.end_minutes),
        ]
        minutes_width = max(body.length(self._minutes(minutes)) for *_, minutes in steps) + 8
        for point, text, minutes in steps:
            said = self._minutes(minutes)
            base = y + body.size * 0.9
            self.page.write(
                said, x + minutes_width - 8 - body.length(said), base, Type(body.family, body.size, colour=GREY)
            )
            left = x + minutes_width
            if point:
                self._number(point, left + body.size * 0.74, base - body.size * 0.35)
                self.page.write(self._name(point), left + body.size * 1.9, base, self.bold)
                y += body.leading * 1.12
            else:
                y = self.page.paragraph(text, left, y, width - minutes_width, body) + 2
        y = self.page.paragraph(words.sheet.how, x, y + 7, width, self.head) + 2
        how = [words.find_first, words.about.levels, words.about.cun, words.find_last]
        return self.page.paragraph(joined(how), x, y, width, body)

    def cautions(self, x: float, y: float, width: float) -> float:
        """What holds for every point, on a pale ground."""
        words, cautions, pad = self.words.sheet, self.words.cautions, 7.0
        below = len(self.page.strokes)
        end = y + pad
        for lead, entries, between in (
            (words.not_now, cautions.not_now, words.semicolon),
            (words.ask_first, cautions.ask_first, words.comma),
            (words.stop_at, cautions.stop_at, words.comma),
            (words.at_once, cautions.at_once, words.comma),
            (words.soon, cautions.soon, words.comma),
        ):
            text = joined([*(entry + between for entry in entries[:-1]), entries[-1] + words.stop])
            end = self._led(lead, text, x + pad, end, width - 2 * pad) + 1
        ground = Box(x, y, width, end + pad - y)
        self.page.panel_below(ground, 5.0, _PALE, below)
        return ground.bottom

    def card(self, point: Acupoint, x: float, y: float, width: float) -> float:
        """What a point is for, how to find and press it, and when not to."""
        words, body = self.words.sheet, self.body
        base = y + self.head.size * 0.9
        self._number(point, x + body.size * 0.74, base - body.size * 0.4)
        x_name = x + body.size * 1.9
        self.page.write(self._name(point), x_name, base, self.head)
        others = " · ".join(dict.fromkeys(n for n in (point.name, point.tones, point.hanzi) if n != point.label))
        x_others = x_name + self.head.length(self._name(point)) + 7
        if x_others + self.small.length(others) > x + width:
            x_others, base = x_name, base + self.small.leading
        self.page.write(others, x_others, base, self.small)
        y = base + body.size * 0.4
        complaints = {complaint.code: complaint.label for complaint in self.words.complaints}
        chosen = f"{words.comma} ".join(complaints[code] for code in point.complaints)
        for lead, text in (
            (words.use, joined([chosen + words.stop, point.tradition])),
            (words.find, joined([point.count, point.hint])),
            (words.press, point.press),
            (words.avoid, point.caution),
        ):
            y = self._led(lead, text, x, y, width)
        return y

    def _led(self, lead: str, text: str, x: float, y: float, width: float) -> float:
        """A paragraph that begins with a bold word."""
        indent = self.bold.length(lead) + self.body.size * 0.6
        self.page.write(lead, x, y + self.body.size, self.bold)
        return self.page.paragraph(text, x, y, width, self.body, indent)

    def _number(self, point: Acupoint, x: float, y: float) -> None:
        """The number that the photo shows, ringed in its colour; on white, so that it can be read in grey too."""
        digits, size = str(number(point.code)), self.body.size * 0.92
        kind = Type(self.body.family, size, Weight.BOLD)
        for radius, colour in ((0.74, point.colour), (0.54, WHITE)):
            self.page.disc(x, y, radius * self.body.size, colour)
        self.page.write(digits, x - kind.length(digits) / 2, y + size * fonts.CAPITAL / 2, kind)

    def _name(self, point: Acupoint) -> str:
        return f"{point.code} {point.label}"

    def _minutes(self, minutes: float) -> str:
        return self.words.sheet.minutes.format(number=halved(minutes))


def capital(sentence: str) -> str:
    """The sentence with a capital at its beginning."""
    return sentence[:1].upper() + sentence[1:]
