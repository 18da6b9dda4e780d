package outband

import (
	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/emn"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
)

// payload makes what is sent: emn for WAKEUP, xemn for EXTENDED. A document type
// is declared where the media type goes along (OMA EMN 1.0), and not where each
// octet counts.
func payload(e *msgevent.Event, c annotations.Channel, mailbox string) (mediaType string, b []byte, err error) {
	n := &emn.Notification{Mailbox: mailbox, Timestamp: e.Timestamp}
	mediaType = emn.MediaTypeXML
	if c.Format == annotations.FormatExtended {
		n.Extended = extended(e)
		mediaType = emn.MediaTypeExtended
	}
	bare := c.Mechanism == annotations.MechanismUDP || c.Mechanism == annotations.MechanismSMS
	b, err = emn.AppendXML(nil, n, &emn.Options{DOCTYPE: !bare})
	return mediaType, b, err
}

// extended fills in what the event says.
func extended(e *msgevent.Event) *emn.Extended {
	x := &emn.Extended{}
	if t, err := msgevent.ParseType(string(e.Type)); err == nil {
		x.Event = t // xemn has no room for a name that only its sender knows
	}
	if u, err := e.Mailbox(); err == nil {
		x.View = u.Mailbox
	}
	if u, err := imapurl.Parse(e.URI); err == nil {
		x.UID = uint32(u.UID)
	}
	return x
}

// confidential reports whether a mechanism can keep what it carries from
// others: SIP and XMPP over TLS. UDP, SMS and MMS cannot
// (draft-ietf-lemonade-notifications-04, sections 9.1 and 15).
func confidential(m annotations.Mechanism) bool {
	return m == annotations.MechanismSIP || m == annotations.MechanismXMPP
}
