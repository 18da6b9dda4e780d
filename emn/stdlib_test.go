package emn

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// element is both element types as encoding/xml sees them.
type element struct {
	XMLName    xml.Name
	Mailbox    string `xml:"mailbox,attr"`
	Timestamp  string `xml:"timestamp,attr,omitempty"`
	Event      string `xml:"event,attr,omitempty"`
	View       string `xml:"view,attr,omitempty"`
	SequenceID string `xml:"sequence-id,attr,omitempty"`
	UID        string `xml:"uid,attr,omitempty"`
	Sender     string `xml:"sender,attr,omitempty"`
	Date       string `xml:"datetime,attr,omitempty"`
	Subject    string `xml:"subject,attr,omitempty"`
	Text       string `xml:",chardata"`
}

// requireStdlib checks that encoding/xml takes data, and reads it as n.
func requireStdlib(t *testing.T, data []byte, n *Notification) {
	t.Helper()
	var e element
	require.NoError(t, xml.Unmarshal(data, &e), "%q", data)
	requireSame(t, data, &e, n)
}

// requireSame compares what encoding/xml and Unmarshal read from data. Only
// Unmarshal makes white space in attributes spaces, so both are compared after
// that.
func requireSame(t *testing.T, data []byte, e *element, n *Notification) {
	t.Helper()
	spaces := strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ", "\t", " ").Replace
	require.Equal(t, spaces(e.Mailbox), spaces(n.Mailbox), "%q", data)
	x := n.Extended
	if x == nil {
		require.Equal(t, "emn", e.XMLName.Local)
		return
	}
	require.Equal(t, "xemn", e.XMLName.Local)
	require.Equal(t, spaces(e.View), spaces(x.View), "%q", data)
	require.Equal(t, spaces(e.Sender), spaces(x.Sender), "%q", data)
	require.Equal(t, spaces(e.Subject), spaces(x.Subject), "%q", data)
	if !isSpace(e.Text) {
		require.Equal(t, e.Text, x.Text, "%q", data)
	}
	if e.Date != "" {
		d, err := time.Parse(time.RFC3339Nano, strings.ToUpper(e.Date))
		require.NoError(t, err)
		require.True(t, d.Equal(x.Date), "%q", data)
	}
	if e.Event != "" {
		require.Equal(t, e.Event, string(x.Event))
	}
}

func TestStdlibReadsOurs(t *testing.T) {
	for _, n := range []*Notification{draftEMN(), everyField()} {
		b, err := AppendXML(nil, n, &Options{DOCTYPE: true})
		require.NoError(t, err)
		requireStdlib(t, b, n)
	}
}

func TestStdlibAcceptsVectors(t *testing.T) {
	for _, v := range vectors(t) {
		var n Notification
		if Unmarshal([]byte(v.XML), &n, nil) == nil {
			requireStdlib(t, []byte(strings.TrimPrefix(v.XML, "\uFEFF")), &n)
		}
	}
}

// TestReadsStdlib reads what encoding/xml writes.
func TestReadsStdlib(t *testing.T) {
	for _, field := range stringFields {
		if field.name == "Event" {
			continue
		}
		n := everyField()
		field.set(n, "a\"'<>&\t\r\n]]>é\U0001F600 ")
		b, err := xml.Marshal(stdlibElement(n))
		require.NoError(t, err)
		var got Notification
		require.NoError(t, Unmarshal(b, &got, nil), "%s", b)
		require.Equal(t, n, &got, "%s", b)
	}
}

// stdlibElement converts a Notification with every field set.
func stdlibElement(n *Notification) *element {
	x := n.Extended
	return &element{
		XMLName:    xml.Name{Local: "xemn"},
		Mailbox:    n.Mailbox,
		Timestamp:  n.Timestamp.Format(timestampLayout),
		Event:      string(x.Event),
		View:       x.View,
		SequenceID: "42",
		UID:        "3141",
		Sender:     x.Sender,
		Date:       x.Date.Format(time.RFC3339Nano),
		Subject:    x.Subject,
		Text:       x.Text,
	}
}
