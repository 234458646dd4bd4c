package attachment_test

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"

	"inzage/services/attachment"
	"inzage/services/fault"
	"inzage/services/vault"
)

// errCame is the answer of a vault that a file came as far as.
var errCame = errors.New("the file was to be stored")

type door struct{ vault.Keeper }

func (door) Create(context.Context, string) (vault.Key, error) { return nil, errCame }

func pngOf(w, h uint32) string {
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	chunk = append(binary.BigEndian.AppendUint32(chunk, h), 8, 2, 0, 0, 0)
	return "\x89PNG\r\n\x1a\n" + string(binary.BigEndian.AppendUint32([]byte("\x00\x00\x00\x0d"+string(chunk)), crc32.ChecksumIEEE(chunk)))
}

func gifOf(w, h uint16) string {
	size := binary.LittleEndian.AppendUint16(nil, w)
	return "GIF89a" + string(binary.LittleEndian.AppendUint16(size, h)) + "\x00\x00\x00"
}

// jpegOf has the size behind what a camera wrote about the picture.
func jpegOf(w, h uint16) string {
	size := binary.BigEndian.AppendUint16(nil, h)
	size = binary.BigEndian.AppendUint16(size, w)
	return "\xff\xd8\xff\xe1\xff\xf0Exif\x00\x00" + strings.Repeat("x", 0xfff0-8) + "\xff\xc0\x00\x11\x08" + string(size) + "\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00" +
		"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00"
}

// TestPixels: a small file that would be decoded into gigabytes is refused, a
// large photograph is not, and what cannot be measured is taken as it is.
func TestPixels(t *testing.T) {
	sent, refused := 0, 0
	for name, c := range map[string]struct {
		file, body string
		flood      bool
	}{
		"a png of four thousand million": {"a.png", pngOf(65535, 65535), true},
		"a gif of four thousand million": {"a.gif", gifOf(65535, 65535), true},
		"a jpeg of the same":             {"a.jpg", jpegOf(65535, 65535), true},
		"a flood by another name":        {"a.dat", pngOf(65535, 65535), true},
		"a photograph of 200 million":    {"a.jpg", jpegOf(16320, 12240), false},
		"a drawing":                      {"a.png", pngOf(1000, 1000), false},
		"a picture without a size":       {"a.png", "\x89PNG\r\n\x1a\n....", false},
		"a text":                         {"a.txt", "Goedendag", false},
	} {
		_, err := attachment.Store(t.Context(), door{}, "req_1", 1<<30, attachment.Upload{Name: c.file, Size: -1, Body: strings.NewReader(c.body)})
		if sent++; c.flood != (fault.KindOf(err) == fault.TooLarge) || !c.flood && !errors.Is(err, errCame) {
			t.Errorf("%s: Store = %v", name, err)
		}
		if c.flood {
			refused++
		}
	}
	t.Logf("pictures and texts: %d sent, %d floods refused", sent, refused)
}
