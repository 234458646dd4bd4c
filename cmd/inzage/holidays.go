package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"inzage/config/holidays"
)

// helpHolidays prints what --country chooses from, as the data has it.
func helpHolidays(_ context.Context, in invocation) error {
	sets, err := holidays.Load()
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(sets)) {
		set := sets[key]
		fmt.Fprintf(&b, "%s: %s [%s]\n", key, set.Name, set.Source)
		for _, d := range set.Days {
			fmt.Fprintf(&b, "    %s%s\n", d.Name, years(d))
		}
		for _, c := range set.Contested {
			fmt.Fprintf(&b, "  Contested, so another reading only: %s [%s]\n", c.Reading, c.Source)
		}
	}
	_, err = io.WriteString(in.Stdout, b.String())
	return err
}

// years says from and to which year a day is a holiday, where that is not always.
func years(d holidays.Day) string {
	switch {
	case d.From != 0 && d.To != 0:
		return fmt.Sprintf(" (%d to %d)", d.From, d.To)
	case d.From != 0:
		return fmt.Sprintf(" (since %d)", d.From)
	}
	return ""
}
