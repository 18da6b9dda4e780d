package memstore

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"
)

var testDate = time.Date(2024, 2, 29, 12, 30, 0, 0, time.FixedZone("", -7*3600))

const multipartMessage = "From: Ann <ann@example.org>\r\nSubject: =?utf-8?q?K=C3=A4se?=\r\n folded\r\n" +
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
	"preamble\r\n--b\r\nContent-Type: text/plain\r\n\r\nfirst\r\n" +
	"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nc2Vjb25k\r\n" +
	"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n" +
	"--b--\r\n"

// RFC 3501, section 6.4.5, BODY[<section>]<<partial>>, and RFC 3516.
func TestBodySections(t *testing.T) {
	header, text, _ := strings.Cut(multipartMessage, "\r\n\r\n")
	header += "\r\n\r\n"
	c := newHarness(t).connect(t)
	c.appendMessage("INBOX", `(\Seen)`, multipartMessage)
	c.ok("SELECT INBOX")
	for _, tt := range []struct {
		item string
		name string // in the response, if not the item without .PEEK
		want string
	}{
		{"BODY.PEEK[]", "", multipartMessage},
		{"RFC822", "", multipartMessage},
		{"RFC822.HEADER", "", header},
		{"RFC822.TEXT", "", text},
		{"BODY.PEEK[HEADER]", "", header},
		{"BODY.PEEK[TEXT]", "", text},
		{"BODY.PEEK[HEADER.FIELDS (SUBJECT)]", `BODY[HEADER.FIELDS ("SUBJECT")]`, "Subject: =?utf-8?q?K=C3=A4se?=\r\n folded\r\n\r\n"},
		{"BODY.PEEK[HEADER.FIELDS (x)]", `BODY[HEADER.FIELDS ("x")]`, "\r\n"},
		{"BODY.PEEK[HEADER.FIELDS.NOT (subject FROM)]", `BODY[HEADER.FIELDS.NOT ("subject" "FROM")]`, "Content-Type: multipart/mixed; boundary=b\r\n\r\n"},
		{"BODY.PEEK[1]", "", "first"},
		{"BODY.PEEK[1.MIME]", "", "Content-Type: text/plain\r\n\r\n"},
		{"BODY.PEEK[2]", "", "c2Vjb25k"},
		{"BODY.PEEK[3.HEADER]", "", "Subject: inner\r\n\r\n"},
		{"BODY.PEEK[3.TEXT]", "", "inner text"},
		{"BODY.PEEK[4]", "", ""},
		{"BODY.PEEK[0]", "", ""},
		{"BODY.PEEK[4294967295]", "", ""},
		{"BODY.PEEK[1.2.3]", "", ""},
		{"BODY.PEEK[]<0.4>", "BODY[]<0>", "From"},
		{"BODY.PEEK[]<6.3>", "BODY[]<6>", "Ann"},
		{"BODY.PEEK[TEXT]<8.9223372036854775807>", "BODY[TEXT]<8>", text[8:]},
		{"BODY.PEEK[]<4294967295.9223372036854775807>", "BODY[]<4294967295>", ""},
		{"BODY.PEEK[1]<2.9223372036854775807>", "BODY[1]<2>", "rst"},
		{"BODY.PEEK[1]<9.1>", "BODY[1]<9>", ""},
		{"BINARY.PEEK[2]", "BINARY[2]", "second"},
		{"BINARY.PEEK[2]<3.9223372036854775807>", "BINARY[2]", "ond"},
		{"BINARY.SIZE[2]", "", "6"},
	} {
		t.Run(tt.item, func(t *testing.T) {
			name := tt.name
			if name == "" {
				name = strings.Replace(tt.item, ".PEEK", "", 1)
			}
			rs := c.ok("FETCH 1 (" + tt.item + ")")
			require.Len(t, rs, 1)
			require.Equal(t, map[string]any{name: tt.want}, rs[0].items(t))
		})
	}
}

