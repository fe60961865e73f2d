#!/usr/bin/env bash
# azure-core 1.41.0 under azure-data-tables 12.7.0: while a service says Retry-After, retry_backoff_max does not bound the
# pause before a retry, and neither does retry_backoff_factor. The SDK sleeps as long as the service says, each time.
#
# One would expect the opposite: azure-core documents retry_backoff_max as "The maximum back off time"
# (https://learn.microsoft.com/python/api/azure-core/azure.core.pipeline.policies.retrypolicy), and the packages on top
# of it take it for all of their clients.
#
# Matters to whoever has to answer in a given time, as behind Static Web Apps (45 s) or in a webhook: put a deadline of
# your own (asyncio.timeout) around calls of the SDK.
#
# Seen with Python 3.11.7:
#   retry_total=1, retry_backoff_max=1, Retry-After: 4 -> HttpResponseError after 4 s, 2 requests
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check azure-core==1.41.0 azure-data-tables==12.7.0
"$folder/venv/bin/python" - <<'PYTHON'
import base64
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

from azure.core.exceptions import AzureError
from azure.data.tables import TableServiceClient


class Busy(BaseHTTPRequestHandler):
    """A table service that asks for a pause, as Storage does when a partition is hot."""

    requests = 0

    def do_GET(self):
        Busy.requests += 1
        self.send_response(503)
        self.send_header("Retry-After", "4")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Busy)
threading.Thread(target=server.serve_forever, daemon=True).start()
account = "AccountName=name;AccountKey=" + base64.b64encode(b"key").decode()
endpoint = f"DefaultEndpointsProtocol=http;{account};TableEndpoint=http://127.0.0.1:{server.server_port}/name;"
table = TableServiceClient.from_connection_string(endpoint, retry_total=1, retry_backoff_max=1).get_table_client("rows")
started = time.monotonic()
try:
    table.get_entity("a", "b")
except AzureError as error:
    outcome = type(error).__name__
spent = time.monotonic() - started
print(
    f"retry_total=1, retry_backoff_max=1, Retry-After: 4 -> {outcome} after {spent:.0f} s, {Busy.requests} requests"
)
assert spent >= 4
assert Busy.requests == 2
PYTHON
