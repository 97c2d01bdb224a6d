"""The commands that put the program in order on this machine."""

from __future__ import annotations

import typer

from locator.cli import messages, progress
from locator.cli.options import Model, ModelOption


def setup(model: ModelOption = Model.FULL) -> None:
    """Fetch the pose model and the hand model, and check them."""
    from locator.models import registry

    with messages.missing_parts_explained(), progress.of_setup() as report:
        file = registry.setup(model.value, report)
        registry.setup(registry.HAND, report)
    messages.say(f"The pose model is ready: {file}")


def doctor() -> None:
    """Say what is missing on this machine, and the command that mends it."""
    from locator.cli import doctor as checks

    findings = checks.examine()
    for finding in findings:
        messages.out(f"{'ok     ' if finding.good else 'MISSING'}  {finding.what}")
        if not finding.good:
            messages.out(f"         mend it with: {finding.remedy}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)
