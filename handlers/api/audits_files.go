package api

import (
	"context"
	"net/http"

	"inzage/handlers/respond"
	"inzage/handlers/upload"
	"inzage/services/attachment"
	"inzage/services/audits"
	"inzage/services/identity"
)

// mountAuditFiles is the files of an audit, and what it looks like on paper and
// in spreadsheets.
func (a *API) mountAuditFiles() {
	attach := deed{audits.AddFile, "add-audit-file", "files", "Add a file to a thing in the audit"}.route(http.StatusCreated)
	attach.Takes, attach.About = true, "To what is yours to change: an answer that is not sent, a finding, a measure, a cost, the auditor (proof of qualification), each by its id; or notice, report, rules. "+aboutUpload
	handle(a, attach, a.addAuditFile)
	remove := deed{audits.RemoveFile, "remove-audit-file", "files/{file}", "Take out a file that your side added, while what it belongs to can be changed"}.route(http.StatusOK)
	remove.Method = http.MethodDelete
	handle(a, remove, a.removeAuditFile)
	open := auditRead("download-audit-file", "/audits/{id}/files/{file}", "Download a file of the audit", entryFile, seers)
	open.Gives, open.About = anyFile, "The entry in the ledger is written before the first byte is sent."
	handle(a, open, a.openAuditFile)
	paper[paperIn](a, pdfFile, auditRead("print-notice", "/audits/{id}/notice.pdf", "The notice as it was sent, as PDF", entryNotice, seers))
	paper[paperIn](a, pdfFile, auditRead("print-undertaking", "/audits/{id}/undertaking.pdf", "The confidentiality undertaking as it was signed, as PDF", entryRead, seers))
	paper[paperIn](a, pdfFile, auditRead("print-closing-report", "/audits/{id}/closing-report.pdf", "The closing report of an audit that has ended, as PDF", entryReport, payers))
	paper[paperIn](a, csvFile, auditRead("export-statement", "/audits/{id}/statement.csv", "The statement of costs, for spreadsheets", entryRead, payers))
	paper[paperIn](a, calendarFile, auditRead("export-day", "/audits/{id}/day.ics", "The agreed day, for calendars", entryRead, seers))
	paper[paperIn](a, csvFile, auditRead("export-record", "/processors/{id}/record.csv", "What the portal recorded of a processor, for spreadsheets", entryRecord, bookers))
}

type auditFileIn struct {
	ID string `path:"id" maxLength:"64"`
	Of string `query:"of" required:"true" maxLength:"64" doc:"The id of a thing in the audit, or notice, report, rules"`
	NamedBody
}

func (a *API) addAuditFile(ctx context.Context, by identity.Actor, in *auditFileIn) (*fileOut, error) {
	return a.takeIn(ctx, by, in.Key, "add-audit-file/"+in.ID+"/"+in.Of, func(f upload.File, length int64) (StoredFile, error) {
		kept, err := a.Audits.Attach(ctx, by, in.ID, in.Of, attachment.Upload{Name: f.Name, Size: length, Body: f.Body})
		return StoredFile{ID: kept.ID, Type: kept.Type, Size: kept.Size, SHA256: kept.SHA256, At: kept.At}, err
	})
}

func (a *API) removeAuditFile(ctx context.Context, by identity.Actor, in *changedIn) (*auditFactsOut, error) {
	x, err := a.Audits.At(in.Rev).Detach(ctx, by, in.ID, in.File)
	if err != nil {
		return nil, err
	}
	return a.auditFacts(ctx, by, &x, "")
}

func (a *API) openAuditFile(ctx context.Context, by identity.Actor, in *fileIn) (*streamOut, error) {
	// The deadline of the call ends with this handler, the stream does not.
	f, body, err := a.Audits.Open(context.WithoutCancel(ctx), by, in.ID, in.File)
	if err != nil {
		return nil, err
	}
	return stream(ctx, respond.Stored{Type: f.Type, Name: f.Name, SHA256: f.SHA256, Size: f.Size}, body)
}
