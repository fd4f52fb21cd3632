"""Requests that nobody sends by accident: each is answered with a problem document, or with the end of the connection."""

import json
import re
import unittest

from .served import Served, Store, read_all

BYTES = bytes(range(256)) * 40


class Requests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = Store()
        cls.addClassCleanup(cls.store.remove)
        cls.store.publish("robot_001", BYTES)
        cls.store.ctl("activate", "robot_001_v1")
        cls.served = Served(cls.store)
        cls.addClassCleanup(cls.served.kill)

    @classmethod
    def tearDownClass(cls):
        code = cls.served.stop()
        assert code == 0, code

    def line(self, line, *headers, body=b""):
        """An answer to a request line as it is, with this service's Host."""
        head = "\r\n".join([line, f"Host: {self.served.address}", *headers, "", ""]).encode("latin-1")
        return self.served.raw(head + body)

    def refused(self, answer, *statuses, what=""):
        self.assertIsNotNone(answer, what)
        status, headers, body = answer
        self.assertIn(status, statuses, f"{what}: {body[:300]}")
        self.assertEqual(headers.get("content-type"), "application/problem+json", what)
        problem = json.loads(body)
        self.assertEqual(problem["status"], status, what)
        self.assertEqual(headers["x-request-id"], problem["request_id"], what)
        return problem

    def ended(self, answer, what):
        """HTTP itself makes no sense of it: the connection ends, with a 400 or without."""
        if answer is not None:
            self.assertEqual(answer[0] // 100, 4, f"{what}: {answer}")

    def test_paths_lead_nowhere(self):
        file = "/api/models/robot_001_v1/files"
        tricks = [
            "/..", "/../../etc/passwd", "/api/../healthz", "/api/models/../active", "//healthz", "/api//active", "/./healthz",
            "/healthz/", "/api/active/", "/api/models/", "/api/models//files", "/%2e%2e/etc/passwd", "/api%2Factive", "/API/active",
            "/api/models/..%2f..%2fprivate", "/api/models/%2e%2e", "/api/models/robot_001_v1%00", "/api/models/%", "/api/models/%zz",
            "/api/models/%c0%ae%c0%ae", "/api/models/%ff", "/api/models/robot_001_v1;x=1", f"{file}/", f"{file}//adapter.bin",
            f"{file}/../manifest", f"{file}/..%2fmanifest", f"{file}/%2e%2e/%2e%2e/registry.db", f"{file}/%2fetc%2fpasswd",
            f"{file}//etc/passwd", f"{file}/adapter.bin%00", f"{file}/adapter.bin/", f"{file}/.", f"{file}/config", f"{file}/config/..",
            f"{file}/adapter.bin%5c", f"{file}/..%5c..%5cetc", f"{file}/%e2%80%ae", f"{file}/" + "a" * 256, f"{file}/" + "a/" * 40 + "a",
            f"{file}/" + "a" * 20_000, "/" + "/" * 500, "/api/operations/..%2f..",
        ]
        for path in tricks:
            with self.subTest(path[:80]):
                self.refused(self.line(f"GET {path} HTTP/1.1"), 400, 401, 403, 404, what=path[:80])

    def test_an_encoded_slash_is_a_slash_of_a_files_path(self):
        for path in ("config/model_config.json", "config%2Fmodel_config.json", "%63onfig/model%5Fconfig.json"):
            status, _, body = self.line(f"GET /api/models/robot_001_v1/files/{path} HTTP/1.1")
            self.assertEqual((status, body), (200, b'{"rank":8}'), path)

    def test_ranges(self):
        path = "/api/models/robot_001_v1/files/adapter.bin"
        size = len(BYTES)
        parts = {
            "bytes=0-0": (0, 1), "bytes=0-": (0, size), f"bytes=1-{size}": (1, size), "bytes=-1": (size - 1, size),
            f"bytes=-{size * 2}": (0, size), "bytes=5-9": (5, 10), f"bytes={size - 1}-": (size - 1, size),
            "bytes=0-99999999999999999": (0, size),
        }
        for text, (start, end) in parts.items():
            status, headers, body = self.line(f"GET {path} HTTP/1.1", f"Range: {text}")
            self.assertEqual((status, body), (206, BYTES[start:end]), text)
            self.assertEqual(headers["content-range"], f"bytes {start}-{end - 1}/{size}", text)
        for text in (f"bytes={size}-", "bytes=-0", f"bytes={size}-{size + 9}", "bytes=999999999999999999-"):
            answer = self.line(f"GET {path} HTTP/1.1", f"Range: {text}")
            self.refused(answer, 416, what=text)
            self.assertEqual(answer[1]["content-range"], f"bytes */{size}", text)
        whole = [
            "bytes=5-4", "bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,5-6", "bytes=0-1,", "items=0-1", "bytes 0-1", "bytes=+1-2",
            "bytes=1.5-2", "bytes=0x1-0x2", "bytes=99999999999999999999999-", "bytes=--1", "", "bytes=0-0-0", "bytes= 0-1",
        ]
        for text in whole:
            status, _, body = self.line(f"GET {path} HTTP/1.1", f"Range: {text}")
            self.assertEqual((status, body == BYTES), (200, True), text)
        status, _, body = self.line(f"GET {path} HTTP/1.1", "Range: bytes=0-0", 'If-Range: "another"')
        self.assertEqual((status, body == BYTES), (200, True))

    def test_a_copy_that_is_good_is_not_sent_again(self):
        for path in ("/api/models/robot_001_v1/files/adapter.bin", "/api/models/robot_001_v1/manifest"):
            _, headers, _ = self.line(f"GET {path} HTTP/1.1")
            for tag in (headers["etag"], f'"x", {headers["etag"]}', f'W/{headers["etag"]}', "*"):
                status, again, body = self.line(f"GET {path} HTTP/1.1", f"If-None-Match: {tag}")
                self.assertEqual((status, body), (304, b""), tag)
                self.assertEqual(again["etag"], headers["etag"])
            self.assertEqual(self.line(f"GET {path} HTTP/1.1", 'If-None-Match: "x"')[0], 200)

    def test_hosts(self):
        port = self.served.port
        for host in (f"127.0.0.1:{port}", "127.0.0.1", f"localhost:{port}", f"LOCALHOST:{port}", f"[::1]:{port}"):
            status, _, _ = self.served.raw(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            self.assertEqual(status, 200, host)
        for host in (
            "evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "evil.example#127.0.0.1",
            "127.1", "2130706433", "0.0.0.0", "[::ffff:127.0.0.1]", "[::1", "]", ":", f":{port}", "localhost.evil.example", "localhost/",
            "localhost%00", "l\u00f6calhost",
        ):
            for path in ("/healthz", "/api/active"):
                answer = self.served.raw(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode("latin-1"))
                if answer is not None:
                    self.assertIn(answer[0], (400, 403), host)
        for head in ("GET /healthz HTTP/1.1\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost:\r\n\r\n", "GET /healthz HTTP/1.0\r\n\r\n"):
            answer = self.served.raw(head.encode())
            self.assertTrue(answer is None or answer[0] in (400, 403), head)
        answer = self.served.raw(b"GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        self.assertTrue(answer is None or answer[0] in (400, 403))

    def test_pages_of_other_sites(self):
        own = f"http://{self.served.address}"
        for headers in (
            ["Origin: http://evil.example"], ["Origin: null"], [f"Origin: {own}.evil.example"], ["Origin: https://127.0.0.1"],
            ["Origin: "], [f"Origin: {own}/"], ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site"],
            ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"],
            ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"],
        ):
            for path in ("/api/active", "/healthz", "/api/events"):
                self.refused(self.line(f"GET {path} HTTP/1.1", *headers), 403, what=str(headers))
            self.refused(
                self.line("POST /api/login HTTP/1.1", "Content-Type: application/json", "Content-Length: 2", *headers, body=b"{}"),
                403, what=str(headers))
        for headers in ([f"Origin: {own}"], ["Sec-Fetch-Site: same-origin"], ["Sec-Fetch-Site: none"],
                        ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"]):
            self.assertEqual(self.line("GET /api/active HTTP/1.1", *headers)[0], 200, headers)
        _, headers, _ = self.line("GET /api/active HTTP/1.1", f"Origin: {own}")
        self.assertNotIn("access-control-allow-origin", headers)

    def test_methods(self):
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            answer = self.line(f"{method} /api/active HTTP/1.1", "Content-Length: 0")
            self.refused(answer, 405, what=method)
            self.assertEqual(sorted(answer[1]["allow"].split(", ")), ["GET", "HEAD"], method)
        answer = self.line("GET /api/activate HTTP/1.1")
        self.refused(answer, 405)
        self.assertEqual(answer[1]["allow"], "POST")
        for line in ("get /healthz HTTP/1.1", "G@T /healthz HTTP/1.1", " GET /healthz HTTP/1.1", "GET /healthz", "GET  HTTP/1.1",
                     "CONNECT evil.example:443 HTTP/1.1", "OPTIONS * HTTP/1.1", "GET /healthz HTTP/9.9", "GET /heal thz HTTP/1.1"):
            self.ended(self.line(line), line)

    def test_head_is_get_without_a_body(self):
        for path in ("/api/active", "/healthz", "/openapi.yaml", "/api/models", "/api/models/robot_001_v1/manifest",
                     "/api/models/robot_001_v1/files/adapter.bin", "/metrics"):
            whole, bare = self.line(f"GET {path} HTTP/1.1"), self.head(path)
            self.assertEqual((bare[0], bare[2]), (200, b""), path)
            self.assertEqual(bare[1].get("etag"), whole[1].get("etag"), path)
            self.assertEqual(bare[1]["content-type"], whole[1]["content-type"], path)
            if path != "/metrics":
                self.assertEqual(bare[1]["content-length"], whole[1]["content-length"], path)
        self.assertEqual(self.head("/api/models/robot_001_v1/files/adapter.bin", "Range: bytes=0-0")[0], 200)
        self.assertEqual(self.head("/api/models/robot_001_v9")[0], 404)

    def head(self, path, *headers):
        head = "\r\n".join([f"HEAD {path} HTTP/1.1", f"Host: {self.served.address}", "Connection: close", *headers, "", ""])
        with self.served.connect() as stream:
            stream.sendall(head.encode())
            received = b""
            while piece := stream.recv(65536):
                received += piece
        head, body = received.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        return (int(lines[0].split(" ")[1]),
                {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}, body)

    def test_whoever_asks_for_the_head_of_events_listens_to_none(self):
        for _ in range(20):
            self.assertEqual(self.head("/api/events")[0], 200)
        _, _, text = self.served.ask("GET", "/metrics")
        self.assertIn("modelctl_event_listeners 0", text.decode())

    def test_bodies_where_none_belongs(self):
        for headers, body in ((["Content-Length: 5"], b"hello"), (["Transfer-Encoding: chunked"], b"5\r\nhello\r\n0\r\n\r\n")):
            self.refused(self.line("GET /api/active HTTP/1.1", *headers, body=body), 400)
            self.refused(self.line("DELETE /api/pins/robot_001_v1 HTTP/1.1", *headers, body=body), 400, 403)
        self.assertEqual(self.line("GET /api/active HTTP/1.1", "Content-Length: 0")[0], 200)

    def test_large_bodies_and_headers(self):
        for path in ("/api/login",):
            json_type = "Content-Type: application/json"
            self.refused(self.line(f"POST {path} HTTP/1.1", json_type, "Content-Length: 99999999999"), 413)
            self.ended(self.line(f"POST {path} HTTP/1.1", json_type, "Content-Length: 9223372036854775807"), "the largest")
            chunks = b"ffff\r\n" + b" " * 0xFFFF + b"\r\n"
            answer = self.line(f"POST {path} HTTP/1.1", json_type, "Transfer-Encoding: chunked", body=chunks * 2)
            self.refused(answer, 413)
        self.ended(self.line("GET /healthz HTTP/1.1", "X-Long: " + "a" * 70_000), "a long header")
        self.ended(self.line("GET /healthz HTTP/1.1", *[f"X-{n}: {'a' * 500}" for n in range(90)]), "long headers")
        self.ended(self.line("GET /healthz HTTP/1.1", *[f"X-{n}: 1" for n in range(500)]), "many headers")
        self.ended(self.line("GET /healthz?" + "a" * 200_000 + " HTTP/1.1"), "a long line")

    def test_lengths_that_disagree(self):
        for headers, body in (
            (["Content-Length: 2", "Content-Length: 3"], b"{}x"), (["Content-Length: -1"], b""), (["Content-Length: 1e1"], b""),
            (["Content-Length: 99999999999999999999999"], b""), (["Transfer-Encoding: chunked"], b"zz\r\n{}\r\n0\r\n\r\n"),
            (["Transfer-Encoding: chunked"], b"-1\r\n"), (["Transfer-Encoding: chunked"], b"ffffffffffffffffff\r\n"),
            (["Transfer-Encoding: gzip, identity", "Content-Length: 2"], b"{}"),
            (["Transfer-Encoding: chunked", "Content-Length: 4"], b"0\r\n\r\n"),
        ):
            answer = self.line("POST /api/login HTTP/1.1", "Content-Type: application/json", *headers, body=body)
            self.ended(answer, headers)

    def statuses(self, *headers, body, smuggled):
        """Of every answer on a connection, until the service ends it; and whether what was smuggled is among them."""
        head = "\r\n".join(
            ["POST /api/login HTTP/1.1", f"Host: {self.served.address}", "Content-Type: application/json", *headers, "", ""])
        with self.served.connect() as stream:
            stream.sendall(head.encode("latin-1") + body + smuggled)
            received = read_all(stream)
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", received)], b"smuggled" in received

    def test_one_request_is_never_two(self):
        """What is smuggled behind a body is not answered as a request of its own."""
        # It would say of itself that it was answered.
        smuggled = (f"GET /healthz HTTP/1.1\r\nHost: {self.served.address}\r\nX-Request-Id: smuggled\r\n"
                    "Connection: close\r\n\r\n").encode()
        length, end = len(smuggled), b"0\r\n\r\n"
        both = f"Content-Length: {length + len(end)}"
        for headers, body in (
            ([both, "Transfer-Encoding: chunked"], end), (["Transfer-Encoding: chunked", both], end),
            (["Content-Length: 0", f"Content-Length: {length}"], b""), ([f"Content-Length: {length}", "Content-Length: 0"], b""),
            ([f"Content-Length: 0, {length}"], b""), (["Content-Length: +0"], b""),
            (["Transfer-Encoding: xchunked", both], end), (["Transfer-Encoding : chunked", both], end),
            (["Transfer-Encoding: identity, chunked", both], end), (["Transfer-Encoding:\x0bchunked", both], end),
            (["Transfer-Encoding: chunked, identity"], end), (["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], end),
            (["X: y\nTransfer-Encoding: chunked", both], end), (["Transfer-Encoding: chunked"], b"0;a=b\nc\r\n\r\n"),
            (["Transfer-Encoding: chunked"], b"0\n\n"),
        ):
            with self.subTest(headers=headers, body=body):
                self.assertEqual(self.statuses(*headers, body=body, smuggled=smuggled), ([400], False))
        # Two that are two are told apart: the first is refused for what it says, and the second is answered.
        for headers, body in ((["Content-Length: 2"], b"{}"), (["Transfer-Encoding: chunked"], b"2\r\n{}\r\n" + end)):
            self.assertEqual(self.statuses(*headers, body=body, smuggled=smuggled), ([400, 200], True), headers)

    def test_old_and_pipelined_requests(self):
        status, headers, body = self.line("GET /healthz HTTP/1.0")
        self.assertEqual((status, body), (200, b"ok\n"))
        one = f"GET /healthz HTTP/1.1\r\nHost: {self.served.address}\r\nX-Request-Id: %d\r\n\r\n"
        with self.served.connect() as stream:
            stream.sendall(b"".join((one % number).encode() for number in range(50)))
            received = b""
            while received.count(b"\r\nok\n") < 50:
                piece = stream.recv(65536)
                self.assertTrue(piece, received[-200:])
                received += piece
        ids = [line.split(": ")[1] for line in received.decode().split("\r\n") if line.lower().startswith("x-request-id")]
        self.assertEqual(ids, [str(number) for number in range(50)])

    def test_queries(self):
        for query in ("adapter=robot_001&adapter=robot_001", "adaptor=robot_001", "limit=0", "limit=1001", "limit=-1", "limit=1e3",
                      "limit=", "limit=%D9%A1", "limit=99999999999999999999", "adapter=%ff", "adapter=%c3%28", "adapter=%0", "adapter=..",
                      "adapter=a%00b", "after=robot_001", "=1", "%00=1", "limit=1&limit=1", "limit=1;adapter=x"):
            path = f"/api/models?{query}".encode().decode("latin-1")
            self.refused(self.line(f"GET {path} HTTP/1.1"), 400, what=query)
        self.assertEqual(self.line("GET /api/models?&&limit=1& HTTP/1.1")[0], 200)

    def test_request_ids(self):
        for given in ("a", "A-b_c.9", "x" * 64):
            self.assertEqual(self.line("GET /healthz HTTP/1.1", f"X-Request-Id: {given}")[1]["x-request-id"], given)
        for given in ("", "x" * 65, "a b", "a\u00e9", "<script>", "a\tb"):
            made = self.line("GET /healthz HTTP/1.1", f"X-Request-Id: {given}")[1]["x-request-id"]
            self.assertRegex(made, "^[0-9a-f]{32}$", given)

    def test_every_answer_keeps_browsers_in_check(self):
        for path in ("/api/active", "/nothing", "/api/models/robot_001_v1/files/adapter.bin", "/openapi.yaml"):
            headers = self.line(f"GET {path} HTTP/1.1")[1]
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertIn("default-src 'none'", headers["content-security-policy"])
            self.assertIn("frame-ancestors 'none'", headers["content-security-policy"])
            self.assertEqual(headers["referrer-policy"], "no-referrer")
            self.assertEqual(headers["cross-origin-resource-policy"], "same-origin")


class Bodies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = Store()
        cls.addClassCleanup(cls.store.remove)
        cls.store.publish("robot_001", b"weights")
        cls.store.ctl("activate", "robot_001_v1")
        cls.served = Served(cls.store)
        cls.addClassCleanup(cls.served.kill)

    @classmethod
    def tearDownClass(cls):
        code = cls.served.stop()
        assert code == 0, code

    def post(self, body, kind="application/json", path="/api/rollback"):
        return self.served.ask("POST", path, body, {"Content-Type": kind} if kind else {}, by_socket=True)

    def test_documents_are_read_strictly(self):
        for body in (
            b"{", b"[]", b"null", b'"text"', b"1", b"{}{}", b"{} x", b'{"bad":true,"bad":true}', b'{"bad":true,"b\\u0061d":false}',
            b'{"nothing":1}', b'{"bad":1}', b'{"bad":null}', b'{"to":-1}', b'{"to":1.5}', b'{"to":1e400}', b'{"to":NaN}',
            b'{"to":99999999999999999999}', b'{"reason":1}', b'{"reason":"\xff"}', b'{"reason":"\xed\xa0\x80"}', b'{"reason":"\\ud800"}',
            b'\xef\xbb\xbf{}', b"{'bad':true}", b"{bad:true}", b'{"bad":true,}', b"\x00", b"{\x00}", b'{"reason":"\x01"}', b"//\n{}",
            b'{"to":' + b"[" * 100 + b"]" * 100 + b"}", b'{"to":01}', b"\xff\xfe{\x00}\x00",
        ):
            status, headers, problem = self.post(body)
            self.assertEqual((status, problem["code"]), (400, "usage"), body)
        self.assertEqual(self.served.ask("GET", "/api/history")[2]["switches"][0]["kind"], "activate")

    def test_only_json_is_json(self):
        for kind in (None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json2", "json", ""):
            self.assertEqual(self.post(b'{"dry_run":true}', kind)[0], 400, kind)
        for kind in ("application/json", "APPLICATION/JSON", "application/json; charset=utf-8"):
            self.assertEqual(self.post(b'{"if_generation":99}', kind)[0], 409, kind)

    def test_archives_that_are_none(self):
        for kind in ("application/json", "text/plain", None):
            self.assertEqual(self.post(b"{}", kind, "/api/publish/archive?adapter=robot_001")[0], 400, kind)
        for kind in ("application/x-tar", "application/gzip", "application/zip"):
            for body in (b"", b"no archive", b"PK\x03\x04", b"\x1f\x8b\x08"):
                status, _, operation = self.post(body, kind, "/api/publish/archive?adapter=robot_001")
                self.assertEqual(status, 202, (kind, body))
                ended = self.served.followed(operation)
                self.assertEqual(ended["state"], "failed", (kind, body))
        self.assertEqual(list((self.store.root / "private" / "incoming").iterdir()), [])
        self.assertEqual(len(self.served.ask("GET", "/api/models")[2]["versions"]), 1)


if __name__ == "__main__":
    unittest.main()
