"""The commands that put the program in order on this machine."""

from __future__ import annotations

import typer

from locator.cli import messages, options, progress
from locator.cli.options import LanguageOption, Model, ModelOption


def setup(model: ModelOption = Model.FULL, language: LanguageOption = "en") -> None:
    """Fetch the pose model and the hand model, and check them."""
    from locator.catalogue.words import words
    from locator.models import registry

    said = words(options.spoken(language)).command
    with messages.missing_parts_explained(), progress.of_setup() as report:
        file = registry.setup(model.value, report)
        registry.setup(registry.HAND, report)
    messages.say(said.model_ready.format(file=file))


def doctor(language: LanguageOption = "en") -> None:
    """Say what is missing on this machine, and the command that mends it."""
    from locator.catalogue.words import words
    from locator.cli import doctor as checks

    said = words(options.spoken(language)).doctor
    findings = checks.examine(said)
    for finding in findings:
        messages.out((said.good if finding.good else said.missing).format(what=finding.what))
        if not finding.good:
            messages.out(said.mend.format(remedy=finding.remedy))
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)
