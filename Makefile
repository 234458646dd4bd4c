.PHONY: help demo test harden bench generate build

help: ## what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

demo: ## start the demo on http://127.0.0.1:8080
	go run ./cmd/inzage demo

test: ## set up what is missing, check and test everything
	@bash .ci/test

harden: ## what takes longer: every line of the security bar, faults, races, fuzzing, mutants
	@bash .ci/setup harden
	@if [ -x .tools/mongo ]; then CI=true .ci/mongo/start go run ./.ci/harden; else go run ./.ci/harden; fi

bench: ## speed and memory, as Go benchmarks
	go test -run '^$$' -bench . -benchmem ./...

generate: ## make the Go code of the pages, and the verifier for browsers
	go tool templ generate -path views
	GOOS=js GOARCH=wasm GOFLAGS= go build -trimpath -buildvcs=false -ldflags '-s -w -buildid=' -o views/static/verify.wasm ./cmd/verifier
	gzip -9nf views/static/verify.wasm
	cp "$$(go env GOROOT)/lib/wasm/wasm_exec.js" views/static/wasm_exec.js

build: ## a static binary without debugging information
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o inzage ./cmd/inzage
