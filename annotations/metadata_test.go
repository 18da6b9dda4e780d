package annotations_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

func TestGetMetadataRefused(t *testing.T) {
	for _, tt := range []struct {
		command string
		offset  int
		reason  string
	}{
		{``, 0, "empty"},
		{`GETMETADATAX INBOX /private/a`, 0, "another command"},
		{`SETMETADATA INBOX (/private/a NIL)`, 0, "another command"},
		{`GETMETADATA`, 11, "no arguments"},
		{`GETMETADATA INBOX`, 17, "no entries"},
		{`GETMETADATA INBOX `, 18, "no entry"},
		{`GETMETADATA  INBOX /private/a`, 12, "two spaces"},
		{`GETMETADATA INBOX ()`, 19, "empty list"},
		{`GETMETADATA INBOX (/private/a`, 29, "list not closed"},
		{`GETMETADATA INBOX (/private/a )`, 30, "space in the list"},
		{`GETMETADATA INBOX /private/a /private/b`, 28, "list without parentheses; so RFC 5464, section 4.4.1, second and third example"},
		{`GETMETADATA INBOX ((/private/a))`, 19, "list in a list"},
		{`GETMETADATA INBOX /private/*`, 27, "wildcard in an atom"},
		{`GETMETADATA INBOX (MAXSIZE 1024) (/shared/comment /private/comment)`, 32, "options after the mailbox, RFC 5464 erratum 3868"},
		{`GETMETADATA () INBOX /private/a`, 13, "no option"},
		{`GETMETADATA (MAXSIZE) INBOX /private/a`, 20, "no number"},
		{`GETMETADATA (MAXSIZE 4294967296) INBOX /private/a`, 21, "more than a number"},
		{`GETMETADATA (MAXSIZE -1) INBOX /private/a`, 21, "not a number"},
		{`GETMETADATA (MAXSIZE NIL) INBOX /private/a`, 21, "not a number"},
		{`GETMETADATA (DEPTH) INBOX /private/a`, 18, "no depth"},
		{`GETMETADATA (DEPTH 2) INBOX /private/a`, 19, "not a depth"},
		{`GETMETADATA (DEPTH "1") INBOX /private/a`, 19, "quoted"},
		{`GETMETADATA (DEPTH inf) INBOX /private/a`, 19, "not a depth"},
		{`GETMETADATA (DEPTH 1 DEPTH 1) INBOX /private/a`, 21, "an option twice"},
		{`GETMETADATA (COLOUR red) INBOX /private/a`, 13, "an option that no one registered"},
		{`GETMETADATA (DEPTH 1)INBOX /private/a`, 21, "no space after the options"},
		{`GETMETADATA INBOX /private/a `, 28, "space at the end"},
		{"GETMETADATA INBOX /private/a\r\n", 28, "CRLF is not part of the frame"},
		{"GETMETADATA \"a\r\nb\" /private/a", 14, "CR LF in a mailbox"},
		{"GETMETADATA {4}\r\na\r\nb /private/a", 18, "CR LF in a mailbox, as a literal"},
		{"GETMETADATA {4}\r\nabc", 20, "literal cut off"},
		{"GETMETADATA ~{1}\r\na /private/a", 13, "literal8 is no astring: the tilde is an atom"},
		{"GETMETADATA INBOX {10}\r\n/private/a\x00", 34, "NUL after the end"},
		{"GETMETADATA INBOX {1}\r\n\x00", 23, "NUL in a literal"},
		{"GETMETADATA INBOX /private/\xe4", 27, "8-bit"},
		{"GETMETADATA &U /private/a", 14, "no modified UTF-7"},
	} {
		_, err := annotations.ParseGetMetadata([]byte(tt.command), nil)
		var e *annotations.SyntaxError
		require.ErrorAs(t, err, &e, tt.reason)
		require.Equal(t, tt.offset, e.Offset, "%s: %v", tt.reason, err)
		require.NotEmpty(t, e.Want)
		require.NotEmpty(t, e.Section)
		require.Equal(t, imap.StatusResponseTypeBad, annotations.StatusError(err).Type)
	}
}

