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

	"all-ended":        {ui.Good, "You are signed out everywhere."},
	"session-ended":    {ui.Good, "That session has ended."},
	"password-changed": {ui.Good, "Your password was changed."},
	"passkey-added":    {ui.Good, "Your passkey was added."},
	"passkey-removed":  {ui.Good, "The passkey was removed."},
	"joined":           {ui.Good, "You have joined. Sign in again to begin."},

	"invited":            {ui.Good, "The invitation was sent."},
	"withdrawn":          {ui.Good, "The invitation was withdrawn; its link no longer works."},
	"roles-changed":      {ui.Good, "The roles were changed. The person signs in again to use them."},
	"person-disabled":    {ui.Good, "This person no longer has access."},
	"person-enabled":     {ui.Good, "This person has access again."},
	"factors-reset":      {ui.Good, "The second proof was reset, and a link for a new one was sent."},
	"organisation-added": {ui.Good, "The organisation was added. Now invite its first administrator."},
	"agreement-added":    {ui.Good, "The agreement was added. From its first day on the portal works by it."},
	"agreement-amended":  {ui.Good, "The new version was added. What has begun goes on under the version it began with."},
	"agreement-ended":    {ui.Good, "The last day of the agreement was set."},
	"code-sent":          {ui.Good, "A new code is on its way. Earlier codes no longer work."},
	"added":              {ui.Good, "It has been added to your request."},
	"answered":           {ui.Good, "Your answer has been sent."},
	"retracted":          {ui.Good, "Your request has been withdrawn."},
	"renewed":            {ui.Good, "You can download your files for seven days again."},
	"too-late":           {ui.Warn, "That took too long, or did not work. Nothing has changed; please try again."},
}
