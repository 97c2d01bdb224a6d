"""The commands for single photos. Heavy libraries load inside the commands that need them."""

from __future__ import annotations

from typing import Annotated

import typer

from locator.cli import messages, options, readers, standard_input, targets
from locator.cli.options import (
    AllOption,
    AnchorsOption,
    BlurHeadOption,
    ForOption,
    Labels,
    LabelsOption,
    LanguageOption,
    MirroredOption,
    Model,
    ModelOption,
    Paper,
    PersonOption,
    Photos,
    PointsOption,
    Saved,
    SizeOption,
)


def annotate(
    photos: Photos,
    out: Annotated[str, typer.Option("--out", "-o", help="A file for one photo and one format, or a folder.")],
    format: Annotated[
        list[Saved] | None,
        typer.Option(
            "--format", help="May be given several times. Otherwise the file's ending tells; in a folder, jpeg."
        ),
    ] = None,
    labels: LabelsOption = Labels.BOTH,
    language: LanguageOption = "en",
    size: SizeOption = 1.0,
    paper: Annotated[Paper, typer.Option("--paper", help="Of the sheet.")] = Paper.A4,
    date: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="On the sheet; today if not given.")] = "",
    blur_head: BlurHeadOption = False,
    blur: Annotated[
        list[str] | None,
        typer.Option(
            "--blur", metavar="X,Y,W,H", help="Make a part unrecognisable, in px of the upright photo; for one photo."
        ),
    ] = None,
    model: ModelOption = Model.FULL,
    anchors: AnchorsOption = "",
    mirrored: MirroredOption = False,
    points: PointsOption = None,
    complaints: ForOption = None,
    person: PersonOption = None,
    all: AllOption = False,
) -> None:
    """Write each photo with its marks, a page to print, or the marks as data."""
    day = options.day(date)
    regions = options.regions(blur or [], photos)
    style = options.style(labels, language, size)
    codes = options.codes(points, complaints)
    standard_input.check(photos)
    outputs = targets.of_photos(photos, out, [one.value for one in format or []], inputs=[*photos, anchors])
    with readers.of_photos(model, anchors, photos, mirrored=mirrored, person=person, each=all) as read:
        from locator.catalogue.words import words
        from locator.core.types import Location
        from locator.formats.export import export

        worst = 0
        for photo, outputs_of_photo in zip(photos, outputs, strict=True):
            picture, results = read(standard_input.source(photo))
            named = standard_input.name(photo, style.language)
            for result in results:
                outcome = result.outcome
                if picture is None or not isinstance(outcome, Location):
                    worst = max(worst, messages.exit_status(result))
                    messages.say_reason(named, result, style.language)
                    continue
                options.check_regions(regions, picture.rgb)
                shown = options.blurred(picture.rgb, result, blur_head, regions)
                written = targets.of_person(outputs_of_photo, result.person, photos) if all else outputs_of_photo
                for name, target in written:
                    targets.write(target, export(name, shown, result, style, codes, paper=paper.value, date=day))
                messages.say_issues(named, outcome, style.language)
                messages.say_people(named, result, style.language)
                files = ", ".join(str(target) for _, target in written)
                messages.say(words(style.language).command.marked.format(photo=named, files=files))
    raise typer.Exit(worst)


def compare(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="The photo on the left.")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="The photo on the right.")],
    out: Annotated[str, typer.Option("--out", "-o", help="A .jpg, .png or .webp file.")],
    labels: LabelsOption = Labels.CODES,
    language: LanguageOption = "en",
    size: SizeOption = 1.0,
    blur_head: BlurHeadOption = False,
    model: ModelOption = Model.FULL,
    points: PointsOption = None,
    complaints: ForOption = None,
) -> None:
    """Write two marked photos of one person side by side, aligned on the spine."""
    style = options.style(labels, language, size)
    codes = options.codes(points, complaints)
    standard_input.check([first, second])
    target = targets.resolved(out)
    name = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp"}.get(target.suffix.lower())
    if name is None:
        raise typer.BadParameter(f"expected .jpg, .png or .webp, got {target.suffix!r}", param_hint="--out")
    targets.check_not_input(target, [first, second])
    with readers.of_photos(model, "", [first, second]) as read:
        from locator.catalogue.words import words
        from locator.core.types import Location
        from locator.draw.compare import side_by_side
        from locator.photo import encoding

        worst, backs = 0, []
        for photo in (first, second):
            picture, (result,) = read(standard_input.source(photo))
            named = standard_input.name(photo, style.language)
            if picture is None or not isinstance(result.outcome, Location):
                worst = max(worst, messages.exit_status(result))
                messages.say_reason(named, result, style.language)
            else:
                messages.say_issues(named, result.outcome, style.language)
                messages.say_people(named, result, style.language)
                shown = options.blurred(picture.rgb, result, blur_head, [])
                backs.append((shown, result.outcome.showing(codes)))
        if len(backs) == 2:
            targets.write(target, encoding.encode(side_by_side(backs[0], backs[1], style), name))
            left, right = standard_input.name(first, style.language), standard_input.name(second, style.language)
            messages.say(words(style.language).command.side_by_side.format(first=left, second=right, file=target))
    raise typer.Exit(worst)


def locate(
    photos: Photos,
    model: ModelOption = Model.FULL,
    anchors: AnchorsOption = "",
    mirrored: MirroredOption = False,
    table: Annotated[bool, typer.Option("--table", help="Print a table to be read by people instead.")] = False,
    language: LanguageOption = "en",
    person: PersonOption = None,
    all: AllOption = False,
) -> None:
    """Print where the points are, one JSON document a line."""
    standard_input.check(photos)
    language = options.spoken(language)
    with readers.of_photos(model, anchors, photos, drawn=False, mirrored=mirrored, person=person, each=all) as read:
        from locator.formats.record import to_dict

        worst = 0
        for photo in photos:
            for result in read(standard_input.source(photo))[1]:
                worst = max(worst, messages.exit_status(result))
                if table:
                    from locator.cli.table import of_result

                    for line in of_result(standard_input.name(photo, language), result, language):
                        messages.out(line)
                    messages.say_people(standard_input.name(photo, language), result, language)
                else:
                    import json  # help does not wait for it

                    messages.out(json.dumps(to_dict(result), allow_nan=False))
    raise typer.Exit(worst)
