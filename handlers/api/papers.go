package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"inzage/handlers/access"
	"inzage/services/audits"
	"inzage/services/identity"
	"inzage/services/requests"
)

// Papers writes documents for people: letters as PDF, tables for spreadsheets,
// dossiers. It sends nothing when it refuses.
type Papers interface {
	Paper(c *fiber.Ctx, by identity.Actor, operation string) error
}

// paper adds a document that the pages write: both hand out the same. I are the
// parameters, which the writer reads itself.
func paper[I any](a *API, mediaType string, r route) {
	r.Gives = mediaType
	handle(a, r, func(ctx context.Context, by identity.Actor, _ *I) (*streamOut, error) {
		if err := a.Papers.Paper(callOf(ctx).fiber, by, r.ID); err != nil {
			return nil, err
		}
		return &streamOut{Body: func(huma.Context) {}}, nil // it is sent already
	})
}

// Written is said by whoever asks for a document for people.
type Written struct {
	Language string `header:"Accept-Language" maxLength:"200" doc:"nl or en; a session's own language comes first"`
}

type paperIn struct {
	ID string `path:"id" maxLength:"64"`
	Written
}

type dossierIn struct {
	ID string `path:"id" maxLength:"64"`
	Written
	Files string `query:"files" enum:"list" doc:"list leaves the files out, and names each with its fingerprint"`
}

type queueSheetIn struct {
	Written
	Tab   requests.Tab   `query:"tab" enum:"open,mine,soon,overdue,waiting,unassigned,done,sent" default:"open"`
	Right requests.Right `query:"right" enum:"access,rectification,erasure,restriction,portability,objection" doc:"Only those that ask for it"`
}

type assistSheetIn struct {
	Written
	Tab string `query:"tab" enum:"open,done" default:"open"`
}

type auditSheetIn struct {
	Written
	Side  audits.Side `query:"as" enum:"controller,processor" doc:"In which role your organisation is in them; auditors leave it out"`
	Ended string      `query:"ended" enum:"1" doc:"1 lists those that have ended"`
}

// aboutSheets is said of every table for spreadsheets.
const aboutSheets = "CSV in UTF-8; the names of its columns never change, its days are ISO 8601 and no cell is a formula. At most 2000 rows: a program reads the list itself."

// aboutDossiers is said of both dossiers.
const aboutDossiers = "A ZIP with a readable page, the same as JSON with a published schema, the documents, the files and the proofs. It needs a second factor not older than five minutes, and is streamed: a connection that breaks off gave no whole file."

// mountPapers are the documents of more than one audit; the audits have theirs.
func (a *API) mountPapers() {
	sheet := func(id, path, summary, tag string, roles []identity.Role, scope string) route {
		return route{ID: id, Method: http.MethodGet, Path: path, Summary: summary, Tag: tag, Roles: roles, Scope: scope, Entry: silent, About: aboutSheets}
	}
	paper[queueSheetIn](a, csvFile, sheet("export-requests", "/requests.csv", "The queue of your organisation, for spreadsheets", requestsTag, watchers, readRequests))
	paper[assistSheetIn](a, csvFile, sheet("export-assists", "/assists.csv", "Help that controllers ask of your organisation, for spreadsheets", assistTag, []identity.Role{identity.Agent, identity.Admin}, readRequests))
	paper[auditSheetIn](a, csvFile, sheet("export-audits", "/audits.csv", "The audits of your organisation, for spreadsheets", auditTag, rolesOf(seers), readAudits))
	paper[Written](a, csvFile, sheet("export-agreements", "/agreements.csv", "The agreements of your organisation, for spreadsheets", agreementTag, watchers, ""))
	people := sheet("export-people", "/people.csv", "Everybody who works for your organisation, for spreadsheets", peopleTag, []identity.Role{identity.Admin}, "")
	people.Entry = "people.read"
	paper[Written](a, csvFile, people)
	paper[Written](a, csvFile, sheet("export-organisations", "/organisations.csv", "All organisations, for spreadsheets", organisationTag, []identity.Role{identity.Operator}, ""))

	paper[dossierIn](a, zipFile, route{ID: "take-request-dossier", Method: http.MethodGet, Path: "/requests/{id}/dossier", Summary: "The whole file of a request, for an authority", Tag: requestsTag, Roles: workers,
		By: []string{string(requests.TheDesk), "party"}, Entry: "request.dossier", Fresh: access.AtDeed, About: aboutDossiers})
	audit := auditRead("take-audit-dossier", "/audits/{id}/dossier", "The whole file of an audit, for an authority", "audit.dossier", []audits.Relation{audits.TheOfficer, audits.TheAgent})
	audit.Scope, audit.Fresh, audit.About = "", access.AtDeed, aboutDossiers
	paper[dossierIn](a, zipFile, audit)

	own := func(id, path, summary string) route {
		return route{ID: id, Method: http.MethodGet, Path: "/my/requests/{id}/" + path, Summary: summary, Tag: mineTag, Roles: []identity.Role{identity.Subject}, By: bySubject}
	}
	answer := own("print-answer", "answer.pdf", "The answer to your request as a letter, as PDF")
	answer.Entry, answer.Fresh, answer.About = "request.take_away", access.AtDeed, "Needs both factors, the second not older than five minutes."
	paper[paperIn](a, pdfFile, answer)
	whole := own("take-answer", "answer.zip", "The whole answer to your request in one package: the letter, your files, and their description as a Data Package")
	whole.Entry, whole.Fresh, whole.About = "request.download", access.AtDeed, "Needs both factors, the second not older than five minutes. One download with one entry; it is made on the way, so it cannot be resumed."
	paper[paperIn](a, zipFile, whole)
	complaint := own("print-complaint", "complaint.pdf", "A letter to the authority with the facts of your request, as PDF")
	complaint.Entry, complaint.Half, complaint.About = "request.read", true, "It is there from the day after the answer was due, or when something was refused. You send it yourself."
	paper[paperIn](a, pdfFile, complaint)
}
