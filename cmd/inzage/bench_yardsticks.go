package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// yardstick is what the machine can do without the portal.
type yardstick struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"` // each second
	Unit  string  `json:"unit"`
}

// The names of the yardsticks, for ratios.
const (
	ofSync  = "F, synced writes"
	ofSeal  = "AES-256-GCM"
	ofHash  = "SHA-256"
	repeats = 5 // repetitions of each measurement; the median counts
)

// yardsticks measures all of them once.
func yardsticks(folder string, turn time.Duration) ([]yardstick, error) {
	synced, err := syncRate(folder, turn)
	if err != nil {
		return nil, err
	}
	sealed, err := sealRate(turn)
	if err != nil {
		return nil, err
	}
	return []yardstick{
		{ofSync, synced, "appends of 4 KiB a second, one writer"},
		{ofSeal, sealed, "MB a second, one core"},
		{ofHash, hashRate(turn), "messages of 328 bytes a second, one core"},
	}, nil
}

// syncRate is how often a second 4 KiB reach the disk for certain.
func syncRate(folder string, turn time.Duration) (rate float64, err error) {
	f, err := os.Create(filepath.Join(folder, "yardstick"))
	if err != nil {
		return 0, fmt.Errorf("measure the disk: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	page := make([]byte, 4096)
	return rateOf(turn, func() error {
		if _, err := f.Write(page); err != nil {
			return err
		}
		return f.Sync()
	})
}

// sealRate is how many MB of 64 KiB pieces one core encrypts each second.
func sealRate(turn time.Duration) (float64, error) {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		return 0, err
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return 0, err
	}
	const piece = 64 << 10
	plain, out, nonce := make([]byte, piece), make([]byte, 0, piece+seal.Overhead()), make([]byte, seal.NonceSize())
	rate, err := rateOf(turn, func() error {
		out = seal.Seal(out[:0], nonce, plain, nil)
		return nil
	})
	return rate * piece / 1e6, err
}

func hashRate(turn time.Duration) float64 {
	message := make([]byte, 328)
	rate, _ := rateOf(turn, func() error { // hashing has no errors
		_ = sha256.Sum256(message)
		return nil
	})
	return rate
}

// rateOf repeats what is measured for a turn and returns how often it was done
// each second.
func rateOf(turn time.Duration, do func() error) (float64, error) {
	done := 0
	start := time.Now()
	for time.Since(start) < turn {
		if err := do(); err != nil {
			return 0, err
		}
		done++
	}
	return float64(done) / time.Since(start).Seconds(), nil
}

// inTurns measures the work and what it is compared with one after the other,
// again and again, so that a busy machine slows both, and returns the medians of
// the work and of the ratio.
func inTurns(work, other func() (float64, error)) (value, ratio float64, err error) {
	var values, ratios []float64
	for range repeats {
		o, err := other()
		if err != nil {
			return 0, 0, err
		}
		v, err := work()
		if err != nil {
			return 0, 0, err
		}
		values, ratios = append(values, v), append(ratios, v/o)
	}
	return median(values), median(ratios), nil
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}