// Whatever a message is, FETCH and SEARCH answer, and BODY[] is the message.
func TestMalformedMessages(t *testing.T) {
	messages := map[string]string{
		"empty":                     "",
		"only a line":               "x",
		"only the end of a header":  "\r\n",
		"no header":                 "\r\nbody",
		"no fields":                 "this is\r\nno header\r\n\r\nbody",
		"no empty line":             "Subject: x\r\nTo: y",
		"LF only":                   "Subject: x\n\nbody\n",
		"NUL and 8-bit":             "Subject: \x00\xff\xfe\r\n\r\n\x00\xff",
		"no colon":                  "Subject\r\n\r\n",
		"continuation first":        " x\r\nSubject: y\r\n\r\n",
		"bad content type":          "Content-Type: ;;=\r\n\r\nx",
		"content type without /":    "Content-Type: text\r\n\r\nx",
		"type text/":                "Content-Type: text/\r\n\r\nx",
		"type /plain":               "Content-Type: /plain\r\n\r\nx",
		"multipart, no boundary":    "Content-Type: multipart/mixed\r\n\r\n--\r\n\r\nx\r\n----\r\n",
		"multipart, no parts":       "Content-Type: multipart/mixed; boundary=b\r\n\r\nnothing",
		"multipart, empty":          "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n",
		"multipart, not closed":     "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx",
		"multipart, bad part":       "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nno header\r\n\r\nx\r\n--b--",
		"multipart without subtype": "Content-Type: multipart/; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
		"multipart in multipart":    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--b--",
		"empty message in message":  "Content-Type: message/rfc822\r\n\r\n",
		"multipart in message":      "Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/x; boundary=z\r\n\r\n",
		"charset":                   "Content-Type: text/plain; charset=nonsense\r\n\r\nx\xff",
		"encoding":                  "Content-Transfer-Encoding: nonsense\r\n\r\nx",
		"bad base64":                "Content-Transfer-Encoding: base64\r\n\r\n%%%%",
		"bad addresses":             "From: <<>>,,@\r\nTo: a@b@c\r\nCc: undisclosed:;\r\n\r\n",
		"bad dates and ids":         "Date: yesterday\r\nMessage-ID: <\r\nIn-Reply-To: >><\r\n\r\n",
		"line ends in an address":   "From: \"a\\\r\n b\" <x@y>\r\nSubject: =?utf-8?q?a=0D=0Ab?=\r\n\r\n",
		"disposition, language":     "Content-Disposition: ;\r\nContent-Language: , ,\r\nContent-Location: \"\r\n\r\n",
		"deep messages":             strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 20_000),
		"deep multiparts":           strings.Repeat("Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n", 8000),
	}
	for name, message := range messages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newHarness(t).connect(t)
			c.appendMessage("INBOX", "", message)
			c.ok("SELECT INBOX")
			rs := c.ok("FETCH 1 (BODY.PEEK[] RFC822.SIZE UID)")
			require.Equal(t, message, rs[0].items(t)["BODY[]"])
			header, text := splitHeader([]byte(message))
			rs = c.ok("FETCH 1 (BODY.PEEK[HEADER] BODY.PEEK[TEXT])")
			require.Equal(t, map[string]any{"BODY[HEADER]": string(header), "BODY[TEXT]": string(text)}, rs[0].items(t))
			for _, item := range []string{
				"ENVELOPE", "BODYSTRUCTURE", "BODY", "FULL",
				"(BODY[1] BODY[1.MIME] BODY[1.HEADER] BODY[1.TEXT] BODY[2] BODY[1.1.1])",
				"(BODY[HEADER.FIELDS (Subject)] BODY[HEADER.FIELDS.NOT (Subject)])",
				"(BINARY[] BINARY[1] BINARY.SIZE[1])", "BODY[]<1.2>",
			} {
				require.Len(t, c.ok("FETCH 1 "+item), 1, item)
			}
			for _, key := range []string{"TEXT x", "BODY x", "SUBJECT x", "FROM x", "SENTON 1-Jan-2020", `HEADER Subject ""`} {
				c.ok("SEARCH " + key)
			}
		})
	}
}

// RFC 3501, section 9: body-type-text and body-type-basic.
func TestBodyStructure(t *testing.T) {
	single := func(s string) string { return `BODYSTRUCTURE (` + s + ` NIL NIL NIL NIL)` }
	for _, tt := range []struct{ message, want string }{
		{"A: b\r\n\r\nx\r\n", single(`"text" "plain" NIL NIL NIL "7bit" 3 1`)},
		{"Content-Type: multipart/mixed; boundary=b\r\n\r\n", single(`"text" "plain" NIL NIL NIL "7bit" 0 0`)},
		{"Content-Type: text/\r\n\r\nx", single(`"application" "octet-stream" NIL NIL NIL "7bit" 1`)},
		{"Content-Type: image/PNG; name=x\r\nContent-Transfer-Encoding: BASE64\r\n\r\nx", single(`"image" "png" ("name" "x") NIL NIL "base64" 1`)},
	} {
		c := newHarness(t).connect(t)
		c.appendMessage("INBOX", "", tt.message)
		c.ok("SELECT INBOX")
		require.Equal(t, []string{"1 FETCH (" + tt.want + ")"}, lines(c.ok("FETCH 1 BODYSTRUCTURE")))
	}
}

func TestCut(t *testing.T) {
	const most = 1<<63 - 1
	for _, tt := range []struct {
		offset, size int64
		want         string
	}{
		{0, 0, ""}, {0, 3, "abc"}, {1, 1, "b"}, {1, most, "bc"}, {3, 1, ""}, {most, most, ""},
	} {
		require.Equal(t, tt.want, string(cut([]byte("abc"), &imap.SectionPartial{Offset: tt.offset, Size: tt.size})))
	}
	require.Equal(t, "abc", string(cut([]byte("abc"), nil)))
}
