"""Whether the official Python client gets a large object up and down: google_cloud_storage_retries.py URL BUCKET."""
import io
import sys

from google.auth.credentials import AnonymousCredentials
from google.cloud import storage


def main():
    url, name = sys.argv[1:]
    client = storage.Client(
        project="simulated", credentials=AnonymousCredentials(), client_options={"api_endpoint": url}
    )
    bucket = client.bucket(name)
    # More than the client's limit of 8 MiB for uploads in one request.
    data = bytes(range(256)) * 40_000
    blob = bucket.blob("a", chunk_size=1 << 20)
    blob.upload_from_file(io.BytesIO(data), size=len(data), checksum="crc32c", if_generation_match=0)
    if bucket.blob("a").download_as_bytes(checksum="crc32c") != data:
        sys.exit("other bytes came back")
    print("up and down")


main()
