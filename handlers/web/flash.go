package web

import "inzage/views/ui"

type flashText struct {
	tone ui.Tone
	key  string
}

// flashTexts are the messages that follow a redirect, by the key that a cookie
// keeps for one page: a cookie that somebody else wrote can show nothing else.
var flashTexts = map[string]flashText{
	"signed-out": {ui.Good, "You are signed out."},
	"saved":      {ui.Good, "Saved."},
	"sent":       {ui.Good, "Sent."},
}
