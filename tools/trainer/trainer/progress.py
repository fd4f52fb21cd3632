"""Progress as JSON lines on stdout; nothing else is ever written there."""

import json
import os
import sys
import time

SECONDS_BETWEEN_LINES = 0.2


class Progress:
    """Writes at most five lines a second, and the last step's always."""

    def __init__(self, total_steps, on_closed, stream=None):
        self.total_steps = total_steps
        self.on_closed = on_closed
        self.stream = sys.stdout if stream is None else stream
        self.written_at = None

    def step(self, step, loss):
        now = time.monotonic()
        if (
            self.written_at is not None
            and now - self.written_at < SECONDS_BETWEEN_LINES
            and step < self.total_steps
        ):
            return
        self.written_at = now
        self._write({"step": step, "total_steps": self.total_steps, "loss": loss})

    def final(self, loss, final_loss, heldout_loss):
        total = self.total_steps
        self._write(
            {
                "step": total,
                "total_steps": total,
                "loss": loss,
                "final_loss": final_loss,
                "heldout_loss": heldout_loss,
            }
        )

    def _write(self, document):
        try:
            self.stream.write(json.dumps(document, allow_nan=False) + "\n")
            self.stream.flush()
        except BrokenPipeError:
            # What is still in the buffer would fail again at the end of the process.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())
            self.on_closed()
