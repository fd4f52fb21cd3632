"""Clients that are slow, stuck or gone: each is given up in its time, and nobody else waits for it."""

import contextlib
import os
import pathlib
import re
import select
import socket
import threading
import unittest

from .served import PATIENCE_SECONDS, Served, Store, read_all, read_answer, wait_for

LARGE = 96 << 20


class Slow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = Store()
        cls.addClassCleanup(cls.store.remove)
        cls.store.publish("robot_001", os.urandom(1 << 20) * (LARGE >> 20))
        cls.store.ctl("activate", "robot_001_v1")
        cls.served = Served(cls.store, {"serve": {"limits": {"idle": "2s", "document": "2s", "requests": 8}}})
        cls.addClassCleanup(cls.served.kill)

    @classmethod
    def tearDownClass(cls):
        code = cls.served.stop()
        assert code == 0, code

    def answers(self):
        """Whether somebody else is served meanwhile, after being told to try again in a second where others are just begun."""
        status = wait_for(
            "somebody else is served", lambda: (status := self.served.ask("GET", "/api/active")[0]) != 503 and status)
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
            thread.join(PATIENCE_SECONDS)

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
        """Bytes that are the service's own, and no pages of files."""
        text = pathlib.Path(f"/proc/{self.served.process.pid}/status").read_text()
        return int(re.search(r"^RssAnon:\s+(\d+) kB$", text, re.M)[1]) << 10

    def held(self):
        """How many connections the service has open, as the kernel says; those that it gave up are no longer 01."""
        lines = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(int(line[1].split(":")[1], 16) == self.served.port and line[3] == "01" for line in lines)

    def test_readers_who_take_nothing(self):
        self.answers()
        wait_for("nobody else is connected", lambda: self.held() == 0)
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
            # Files of 96 MiB are under way, and a few pieces of each are in memory.
            self.assertLess(self.memory() - before, LARGE)
            # Nothing is taken until the service has had enough of them all: whoever takes something isn't stuck.
            wait_for("they are given up", lambda: self.held() == 0)
            answers = [read_all(stream) for stream in streams]
        statuses = [answer.split(b" ", 2)[1] for answer in answers]
        self.assertLessEqual(set(statuses), {b"200", b"503"})
        self.assertGreaterEqual(statuses.count(b"200"), 8, "as many as are worked on at once")
        for status, answer in zip(statuses, answers):
            if status == b"200":
                self.assertIn(f"content-length: {LARGE}".encode(), answer[:2000].lower())
                self.assertLess(len(answer), LARGE // 2, "the rest was never sent")

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
        # Longer than anybody here waits: room is made by those who go, and not by the service's patience.
        served = Served(store, {"serve": {"limits": {"idle": "1h", "connections": 4}}})
        self.addCleanup(served.stop)
        request = f"GET /api/active HTTP/1.1\r\nHost: {served.address}\r\n\r\n".encode()
        with contextlib.ExitStack() as stack:
            def connected():
                stream = stack.enter_context(served.connect())
                stream.sendall(request)
                return stream

            first = [connected() for _ in range(4)]
            for stream in first:
                self.assertEqual(read_answer(stream)[0], 200)
            later = [connected() for _ in range(8)]
            # The runtime has a way of its own; and nobody else is answered meanwhile, though they asked before.
            for _ in range(20):
                self.assertEqual(served.ask("POST", "/api/boot", {}, by_socket=True)[0], 200)
            self.assertEqual(select.select(later, [], [], 0)[0], [])
            # Each that goes makes room for one, and all get their turn.
            for stream in first:
                stream.close()
            waiting = list(later)
            while waiting:
                ready, _, _ = select.select(waiting, [], [], PATIENCE_SECONDS)
                self.assertTrue(ready, f"{len(waiting)} never had their turn")
                for stream in ready:
                    self.assertEqual(read_answer(stream)[0], 200)
                    stream.close()
                    waiting.remove(stream)


if __name__ == "__main__":
    unittest.main()
