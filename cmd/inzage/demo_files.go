package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"math"

	"inzage/config/demo"
	"inzage/services/requests"
)

// fileOf makes a file of the demo.
func fileOf(f demo.File, right string) (requests.Upload, error) {
	var body []byte
	switch f.Kind {
	case "text":
		body = []byte(f.Text)
	case "picture":
		var err error
		if body, err = picture(f.Text); err != nil {
			return requests.Upload{}, err
		}
	case "tone":
		body = tone()
	default:
		return requests.Upload{}, fmt.Errorf("file %s is of the unknown kind %q", f.Name, f.Kind)
	}
	return requests.Upload{Name: f.Name, Size: int64(len(body)), Body: bytes.NewReader(body), For: requests.Right(right)}, nil
}

// picture draws a page of grey lines under a band, as a stand-in for a scan.
// The text decides the colour of the band and the length of the lines.
func picture(text string) ([]byte, error) {
	const width, height = 360, 240
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(text)) // a hash never fails
	seed := sum.Sum32()
	ink := color.RGBA{R: uint8(40 + seed%90), G: uint8(60 + seed/7%90), B: uint8(80 + seed/49%90), A: 255}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		line, offset := y/20, y%20
		end := 40 + int(seed/uint32(line+1)%250)
		for x := range width {
			c := color.RGBA{R: 250, G: 249, B: 245, A: 255}
			switch {
			case y < 34:
				c = ink
			case line > 1 && line < 11 && offset > 6 && offset < 12 && x > 30 && x < 30+end:
				c = color.RGBA{R: 150, G: 150, B: 150, A: 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("draw a picture: %w", err)
	}
	return b.Bytes(), nil
}

// tone is a second of a soft A as a WAV file (8 kHz, 8 bits, mono), as a
// stand-in for a recorded call.
func tone() []byte {
	const rate = 8000
	var b bytes.Buffer
	b.WriteString("RIFF")
	b.Write(binary.LittleEndian.AppendUint32(nil, 36+rate))
	b.WriteString("WAVEfmt ")
	for _, n := range []uint32{16, 1 | 1<<16, rate, rate, 1 | 8<<16} { // PCM, one channel, a byte a sample
		b.Write(binary.LittleEndian.AppendUint32(nil, n))
	}
	b.WriteString("data")
	b.Write(binary.LittleEndian.AppendUint32(nil, rate))
	for i := range rate {
		b.WriteByte(byte(128 + 30*math.Sin(2*math.Pi*440*float64(i)/rate)))
	}
	return b.Bytes()
}