func TestSetMetadataRefused(t *testing.T) {
	for _, tt := range []struct {
		command string
		offset  int
		reason  string
	}{
		{`GETMETADATA INBOX /private/a`, 0, "another command"},
		{`SETMETADATA`, 11, "no arguments"},
		{`SETMETADATA INBOX`, 17, "no entries"},
		{`SETMETADATA INBOX ()`, 19, "empty list"},
		{`SETMETADATA INBOX /private/a NIL`, 18, "no parentheses"},
		{`SETMETADATA INBOX (/private/a)`, 29, "no value"},
		{`SETMETADATA INBOX (/private/a )`, 30, "no value"},
		{`SETMETADATA INBOX (/private/a x)`, 30, "a value is no atom"},
		{`SETMETADATA INBOX (/private/a NILX)`, 30, "a value is no atom"},
		{`SETMETADATA INBOX (/private/a "x" /private/b)`, 44, "second value missing"},
		{`SETMETADATA INBOX (/private/a "x")x`, 34, "more after the list"},
		{`SETMETADATA (DEPTH 1) INBOX (/private/a "x")`, 12, "no options here"},
		{"SETMETADATA INBOX (/private/a \"x\r\ny\")", 32, "CR LF in a quoted string"},
		{"SETMETADATA INBOX (/private/a \"\xe4\")", 31, "8-bit in a quoted string"},
		{"SETMETADATA INBOX (/private/a {1}\r\n\x00)", 35, "NUL in a literal"},
		{"SETMETADATA INBOX (/private/a ~{9}\r\n)", 37, "literal8 cut off"},
		{"SETMETADATA INBOX (/private/a ~\"\")", 31, "no literal8"},
	} {
		_, err := annotations.ParseSetMetadata([]byte(tt.command), nil)
		var e *annotations.SyntaxError
		require.ErrorAs(t, err, &e, tt.reason)
		require.Equal(t, tt.offset, e.Offset, "%s: %v", tt.reason, err)
	}
}

func TestUTF8(t *testing.T) {
	o := &annotations.Options{UTF8: true}
	command := `SETMETADATA "日本語" (/private/comment "grün")`
	c, err := annotations.ParseSetMetadata([]byte(command), o)
	require.NoError(t, err)
	require.Equal(t, annotations.SetMetadata{Mailbox: "日本語", Entries: []annotations.EntryValue{ev("/private/comment", "grün")}}, *c)
	b, err := annotations.AppendSetMetadata(nil, c, o)
	require.NoError(t, err)
	require.Equal(t, command, string(b))
	b, err = annotations.AppendSetMetadata(nil, c, &annotations.Options{NonSync: true})
	require.NoError(t, err)
	require.Equal(t, "SETMETADATA &ZeVnLIqe- (/private/comment {5+}\r\ngrün)", string(b))
	_, err = annotations.ParseSetMetadata([]byte(command), nil)
	require.Error(t, err)
}

// Values that are long are literals, so that lines stay short.
func TestLongValues(t *testing.T) {
	for n, literal := range map[int]bool{1024: false, 1025: true} {
		value := strings.Repeat("x", n)
		b, err := annotations.AppendMetadataResponse(nil, "", []annotations.EntryValue{ev("/shared/a", value)}, nil)
		require.NoError(t, err)
		require.Equal(t, literal, strings.Contains(string(b), fmt.Sprintf("{%d}\r\n", n)))
	}
}

func TestValidate(t *testing.T) {
	require.Error(t, (&annotations.GetMetadata{}).Validate())
	require.Error(t, (&annotations.SetMetadata{}).Validate())
	require.NoError(t, (&annotations.GetMetadata{Entries: []string{"/private"}}).Validate())
	err := (&annotations.SetMetadata{Entries: []annotations.EntryValue{{Name: "/private"}}}).Validate()
	require.Error(t, err, "no value can be there")
	require.Equal(t, imap.StatusResponseTypeBad, annotations.StatusError(err).Type)
}

