package attachment

import (
	"bytes"
	"image"
	_ "image/gif"  // to read the size of one
	_ "image/jpeg" // to read the size of one
	_ "image/png"  // to read the size of one

	"inzage/services/fault"
)

// mostPixels is more than any camera makes. What claims to be larger would fill
// the memory of whoever opens it (ASVS 5.2.6).
const mostPixels = 256 << 20

// headSize is how much of a file is looked at. The size of a JPEG stands behind
// what its camera wrote about it, at most 64 KiB a part.
const headSize = 128 << 10

var errPixels = fault.New(fault.TooLarge, "This picture has too many points. Send a smaller one.")

// measured refuses a picture of too many pixels, by what its beginning says. One
// that says nothing is nobody's flood: programs that show it stop there, too.
func measured(head []byte) error {
	size, _, err := image.DecodeConfig(bytes.NewReader(head))
	if err == nil && int64(size.Width)*int64(size.Height) > mostPixels {
		return errPixels
	}
	return nil
}
