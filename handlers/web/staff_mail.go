package web

import "inzage/services/notify"

// became says what became of the e-mail that announced a notice.
func (d *desk) became(p notify.Post) string {
	switch p.Standing {
	case notify.Waiting:
		if p.Trouble != "" {
			return d.p.T("On the page of the person. The e-mail that announces it waits: there is trouble with mail at the moment.")
		}
		return d.p.T("On the page of the person. The e-mail that announces it waits to be sent.")
	case notify.HandedOver:
		return d.p.T("On the page of the person. The e-mail that announces it was handed to the mail server on %s.", d.p.DateTime(p.At))
	case notify.Refused:
		return d.p.T("On the page of the person. The e-mail that announces it did not arrive: on %s the address was refused.", d.p.DateTime(p.At))
	case notify.GivenUp:
		return d.p.T("On the page of the person. The e-mail that announces it could not be sent, and was given up on %s.", d.p.DateTime(p.At))
	case notify.Unknown:
		return d.p.T("On the page of the person. An e-mail was written about it; what became of it stands in the log.")
	}
	return d.p.T("On the page of the person; no e-mail announced it.")
}
