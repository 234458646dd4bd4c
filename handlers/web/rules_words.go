package web

import (
	"inzage/handlers/access"
	"inzage/services/audits"
	"inzage/services/requests"
)

// relations are how somebody stands to something.
func (w ruleWords) relations() map[string]string {
	p := w.p
	return map[string]string{
		string(requests.TheSubject): p.T("who asked"), string(requests.TheDesk): p.T("the desk that has to act"), string(requests.TheDeskAdmin): p.T("an administrator of that desk"),
		"party": p.T("another party to it, who sees the facts only"), string(requests.ThePortal): p.T("the portal itself"),
		"helper": p.T("the processor that is asked"), "asker": p.T("the desk that asks"),
		string(audits.TheOfficer): p.T("a privacy officer of the controller"), string(audits.TheControllerAdmin): p.T("an administrator of the controller"),
		string(audits.TheAgent): p.T("an agent of the processor"), string(audits.TheProcessorAdmin): p.T("an administrator of the processor"), string(audits.TheAuditor): p.T("the auditor who was invited"),
		"controller": p.T("the controller"), "processor": p.T("the processor"), "admin": p.T("an administrator of the same organisation"), "operator": p.T("the operator of the portal"),
	}
}

// objects are what an address names.
func (w ruleWords) objects() map[string]string {
	p := w.p
	return map[string]string{
		string(access.Nothing): p.T("Nobody in particular"), string(access.Draft): p.T("One's own form"), string(access.Link): p.T("What the link is for"), string(access.Account): p.T("One's own account"),
		string(access.Person): p.T("Somebody of the organisation"), string(access.Organisation): p.T("An organisation"), string(access.Agreement): p.T("An agreement"),
		string(access.Processor): p.T("A processor"), string(access.Request): p.T("A request"), string(access.Assist): p.T("A question for help"), string(access.Audit): p.T("An audit"),
	}
}

func (w ruleWords) requestStates() map[string]string {
	p := w.p
	return map[string]string{
		string(requests.Unconfirmed): p.T("Not sent yet"), string(requests.Received): p.T("New"), string(requests.Forwarded): p.T("Forwarded"), string(requests.Acknowledged): p.T("Taken up"),
		string(requests.InProgress): p.T("In progress"), string(requests.Identifying): p.T("Waiting for identity"), string(requests.Decided): p.T("Decided"), string(requests.Delivered): p.T("Delivered"),
		string(requests.Closed): p.T("Closed"), string(requests.Withdrawn): p.T("Withdrawn"), string(requests.Misdirected): p.T("Meant for somebody else"), string(requests.Merged): p.T("Answered with another request"),
	}
}

func (w ruleWords) auditStages() map[string]string {
	words := map[string]string{}
	for _, s := range audits.Stages() {
		words[string(s)] = (&desk{p: w.p}).stage(s).Word
	}
	return words
}

func (w ruleWords) requestActions() map[string]string {
	p := w.p
	return map[string]string{
		string(requests.Confirm): p.T("Send it, with the code that proves the address"), string(requests.Triage): p.T("Name the controller"), string(requests.Forward): p.T("Pass it on to the controller"),
		string(requests.Acknowledge): p.T("Take it up"), string(requests.Assign): p.T("Hand it to a colleague"), string(requests.AddNote): p.T("Add an internal note"), string(requests.Add): p.T("Add something to it"),
		string(requests.AskIdentity): p.T("Ask who the person is"), string(requests.AnswerIdentity): p.T("Answer who one is"), string(requests.SettleIdentity): p.T("Judge that answer"),
		string(requests.Extend): p.T("Extend the term"), string(requests.AskAssist): p.T("Ask a processor for help"), string(requests.CancelAssist): p.T("Withdraw a question for help"),
		string(requests.Decide): p.T("Decide on a right"), string(requests.TellRecipient): p.T("Note that a recipient was told"), string(requests.AddFile): p.T("Add a file to the answer"),
		string(requests.RemoveFile): p.T("Take a file out of the answer"), string(requests.Deliver): p.T("Release the answer"), string(requests.DeliverOutside): p.T("Deliver it by post or in person"),
		string(requests.Renew): p.T("Open the download again"), string(requests.Download): p.T("Download a file"), string(requests.Close): p.T("Close it"), string(requests.Withdraw): p.T("Withdraw it"),
		string(requests.ChangeAddress): p.T("Correct the e-mail address"), string(requests.MoveAddress): p.T("Use another e-mail address"), string(requests.NewWord): p.T("Make a letter with a new word"),
		string(requests.Misdirect): p.T("Answer that it is meant for somebody else"), string(requests.Merge): p.T("Let it go on under another request of the same person"),
		string(requests.Separate): p.T("Separate a joined request again"), string(requests.HandBack): p.T("Hand it back to the processor"), string(requests.Shred): p.T("Destroy its content"),
	}
}

