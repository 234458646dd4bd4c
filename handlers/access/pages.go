package access

import (
	"net/http"
	"slices"

	"inzage/services/identity"
)

// Who may come to the pages, in the words of the rows below.
var (
	subjects  = []identity.Role{identity.Subject}
	desks     = []identity.Role{identity.Agent, identity.PrivacyOfficer, identity.Admin}
	workers   = []identity.Role{identity.Agent, identity.PrivacyOfficer}
	helpers   = []identity.Role{identity.Agent, identity.Admin}
	auditing  = []identity.Role{identity.Agent, identity.PrivacyOfficer, identity.Admin, identity.Auditor}
	officers  = []identity.Role{identity.PrivacyOfficer}
	admins    = []identity.Role{identity.Admin}
	operators = []identity.Role{identity.Operator}
	peopled   = []identity.Role{identity.Admin, identity.Operator}
)

func get(path, entry string) Row  { return Row{Method: http.MethodGet, Path: path, Entry: entry} }
func post(path, entry string) Row { return Row{Method: http.MethodPost, Path: path, Entry: entry} }

func (r Row) by(relations ...string) Row { r.By = relations; return r }
func (r Row) fresh(when Fresh) Row       { r.Fresh = when; return r }

// like gives rows what they have in common: door, roles and object.
func like(common Row, rows ...Row) []Row {
	for i := range rows {
		rows[i].Door, rows[i].Roles, rows[i].Of = common.Door, common.Roles, common.Of
	}
	return rows
}

// Pages are the rows of all pages. A page without its row cannot be opened.
func Pages() []Row {
	return told(slices.Concat(public(), entrances(), filing(), accounts(), mine(), atDesk(), help(), audits(), calendar(), evidence(), house(), demo()))
}

// public is what concerns nobody in particular.
func public() []Row {
	return like(Row{Door: Open},
		get("/", ""), get("/livez", ""), get("/readyz", ""), get("/static/:file", ""), get("/o/:slug", ""),
		get("/law", ""), get("/law/:id", ""), get("/verify", ""), get("/verify/keys.txt", ""), get("/schemas/:name", ""),
		get("/docs/api", ""), get("/docs/api/:group", ""), get("/docs/api/try/:operation", ""), get("/docs/api/call/:operation", ""), get("/docs/access", ""), get("/docs/access/:part", ""),
		get("/api/v1/openapi.json", ""), get("/api/v1/openapi.yaml", ""), get("/api/v1/openapi-3.0.json", ""), get("/api/v1/openapi-3.0.yaml", ""))
}

// entrances prove something before they open anything: a password, a code or
// the secret in the address. Each of them counts attempts.
func entrances() []Row {
	return slices.Concat(
		like(Row{Door: Open, Of: Account},
			get("/sign-in", ""), post("/sign-in", "session.start"), post("/sign-in/passkey/begin", ""), post("/sign-in/passkey", "session.start"),
			post("/sign-out", "session.end"), get("/password/forgot", ""), post("/password/forgot", "link.issue")),
		like(Row{Door: Open, Of: Link},
			get("/password/:token", ""), post("/password/:token", "password.change"),
			get("/invitation/:token", ""), post("/invitation/:token", "account.create"),
			get("/enrol/:token", ""), post("/enrol/:token", "session.start"),
			get("/feeds/:token.ics", ""),
			get("/r/:reference/:token", ""), post("/r/:reference/:token", "code.send"),
			get("/r/:reference/:token/code", ""), post("/r/:reference/:token/code", "session.start")),
		like(Row{Door: Begun, Of: Account},
			get("/sign-in/factor", ""), post("/sign-in/factor", "session.rise"), post("/sign-in/factor/begin", ""), post("/sign-in/factor/passkey", "session.rise"),
			post("/sign-in/factor/recovery", "session.rise"), post("/sign-in/factor/password", "session.prove"),
			get("/sign-in/enrol", ""), post("/sign-in/enrol/password", "password.change"),
			get("/account/authenticator", ""), post("/account/authenticator", ""), post("/account/authenticator/confirm", "factor.enrol").fresh(AtDeed),
			post("/account/passkeys/begin", ""), post("/account/passkeys", "factor.enrol").fresh(AtDeed)))
}

