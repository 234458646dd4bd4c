package browsertest

import (
	"bytes"
	"image"
	"image/png"
	"os"

	"github.com/chromedp/chromedp"
)

// Screenshot writes what the window shows into a PNG file.
func (w *Window) Screenshot(path string) {
	w.t.Helper()
	shot, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.fatalf("screenshot: %v", err)
	}
	picture, _, err := image.Decode(bytes.NewReader(shot))
	if err != nil {
		w.fatalf("screenshot: %v", err)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, picture); err != nil {
		w.fatalf("screenshot: %v", err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		w.t.Fatal(err)
	}
}
