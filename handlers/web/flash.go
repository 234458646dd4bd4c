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
	"factors-reset":      {ui.Good, "The second factor was reset, and a link for a new one was sent."},
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
	"request-taken-up":   {ui.Good, "You have taken this request up. The person hears about it."},
	"request-assigned":   {ui.Good, "The request has been given on."},
	"request-noted":      {ui.Good, "The note is kept."},
	"request-asked":      {ui.Good, "The question goes to the person."},
	"request-settled":    {ui.Good, "Your judgement is recorded."},
	"request-extended":   {ui.Good, "The term is extended. The person hears about it, with your reasons."},
	"request-decided":    {ui.Good, "The decision goes to the person."},
	"request-delivered":  {ui.Good, "The answer is delivered."},
	"request-renewed":    {ui.Good, "The files can be downloaded for seven more days."},
	"request-closed":     {ui.Good, "The request is closed."},
	"request-withdrawn":  {ui.Good, "The request is withdrawn."},
	"request-astray":     {ui.Good, "The person hears where to turn. The request is closed here."},
	"request-merged":     {ui.Good, "The request is joined with the other one."},
	"request-entered":    {ui.Good, "The request is entered."},
	"request-forwarded":  {ui.Good, "The request has been forwarded. The person hears who decides now."},
	"request-kept":       {ui.Good, "You handle this request yourself. The person hears about it."},
	"help-asked":         {ui.Good, "The processor has been asked."},
	"help-cancelled":     {ui.Good, "The question is withdrawn."},
	"help-answered":      {ui.Good, "Your answer is sent. The controller hears about it."},
	"files-added":        {ui.Good, "The files are added."},
	"file-removed":       {ui.Good, "The file is taken out."},
	"file-used":          {ui.Good, "The file is part of the answer now."},
}