// filing is the form of a request, for anybody: it is the browser's own until
// the address is proven.
func filing() []Row {
	return like(Row{Door: Open, Of: Draft},
		post("/o/:slug/file", ""), get("/file", ""),
		get("/file/rights", ""), post("/file/rights", ""), get("/file/controller", ""), post("/file/controller", ""),
		get("/file/you", ""), post("/file/you", ""), get("/file/representative", ""), post("/file/representative", ""),
		get("/file/about/:right", ""), post("/file/about/:right", ""), get("/file/authority", ""), post("/file/authority", ""),
		get("/file/attachments", ""), post("/file/attachments", ""), post("/file/attachments/remove", ""),
		get("/file/check", ""), post("/file/check", "request.file"), post("/file/later", "link.issue"),
		get("/file/resume/:token", ""), post("/file/resume/:token", "link.use"),
		get("/file/prove", ""), post("/file/prove", "request.confirm"), post("/file/prove/again", "code.send"), post("/file/prove/address", "code.send"),
		get("/file/done", "request.read"))
}

// accounts is what people see and change of their own account.
func accounts() []Row {
	return like(Row{Door: Inside, Of: Account},
		get("/account", ""), post("/account/profile", "account.change"),
		get("/account/confirm", ""), post("/account/confirm", "factor.prove"), post("/account/confirm/passkey", "factor.prove"), post("/account/confirm/recovery", "factor.prove"),
		get("/account/password", "").fresh(AtDoor), post("/account/password", "password.change").fresh(AtDeed),
		get("/account/recovery", "").fresh(AtDoor), post("/account/recovery", "factor.renew").fresh(AtDeed),
		get("/account/passkeys/new", "").fresh(AtDoor), get("/account/passkeys/:id", "").fresh(AtDoor),
		post("/account/passkeys/:id", "factor.rename"), post("/account/passkeys/:id/remove", "factor.remove").fresh(AtDeed),
		post("/account/sessions/end", "session.end_all").fresh(AtDeed), post("/account/sessions/:id/end", "session.end").fresh(AtDeed),
		post("/invitation/:token/join", "account.move").fresh(AtDeed))
}

// mine is what data subjects see and do. One proven factor is enough to follow
// a request; what is released to them needs the second, just now.
func mine() []Row {
	of := Row{Door: Begun, Roles: subjects, Of: Request}
	return slices.Concat(
		like(Row{Door: Begun, Roles: subjects}, get("/mine", "")),
		like(of,
			get("/my/:id", "request.read").by("subject"),
			get("/my/:id/proof/:number", "request.read").by("subject"), get("/my/:id/proof/:number/file", "request.read").by("subject"),
			get("/my/:id/notices/:n", "request.read").by("subject"),
			get("/my/:id/add", "request.read").by("subject"), post("/my/:id/add", "request.add").by("subject"),
			get("/my/:id/answer", "request.read").by("subject"), post("/my/:id/answer", "request.answer_identity").by("subject"),
			get("/my/:id/withdraw", "request.read").by("subject"), post("/my/:id/withdraw", "request.withdraw").by("subject"),
			get("/my/:id/address", "request.read").by("subject"), post("/my/:id/address", "code.send").by("subject"), post("/my/:id/address/code", "request.move_address").by("subject"),
			get("/my/:id/complaint", "request.read").by("subject"), get("/my/:id/complaint/letter", "request.read").by("subject"),
			get("/my/:id/files", "request.read").by("subject"), post("/my/:id/renew", "request.renew").by("subject"),
			get("/my/:id/files/manifest.json", "request.take_away").by("subject").fresh(AtDeed),
			get("/my/:id/files/answer", "request.take_away").by("subject").fresh(AtDeed), get("/my/:id/files/answer.pdf", "request.take_away").by("subject").fresh(AtDeed),
			get("/my/:id/files/answer.zip", "request.download").by("subject").fresh(AtDeed),
			get("/my/:id/files/:file", "request.download").by("subject").fresh(AtDeed)),
		like(Row{Door: Begun, Roles: subjects, Of: Account},
			get("/my/:id/identify", ""), post("/my/:id/identify/challenge", ""), post("/my/:id/identify/new-passkey/challenge", ""),
			post("/my/:id/identify/passkey", "factor.prove"), post("/my/:id/identify/password", "session.prove"),
			post("/my/:id/identify/code", "factor.prove"), post("/my/:id/identify/recovery", "factor.prove"),
			get("/my/:id/identify/new-passkey", ""), post("/my/:id/identify/new-passkey", "factor.enrol"),
			get("/my/:id/identify/app", ""), post("/my/:id/identify/app", "password.change"), post("/my/:id/identify/app/confirm", "factor.enrol")))
}

