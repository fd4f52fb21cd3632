"""How google-auth gets tokens: google_auth.py URL BUCKET KEYFILE; the metadata server is GCE_METADATA_HOST."""
import sys

import google.auth.compute_engine
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.cloud import storage
from google.oauth2 import credentials, service_account

SCOPES = ["https://www.googleapis.com/auth/devstorage.read_write"]


def step(name, holds):
    if not holds:
        sys.exit(f"failed: {name}")
    print(f"ok: {name}", flush=True)


def main():
    url, bucket, key = sys.argv[1:]

    def read(found):
        client = storage.Client(project="simulated", credentials=found, client_options={"api_endpoint": url})
        return client.bucket(bucket).blob("a").download_as_bytes(checksum="crc32c")

    answer = requests.get(f"{url}/storage/v1/b/{bucket}/o", timeout=10)
    step("no token is refused", answer.status_code == 401)
    account = service_account.Credentials.from_service_account_file(key, scopes=SCOPES)
    step("a key file", read(account) == b"\x01\x02\x03")
    account.refresh(Request())
    step("the token endpoint", account.token.startswith("ya29.simulated") and read(account) == b"\x01\x02\x03")
    signed = account.with_always_use_jwt_access(True)
    signed._create_self_signed_jwt(None)
    signed.refresh(Request())
    step("a token that the account signed itself", signed.token.count(".") == 2 and read(signed) == b"\x01\x02\x03")
    machine = google.auth.compute_engine.Credentials()
    step("the metadata server", read(machine) == b"\x01\x02\x03")
    user = credentials.Credentials(
        None, refresh_token="unknown", client_id="id", client_secret="secret", token_uri=f"{url}/token"
    )
    try:
        user.refresh(Request())
        sys.exit("failed: an unknown refresh token is refused")
    except RefreshError as error:
        step("an unknown refresh token is refused", "invalid_grant" in str(error))
    print("all steps passed")


main()
