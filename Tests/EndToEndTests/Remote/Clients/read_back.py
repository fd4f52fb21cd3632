"""Reads every object of a bucket with google-cloud-storage, its checksums checked, into a folder: read_back.py BUCKET FOLDER.

The client checks CRC-32C of what it downloads against what the service says. Prints one line for each object: its name.
"""
import os
import pathlib
import sys

from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

client = storage.Client(
    project="simulated", credentials=AnonymousCredentials(),
    client_options={"api_endpoint": os.environ["STORAGE_EMULATOR_HOST"]})
bucket = client.bucket(sys.argv[1])
for blob in client.list_blobs(bucket):
    path = pathlib.Path(sys.argv[2]) / blob.name
    path.parent.mkdir(parents=True, exist_ok=True)
    blob.download_to_filename(path, checksum="crc32c")
    print(blob.name)