// atDesk is the work on requests.
func atDesk() []Row {
	return slices.Concat(
		like(Row{Door: Inside, Roles: desks},
			get("/queue", ""), get("/queue.csv", ""), post("/queue/search", "request.search")),
		like(Row{Door: Inside, Roles: workers}, get("/requests/new", ""), post("/requests/new", "request.enter")),
		like(Row{Door: Inside, Roles: workers, Of: Request}, get("/requests/:id/dossier", "request.dossier").by("desk", "party").fresh(AtDeed)),
		like(Row{Door: Inside, Roles: desks, Of: Request},
			get("/requests/:id", "request.read").by("desk", "desk_admin", "party"),
			get("/requests/:id/proof/:number", "request.read").by("desk", "desk_admin", "party"),
			get("/requests/:id/proof/:number/file", "request.read").by("desk", "desk_admin", "party"),
			get("/requests/:id/notices/:notice", "request.read").by("desk"),
			get("/requests/:id/files/:file", "request.view_file").by("desk"),
			post("/requests/:id/files", "request.add_file").by("desk"), post("/requests/:id/files/use", "request.add_file").by("desk"),
			post("/requests/:id/told", "request.tell_recipient").by("desk"),
			get("/requests/:id/decide/:right", "request.read").by("desk"), post("/requests/:id/decide/:right", "request.decide").by("desk"),
			get("/requests/:id/do/:deed", "request.read"), post("/requests/:id/do/:deed", "*").fresh(AtDeed)))
}

// help is what processors are asked to do for a request.
func help() []Row {
	return slices.Concat(
		like(Row{Door: Inside, Roles: helpers}, get("/assists", ""), get("/assists.csv", "")),
		like(Row{Door: Inside, Roles: desks, Of: Assist},
			get("/assists/:id", "assist.read").by("helper", "asker"), post("/assists/:id", "assist.answer").by("helper"),
			post("/assists/:id/files", "assist.add_file").by("helper"), post("/assists/:id/files/remove", "assist.remove_file").by("helper"),
			get("/assists/:id/files/:file", "assist.view_file").by("helper", "asker")))
}

// audits is the work on audits.
func audits() []Row {
	seers := []string{"officer", "controller_admin", "agent", "processor_admin", "auditor"}
	parties := seers[:4]
	return slices.Concat(
		like(Row{Door: Inside, Roles: auditing}, get("/audits", ""), get("/audits.csv", "")),
		like(Row{Door: Inside, Roles: officers}, get("/audits/new", "")),
		like(Row{Door: Inside, Roles: officers, Of: Agreement},
			get("/audits/new/:agreement", "audit.record").by("officer"), post("/audits/new/:agreement", "audit.draft").by("officer")),
		like(Row{Door: Inside, Roles: auditing, Of: Audit},
			get("/audits/:id/dossier", "audit.dossier").by("officer", "agent").fresh(AtDeed),
			get("/audits/:id", "audit.read").by(seers...), get("/audits/:id/proof/:number", "audit.read").by(seers...),
			get("/audits/:id/proof/:number/file", "audit.read").by(seers...),
			get("/audits/:id/do/:deed", "audit.read"), post("/audits/:id/do/:deed", "*"),
			post("/audits/:id/undertaking", "audit.sign").by("auditor").fresh(AtDeed),
			post("/audits/:id/files/:of", "audit.add_file").by("officer", "agent", "auditor"),
			post("/audits/:id/files/:of/:file/remove", "audit.remove_file").by("officer", "agent", "auditor"),
			get("/audits/:id/files/:file", "audit.open_file").by(seers...),
			get("/audits/:id/notice", "audit.notice").by(seers...), get("/audits/:id/notice.pdf", "audit.notice").by(seers...),
			get("/audits/:id/report", "audit.report").by(parties...), get("/audits/:id/report.pdf", "audit.report").by(parties...), get("/audits/:id/report.json", "audit.report").by(parties...),
			get("/audits/:id/undertaking", "audit.read").by(seers...), get("/audits/:id/undertaking.pdf", "audit.read").by(seers...),
			get("/audits/:id/costs", "audit.read").by(parties...), get("/audits/:id/costs.csv", "audit.read").by(parties...),
			get("/audits/:id/day.ics", "audit.read").by(seers...)),
		like(Row{Door: Inside, Roles: desks, Of: Processor},
			get("/processors/:id/record", "audit.record").by("officer", "controller_admin"), get("/processors/:id/record.csv", "audit.record").by("officer", "controller_admin")))
}

// calendar is the reader's own days.
func calendar() []Row {
	return slices.Concat(
		like(Row{Door: Inside, Roles: auditing}, get("/calendar", "")),
		like(Row{Door: Inside, Roles: auditing, Of: Account},
			get("/calendar/address", ""), post("/calendar/address", "feed.make").fresh(AtDeed), post("/calendar/address/revoke", "feed.revoke")))
}

