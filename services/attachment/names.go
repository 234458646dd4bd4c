package attachment

import (
	"path"
	"slices"
	"strings"

	"inzage/services/fault"
)

var (
	errProgram = fault.New(fault.UnsupportedType, "Programs are not accepted. Send a document, picture, recording or data file.")
	errPage    = fault.New(fault.UnsupportedType, "Web pages are not accepted. Send it as a PDF.")
	errNamed   = fault.New(fault.UnsupportedType, "The name of this file says something else than its content. Save it in the form that its name says and send it again.")
)

// texts are the types that are told from one another by name only. A text in an
// old encoding, UTF-16 without its mark, looks like nothing known.
var texts = []string{"text/plain", "text/csv", "text/xml", "application/json", "message/rfc822", "application/octet-stream"}

// promised are the types that the last part of a name promises, of those that
// the first bytes can be held against.
var promised = map[string][]string{
	".pdf": {"application/pdf"}, ".png": {"image/png"}, ".jpg": {"image/jpeg"}, ".jpeg": {"image/jpeg"}, ".gif": {"image/gif"}, ".webp": {"image/webp"},
	".zip": {"application/zip"}, ".docx": {"application/zip"}, ".xlsx": {"application/zip"}, ".pptx": {"application/zip"},
	".odt": {"application/zip"}, ".ods": {"application/zip"}, ".odp": {"application/zip"}, ".gz": {"application/gzip"},
	".txt": texts, ".csv": texts, ".json": texts, ".xml": texts, ".eml": texts,
}

// runnable are names that some machine of a receiver would run, whatever the
// first bytes are; pages are those that a browser would, from the disk.
var (
	runnable = []string{".apk", ".app", ".bat", ".chm", ".cmd", ".com", ".cpl", ".dll", ".docm", ".exe", ".hta", ".iso", ".jar", ".js", ".jse", ".lnk", ".msi", ".pif",
		".ps1", ".py", ".reg", ".scr", ".sh", ".vb", ".vbe", ".vbs", ".wsf", ".xlsm"}
	pages = []string{".htm", ".html", ".mht", ".mhtml", ".shtml", ".svg", ".svgz", ".xht", ".xhtml"}
)

// fits refuses a name that would make a receiver's machine run the file, or
// that promises another type than the content has.
func fits(name, kind string) error {
	ext := strings.ToLower(path.Ext(CleanName(name)))
	if slices.Contains(runnable, ext) {
		return errProgram
	}
	if slices.Contains(pages, ext) {
		return errPage
	}
	if want, ok := promised[ext]; ok && !slices.Contains(want, kind) {
		return errNamed
	}
	return nil
}
