"""Being asked to stop, by a signal or since nobody listens any more."""

import signal

from .contract import FAILED, STOPPED_BY_SIGNAL


class Stopped(Exception):
    """Training ends early and in order; `exit_code` says by what."""

    def __init__(self, reason, exit_code):
        super().__init__(reason)
        self.exit_code = exit_code


class Stopping:
    """Remembers the first request to stop; whoever works asks for it between two steps."""

    def __init__(self):
        self._stopped = None

    def listen(self):
        """From here on SIGTERM and SIGINT are requests. Before JAX is loaded, as loading takes a second."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number, frame):
        self._request(f"stopped by {signal.Signals(number).name}", STOPPED_BY_SIGNAL + number)

    def nobody_listens(self):
        """Who started the training has closed the pipe: it is gone, or has given the job to somebody else."""
        self._request("stopped, as nobody reads the progress any more", FAILED)

    def _request(self, reason, exit_code):
        if self._stopped is None:
            self._stopped = Stopped(reason, exit_code)

    @property
    def requested(self):
        return self._stopped is not None

    def check(self):
        """Raises Stopped when it was requested."""
        if self._stopped is not None:
            raise self._stopped
