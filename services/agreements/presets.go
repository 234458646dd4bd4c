package agreements

import (
	"fmt"
	"slices"
	"strings"

	files "inzage/config/agreements"

	"inzage/services/fault"
)

// presets are the agreements that come with the portal, in the order in which
// lists show them. Each is a file config/agreements/KEY.yaml.
var presets = [...]string{"vcare", "inserve", "qputer", "idea-online", "mpg"}

// Keys lists the agreements that come with the portal.
func Keys() []string { return slices.Clone(presets[:]) }

// Preset returns the terms of an agreement that comes with the portal. An
// unknown key is refused with fault.Invalid.
func Preset(key string) (Terms, error) {
	source, err := PresetSource(key)
	if err != nil {
		return Terms{}, err
	}
	t, problems := Parse(source)
	if len(problems) > 0 {
		return Terms{}, fmt.Errorf("preset %s: %s", key, problems[0])
	}
	return t, nil
}

// PresetSource returns the YAML of a preset, to be copied and edited.
func PresetSource(key string) ([]byte, error) {
	if !slices.Contains(presets[:], key) {
		return nil, fault.New(fault.Invalid, "There is no agreement %q; known are %s.", key, strings.Join(presets[:], ", "))
	}
	source, err := files.Read(key + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("read preset %s: %w", key, err)
	}
	return source, nil
}
