"""Runs ``locator`` commands, each in a process of its own that begins where the libraries have been loaded already.

Each line of standard input is a JSON list: arguments, working folder, environment, and the files for what it writes to
standard output and standard error. It is answered with the exit status.
"""

import gc
import json
import os
import runpy
import sys


def run(args, folder, environment, out, err):
    """In a forked process: become the command."""
    for number, file in enumerate((os.devnull, out, err)):
        opened = os.open(file, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["locator", *args]
    try:
        runpy.run_module("locator", run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as end:
        status = end.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # to take down all that has been loaded takes longer than most commands


def main():
    import locator.api
    import locator.cli.commands
    import locator.draw.raster
    import locator.formats.export
    import locator.models.mediapipe_tasks  # noqa: F401

    gc.freeze()  # what is not looked through need not be copied
    for line in sys.stdin:
        child = os.fork()
        if not child:
            run(*json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
