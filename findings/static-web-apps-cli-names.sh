#!/usr/bin/env bash
# @azure/static-web-apps-cli 2.0.10: its sign-in page cannot sign in most people under their name. "Müller" arrives at the API
# as "M\ufffdller", and for "Łukasz" or "名前" the page's script throws and nothing happens.
#
# One would expect the opposite: the service's own documentation decodes the principal as UTF-8
# (https://learn.microsoft.com/azure/static-web-apps/user-information), and so does the CLI. But its page encodes with
# btoa(), which writes one byte for each letter of Latin-1 and refuses every other
# (https://developer.mozilla.org/docs/Web/API/Window/btoa#unicode_strings).
#
# Matters to whoever tests names locally: what fails is the CLI's page, not the app, and the deployed service is fine.
#
# Seen with Node.js 20:
#   the page writes: btoa(data)
#   the CLI reads: M\ufffdller
#   beyond Latin-1: InvalidCharacterError
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @azure/static-web-apps-cli@2.0.10
cat > try.mjs <<'NODE'
import assert from "node:assert";
import fs from "node:fs";
import { decodeCookie } from "./node_modules/@azure/static-web-apps-cli/dist/core/utils/cookie.js";

const page = fs.readFileSync("node_modules/@azure/static-web-apps-cli/dist/public/auth.html", "utf8");
const written = page.match(/StaticWebAppsAuthCookie=\$\{(.*?)\}/)[1];
console.log("the page writes:", written);
assert.equal(written, "btoa(data)");

const principal = (userDetails) => JSON.stringify({ identityProvider: "github", userId: "1", userDetails, userRoles: ["authenticated"] });
const read = decodeCookie(`StaticWebAppsAuthCookie=${btoa(principal("Müller"))}`).userDetails;
console.log("the CLI reads:", JSON.stringify(read).slice(1, -1).replace("\ufffd", "\\ufffd"));
assert.equal(read, "M\ufffdller");

assert.throws(() => btoa(principal("Łukasz")), { name: "InvalidCharacterError" });
console.log("beyond Latin-1: InvalidCharacterError");
NODE
node try.mjs
