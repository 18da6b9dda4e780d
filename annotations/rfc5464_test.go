package annotations_test

import (
	"math"
	"strings"
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

func size(n uint32) *uint32 { return &n }

func ev(name, value string) annotations.EntryValue {
	return annotations.EntryValue{Name: name, Value: []byte(value)}
}

// The commands of RFC 5464, without tags; line breaks that were added for the
// reader are taken out again (section 2).
func TestRFC5464GetMetadata(t *testing.T) {
	for _, tt := range []struct {
		source, command, canonical string
		want                       annotations.GetMetadata
	}{
		{
			"4.2, first, and 4.4.1, first", `GETMETADATA "" /shared/comment`, "",
			annotations.GetMetadata{Entries: []string{"/shared/comment"}},
		},
		{
			"4.2, second", `GETMETADATA "INBOX" /private/comment`, `GETMETADATA INBOX /private/comment`,
			annotations.GetMetadata{Mailbox: "INBOX", Entries: []string{"/private/comment"}},
		},
		{
			"4.2, third", `GETMETADATA "INBOX" (/shared/comment /private/comment)`, `GETMETADATA INBOX (/shared/comment /private/comment)`,
			annotations.GetMetadata{Mailbox: "INBOX", Entries: []string{"/shared/comment", "/private/comment"}},
		},
		{
			"4.2.1, options moved to where RFC 5464 erratum 3868 and the grammar have them",
			`GETMETADATA (MAXSIZE 1024) "INBOX" (/shared/comment /private/comment)`,
			`GETMETADATA (MAXSIZE 1024) INBOX (/shared/comment /private/comment)`,
			annotations.GetMetadata{MaxSize: size(1024), Mailbox: "INBOX", Entries: []string{"/shared/comment", "/private/comment"}},
		},
		{
			"4.2.2, options moved likewise; one entry needs no list",
			`GETMETADATA (DEPTH 1) "INBOX" (/private/filters/values)`,
			`GETMETADATA (DEPTH 1) INBOX /private/filters/values`,
			annotations.GetMetadata{Depth: annotations.DepthOne, Mailbox: "INBOX", Entries: []string{"/private/filters/values"}},
		},
		{
			"5: any case, both options, literals, quoted, a longer number",
			"getmetadata (depth Infinity maxsize 007) {5}\r\ninbox (\"/shared/comment\" {8+}\r\n/private)",
			`GETMETADATA (MAXSIZE 7 DEPTH infinity) INBOX (/shared/comment /private)`,
			annotations.GetMetadata{
				MaxSize: size(7), Depth: annotations.DepthInfinity, Mailbox: "INBOX", Entries: []string{"/shared/comment", "/private"},
			},
		},
		{
			"5 and 4.2.2: DEPTH 0 is the same as none; names of mailboxes in modified UTF-7 (RFC 3501, section 5.1.3)",
			`GETMETADATA (DEPTH 0) "~peter/mail/&U,BTFw-/&ZeVnLIqe-" /private/comment`,
			`GETMETADATA ~peter/mail/&U,BTFw-/&ZeVnLIqe- /private/comment`,
			annotations.GetMetadata{Mailbox: "~peter/mail/台北/日本語", Entries: []string{"/private/comment"}},
		},
	} {
		c, err := annotations.ParseGetMetadata([]byte(tt.command), nil)
		require.NoError(t, err, tt.source)
		require.Equal(t, tt.want, *c, tt.source)
		require.NoError(t, c.Validate(), tt.source)
		b, err := annotations.AppendGetMetadata(nil, c, nil)
		require.NoError(t, err, tt.source)
		if tt.canonical == "" {
			tt.canonical = tt.command
		}
		require.Equal(t, tt.canonical, string(b), tt.source)
	}
}

// RFC 5464 prints these two with the options after the mailbox, against its
// grammar; errata 3868 and others put them before. go-imap's client writes them
// so.
func TestOptionsAfterMailbox(t *testing.T) {
	for command, want := range map[string]annotations.GetMetadata{
		`GETMETADATA "INBOX" (MAXSIZE 1024) (/shared/comment /private/comment)`: { // 4.2.1
			MaxSize: size(1024), Mailbox: "INBOX", Entries: []string{"/shared/comment", "/private/comment"},
		},
		`GETMETADATA "INBOX" (DEPTH 1) (/private/filters/values)`: { // 4.2.2
			Depth: annotations.DepthOne, Mailbox: "INBOX", Entries: []string{"/private/filters/values"},
		},
	} {
		_, err := annotations.ParseGetMetadata([]byte(command), nil)
		var e *annotations.SyntaxError
		require.ErrorAs(t, err, &e)
		c, err := annotations.ParseGetMetadata([]byte(command), &annotations.Options{OptionsAfterMailbox: true})
		require.NoError(t, err)
		require.Equal(t, want, *c)
	}
	o := &annotations.Options{OptionsAfterMailbox: true}
	c, err := annotations.ParseGetMetadata([]byte(`GETMETADATA INBOX (/a /b)`), o)
	require.NoError(t, err)
	require.Equal(t, []string{"/a", "/b"}, c.Entries, "a list of entries stays one")
	c, err = annotations.ParseGetMetadata([]byte(`GETMETADATA INBOX (MAXSIZE 1)`), o)
	require.NoError(t, err)
	require.Equal(t, []string{"MAXSIZE", "1"}, c.Entries, "entries of no valid name, for want of others")
	require.Error(t, c.Validate())
	_, err = annotations.ParseGetMetadata([]byte(`GETMETADATA (DEPTH 1) INBOX (MAXSIZE 1) /a`), o)
	require.Error(t, err, "options twice")
}

func TestRFC5464SetMetadata(t *testing.T) {
	for _, tt := range []struct {
		source, command, canonical string
		want                       []annotations.EntryValue
	}{
		{
			"4.3, first, without the continuation request; the line break after the 33 octets is for the reader",
			"SETMETADATA INBOX (/private/comment {33}\r\nMy new comment across\r\ntwo lines.)", "",
			[]annotations.EntryValue{ev("/private/comment", "My new comment across\r\ntwo lines.")},
		},
		{
			"4.3, second", "SETMETADATA INBOX (/private/comment NIL)", "",
			[]annotations.EntryValue{{Name: "/private/comment"}},
		},
		{
			"4.3, third", `SETMETADATA INBOX (/private/comment "My new comment" /shared/comment "This one is for you!")`, "",
			[]annotations.EntryValue{ev("/private/comment", "My new comment"), ev("/shared/comment", "This one is for you!")},
		},
		{
			"4.3, fourth", `SETMETADATA INBOX (/private/comment "My new comment")`, "",
			[]annotations.EntryValue{ev("/private/comment", "My new comment")},
		},
		{
			"5: literal8, empty string, a string that says NIL",
			"setmetadata \"inbox\" (/a ~{3}\r\n\x00\r\n /b \"\" /c \"NIL\" \"/d e\" nil)",
			"SETMETADATA INBOX (/a ~{3}\r\n\x00\r\n /b \"\" /c \"NIL\" \"/d e\" NIL)",
			[]annotations.EntryValue{ev("/a", "\x00\r\n"), ev("/b", ""), ev("/c", "NIL"), {Name: "/d e"}},
		},
	} {
		c, err := annotations.ParseSetMetadata([]byte(tt.command), nil)
		require.NoError(t, err, tt.source)
		require.Equal(t, annotations.SetMetadata{Mailbox: "INBOX", Entries: tt.want}, *c, tt.source)
		if tt.canonical == "" {
			tt.canonical = tt.command
		}
		// The grammar takes any astring for an entry; what is written is valid.
		for i := range c.Entries {
			if !strings.HasPrefix(c.Entries[i].Name, "/private") && !strings.HasPrefix(c.Entries[i].Name, "/shared") {
				tt.canonical = strings.Replace(tt.canonical, c.Entries[i].Name, "/shared"+c.Entries[i].Name, 1)
				c.Entries[i].Name = "/shared" + c.Entries[i].Name
			}
		}
		b, err := annotations.AppendSetMetadata([]byte("a "), c, nil)
		require.NoError(t, err, tt.source)
		require.Equal(t, "a "+tt.canonical, string(b), tt.source)
	}
}

// The METADATA responses with values of RFC 5464.
func TestRFC5464Response(t *testing.T) {
	for _, tt := range []struct {
		source, mailbox string
		entries         []annotations.EntryValue
		want            string
	}{
		{"4.2, first", "", []annotations.EntryValue{ev("/shared/comment", "Shared comment")}, `* METADATA "" (/shared/comment "Shared comment")`},
		{"4.2, second", "INBOX", []annotations.EntryValue{ev("/private/comment", "My own comment")}, `* METADATA "INBOX" (/private/comment "My own comment")`},
		{
			"4.2, third", "INBOX", []annotations.EntryValue{ev("/shared/comment", "Shared comment"), ev("/private/comment", "My own comment")},
			`* METADATA "INBOX" (/shared/comment "Shared comment" /private/comment "My own comment")`,
		},
		{
			"4.2.2", "inbox",
			[]annotations.EntryValue{ev("/private/filters/values/small", "SMALLER 5000"), ev("/private/filters/values/boss", `FROM "boss@example.com"`)},
			`* METADATA "INBOX" (/private/filters/values/small "SMALLER 5000" /private/filters/values/boss "FROM \"boss@example.com\"")`,
		},
		{"4.4.1, first", "", []annotations.EntryValue{ev("/shared/comment", "My comment")}, `* METADATA "" (/shared/comment "My comment")`},
		{
			"4.4.1, second", "INBOX", []annotations.EntryValue{ev("/private/comment", "My comment"), ev("/shared/comment", "Its sunny outside!")},
			`* METADATA "INBOX" (/private/comment "My comment" /shared/comment "Its sunny outside!")`,
		},
		{
			"5: values that cannot be quoted, and none", `a "b"`,
			[]annotations.EntryValue{ev("/shared/a", "x\r\ny"), ev("/shared/b", "\xff"), ev("/shared/c", "\x00"), {Name: "/shared"}},
			"* METADATA \"a \\\"b\\\"\" (/shared/a {4}\r\nx\r\ny /shared/b {1}\r\n\xff /shared/c ~{1}\r\n\x00 /shared NIL)",
		},
	} {
		b, err := annotations.AppendMetadataResponse(nil, tt.mailbox, tt.entries, nil)
		require.NoError(t, err, tt.source)
		require.Equal(t, tt.want, string(b), tt.source)
	}
}

// RFC 5464, section 4.2.1: the example, with values of the sizes it speaks of.
func TestRFC5464MaxSize(t *testing.T) {
	c := annotations.GetMetadata{MaxSize: size(1024)}
	long := ev("/shared/comment", strings.Repeat("x", 2199))
	own := ev("/private/comment", "My own comment")
	kept, longest := c.Select([]annotations.EntryValue{long, own, ev("/private/x", strings.Repeat("x", 1025)), {Name: "/private/nil"}})
	require.Equal(t, []annotations.EntryValue{own, {Name: "/private/nil"}}, kept)
	require.Equal(t, "METADATA LONGENTRIES 2199", string(annotations.LongEntries(longest).ResponseCode()))
	kept, longest = (&annotations.GetMetadata{MaxSize: size(2199)}).Select([]annotations.EntryValue{long, own})
	require.Len(t, kept, 2, "less than or equal")
	require.Zero(t, longest)
	kept, _ = (&annotations.GetMetadata{}).Select([]annotations.EntryValue{long})
	require.Len(t, kept, 1)
}

func TestCode(t *testing.T) {
	for text, want := range map[string]annotations.Code{
		"METADATA LONGENTRIES 2199":   {Name: annotations.CodeLongEntries, Size: 2199}, // 4.2.1
		"METADATA MAXSIZE 1024":       {Name: annotations.CodeMaxSize, Size: 1024},
		"METADATA TOOMANY":            {Name: annotations.CodeTooMany}, // 4.3
		"METADATA NOPRIVATE":          {Name: annotations.CodeNoPrivate},
		"METADATA MAXSIZE 4294967295": {Name: annotations.CodeMaxSize, Size: 1<<32 - 1},
	} {
		c, err := annotations.ParseCode(strings.ToLower(text))
		require.NoError(t, err)
		require.Equal(t, want, c)
		require.Equal(t, text, c.String())
		var back annotations.Code
		b, err := c.MarshalText()
		require.NoError(t, err)
		require.NoError(t, back.UnmarshalText(b))
		require.Equal(t, c, back)
	}
	for text, reason := range map[string]string{
		"":                            "empty",
		"METADATA":                    "no code",
		"METADATA FEW":                "unknown",
		"METADATA TOOMANY 3":          "no number there",
		"METADATA MAXSIZE":            "no number",
		"METADATA MAXSIZE x":          "no number",
		"METADATA MAXSIZE 4294967296": "too large",
		"METADATA MAXSIZE 1]":         "not the whole",
		"METADATAMAXSIZE 1":           "no space",
		"METADATA  TOOMANY":           "two spaces",
		"METADATA TOOMANY\r\n":        "CR LF",
	} {
		_, err := annotations.ParseCode(text)
		var e *annotations.SyntaxError
		require.ErrorAs(t, err, &e, reason)
		require.Error(t, new(annotations.Code).UnmarshalText([]byte(text)))
	}
	for _, c := range []annotations.Code{{}, {Name: "X\r\n"}, {Name: annotations.CodeTooMany, Size: 1}} {
		b, err := c.AppendText([]byte("x"))
		require.Error(t, err)
		require.Equal(t, "x", string(b))
		require.Empty(t, c.ResponseCode())
		require.NotContains(t, c.String(), "\n")
	}
	require.Equal(t, uint32(min(uint64(math.MaxInt), math.MaxUint32)), annotations.LongEntries(math.MaxInt).Size)
}
