"""The command: `python -m trainer`. README.md has its contract."""

import os
import sys
import time

from . import contract
from .stopping import Stopped, Stopping


def main():
    stopping = Stopping()
    stopping.listen()
    began = time.monotonic()

    def log(text):
        print(f"trainer: {time.monotonic() - began:6.1f} s  {text}", file=sys.stderr, flush=True)

    try:
        environment = contract.Environment.read()
        from . import device

        device.prepare()
        from . import job

        stopping.check()
        job.run(environment, stopping, log)
        return contract.DONE
    except contract.Failure as failure:
        log(f"error: {failure}")
        return failure.exit_code
    except OSError as error:
        log(f"error: {error}")
        return contract.FAILED
    except Stopped as stopped:
        log(str(stopped))
        return stopped.exit_code


if __name__ == "__main__":
    code = main()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    # The interpreter takes its time to end, with signals as they were at the start: a SIGTERM in it would turn a
    # training that is done into one that was killed.
    os._exit(code)
