package main

// These keep go.mod whole until a package of ours imports each of them.

import (
	_ "codeberg.org/go-pdf/fpdf"
	_ "github.com/PuerkitoBio/goquery"
	_ "github.com/a-h/templ"
	_ "github.com/alexedwards/argon2id"
	_ "github.com/bojanz/currency"
	_ "github.com/ccojocar/zxcvbn-go"
	_ "github.com/chromedp/chromedp"
	_ "github.com/compose-spec/compose-go/v2/loader"
	_ "github.com/emersion/go-smtp"
	_ "github.com/go-webauthn/webauthn/webauthn"
	_ "github.com/gofiber/fiber/v2"
	_ "github.com/golang-jwt/jwt/v5"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/pquerna/otp/totp"
	_ "github.com/rickar/cal/v2"
	_ "github.com/santhosh-tekuri/jsonschema/v6"
	_ "github.com/tink-crypto/tink-go/v2/aead"
	_ "github.com/tink-crypto/tink-go/v2/streamingaead"
	_ "github.com/valyala/fasthttp"
	_ "github.com/wneessen/go-mail"
	_ "go.mongodb.org/mongo-driver/v2/mongo"
	_ "go.yaml.in/yaml/v3"
	_ "golang.org/x/mod/sumdb/note"
	_ "golang.org/x/mod/sumdb/tlog"
	_ "golang.org/x/text/message"
	_ "modernc.org/sqlite"
)
