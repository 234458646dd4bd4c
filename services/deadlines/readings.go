package deadlines

// readings are the other dates that can be defended for a request, each by the
// whole computation under another reading; those that give the statutory date
// are left out.
func (f *RequestFacts) readings(statutory Date) []Reading {
	out := []Reading{}
	add := func(r reading, label, source string) {
		c := f.walk(r)
		if end := c.end(); end != statutory {
			out = append(out, Reading{Reading: label, Due: end, Source: source})
		}
	}
	base := reading{calendar: f.Calendar}
	unrolled := base
	unrolled.unrolled = true
	add(unrolled, "No roll-over, and none for the notice of an extension",
		"NAIH, BVwG W292 2248134-1 and Rb. Rotterdam named the unrolled day")
	for _, cal := range f.Calendar.contested() {
		add(reading{calendar: cal}, cal.reading.Reading, cal.reading.Source)
	}
	for _, p := range pauseReadings {
		r := base
		r.pause = p.count
		add(r, p.label, p.source)
	}
	stretched := base
	stretched.pausedMonth = true
	add(stretched, "A pause also stretches the month for the notice of an extension", sourcePause)
	return out
}

var pauseReadings = []struct {
	count         pauseCount
	label, source string
}{
	{never, "No pause: the law has no words for one", "Art. 12(3) GDPR"},
	{inclusive, "A pause counts both the day of asking and the day of the answer", "UK Data Protection Act 2018 s. 54(3C)"},
	{untilEnough, "An insufficient answer does not end the pause", "EDPB 01/2022 Example 31"},
	{restarts, "The month begins again on the day of the answer", "UK GDPR art. 12A"},
}
