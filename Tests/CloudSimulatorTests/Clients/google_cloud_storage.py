"""What the official Python client makes of a server: google_cloud_storage.py URL BUCKET; prints a line for each step."""
import base64
import io
import sys

import google_crc32c
import requests
from google.api_core.exceptions import BadRequest, NotFound, PreconditionFailed
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from google.cloud.exceptions import RequestRangeNotSatisfiable

CHUNK = 262144


def step(name, holds):
    if not holds:
        sys.exit(f"failed: {name}")
    print(f"ok: {name}", flush=True)


def raises(kind, call):
    try:
        call()
    except kind:
        return True
    return False


def uploads(bucket):
    small = bucket.blob("py/small.txt")
    small.upload_from_string(b"hello", content_type="text/plain", checksum="crc32c", if_generation_match=0)
    step("a small upload", small.size == 5 and small.md5_hash == "XUFAKrxLKna5cZ2REBfFkg==")
    step(
        "a second upload with if_generation_match=0 is refused",
        raises(PreconditionFailed, lambda: small.upload_from_string(b"again", if_generation_match=0)),
    )
    for checksum in ("crc32c", "md5", "auto"):
        blob = bucket.blob(f"py/checked-{checksum}")
        blob.upload_from_string(b"checked", checksum=checksum)
        step(f"an upload with checksum {checksum}", blob.generation is not None)
    # More than the client's limit of 8 MiB for uploads in one request.
    data = bytes(range(256)) * (CHUNK * 36 // 256) + b"the rest"
    for name, size, stream in (("known", len(data), None), ("unknown", None, None)):
        large = bucket.blob(f"py/resumable-{name}", chunk_size=4 * CHUNK)
        large.metadata = {"sha256": "00"}
        large.upload_from_file(io.BytesIO(data), size=size, checksum="crc32c", if_generation_match=0)
        crc = google_crc32c.value(data).to_bytes(4, "big")
        step(
            f"a resumable upload of {name} size",
            large.size == len(data) and base64.b64decode(large.crc32c) == crc and large.metadata == {"sha256": "00"},
        )
    empty = bucket.blob("py/empty", chunk_size=CHUNK)
    empty.upload_from_file(io.BytesIO(b""))
    step("an empty upload", empty.size == 0 and empty.crc32c == "AAAAAA==")
    strange = bucket.blob("py/ä b+c%2F?#.bin")
    strange.upload_from_string(b"strange")
    step("a name of all kinds of characters", bucket.get_blob("py/ä b+c%2F?#.bin").download_as_bytes() == b"strange")
    session = bucket.blob("py/session")
    uri = session.create_resumable_upload_session(content_type="text/plain", size=4)
    answer = requests.put(uri, data=b"four", timeout=10)
    step("a session that another program uses", answer.status_code == 200 and answer.json()["size"] == "4")
    return data


def downloads(bucket, data):
    large = bucket.get_blob("py/resumable-known")
    step("a download", large.download_as_bytes(checksum="crc32c") == data)
    step("a download with MD5", large.download_as_bytes(checksum="md5") == data)
    step("a range", large.download_as_bytes(start=10, end=19) == data[10:20])
    step("a range to the end", large.download_as_bytes(start=len(data) - 3) == data[-3:])
    chunked = bucket.blob("py/resumable-known", chunk_size=4 * CHUNK)
    sink = io.BytesIO()
    chunked.download_to_file(sink)
    step("a download in chunks", sink.getvalue() == data)
    pinned = bucket.blob("py/resumable-known", generation=large.generation)
    step("a pinned generation", pinned.download_as_bytes() == data)
    other = bucket.blob("py/resumable-known", generation=large.generation + 1)
    step("another generation is not there", raises(NotFound, other.download_as_bytes))
    step(
        "a range beyond the end",
        raises(RequestRangeNotSatisfiable, lambda: large.download_as_bytes(start=len(data), raw_download=True)),
    )
    step("a missing object", raises(NotFound, bucket.blob("py/none").download_as_bytes))
    with bucket.blob("py/stream").open("wb", chunk_size=4 * CHUNK, ignore_flush=True) as writer:
        writer.write(data)
    with bucket.blob("py/stream").open("rb", chunk_size=4 * CHUNK) as reader:
        step("files", reader.read() == data)


def lists(client, bucket):
    for index in range(7):
        bucket.blob(f"list/a/{index}").upload_from_string(b"x")
        bucket.blob(f"list/{index}").upload_from_string(b"x")
    names = [blob.name for blob in client.list_blobs(bucket, prefix="list/", page_size=3)]
    step("a list in pages", names == sorted(names) and len(names) == 14)
    found = client.list_blobs(bucket, prefix="list/", delimiter="/", page_size=2)
    direct = [blob.name for blob in found]
    step("a list with prefixes", len(direct) == 7 and found.prefixes == {"list/a/"})
    part = [b.name for b in client.list_blobs(bucket, start_offset="list/2", end_offset="list/5")]
    step("a list between offsets", part == ["list/2", "list/3", "list/4"])
    step("an empty list", list(client.list_blobs(bucket, prefix="none/")) == [])
    fields = "items(name,size),nextPageToken"
    some = list(client.list_blobs(bucket, prefix="list/", fields=fields, page_size=5))
    step("a list with fields", len(some) == 14 and some[0].size == 1 and some[0].crc32c is None)


def changes(bucket):
    a, b, joined = bucket.blob("py/a"), bucket.blob("py/b"), bucket.blob("py/joined")
    a.upload_from_string(b"aa")
    b.upload_from_string(b"bb")
    joined.compose([a, b], if_generation_match=0)
    step("compose", joined.download_as_bytes() == b"aabb" and joined.md5_hash is None and joined.component_count == 2)
    copy, token, rounds = bucket.blob("py/rewritten"), None, 0
    while True:
        token, done, total = copy.rewrite(joined, token=token, if_generation_match=0 if token is None else None)
        rounds += 1
        if token is None:
            break
    step(f"rewrite in {rounds} call(s)", done == total == 4 and copy.download_as_bytes() == b"aabb")
    bucket.copy_blob(a, bucket, "py/copied")
    step("copy", bucket.get_blob("py/copied").size == 2)
    a.reload()
    a.metadata = {"k": "v"}
    a.patch(if_metageneration_match=a.metageneration)
    step("patch", a.metageneration == 2 and a.metadata == {"k": "v"})
    step("a stale patch is refused", raises(PreconditionFailed, lambda: a.patch(if_metageneration_match=1)))
    moved = bucket.move_blob(b, "py/moved")
    step("move", moved.size == 2 and bucket.get_blob("py/b") is None)
    step("a stale delete is refused", raises(PreconditionFailed, lambda: a.delete(if_generation_match=1)))
    a.delete(if_generation_match=a.generation)
    step("delete", bucket.get_blob("py/a") is None and raises(NotFound, a.delete))
    wrong = bucket.blob("py/wrong")
    wrong.md5_hash = "AAAAAAAAAAAAAAAAAAAAAA=="
    step("wrong bytes are refused", raises(BadRequest, lambda: wrong.upload_from_string(b"bytes", checksum=None)))


def main():
    url, name = sys.argv[1:]
    client = storage.Client(
        project="simulated", credentials=AnonymousCredentials(), client_options={"api_endpoint": url}
    )
    bucket = client.get_bucket(name)
    data = uploads(bucket)
    downloads(bucket, data)
    lists(client, bucket)
    changes(bucket)
    print("all steps passed")


main()
