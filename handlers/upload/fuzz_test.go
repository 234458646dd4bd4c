package upload_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/upload"
)

// whole is a form with a field and a file, as a browser sends it.
func whole(f *testing.F) []byte {
	f.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	if err := m.SetBoundary("x"); err != nil {
		f.Fatal(err)
	}
	_ = m.WriteField("csrf", "token") // a bytes.Buffer takes everything
	part, err := m.CreateFormFile("file", "a.txt")
	if err != nil {
		f.Fatal(err)
	}
	_, _ = part.Write([]byte("content")) // as above
	if err := m.Close(); err != nil {
		f.Fatal(err)
	}
	return b.Bytes()
}

// FuzzForm: whatever stands in the body of a form with files, it is read within
// its bounds or refused; nothing of it is an error of the portal's own.
func FuzzForm(f *testing.F) {
	body := whole(f)
	f.Add(body, "multipart/form-data; boundary=x")
	f.Add(body[:len(body)-10], "multipart/form-data; boundary=x")
	f.Add(bytes.ReplaceAll(body, []byte("a.txt"), []byte("../../a\x00.txt")), "multipart/form-data; boundary=x")
	f.Add(bytes.ReplaceAll(body, []byte("Content-Disposition"), []byte("Content-Transfer-Encoding: base64\r\nContent-Disposition")), "multipart/form-data; boundary=x")
	f.Add([]byte("--x\r\n\r\n\r\n--x--"), "multipart/form-data; boundary=x")
	f.Add([]byte("a=b"), "application/x-www-form-urlencoded")
	f.Add(body, "multipart/form-data; boundary=\"\"")
	f.Add(body, "multipart/mixed; boundary=x")
	app := fiber.New(fiber.Config{DisableStartupMessage: true, StreamRequestBody: true, DisablePreParseMultipartForm: true,
		ErrorHandler: func(c *fiber.Ctx, err error) error { return c.Status(respond.Status(err)).SendString(err.Error()) }})
	var files, bytesRead, texts int
	app.Use(upload.Drain, upload.Refuse, upload.Small)
	app.Post("/", func(c *fiber.Ctx) error {
		files, bytesRead, texts = 0, 0, 0
		fields, err := upload.Form(c, func(_ map[string][]string, file upload.File) error {
			n, err := io.Copy(io.Discard, file.Body)
			files, bytesRead = files+1, bytesRead+int(n)
			return err
		})
		for _, all := range fields {
			for _, text := range all {
				texts += len(text)
			}
		}
		return err
	})
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		if strings.ContainsAny(kind, "\r\n\x00") {
			t.Skip("no client can send this header")
		}
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
		req.Header.Set("Content-Type", kind)
		res, err := app.Test(req, -1)
		if err != nil {
			t.Skip("the request was refused before any route")
		}
		_ = res.Body.Close() // only the status counts
		if res.StatusCode >= 500 {
			t.Errorf("%d to a body of type %q", res.StatusCode, kind)
		}
		if res.StatusCode == http.StatusOK && bytesRead+texts > len(body) {
			t.Errorf("%d bytes were read out of %d", bytesRead+texts, len(body))
		}
	})
}
