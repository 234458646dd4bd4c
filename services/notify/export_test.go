package notify

import "inzage/services/audits"

// AuditMails are the kinds of mail by the event that asks for them.
func AuditMails() map[audits.Action]string {
	all := map[audits.Action]string{}
	for action, t := range auditMails {
		all[action] = t.kind
	}
	return all
}
