"""`modelctl serve` over a scratch store, and a client that says exactly what goes over the wire."""

import contextlib
import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

MODELCTL = os.environ.get("MODELCTL", ".build/debug/modelctl")
# Nothing here waits for longer; what isn't there by then has failed.
PATIENCE_SECONDS = 60


class Store:
    """A store in a scratch folder that is used through the program alone."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="modelregistry-service-", dir="/var/tmp"))
        self.root = self.folder / "store"
        self.environment = {
            "MODELCTL_ROOT": str(self.root), "HOME": str(self.folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8",
        }

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def ctl(self, *words, code=0):
        done = subprocess.run(
            [MODELCTL, *map(str, words)], env=self.environment, capture_output=True, text=True,
            timeout=PATIENCE_SECONDS)
        if done.returncode != code:
            raise AssertionError(f"modelctl {' '.join(map(str, words))}: {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def json(self, *words, code=0):
        return json.loads(self.ctl(*words, "--json", code=code))

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def publish(self, adapter, content, *words):
        """Publishes a folder with weights; the version's name."""
        folder = f"source-{adapter}-{len(list(self.folder.iterdir()))}"
        self.write(f"{folder}/adapter.bin", content)
        self.write(f"{folder}/config/model_config.json", '{"rank":8}')
        return self.json("publish", adapter, self.folder / folder, *words)["version"]

    def token(self, name, *scopes):
        words = [word for scope in scopes for word in ("--scope", scope)]
        return self.ctl("token", "create", name, "-q", *words).strip()


class Served:
    """The service as a process, from the moment that it listens."""

    def __init__(self, store, configuration=None, *words):
        self.store = store
        # Nothing begins by itself in a test.
        settings = {"schedule": {name: "none" for name in ("sync", "gc", "scrub", "training")}}
        settings |= (configuration or {}).get("serve", {})
        file = store.write("served.yaml", json.dumps((configuration or {}) | {"serve": settings}))
        with open(store.folder / "log.txt", "ab") as log:
            self.process = subprocess.Popen(
                [MODELCTL, "serve", "--json", "--log", "json", "--listen", "127.0.0.1:0", "--config", file, *words],
                env=store.environment, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)
        try:
            self.address = json.loads(self.first_line())["listening"]
        except BaseException:
            self.kill()
            raise
        self.host, port = self.address.rsplit(":", 1)
        self.port = int(port)

    def first_line(self):
        """What it prints once it listens; one that neither listens nor ends has failed as well."""
        end, line, output = time.monotonic() + PATIENCE_SECONDS, b"", self.process.stdout.fileno()
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([output], [], [], max(0, end - time.monotonic()))
            piece = os.read(output, 4096) if ready else b""
            if not piece:
                raise AssertionError(f"it doesn't listen: {self.said}")
            line += piece
        return line

    @property
    def said(self):
        return (self.store.folder / "log.txt").read_text()

    @property
    def socket_path(self):
        return str(self.store.root / "control.sock")

    def stop(self, number=signal.SIGTERM):
        """Ends the service; its exit code. One that doesn't end is killed, and the test has failed."""
        try:
            if self.process.poll() is None:
                self.process.send_signal(number)
            return self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it doesn't end by signal {number}: {self.said[-2000:]}") from None
        finally:
            self.kill()

    def kill(self):
        """Leaves nothing behind, whatever state it is in."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE_SECONDS)
        self.process.stdout.close()

    def connect(self):
        return socket.create_connection((self.host, self.port), timeout=PATIENCE_SECONDS)

    def ask(self, method, path, body=None, headers=None, by_socket=False):
        """One request on a connection of its own: (status, headers, body as JSON, or its bytes)."""
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        with contextlib.closing(http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_SECONDS)) as connection:
            if by_socket:
                connection.sock = socket.socket(socket.AF_UNIX)
                connection.sock.settimeout(PATIENCE_SECONDS)
                connection.sock.connect(self.socket_path)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            if "json" in (answer.getheader("Content-Type") or "") and content:
                content = json.loads(content)
            return answer.status, answer.headers, content

    def raw(self, *pieces, half_close=False):
        """Sends bytes as they are, and reads until the service ends the connection or has answered once."""
        with self.connect() as stream:
            for piece in pieces:
                stream.sendall(piece)
            if half_close:
                stream.shutdown(socket.SHUT_WR)
            return read_answer(stream)

    def followed(self, operation):
        """The document of an operation that has ended."""
        return wait_for(
            "the operation ends",
            lambda: (document := self.ask("GET", f"/api/operations/{operation['id']}")[2])["ended_at"] and document)


def read_answer(stream):
    """(status, headers, body) of one answer, or None where the connection ends without one."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = stream.recv(65536)
        if not piece:
            return None
        received += piece
    head, body = received.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ")[1])
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    while len(body) < int(headers.get("content-length", 0)):
        piece = stream.recv(65536)
        if not piece:
            break
        body += piece
    return status, headers, body


def read_all(stream):
    """Every byte until the service ends the connection."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := stream.recv(65536):
            received += piece
    return received


def wait_for(what, holds):
    """Looks again and again until something holds, and gives what it gave."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := holds():
            return found
        threading.Event().wait(0.005)
    raise AssertionError(f"never came true: {what}")
