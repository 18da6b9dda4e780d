package notifyproto

import (
	"bytes"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// overflowText is written where an Overflow has no text, which RFC 3501 wants.
const overflowText = "Notifications have stopped"

// AppendResponse appends the wire form of r to b, without CRLF. Mailbox names
// are atoms or quoted; the values of a [Metadata] may be literals.
//
// A response that has no wire form is refused with a *[ValueError] and b as it
// was. An [Other] is written as it is, if it is one frame and untagged.
func AppendResponse(b []byte, r Response, o *Options) ([]byte, error) {
	out, err := appendResponse(b, r, o.utf8())
	if err != nil {
		return b, err
	}
	return out, nil
}

func appendResponse(b []byte, r Response, utf8 bool) ([]byte, error) {
	switch r := r.(type) {
	case Status:
		return appendStatus(b, r, utf8)
	case List:
		return appendList(b, r, utf8)
	case Metadata:
		return appendMetadata(b, r, utf8)
	case Exists:
		return appendNumbered(b, r.Num, " EXISTS"), nil
	case Recent:
		return appendNumbered(b, r.Num, " RECENT"), nil
	case Expunge:
		if r.Num == 0 {
			return b, &ValueError{Field: "Expunge.Num", Want: "nz-number", Section: rfc3501}
		}
		return appendNumbered(b, r.Num, " EXPUNGE"), nil
	case Vanished:
		return appendVanished(b, r)
	case Fetch:
		return appendFetch(b, r, utf8)
	case Overflow:
		return appendOverflow(b, r, utf8)
	case Other:
		return appendOther(b, r)
	}
	return b, &ValueError{Field: "Response", Want: "response-data", Section: rfc3501}
}

func appendNumbered(b []byte, num uint32, word string) []byte {
	return append(imapsyntax.AppendNumber(append(b, "* "...), num), word...)
}

func appendOverflow(b []byte, r Overflow, utf8 bool) ([]byte, error) {
	b = append(b, "* OK ["+ResponseCodeNotificationOverflow+"] "...)
	if r.Text == "" {
		return append(b, overflowText...), nil
	}
	b, err := imapsyntax.AppendText(b, r.Text, utf8)
	return b, valueError("Overflow.Text", err)
}

func appendOther(b []byte, r Other) ([]byte, error) {
	if !bytes.HasPrefix(r, []byte("* ")) || len(r) == len("* ") {
		return b, &ValueError{Field: "Other", Want: "response-data", Section: rfc3501}
	}
	if err := checkFrame(r); err != nil {
		return b, valueError("Other", err)
	}
	return append(b, r...), nil
}
