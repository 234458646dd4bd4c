package web

import (
	"inzage/services/audits"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

// attached lists the files of one thing in the audit. While open, the reader's
// side adds files to it and takes its own out again; bad is what was wrong
// with a file that was just sent.
func (b *bench) attached(o papers, of, label string, open bool, bad ui.FieldErrors) pages.Attached {
	var m pages.Attached
	open = open && audits.May(b.by, o.a, audits.AddFile) == nil
	for _, f := range o.story.Files {
		if f.Of != of {
			continue
		}
		one := pages.AttachedFile{File: ui.File{Name: f.Name, Kind: b.fileKind(f.Type), Size: b.p.Bytes(f.Size), Href: o.path("/files/" + f.ID)}}
		if open && f.From == b.party(o) {
			one.Remove = o.path("/files/" + of + "/" + f.ID + "/remove")
		}
		m.Files = append(m.Files, one)
	}
	if open {
		m.Upload = &pages.Upload{Action: o.path("/files/" + of), Button: b.p.T("Add these files"), TestID: "upload-" + of, File: b.fileField(of, label, bad)}
	}
	return m
}

// fileField asks for files. A page has several of these forms, and each input
// needs an id of its own; the one that was refused is "file", to which the
// summary of what is wrong leads.
func (b *bench) fileField(of, label string, bad ui.FieldErrors) ui.Field {
	f := ui.Field{Name: "file-" + of, Label: label, Multiple: true,
		Hint: b.p.T("At most %s each. They are encrypted as they arrive.", b.p.Bytes(b.Audits.Limits.FileBytes))}
	if wrong := bad.For("file"); wrong != "" && b.c.Params("of") == of {
		f.Name, f.Error = "file", wrong
	}
	return f
}