// No field can end the line or begin another argument.
func TestMetadataInjection(t *testing.T) {
	for _, s := range []string{"a\rb", "a\nb", "a\r\nb", "a\x00b", "a\xffb"} {
		for _, o := range []*annotations.Options{nil, {UTF8: true}} {
			for name, appended := range map[string]func(b []byte) ([]byte, error){
				"get, mailbox": func(b []byte) ([]byte, error) {
					return annotations.AppendGetMetadata(b, &annotations.GetMetadata{Mailbox: s, Entries: []string{"/private/a"}}, o)
				},
				"get, entry": func(b []byte) ([]byte, error) {
					return annotations.AppendGetMetadata(b, &annotations.GetMetadata{Entries: []string{"/private/a", "/private/" + s}}, o)
				},
				"set, mailbox": func(b []byte) ([]byte, error) {
					return annotations.AppendSetMetadata(b, &annotations.SetMetadata{Mailbox: s, Entries: []annotations.EntryValue{ev("/private/a", "")}}, o)
				},
				"set, entry": func(b []byte) ([]byte, error) {
					return annotations.AppendSetMetadata(b, &annotations.SetMetadata{Entries: []annotations.EntryValue{ev("/private/"+s, "")}}, o)
				},
				"response, mailbox": func(b []byte) ([]byte, error) {
					return annotations.AppendMetadataResponse(b, s, []annotations.EntryValue{ev("/private/a", "")}, o)
				},
				"response, entry": func(b []byte) ([]byte, error) {
					return annotations.AppendMetadataResponse(b, "", []annotations.EntryValue{ev("/private/"+s, "")}, o)
				},
			} {
				b, err := appended([]byte("x"))
				require.Error(t, err, "%s: %q", name, s)
				require.Equal(t, "x", string(b), name)
				require.Equal(t, imap.StatusResponseTypeBad, annotations.StatusError(err).Type)
			}
			// A value may have them, in a literal.
			c := &annotations.SetMetadata{Entries: []annotations.EntryValue{ev("/private/a", s+")\r\na2 LOGOUT")}}
			b, err := annotations.AppendSetMetadata(nil, c, o)
			require.NoError(t, err)
			back, err := annotations.ParseSetMetadata(b, o)
			require.NoError(t, err)
			require.Equal(t, c, back)
		}
	}
	_, err := annotations.AppendGetMetadata(nil, &annotations.GetMetadata{Depth: 3, Entries: []string{"/private/a"}}, nil)
	require.Error(t, err)
	for _, entries := range [][]annotations.EntryValue{nil, {}} {
		_, err = annotations.AppendMetadataResponse(nil, "", entries, nil)
		require.Error(t, err)
	}
}

func TestStatusError(t *testing.T) {
	require.Nil(t, annotations.StatusError(nil))
	require.Nil(t, annotations.StatusError(errors.New("disk full")))
	_, err := annotations.DecodePreferences([]annotations.EntryValue{
		ev("/private/notify/outband/channel", "FAX\r\n]ü"), ev("/private/notify/event/filter", "SOME"),
	})
	e := annotations.StatusError(fmt.Errorf("storing: %w", err))
	require.Equal(t, imap.StatusResponseTypeNo, e.Type)
	require.Empty(t, e.Code)
	for _, c := range []byte(e.Text) {
		require.True(t, c >= ' ' && c <= '~')
	}
	require.Contains(t, e.Text, "/private/notify/outband/channel")
	require.Contains(t, e.Text, "/private/notify/event/filter")

	var many []annotations.EntryValue
	for range 100 {
		many = append(many, ev("/private/notify/event/filter", strings.Repeat("x", 1000)))
	}
	_, err = annotations.DecodePreferences(many)
	require.Less(t, len(annotations.StatusError(err).Text), 512)

	e = annotations.StatusError(&annotations.QuotaError{Code: annotations.Code{Name: annotations.CodeMaxSize, Size: 1024}})
	require.Equal(t, imap.ResponseCode("METADATA MAXSIZE 1024"), e.Code)
	require.Equal(t, imap.StatusResponseTypeNo, annotations.StatusError(&annotations.ReadOnlyError{}).Type)
}

func ExampleParseSetMetadata() {
	c, err := annotations.ParseSetMetadata([]byte(`SETMETADATA INBOX (/private/comment "My new comment" /shared/comment NIL)`), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range c.Entries {
		fmt.Printf("%s %s %q %t\n", c.Mailbox, e.Name, e.Value, e.Value == nil)
	}
	_, err = annotations.ParseSetMetadata([]byte(`SETMETADATA INBOX (/private/comment My)`), nil)
	fmt.Println(err)
	// Output:
	// INBOX /private/comment "My new comment" false
	// INBOX /shared/comment "" true
	// annotations: expected nstring at octet 36 (RFC 3501, section 9)
}

func ExampleAppendMetadataResponse() {
	b, err := annotations.AppendMetadataResponse(nil, "INBOX", []annotations.EntryValue{
		{Name: "/private/comment", Value: []byte("My own comment")},
	}, nil)
	fmt.Println(string(b), err)
	// Output: * METADATA "INBOX" (/private/comment "My own comment") <nil>
}

func ExampleStatusError() {
	store := annotations.NewMemoryStore(&annotations.MemoryOptions{MaxValue: 1024})
	err := store.Set(annotations.Subject{User: "alice"}, "INBOX", []annotations.EntryValue{
		{Name: "/private/comment", Value: make([]byte, 2000)},
	})
	fmt.Println(annotations.StatusError(err))
	// Output: imap: NO [METADATA MAXSIZE 1024] cannot set "/private/comment": at most 1024 octets in a value
}
