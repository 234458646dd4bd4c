package dossier

import (
	"path"
	"strconv"
	"strings"

	"inzage/services/attachment"
)

// places gives every file a name of its own in the ZIP, so that whoever unpacks
// it, on whatever system, gets them all and nothing outside the folder.
type places struct{ taken map[string]bool }

func newPlaces() places { return places{taken: map[string]bool{}} }

// longest is how many bytes a name may have: file systems stop at 255.
const longest = 200

// file is a place below files/ for a file of this name that belongs to of,
// which is a word of our own.
func (p places) file(of, name string) string {
	name = safeName(name)
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	place := "files/" + of + "/" + name
	// Two names that differ by case only are one on many systems.
	for n := 2; p.taken[strings.ToLower(place)]; n++ {
		place = "files/" + of + "/" + stem + " (" + strconv.Itoa(n) + ")" + ext
	}
	p.taken[strings.ToLower(place)] = true
	return place
}

// safeName is a name that every file system takes as one name of a file.
func safeName(name string) string {
	name = attachment.CleanName(name)
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	stem := strings.TrimSuffix(name, ext)
	for len(stem)+len(ext) > longest {
		cut := []rune(stem)
		stem = string(cut[:len(cut)-1])
	}
	stem = strings.TrimRight(stem, " .")
	if stem == "" || reserved(stem) {
		stem = "_" + stem
	}
	return stem + ext
}

// reserved tells whether Windows takes the name for a device, with whatever ending.
func reserved(stem string) bool {
	stem, _, _ = strings.Cut(strings.ToUpper(stem), ".")
	switch stem = strings.TrimSpace(stem); stem {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "COM") || strings.HasPrefix(stem, "LPT")) && stem[3] >= '0' && stem[3] <= '9'
}