// evidence is the ledger as a whole: what was signed of it, and who was sent
// that. It holds no personal data, so reading it leaves no entry; what is taken
// out of the portal does.
func evidence() []Row {
	return like(Row{Door: Inside, Roles: desks},
		get("/evidence", ""), post("/evidence/ask", "checkpoint.send"), get("/evidence/checkpoint.txt", ""), get("/evidence/keys.txt", ""),
		get("/evidence/ledger.zip", "ledger.export").fresh(AtDeed))
}

// house is organisations, their people and their agreements.
func house() []Row {
	parties, keepers := []string{"controller", "processor"}, []string{"admin", "operator"}
	return slices.Concat(
		like(Row{Door: Inside, Roles: admins, Of: Organisation},
			get("/people", "people.read"), get("/people.csv", "people.read"),
			get("/people/invite", "").fresh(AtDoor), post("/people/invite", "invitation.send").fresh(AtDeed)),
		like(Row{Door: Inside, Roles: peopled, Of: Person},
			get("/people/invitations/:id", "people.read").by(keepers...), post("/people/invitations/:id", "invitation.withdraw").by(keepers...),
			get("/people/:account", "person.read").by(keepers...),
			get("/people/:account/roles", "person.read").by(keepers...).fresh(AtDoor), post("/people/:account/roles", "role.change").by(keepers...).fresh(AtDeed),
			get("/people/:account/disable", "person.read").by(keepers...).fresh(AtDoor), post("/people/:account/disable", "account.disable").by(keepers...).fresh(AtDeed),
			get("/people/:account/enable", "person.read").by(keepers...).fresh(AtDoor), post("/people/:account/enable", "account.enable").by(keepers...).fresh(AtDeed),
			get("/people/:account/reset", "person.read").by(keepers...).fresh(AtDoor), post("/people/:account/reset", "factor.reset").by(keepers...).fresh(AtDeed)),
		like(Row{Door: Inside, Roles: operators, Of: Organisation},
			get("/organisations", ""), get("/organisations.csv", ""), get("/organisations/new", ""), post("/organisations/new", "organisation.create"),
			get("/organisations/:id", "people.read").by("operator"),
			get("/organisations/:id/invite", "").by("operator").fresh(AtDoor), post("/organisations/:id/invite", "invitation.send").by("operator").fresh(AtDeed),
			get("/health", "")),
		like(Row{Door: Inside, Roles: peopled, Of: Organisation},
			get("/organisations/:id/edit", "").by("admin", "operator"), post("/organisations/:id/edit", "organisation.change").by("admin", "operator"),
			get("/organisations/:id/retention", "").by("admin", "operator")),
		like(Row{Door: Inside, Roles: admins, Of: Organisation},
			get("/organisations/:id/retention/change", "").by("admin").fresh(AtDoor), post("/organisations/:id/retention/change", "organisation.keep").by("admin").fresh(AtDeed)),
		like(Row{Door: Inside, Roles: admins, Of: Organisation},
			get("/tokens", ""), get("/tokens/new", "").fresh(AtDoor), post("/tokens/new", "token.issue").fresh(AtDeed),
			get("/tokens/:id", "").by("admin"), post("/tokens/:id/revoke", "token.revoke").by("admin")),
		like(Row{Door: Inside, Roles: desks}, get("/agreements", ""), get("/agreements.csv", ""), get("/agreements/presets/:key", "")),
		like(Row{Door: Inside, Roles: admins}, get("/agreements/new", ""), post("/agreements/new", "agreement.sign")),
		like(Row{Door: Inside, Roles: desks, Of: Agreement},
			get("/agreements/:id", "").by(parties...), get("/agreements/:id/compare", "").by(parties...)),
		like(Row{Door: Inside, Roles: admins, Of: Agreement},
			get("/agreements/:id/amend", "").by(parties...), post("/agreements/:id/amend", "agreement.amend").by(parties...),
			get("/agreements/:id/end", "").by(parties...), post("/agreements/:id/end", "agreement.end").by(parties...),
			get("/agreements/:id/answer", "").by(parties...),
			post("/agreements/:id/accept", "agreement.accept").by(parties...).fresh(AtDeed), post("/agreements/:id/decline", "agreement.decline").by(parties...),
			post("/agreements/:id/withdraw", "agreement.withdraw").by(parties...),
			post("/agreements/:id/confirm", "agreement.confirm").by(parties...).fresh(AtDeed), post("/agreements/:id/dispute", "agreement.dispute").by(parties...).fresh(AtDeed)))
}

// demo is what only the demo has.
func demo() []Row {
	return like(Row{Door: Here}, get("/demo", ""), get("/demo/mail", ""), get("/demo/mail/:id", ""), get("/demo/mail/:id/page", ""))
}
