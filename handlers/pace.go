package handlers

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"inzage/handlers/access"
)

// headerTime is how long a client may take to say what it wants.
const headerTime = 10 * time.Second

// slowest is the least bytes a second at which a body with files may arrive:
// a poor mobile line is faster.
const slowest = 16 << 10

// idle is how long a connection stays open between two requests.
const idle = time.Minute

// Pace are the times that this portal gives, as it publishes them.
func (d Deps) Pace() access.Pace {
	return access.Pace{Header: min(headerTime, d.RequestTimeout), Request: d.RequestTimeout, Upload: d.UploadTimeout, Idle: idle, Slowest: slowest}
}

// paced gives each request the time it may take by what its header says, so
// that nobody holds a connection with a drop now and then: a page or a call has
// RequestTimeout, an upload what its length takes at the slowest pace, and
// neither that nor a download more than UploadTimeout.
func (d Deps) paced(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	c := fasthttp.RequestConfig{ReadTimeout: d.RequestTimeout, WriteTimeout: d.RequestTimeout}
	if carriesFiles(string(h.ContentType())) && h.ContentLength() > 0 {
		most := d.UploadTimeout - d.RequestTimeout
		c.ReadTimeout += min(max(most, 0), time.Duration(h.ContentLength()/slowest)*time.Second)
	}
	if lengthy(string(h.ContentType()), string(h.RequestURI())) {
		c.WriteTimeout = d.UploadTimeout
	}
	return c
}

// lengthy tells uploads and downloads from pages and calls.
func lengthy(contentType, address string) bool {
	path, _, _ := strings.Cut(address, "?")
	return carriesFiles(contentType) || strings.Contains(path, "/files/") || strings.HasSuffix(path, "/dossier")
}

func carriesFiles(contentType string) bool {
	return strings.HasPrefix(contentType, fiber.MIMEMultipartForm) || strings.HasPrefix(contentType, fiber.MIMEOctetStream)
}
