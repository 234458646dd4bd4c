package access

// deeds is the operation of a page at which several deeds stand: each deed has
// one of its own, which leaves the same entry.
const deeds = "*"

// same are the operations of the API by their names, each with the pages that
// do the same. What a page can, a program can.
var same = map[string][]string{
	// Ways in.
	"sign-in":               {"POST /sign-in"},
	"begin-passkey-sign-in": {"POST /sign-in/passkey/begin"},
	"sign-in-passkey":       {"POST /sign-in/passkey"},
	"sign-out":              {"POST /sign-out"},
	"forgot-password":       {"POST /password/forgot"},
	"reset-password":        {"POST /password/:token"},
	"read-invitation":       {"GET /invitation/:token"},
	"accept-invitation":     {"POST /invitation/:token"},
	"join-invitation":       {"POST /invitation/:token/join"},
	"use-enrolment-link":    {"POST /enrol/:token"},
	"send-link-code":        {"POST /r/:reference/:token"},
	"open-link":             {"POST /r/:reference/:token/code"},
	"who-am-i":              {"GET /sign-in/factor", "GET /my/:id/identify"},
	"prove-totp":            {"POST /sign-in/factor", "POST /account/confirm", "POST /my/:id/identify/code"},
	"prove-recovery":        {"POST /sign-in/factor/recovery", "POST /account/confirm/recovery", "POST /my/:id/identify/recovery"},
	"prove-password":        {"POST /sign-in/factor/password", "POST /my/:id/identify/password"},
	"begin-passkey-proof":   {"POST /sign-in/factor/begin", "POST /my/:id/identify/challenge"},
	"prove-passkey":         {"POST /sign-in/factor/passkey", "POST /account/confirm/passkey", "POST /my/:id/identify/passkey"},
	"choose-first-password": {"POST /sign-in/enrol/password"},

	// The own account.
	"read-account":          {"GET /account", "GET /account/passkeys/:id"},
	"change-account":        {"POST /account/profile"},
	"change-password":       {"POST /account/password"},
	"begin-authenticator":   {"POST /account/authenticator", "POST /my/:id/identify/app"},
	"confirm-authenticator": {"POST /account/authenticator/confirm", "POST /my/:id/identify/app/confirm"},
	"renew-recovery":        {"POST /account/recovery"},
	"begin-passkey":         {"POST /account/passkeys/begin", "POST /my/:id/identify/new-passkey/challenge"},
	"add-passkey":           {"POST /account/passkeys", "POST /my/:id/identify/new-passkey"},
	"rename-passkey":        {"POST /account/passkeys/:id"},
	"remove-passkey":        {"POST /account/passkeys/:id/remove"},
	"end-session":           {"POST /account/sessions/:id/end"},
	"end-sessions":          {"POST /account/sessions/end"},

	// Filing a request.
	"start-filing": {"POST /o/:slug/file"},
	"read-filing":  {"GET /file", "GET /file/check"},
	"fill-filing": {"POST /file/rights", "POST /file/controller", "POST /file/you", "POST /file/representative",
		"POST /file/about/:right", "POST /file/authority"},
	"add-filing-file":    {"POST /file/attachments"},
	"remove-filing-file": {"POST /file/attachments/remove"},
	"send-filing":        {"POST /file/check", "POST /file/prove/again"},
	"save-filing":        {"POST /file/later"},
	"resume-filing":      {"POST /file/resume/:token"},
	"confirm-filing":     {"POST /file/prove"},
	"readdress-filing":   {"POST /file/prove/address"},

	// The data subject's own requests.
	"list-my-requests":    {"GET /mine"},
	"read-my-request":     {"GET /my/:id", "GET /my/:id/files"},
	"read-my-history":     {"GET /my/:id/proof/:number"},
	"read-my-notices":     {"GET /my/:id/notices/:n"},
	"add-to-my-request":   {"POST /my/:id/add"},
	"answer-identity":     {"POST /my/:id/answer"},
	"withdraw-my-request": {"POST /my/:id/withdraw"},
	"read-recourse":       {"GET /my/:id/complaint"},
	"print-complaint":     {"GET /my/:id/complaint/letter"},
	"renew-my-files":      {"POST /my/:id/renew"},
	"read-manifest":       {"GET /my/:id/files/manifest.json"},
	"print-answer":        {"GET /my/:id/files/answer", "GET /my/:id/files/answer.pdf"},
	"take-answer":         {"GET /my/:id/files/answer.zip"},
	"download-my-file":    {"GET /my/:id/files/:file"},

	// The desk.
	"list-requests":         {"GET /queue"},
	"export-requests":       {"GET /queue.csv"},
	"search-requests":       {"POST /queue/search"},
	"enter-request":         {"POST /requests/new"},
	"read-request":          {"GET /requests/:id"},
	"take-request-dossier":  {"GET /requests/:id/dossier"},
	"read-history":          {"GET /requests/:id/proof/:number"},
	"prove-inclusion":       {"GET /requests/:id/proof/:number/file", "GET /audits/:id/proof/:number/file", "GET /my/:id/proof/:number/file"},
	"read-notices":          {"GET /requests/:id/notices/:notice"},
	"download-request-file": {"GET /requests/:id/files/:file"},
	"add-answer-file":       {"POST /requests/:id/files"},
	"use-assist-file":       {"POST /requests/:id/files/use"},
	"tell-recipient":        {"POST /requests/:id/told"},
	"list-grounds":          {"GET /requests/:id/decide/:right"},
	"decide-right":          {"POST /requests/:id/decide/:right"},
	"send-address-code":     {"POST /my/:id/address"},
	"move-my-address":       {"POST /my/:id/address/code"},
	"list-assists":          {"GET /assists"},
	"export-assists":        {"GET /assists.csv"},
	"read-assist":           {"GET /assists/:id"},
	"answer-assist":         {"POST /assists/:id"},
	"add-assist-file":       {"POST /assists/:id/files"},
	"remove-assist-file":    {"POST /assists/:id/files/remove"},
	"download-assist-file":  {"GET /assists/:id/files/:file"},

	// Audits.
	deeds:                  {"POST /requests/:id/do/:deed", "POST /audits/:id/do/:deed"},
	"list-audits":          {"GET /audits"},
	"export-audits":        {"GET /audits.csv"},
	"read-outlook":         {"GET /audits/new/:agreement"},
	"start-audit":          {"POST /audits/new/:agreement"},
	"take-audit-dossier":   {"GET /audits/:id/dossier"},
	"read-audit":           {"GET /audits/:id"},
	"read-audit-history":   {"GET /audits/:id/proof/:number"},
	"sign-undertaking":     {"POST /audits/:id/undertaking"},
	"add-audit-file":       {"POST /audits/:id/files/:of"},
	"remove-audit-file":    {"POST /audits/:id/files/:of/:file/remove"},
	"download-audit-file":  {"GET /audits/:id/files/:file"},
	"read-notice":          {"GET /audits/:id/notice"},
	"print-notice":         {"GET /audits/:id/notice.pdf"},
	"read-closing-report":  {"GET /audits/:id/report", "GET /audits/:id/report.json"},
	"print-closing-report": {"GET /audits/:id/report.pdf"},
	"read-undertaking":     {"GET /audits/:id/undertaking"},
	"print-undertaking":    {"GET /audits/:id/undertaking.pdf"},
	"read-statement":       {"GET /audits/:id/costs"},
	"export-statement":     {"GET /audits/:id/costs.csv"},
	"export-day":           {"GET /audits/:id/day.ics"},
	"read-record":          {"GET /processors/:id/record"},
	"export-record":        {"GET /processors/:id/record.csv"},

	// The calendar, and the evidence.
	"read-calendar":           {"GET /calendar"},
	"read-calendar-address":   {"GET /calendar/address"},
	"make-calendar-address":   {"POST /calendar/address"},
	"revoke-calendar-address": {"POST /calendar/address/revoke"},
	"list-dispatches":         {"GET /evidence"},
	"send-checkpoint":         {"POST /evidence/ask"},
	"read-newest-checkpoint":  {"GET /evidence/checkpoint.txt"},
	"read-ledger-keys":        {"GET /evidence/keys.txt", "GET /verify/keys.txt"},
	"export-ledger":           {"GET /evidence/ledger.zip"},

	// Organisations, their people and their agreements.
	"read-organisation":    {"GET /o/:slug"},
	"list-people":          {"GET /people"},
	"export-people":        {"GET /people.csv"},
	"invite":               {"POST /people/invite", "POST /organisations/:id/invite"},
	"list-invitations":     {"GET /people/invitations/:id"},
	"withdraw-invitation":  {"POST /people/invitations/:id"},
	"read-person":          {"GET /people/:account"},
	"change-roles":         {"POST /people/:account/roles"},
	"disable-person":       {"POST /people/:account/disable"},
	"enable-person":        {"POST /people/:account/enable"},
	"reset-factors":        {"POST /people/:account/reset"},
	"list-organisations":   {"GET /organisations"},
	"export-organisations": {"GET /organisations.csv"},
	"add-organisation":     {"POST /organisations/new"},
	"list-administrators":  {"GET /organisations/:id"},
	"read-health":          {"GET /health"},
	"change-organisation":  {"POST /organisations/:id/edit"},
	"list-ended":           {"GET /organisations/:id/retention"},
	"change-retention":     {"POST /organisations/:id/retention/change"},
	"list-tokens":          {"GET /tokens", "GET /tokens/:id"},
	"issue-token":          {"POST /tokens/new"},
	"revoke-token":         {"POST /tokens/:id/revoke"},
	"list-agreements":      {"GET /agreements", "GET /audits/new"},
	"export-agreements":    {"GET /agreements.csv"},
	"read-preset":          {"GET /agreements/presets/:key"},
	"sign-agreement":       {"POST /agreements/new"},
	"read-agreement":       {"GET /agreements/:id"},
	"compare-terms":        {"GET /agreements/:id/compare"},
	"amend-agreement":      {"POST /agreements/:id/amend"},
	"end-agreement":        {"POST /agreements/:id/end"},
	"accept-agreement":     {"POST /agreements/:id/accept"},
	"decline-agreement":    {"POST /agreements/:id/decline"},
	"withdraw-agreement":   {"POST /agreements/:id/withdraw"},
	"confirm-agreement":    {"POST /agreements/:id/confirm"},
	"dispute-agreement":    {"POST /agreements/:id/dispute"},
	"read-access":          {"GET /docs/access", "GET /docs/access/:part"},
}

