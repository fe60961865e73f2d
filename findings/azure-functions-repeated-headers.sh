#!/usr/bin/env bash
# azure-functions 1.26.0 on Python 3.11: of several headers of one name, the encoder of HTTP answers keeps only the last,
# and a cookie with the attribute Partitioned is lost without a word, with Python below 3.14.
#
# One would expect the opposite: HttpResponse.headers is a werkzeug Headers, whose add() is documented to keep several
# values of one name (https://werkzeug.palletsprojects.com/en/stable/datastructures/#werkzeug.datastructures.Headers),
# and get_all() shows both. The encoder, which Azure's Python worker calls with what a function returns, turns the headers
# into a dict; it sets cookies apart before, and reads them with http.cookies, which knows Partitioned from 3.14 on.
#
# Matters to whoever answers with two Link headers or two Vary headers, or sets cookies for a page in another site's frame:
# join the values with a comma; cookies cannot be mended.
#
# Seen with Python 3.11.7:
#   in the response: ['one', 'two']
#   on the wire: {'link': 'two', 'content-type': 'text/plain; charset=utf-8'}
#   cookies: ['plain=1']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check azure-functions==1.26.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import azure.functions as func
from azure.functions.http import HttpResponseConverter

response = func.HttpResponse("body")
response.headers.add("Link", "one")
response.headers.add("Link", "two")
response.headers.add("Set-Cookie", "plain=1")
response.headers.add("Set-Cookie", "framed=2; Secure; Partitioned")
print("in the response:", response.headers.get_all("Link"))
encoded = HttpResponseConverter.encode(response, expected_type=None).value
headers = {name.lower(): datum.value for name, datum in encoded["headers"].items()}
cookies = [morsel.OutputString() for each in encoded["cookies"] for morsel in each.values()]
print("on the wire:", headers)
print("cookies:", cookies)
assert headers["link"] == "two"
if sys.version_info < (3, 14):
    assert cookies == ["plain=1"]
PYTHON
