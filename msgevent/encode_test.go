package msgevent

import (
	"encoding/json"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"
)

func TestAppendJSONRefused(t *testing.T) {
	extension := func(name, value string) func(*Event) {
		return func(e *Event) {
			e.Extensions = []Extension{{Name: name, Value: json.RawMessage(value)}}
		}
	}
	tests := []struct {
		reason string
		name   string
		text   string
		change func(e *Event)
	}{
		{"the zero Event has no type", "event", "printable", func(e *Event) { *e = Event{} }},
		{"a type with CR LF", "event", "printable", func(e *Event) { e.Type = "a\r\nb" }},
		{"a type that is not UTF-8", "event", "printable", func(e *Event) { e.Type = "\xFF" }},
		{"not UTF-8", "user", "UTF-8", func(e *Event) { e.User = "\xFF" }},
		{"not UTF-8", "tags", "UTF-8", func(e *Event) { e.Tags = []string{"a", "\xC3"} }},
		{"not UTF-8", "messageContent", "UTF-8", func(e *Event) { e.Content = []byte("Latin-1: \xFC") }},
		{"not UTF-8", "clientIP", "UTF-8", func(e *Event) { e.ClientIP = netip.MustParseAddr("fe80::1%\xFF") }},
		{"negative", "pid", "from 1", func(e *Event) { e.PID = -1 }},
		{"below", "maxMessages", "from -1", func(e *Event) { e.MaxMessages = ptr(int64(-2)) }},
		{"below", "diskUsed", "from 0", func(e *Event) { e.DiskUsed = ptr(int64(-1)) }},
		{"below", "diskQuota", "from 0", func(e *Event) { e.DiskQuota = ptr(int64(math.MinInt64)) }},
		{"below", "messageSize", "from 0", func(e *Event) { e.MessageSize = ptr(int64(-1)) }},
		{"a star", "uidset", "UIDs", func(e *Event) { e.UIDs = imap.UIDSetNum(0) }},
		{"a star", "uidset", "UIDs", func(e *Event) { e.UIDs = imap.UIDSet{{Start: 1, Stop: 0}} }},
		{"$ of SEARCHRES", "uidset", "UIDs", func(e *Event) { e.UIDs = imap.SearchRes() }},
		{"a range backwards", "uidset", "UIDs", func(e *Event) { e.UIDs = imap.UIDSet{{Start: 2, Stop: 1}} }},
		{"out of order", "uidset", "UIDs", func(e *Event) { e.UIDs = imap.UIDSet{{Start: 2, Stop: 2}, {Start: 1, Stop: 1}} }},
		{"overlapping", "uidset", "UIDs", func(e *Event) { e.UIDs = imap.UIDSet{{Start: 1, Stop: 3}, {Start: 3, Stop: 4}} }},
		{"a flag with a space is two", "flagNames", "IMAP flags", func(e *Event) { e.Flags = []imap.Flag{`\Seen Work`} }},
		{"an empty flag", "flagNames", "IMAP flags", func(e *Event) { e.Flags = []imap.Flag{""} }},
		{"the wildcard is no flag", "flagNames", "IMAP flags", func(e *Event) { e.Flags = []imap.Flag{imap.FlagWildcard} }},
		{"year 10000", "timestamp", "RFC 3339", func(e *Event) { e.Timestamp = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"year -1", "timestamp", "RFC 3339", func(e *Event) { e.Timestamp = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"an offset with seconds", "timestamp", "RFC 3339", func(e *Event) { e.Timestamp = e.Timestamp.In(time.FixedZone("", 1)) }},
		{"an offset of a day", "timestamp", "RFC 3339", func(e *Event) { e.Timestamp = e.Timestamp.In(time.FixedZone("", 24*3600)) }},
		{"empty and not", "user", "Empty", func(e *Event) { e.Empty = []string{"user"} }},
		{"empty and not", "messageContent", "Empty", func(e *Event) { e.Empty = []string{"messageContent"} }},
		{"empty twice", "user", "once", func(e *Event) { e.User, e.Empty = "", []string{"user", "user"} }},
		{"a number cannot be empty", "pid", "Empty", func(e *Event) { e.PID, e.Empty = 0, []string{"pid"} }},
		{"a set cannot be empty", "uidset", "Empty", func(e *Event) { e.UIDs, e.Empty = nil, []string{"uidset"} }},
		{"empty and unknown", "vnd.a", "Empty", func(e *Event) { e.Empty = []string{"vnd.a"} }},
		{"an extension without a name", "", "printable", extension("", "1")},
		{"an extension with a space", "a b", "printable", extension("a b", "1")},
		{"an extension with CR LF", "a\r\n", "printable", extension("a\r\n", "1")},
		{"an extension named like a parameter", "user", "parameter", extension("user", `"root"`)},
		{"an extension named event", "event", "parameter", extension("event", `"Login"`)},
		{"an extension twice", "vnd.a", "once", func(e *Event) {
			e.Extensions = []Extension{{"vnd.a", json.RawMessage("1")}, {"vnd.a", json.RawMessage("2")}}
		}},
		{"no value", "vnd.a", "one JSON value", extension("vnd.a", "")},
		{"only a space", "vnd.a", "one JSON value", extension("vnd.a", " ")},
		{"two values", "vnd.a", "one JSON value", extension("vnd.a", "1 2")},
		{"another member", "vnd.a", "one JSON value", extension("vnd.a", `1,"user":"root"`)},
		{"the end of the object", "vnd.a", "one JSON value", extension("vnd.a", `1}{"event":"Login"`)},
		{"a value that is not UTF-8", "vnd.a", "one JSON value", extension("vnd.a", "\"\xFF\"")},
		{"a value that is nested too deep", "vnd.a", "one JSON value",
			extension("vnd.a", strings.Repeat("[", maxDepth)+strings.Repeat("]", maxDepth))},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.reason, func(t *testing.T) {
			e := full()
			tt.change(e)
			b, err := e.AppendJSON([]byte("before"))
			var parameter *ParameterError
			require.ErrorAs(t, err, &parameter)
			require.Equal(t, tt.name, parameter.Name)
			require.Contains(t, parameter.Expected, tt.text)
			require.Equal(t, -1, parameter.Offset)
			require.Equal(t, "before", string(b))
			_, err = json.Marshal(e)
			require.ErrorAs(t, err, &parameter)
		})
	}
}

// TestInjection puts octets that end or split something into every text: the
// event stays one line, and is read again as the same event, or is refused.
func TestInjection(t *testing.T) {
	fields := map[string]func(e *Event, s string){
		"type":            func(e *Event, s string) { e.Type = Type("X" + s) },
		"uri":             func(e *Event, s string) { e.URI = s },
		"user":            func(e *Event, s string) { e.User = s },
		"admin":           func(e *Event, s string) { e.Admin = s },
		"service":         func(e *Event, s string) { e.Service = s },
		"process":         func(e *Event, s string) { e.Process = s },
		"serverDomain":    func(e *Event, s string) { e.ServerDomain = s },
		"serverFQDN":      func(e *Event, s string) { e.ServerFQDN = s },
		"clientIP":        func(e *Event, s string) { e.ClientIP = netip.MustParseAddr("fe80::1").WithZone(s) },
		"tags":            func(e *Event, s string) { e.Tags = []string{s, ""} },
		"mailboxID":       func(e *Event, s string) { e.MailboxID = s },
		"oldMailboxID":    func(e *Event, s string) { e.OldMailboxID = s },
		"flagNames":       func(e *Event, s string) { e.Flags = []imap.Flag{imap.Flag("a" + s)} },
		"envelope":        func(e *Event, s string) { e.Envelope = s },
		"bodyStructure":   func(e *Event, s string) { e.BodyStructure = s },
		"messageContent":  func(e *Event, s string) { e.Content = []byte(s) },
		"extension name":  func(e *Event, s string) { e.Extensions[0].Name = "vnd." + s },
		"extension value": func(e *Event, s string) { e.Extensions[0].Value = json.RawMessage(`"` + s + `"`) },
	}
	for name, set := range fields {
		for _, bad := range []string{"\r\n", "\r", "\n", "\x00", "\"", `\`, `","user":"root`, `"}` + "\n" + `{"event":"X"}`, " ", "\u2028", "\xFF", "\x1b[2J"} {
			e := full()
			set(e, bad)
			b, err := e.AppendJSON(nil)
			if err != nil {
				require.Empty(t, b)
				continue
			}
			for _, c := range b {
				require.GreaterOrEqual(t, c, byte(' '), "%s: %q", name, b)
			}
			var got Event
			require.NoError(t, got.UnmarshalJSON(b), "%s: %q", name, b)
			require.Equal(t, *e, got, name)
		}
	}
}

// TestExtensionStaysOnOneLine: white space between the parts of a value goes.
func TestExtensionStaysOnOneLine(t *testing.T) {
	e := Event{Type: "X", Extensions: []Extension{{Name: "a", Value: json.RawMessage("\r\n{\n\t\"b c\\\\\" : [ 1 , \"\\\" \" ]\n}\n")}}}
	b, err := e.AppendJSON(nil)
	require.NoError(t, err)
	require.Equal(t, `{"event":"X","a":{"b c\\":[1,"\" "]}}`, string(b))
}