// auditActions are the words on the buttons of the deeds; where one action has
// several buttons, the shortest.
func (w ruleWords) auditActions() map[string]string {
	p := w.p
	words := map[string]string{string(audits.Sign): p.T("Sign the confidentiality undertaking"), string(audits.AddFile): p.T("Add a file"), string(audits.RemoveFile): p.T("Take a file out")}
	labels := map[audits.Action]string{}
	for _, m := range moves() {
		if was := labels[m.action]; m.label != "" && (was == "" || len(m.label) < len(was)) {
			labels[m.action] = m.label
		}
	}
	for action, label := range labels {
		words[string(action)] = p.T(label)
	}
	return words
}

func (w ruleWords) limitNames() map[string]string {
	p := w.p
	return map[string]string{
		"agreements proposed between two organisations, in a day": p.T("Agreements proposed between two organisations, in a day"),
		"steps of one side about an agreement, in a day":          p.T("Steps of one side about an agreement, in a day"),
		"audits announced under one agreement, in a day":          p.T("Audits announced under one agreement, in a day"),
		"session without use":                                     p.T("A session without use"), "session": p.T("A session"), "session of staff that stays half": p.T("A session of staff without the second factor"),
		"fresh second factor": p.T("A second factor is fresh"), "wrong passwords before sign-in is locked": p.T("Wrong passwords before signing in is locked"),
		"wrong sign-ins from one address": p.T("Wrong attempts to sign in from one network address"), "within": p.T("Counted within"), "lock": p.T("Signing in is locked"),
		"wrong second factors before the factor is off": p.T("Wrong second factors before the factor is off"), "code by e-mail": p.T("A code by e-mail"), "tries of a code": p.T("Tries of a code"),
		"codes or links to one e-mail address": p.T("Codes and links to one e-mail address, from one network or with one private link"), "codes or links to one e-mail address from everywhere": p.T("Codes and links to one e-mail address, from everywhere"), "codes or links asked from one network address": p.T("Codes and links asked for from one network address"),
		"files of strangers from one network address": p.T("Files sent from one network address before anything is proven"), "bytes of all files that a data subject sends with a request": p.T("All files that a data subject sends with a request"),
		"challenge of a passkey": p.T("The question to a passkey"), "invitation": p.T("An invitation"), "enrolment link": p.T("A link for a new second factor"),
		"link to choose a password": p.T("A link to choose a password"), "password hashes at once": p.T("Passwords checked at once"), "callers that wait for one": p.T("Callers that wait for that"),
		"bytes of a body without files": p.T("A form or a call without files"), "bytes of a file of a request": p.T("A file of a request"), "files of a request": p.T("Files of a request"),
		"bytes of a file of an audit": p.T("A file of an audit"), "files of an audit": p.T("Files of an audit"),
		"characters of a password, at least": p.T("Characters of a password, at least"), "characters of a password, at most": p.T("Characters of a password, at most"),
		"download of an answer, until it is renewed": p.T("The download of an answer, until it is renewed"), "form that is not sent": p.T("A form that is not sent"),
		"header of a request": p.T("The header of a call"), "page or call": p.T("A page or a call"), "upload, download or dossier": p.T("An upload, a download or a dossier"),
		"least bytes a second of an upload": p.T("An upload, each second at least"), "connection without a request": p.T("A connection without a call"),
	}
}
