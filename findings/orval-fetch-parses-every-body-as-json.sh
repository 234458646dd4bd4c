#!/usr/bin/env bash
# orval 7.21.0, client "fetch": the generated function hands every body to
# JSON.parse, also of an operation whose only answer is text/csv, so that a
# download throws a SyntaxError. The client "axios-functions" of the same release
# asks for a blob. An API that wants its tables downloaded by generated clients
# cannot mend this by its document: the type of the file is stated right.
# Seen: November 2026, Node.js 20. Fails when that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts --no-audit --no-fund orval@7.21.0 >/dev/null 2>&1
cat >openapi.json <<'JSON'
{"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
 "paths": {"/table.csv": {"get": {"operationId": "takeTable",
  "responses": {"200": {"description": "a table", "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}}}}}}
JSON
npx orval --input openapi.json --output fetch.ts --client fetch >/dev/null
npx orval --input openapi.json --output axios.ts --client axios-functions >/dev/null
grep -q 'JSON.parse(body)' fetch.ts || { echo "the fetch client no longer parses every body as JSON"; exit 1; }
grep -q "responseType: 'blob'" axios.ts || { echo "the axios client no longer asks for a blob"; exit 1; }
echo "orval 7.21.0: the fetch client parses text/csv as JSON, the axios client asks for a blob"
