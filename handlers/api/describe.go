package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"inzage/services/identity"
)

// ours makes huma refuse in our words, and the document describe those. Huma
// keeps both for the whole program.
var ours = sync.OnceFunc(func() {
	huma.NewErrorWithContext = failure
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return failure(nil, status, msg, errs...)
	}
	huma.DefaultArrayNullable, huma.ValidateStrictCasing = false, true
})

// document is what the description of the API begins with; operations add
// themselves.
func (a *API) document() huma.Config {
	config := huma.DefaultConfig("Inzage", "1")
	config.Info.Description = "Requests of data subjects, help of processors, audits and evidence, as the agreements rule them. Every date, route and cost names its clause."
	config.Info.Contact = &huma.Contact{Name: "The operator of this portal", URL: a.Cookies.Origin.String()}
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil
	config.Servers = []*huma.Server{{URL: Base}}
	config.Formats = map[string]huma.Format{"application/json": strictJSON, "json": strictJSON}
	config.NoFormatFallback = false
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		sessionScheme: {Type: "apiKey", In: "cookie", Name: "inzage", Description: "The cookie of a session: POST /sessions, then /sessions/totp. The same one serves the pages."},
		tokenScheme:   {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "A token of a machine, made by an administrator of its organisation."},
	}
	return config
}

// The names of the ways to prove who calls. They differ from every schema's
// name, for which generators make a type as well.
const (
	sessionScheme = "sessionCookie"
	tokenScheme   = "machineToken"
)

// grouped adds the tag of an operation to the document, once.
func (a *API) grouped(tag string) {
	doc := a.huma.OpenAPI()
	if !slices.ContainsFunc(doc.Tags, func(t *huma.Tag) bool { return t.Name == tag }) {
		doc.Tags = append(doc.Tags, &huma.Tag{Name: tag})
	}
}

// What operations are about, where more than one file has operations of it.
const (
	agreementTag    = "Agreements"
	assistTag       = "Help of processors"
	evidenceTag     = "Evidence"
	organisationTag = "Organisations"
	peopleTag       = "People"
)

// roleNames are the roles as the descriptions name them.
var roleNames = map[identity.Role]string{identity.Subject: "data subjects", identity.Agent: "agents", identity.PrivacyOfficer: "privacy officers",
	identity.Admin: "administrators", identity.Auditor: "auditors", identity.Operator: "operators"}

// The media types of files that operations give. anyFile is a file of somebody's
// own, whose type the answer says.
const (
	anyFile      = fiber.MIMEOctetStream
	csvFile      = "text/csv"
	pdfFile      = "application/pdf"
	calendarFile = "text/calendar"
	zipFile      = "application/zip"
)

// callers says in words who may call the route, which x-roles and x-scope say
// to programs.
func (r route) callers() string {
	if len(r.Roles) == 0 {
		if r.Half {
			return "For everybody who has begun to sign in."
		}
		return "For everybody; nobody needs to be signed in."
	}
	var names []string
	for _, one := range r.Roles {
		names = append(names, roleNames[one])
	}
	text := "For " + strings.Join(names, ", ")
	if r.Half {
		text += ", also before the second factor"
	}
	if r.Scope == "" {
		return text + ". Not for machines."
	}
	return text + ". A machine needs the scope " + r.Scope + "."
}

// describe adds what the document says of a route beside its types.
func (r route) describe(op *huma.Operation) {
	op.Description = strings.TrimSpace(r.About + "\n\n" + r.callers())
	stream := func(mediaType string) map[string]*huma.MediaType {
		return map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	}
	if r.Takes {
		op.RequestBody = &huma.RequestBody{Required: true, Description: "The file itself", Content: stream(anyFile)}
	}
	if r.Gives != "" {
		about := "The file itself"
		if r.Gives == anyFile {
			about += ", of its own media type"
		}
		op.Responses = map[string]*huma.Response{strconv.Itoa(http.StatusOK): {Description: about, Content: stream(r.Gives)}}
	}
}

// refusals are the statuses that the document lists for a route: all that it
// can answer with, so that a program that knows them is never surprised.
func refusals(r route) []int {
	// A token that is not valid is refused everywhere.
	all := []int{http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	changes, member := r.Method != http.MethodGet, len(r.Roles) > 0 || r.Half
	names := changes || strings.Contains(r.Path, "{") // something that may not be there
	if changes || member {
		all = append(all, http.StatusForbidden) // also for calls from other sites
	}
	if names || member {
		all = append(all, http.StatusNotFound)
	}
	if names {
		all = append(all, http.StatusConflict)
	}
	if names || strings.HasPrefix(r.Path, "/filing") {
		all = append(all, http.StatusGone)
	}
	if r.Takes {
		all = append(all, http.StatusLengthRequired)
	}
	if changes {
		all = append(all, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	slices.Sort(all)
	return all
}
