"""Clients that are slow, stuck or gone: each is given up in its time, and nobody else waits for it."""

import contextlib
import os
import socket
import threading
import time
import unittest

from .served import PATIENCE_SECONDS, Served, Store, wait_for

LARGE = 96 << 20


class Slow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = Store()
        cls.store.publish("robot_001", os.urandom(1 << 20) * (LARGE >> 20))
        cls.store.ctl("activate", "robot_001_v1")
        cls.served = Served(cls.store, {"serve": {"limits": {"idle": "2s", "document": "2s", "requests": 8}}})

    @classmethod
    def tearDownClass(cls):
        code = cls.served.stop()
        cls.store.remove()
        assert code == 0, code

    def answers(self):
        """Whether somebody else is served meanwhile, after being told to try again in a second where others are just begun."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while (status := self.served.ask("GET", "/api/active")[0]) == 503 and time.monotonic() < ends:
            time.sleep(0.1)
        self.assertEqual(status, 200)

    def assert_given_up(self, stream):
        """The service ends the connection, and not the client's patience."""
        stream.settimeout(PATIENCE_SECONDS)
        with contextlib.suppress(ConnectionResetError):
            while stream.recv(65536):
                pass

    def dripped(self, stream, text):
        """Sends a byte now and then until the service has enough of it."""
        over = threading.Event()

        def drip():
            with contextlib.suppress(OSError):
                for byte in text:
                    stream.sendall(bytes([byte]))
                    if over.wait(0.2):
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            self.assert_given_up(stream)
        finally:
            over.set()
            thread.join()

    def test_nothing_is_sent(self):
        with self.served.connect() as stream:
            self.answers()
            self.assert_given_up(stream)

    def test_half_a_request(self):
        for text in (b"G", b"GET /api/active HTTP/1.1\r\nHost: x", b"GET /api/active HTTP/1.1\r\nHost: x\r\nA: b\r\n"):
            with self.served.connect() as stream:
                stream.sendall(text)
                self.answers()
                self.assert_given_up(stream)

    def test_half_a_request_and_no_more(self):
        for text in (b"", b"GET /api/active HTTP/1.1\r\nHost: x"):
            with self.served.connect() as stream:
                stream.sendall(text)
                stream.shutdown(socket.SHUT_WR)
                self.assert_given_up(stream)
        self.answers()

    def test_headers_that_drip(self):
        with self.served.connect() as stream:
            self.dripped(stream, b"GET /api/active HTTP/1.1\r\nHost: x\r\n" + b"X-A: b\r\n" * 1000)
        self.answers()

    def test_a_document_that_drips(self):
        head = (f"POST /api/login HTTP/1.1\r\nHost: {self.served.address}\r\nContent-Type: application/json\r\n"
                "Content-Length: 5000\r\n\r\n").encode()
        with self.served.connect() as stream:
            stream.sendall(head)
            self.answers()
            self.dripped(stream, b" " * 5000)
        self.answers()

    def test_many_who_send_nothing_more_keep_nobody_out(self):
        head = (f"POST /api/login HTTP/1.1\r\nHost: {self.served.address}\r\nContent-Type: application/json\r\n"
                "Content-Length: 5\r\n\r\n").encode()
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(self.served.connect()) for _ in range(50)]
            for stream in streams:
                stream.sendall(head)
            for _ in range(10):
                self.answers()
            for stream in streams:
                self.assert_given_up(stream)

    def memory(self):
        for line in open(f"/proc/{self.served.process.pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) << 10
        raise AssertionError("no VmRSS")

    def test_readers_who_take_nothing(self):
        self.answers()
        before = self.memory()
        head = (f"GET /api/models/robot_001_v1/files/adapter.bin HTTP/1.1\r\nHost: {self.served.address}\r\n\r\n").encode()
        with contextlib.ExitStack() as stack:
            streams = []
            for _ in range(16):
                stream = stack.enter_context(socket.socket())
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                stream.settimeout(PATIENCE_SECONDS)
                stream.connect((self.served.host, self.served.port))
                stream.sendall(head)
                streams.append(stream)
            for _ in range(10):
                self.answers()
            # Sixteen files of 96 MiB are under way, and a few pieces of each are in memory.
            self.assertLess(self.memory() - before, LARGE)
            for stream in streams:
                self.assert_given_up(stream)

    def test_listeners_who_are_gone(self):
        for _ in range(30):
            with self.served.connect() as stream:
                stream.sendall(f"GET /api/events HTTP/1.1\r\nHost: {self.served.address}\r\n\r\n".encode())
                self.first(stream)
        wait_for("nobody listens any more", lambda: b"modelctl_event_listeners 0" in self.served.ask("GET", "/metrics")[2])

    def first(self, stream):
        received = b""
        while b"retry:" not in received:
            piece = stream.recv(4096)
            self.assertTrue(piece)
            received += piece
        return received

    def test_a_listener_stays_longer_than_a_connection_may_lie_idle(self):
        """Beats are told from silence by the service; an idle listener is nobody who is stuck."""
        with self.served.connect() as stream:
            stream.sendall(f"GET /api/events HTTP/1.1\r\nHost: {self.served.address}\r\n\r\n".encode())
            self.first(stream)
            # A connection that began later and does nothing is given up meanwhile.
            with self.served.connect() as other:
                self.assert_given_up(other)
            self.served.ask("POST", "/api/rollback", {"dry_run": True}, by_socket=True)
            self.served.ask("POST", "/api/gc", {}, by_socket=True)
            received = b""
            while b"event: operation" not in received:
                piece = stream.recv(4096)
                self.assertTrue(piece, "the listener was given up")
                received += piece


class Crowd(unittest.TestCase):
    def test_connections_beyond_the_limit_wait_for_those_before(self):
        store = Store()
        self.addCleanup(store.remove)
        store.publish("robot_001", b"weights")
        store.ctl("activate", "robot_001_v1")
        served = Served(store, {"serve": {"limits": {"idle": "2s", "connections": 4}}})
        self.addCleanup(served.stop)
        with contextlib.ExitStack() as stack:
            for _ in range(12):
                stack.enter_context(served.connect())
            # The runtime has a way of its own.
            self.assertEqual(served.ask("POST", "/api/boot", {}, by_socket=True)[0], 200)
            self.assertEqual(served.ask("GET", "/api/active")[0], 200)


if __name__ == "__main__":
    unittest.main()
