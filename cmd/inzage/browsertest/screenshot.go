package browsertest

import (
	"bytes"
	"image/png"
	"os"

	"github.com/chromedp/chromedp"
)

// Screenshot writes what the window shows on a device, in the light, into a PNG
// file of at most so many bytes.
func (w *Window) Screenshot(path string, d Device, most int) {
	w.t.Helper()
	w.hold(d)
	defer w.hold(w.device)
	if err := chromedp.Do(w.ctx, chromedp.Evaluate[chromedp.Void]("document.activeElement.blur(); window.scrollTo(0, 0)")); err != nil {
		w.fatalf("screenshot: %v", err)
	}
	shot, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		w.fatalf("screenshot: %v", err)
	}
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		w.fatalf("screenshot: %v", err)
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, picture); err != nil {
		w.fatalf("screenshot: %v", err)
	}
	if b.Len() > most {
		w.t.Errorf("%s has %d bytes, more than %d", path, b.Len(), most)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		w.t.Fatal(err)
	}
}
