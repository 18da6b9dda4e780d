package emn

import (
	"fmt"
	"strconv"
	"time"
)

// Options configures AppendXML. Nil and the zero value mean no DOCTYPE.
type Options struct {
	// DOCTYPE writes the document type declaration before an emn element. OMA
	// EMN 1.0 wants it wherever the body is labelled MediaTypeXML; the short
	// messages of draft-ietf-lemonade-notifications-04 leave it out. An xemn
	// element has no document type, so never gets one.
	DOCTYPE bool
}

const doctype = `<!DOCTYPE emn PUBLIC "` + PublicID + `" "` + SystemID + `">`

// timestampLayout is %Datetime of OMA EMN 1.0, always UTC.
const timestampLayout = "2006-01-02T15:04:05Z"

// AppendXML appends the XML form of n to b: UTF-8, without declaration, comments
// or optional white space. It depends on n and o alone: attributes have one
// order, and absent ones are left out.
//
// If n has no such form, or one of more than MaxDocument octets, AppendXML
// returns b as it was and a *ValueError.
func AppendXML(b []byte, n *Notification, o *Options) ([]byte, error) {
	if err := n.Validate(); err != nil {
		return b, err
	}
	out := b
	if n.Extended != nil {
		out = append(out, "<xemn"...)
	} else {
		if o != nil && o.DOCTYPE {
			out = append(out, doctype...)
		}
		out = append(out, "<emn"...)
	}
	out = appendAttribute(out, "mailbox", n.Mailbox)
	if t := n.Timestamp.Truncate(time.Second); !t.IsZero() {
		out = appendTime(out, "timestamp", t, timestampLayout)
	}
	if n.Extended != nil {
		out = n.Extended.appendTail(out)
	} else {
		out = append(out, "/>"...)
	}
	if len(out)-len(b) > MaxDocument {
		return b, &ValueError{"Notification", fmt.Sprintf("XML form longer than %d octets", MaxDocument)}
	}
	return out, nil
}

// appendTail appends the attributes of x and the rest of its element.
func (x *Extended) appendTail(b []byte) []byte {
	b = appendAttribute(b, "event", string(x.Event))
	b = appendAttribute(b, "view", x.View)
	if x.SequenceID != nil {
		b = appendUint(b, "sequence-id", *x.SequenceID)
	}
	if x.UID != 0 {
		b = appendUint(b, "uid", uint64(x.UID))
	}
	b = appendAttribute(b, "sender", x.Sender)
	if !x.Date.IsZero() {
		b = appendTime(b, "datetime", x.Date, time.RFC3339Nano)
	}
	b = appendAttribute(b, "subject", x.Subject)
	if x.Text == "" {
		return append(b, "/>"...)
	}
	b = append(b, '>')
	b = appendEscaped(b, x.Text, false)
	return append(b, "</xemn>"...)
}

// appendAttribute appends an attribute unless value is empty.
func appendAttribute(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = appendEq(b, name)
	b = appendEscaped(b, value, true)
	return append(b, '"')
}

func appendTime(b []byte, name string, t time.Time, layout string) []byte {
	b = appendEq(b, name)
	b = t.UTC().AppendFormat(b, layout)
	return append(b, '"')
}

func appendUint(b []byte, name string, v uint64) []byte {
	b = appendEq(b, name)
	b = strconv.AppendUint(b, v, 10)
	return append(b, '"')
}

// appendEq appends an attribute up to and including its opening quote.
func appendEq(b []byte, name string) []byte {
	b = append(b, ' ')
	b = append(b, name...)
	return append(b, `="`...)
}

// appendEscaped appends s, every octet that is markup or that a reader would
// normalise as a reference: CR anywhere, tab and LF in attributes, XML 1.0,
// sections 2.11 and 3.3.3.
func appendEscaped(b []byte, s string, attribute bool) []byte {
	done := 0
	for i := range len(s) {
		ref := ""
		switch s[i] {
		case '&':
			ref = "&amp;"
		case '<':
			ref = "&lt;"
		case '>':
			ref = "&gt;"
		case '"':
			ref = "&quot;"
		case '\r':
			ref = "&#13;"
		case '\n':
			if attribute {
				ref = "&#10;"
			}
		case '\t':
			if attribute {
				ref = "&#9;"
			}
		}
		if ref != "" {
			b = append(b, s[done:i]...)
			b = append(b, ref...)
			done = i + 1
		}
	}
	return append(b, s[done:]...)
}