// apart are the pages without an operation, by the reason.
var apart = map[string][]string{
	"a form: what is sent from it has its own row": {"GET /sign-in", "GET /password/forgot", "GET /password/:token", "GET /enrol/:token",
		"GET /r/:reference/:token", "GET /r/:reference/:token/code", "GET /sign-in/enrol", "GET /account/authenticator", "GET /file/rights", "GET /file/controller",
		"GET /file/you", "GET /file/representative", "GET /file/about/:right", "GET /file/authority", "GET /file/attachments", "GET /file/resume/:token",
		"GET /file/prove", "GET /account/confirm", "GET /account/password", "GET /account/recovery", "GET /account/passkeys/new",
		"GET /my/:id/add", "GET /my/:id/answer", "GET /my/:id/withdraw", "GET /my/:id/address", "GET /my/:id/identify/new-passkey", "GET /my/:id/identify/app",
		"GET /requests/new", "GET /requests/:id/do/:deed", "GET /audits/:id/do/:deed", "GET /people/invite",
		"GET /people/:account/roles", "GET /people/:account/disable", "GET /people/:account/enable", "GET /people/:account/reset",
		"GET /organisations/new", "GET /organisations/:id/invite", "GET /organisations/:id/edit", "GET /organisations/:id/retention/change",
		"GET /agreements/new", "GET /agreements/:id/amend", "GET /agreements/:id/end", "GET /agreements/:id/answer", "GET /tokens/new"},
	"it only says that something was done":                 {"GET /file/done"},
	"for reading: help and the law":                        {"GET /", "GET /law", "GET /law/:id"},
	"it works in the browser, and asks the portal nothing": {"GET /verify"},
	"for programs already": {"GET /livez", "GET /readyz", "GET /schemas/:name", "GET /feeds/:token.ics", "GET /api/v1/openapi.json", "GET /api/v1/openapi.yaml",
		"GET /api/v1/openapi-3.0.json", "GET /api/v1/openapi-3.0.yaml"},
	"a part of pages":              {"GET /static/:file"},
	"it shows the API itself":      {"GET /docs/api", "GET /docs/api/:group", "GET /docs/api/try/:operation", "GET /docs/api/call/:operation"},
	"it is there in the demo only": {"GET /demo", "GET /demo/mail", "GET /demo/mail/:id", "GET /demo/mail/:id/page"},
}

// told gives rows the operation that does the same, or the reason why none does.
func told(rows []Row) []Row {
	operation, reason := byPage(same), byPage(apart)
	for i, r := range rows {
		rows[i].Operation, rows[i].Apart = operation[r.Name()], reason[r.Name()]
	}
	return rows
}

func byPage(of map[string][]string) map[string]string {
	all := map[string]string{}
	for one, pages := range of {
		for _, page := range pages {
			all[page] = one
		}
	}
	return all
}
