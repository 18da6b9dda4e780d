package imapsyntax_test

import (
	"math"
	"strings"
	"testing"

	"github.com/golemonade/lemonade/internal/imapsyntax"
	"github.com/stretchr/testify/require"
)

// appenders writes a string by each function, for the tables.
var appenders = map[string]func(b []byte, s string) ([]byte, error){
	"Atom":        imapsyntax.AppendAtom,
	"Tag":         imapsyntax.AppendTag,
	"Text":        func(b []byte, s string) ([]byte, error) { return imapsyntax.AppendText(b, s, false) },
	"TextUTF8":    func(b []byte, s string) ([]byte, error) { return imapsyntax.AppendText(b, s, true) },
	"AString":     func(b []byte, s string) ([]byte, error) { return imapsyntax.AppendAString(b, s, false) },
	"AStringUTF8": func(b []byte, s string) ([]byte, error) { return imapsyntax.AppendAString(b, s, true) },
	"Quoted":      func(b []byte, s string) ([]byte, error) { return imapsyntax.AppendQuoted(b, s, false) },
	"QuotedUTF8":  func(b []byte, s string) ([]byte, error) { return imapsyntax.AppendQuoted(b, s, true) },
	"Mailbox":     func(b []byte, s string) ([]byte, error) { return imapsyntax.AppendMailbox(b, s, false) },
	"MailboxUTF8": func(b []byte, s string) ([]byte, error) { return imapsyntax.AppendMailbox(b, s, true) },
	"String": func(b []byte, s string) ([]byte, error) {
		return imapsyntax.AppendString(b, s, false, imapsyntax.NoLiteral)
	},
	"StringSync": func(b []byte, s string) ([]byte, error) {
		return imapsyntax.AppendString(b, s, false, imapsyntax.SyncLiteral)
	},
	"StringNonSync": func(b []byte, s string) ([]byte, error) {
		return imapsyntax.AppendString(b, s, true, imapsyntax.NonSyncLiteral)
	},
	"NString": func(b []byte, s string) ([]byte, error) {
		return imapsyntax.AppendNString(b, s, true, false, imapsyntax.SyncLiteral)
	},
	"Nil": func(b []byte, s string) ([]byte, error) {
		return imapsyntax.AppendNString(b, s, false, false, imapsyntax.NoLiteral)
	},
	"Literal": func(b []byte, s string) ([]byte, error) {
		return imapsyntax.AppendLiteral(b, s, imapsyntax.SyncLiteral)
	},
	"LiteralNone": func(b []byte, s string) ([]byte, error) {
		return imapsyntax.AppendLiteral(b, s, imapsyntax.NoLiteral)
	},
	"Literal8": func(b []byte, s string) ([]byte, error) {
		return imapsyntax.AppendLiteral8(b, []byte(s), imapsyntax.NonSyncLiteral)
	},
	"Literal8None": func(b []byte, s string) ([]byte, error) {
		return imapsyntax.AppendLiteral8(b, []byte(s), imapsyntax.NoLiteral)
	},
}

func TestAppend(t *testing.T) {
	for _, tt := range []struct{ source, function, value, wire string }{
		{"RFC 3501, section 9: atom", "Atom", "a+b[c", "a+b[c"},
		{"RFC 3501, section 9: tag", "Tag", "a]1", "a]1"},
		{"RFC 3501, section 9: text", "Text", "a \"\\\t", "a \"\\\t"},
		{"RFC 9051, section 9: text", "TextUTF8", "é☺🍋", "é☺🍋"},
		{"RFC 3501, section 9: 1*ASTRING-CHAR", "AString", "a]b", "a]b"},
		{"RFC 3501, section 4.3: empty", "AString", "", `""`},
		{"RFC 3501, section 9: atom-specials", "AString", `a (b) "c\`, `"a (b) \"c\\"`},
		{"RFC 3501, section 9: list-wildcards", "AString", "a%", `"a%"`},
		{"RFC 3501, section 9: nstring", "AString", "nil", `"nil"`},
		{"RFC 3501, section 9: nstring", "AString", "NILS", "NILS"},
		{"RFC 9051, section 9: UTF8-2", "AStringUTF8", "é", `"é"`},
		{"RFC 3501, section 9: quoted", "Quoted", "", `""`},
		{"RFC 3501, section 9: quoted-specials", "Quoted", `\"\`, `"\\\"\\"`},
		{"RFC 3501, section 9: TEXT-CHAR", "Quoted", "\t\x7f", "\"\t\x7f\""},
		{"RFC 9051, section 9: UTF8-4", "QuotedUTF8", `🍋"`, `"🍋\""`},
		{"RFC 3501, section 9: quoted", "String", "a", `"a"`},
		{"RFC 3501, section 9: quoted", "StringSync", "a", `"a"`},
		{"RFC 3501, section 9: literal", "StringSync", "a\r\n", "{3}\r\na\r\n"},
		{"RFC 3501, section 9: literal", "StringSync", "é", "{2}\r\né"},
		{"RFC 7888, section 8", "StringNonSync", "\xff", "{1+}\r\n\xff"},
		{"RFC 9051, section 9: quoted", "StringNonSync", "é", `"é"`},
		{"RFC 3501, section 9: nstring", "NString", "NIL", `"NIL"`},
		{"RFC 3501, section 9: nstring", "NString", "\n", "{1}\r\n\n"},
		{"RFC 3501, section 9: nil", "Nil", "ignored", "NIL"},
		{"RFC 3501, section 9: literal", "Literal", "", "{0}\r\n"},
		{"RFC 4466, section 3", "Literal8", "a\x00b", "~{3+}\r\na\x00b"},
		{"RFC 3501, section 9: INBOX", "Mailbox", "iNbox", "INBOX"},
		{"RFC 3501, section 9: INBOX", "MailboxUTF8", "inbox", "INBOX"},
		{"RFC 3501, section 5.1", "Mailbox", "inbox/x", "inbox/x"},
		{"RFC 5464, section 5: the server", "Mailbox", "", `""`},
		{"RFC 3501, section 5.1.3: example", "Mailbox", "~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
		{"RFC 3501, section 5.1.3", "Mailbox", `A & "é"`, `"A &- \"&AOk-\""`},
		{"RFC 3501, section 5.1.3", "Mailbox", "a\tb", "a&AAk-b"},
		{"RFC 9051, section 5.1", "MailboxUTF8", `台北 &`, `"台北 &"`},
		{"RFC 3501, section 9: nstring", "Mailbox", "NIL", `"NIL"`},
	} {
		t.Run(tt.function+" "+tt.value, func(t *testing.T) {
			b, err := appenders[tt.function]([]byte("x "), tt.value)
			require.NoError(t, err, tt.source)
			require.Equal(t, "x "+tt.wire, string(b), tt.source)
		})
	}
}

func TestAppendRefused(t *testing.T) {
	for _, tt := range []struct {
		reason, function, value string
		offset                  int
		want, section           string
	}{
		{"empty", "Atom", "", 0, "ATOM-CHAR", rfc3501},
		{"SP", "Atom", "a b", 1, "ATOM-CHAR", rfc3501},
		{"resp-specials", "Atom", "a]", 1, "ATOM-CHAR", rfc3501},
		{"8-bit", "Atom", "é", 0, "ATOM-CHAR", rfc3501},
		{"empty", "Tag", "", 0, `ASTRING-CHAR except "+"`, rfc3501},
		{"+", "Tag", "a+", 1, `ASTRING-CHAR except "+"`, rfc3501},
		{"empty", "Text", "", 0, "TEXT-CHAR", rfc3501},
		{"8-bit", "Text", "aé", 1, "TEXT-CHAR", rfc3501},
		{"invalid UTF-8", "TextUTF8", "é\xc3", 2, "TEXT-CHAR", rfc3501},
		{"8-bit", "AString", "aé", 1, "QUOTED-CHAR", rfc3501},
		{"invalid UTF-8", "AStringUTF8", "é\xff", 2, "QUOTED-CHAR", rfc3501},
		{"a surrogate", "QuotedUTF8", "\xed\xa0\x80", 0, "QUOTED-CHAR", rfc3501},
		{"8-bit", "String", "é", 0, "QUOTED-CHAR", rfc3501},
		{"NUL in a literal", "StringSync", "é\x00", 2, "CHAR8", rfc3501},
		{"NUL in a literal", "Literal", "\x00", 0, "CHAR8", rfc3501},
		{"no form", "LiteralNone", "a", 0, "a value that needs no literal", rfc7888},
		{"no form", "Literal8None", "a", 0, "a value that needs no literal", rfc4466},
		{"invalid UTF-8", "Mailbox", "a\xff", 1, "UTF-8", "RFC 3501, section 5.1.3"},
		{"invalid UTF-8", "MailboxUTF8", "a\xff", 1, "QUOTED-CHAR", rfc3501},
	} {
		t.Run(tt.function+" "+tt.reason, func(t *testing.T) {
			b, err := appenders[tt.function]([]byte("x "), tt.value)
			require.Equal(t, &imapsyntax.Error{Offset: tt.offset, Want: tt.want, Section: tt.section}, err)
			require.Equal(t, "x ", string(b), "unchanged")
		})
	}
}

// No octet that ends a line gets out, but inside a counted literal.
func TestAppendInjection(t *testing.T) {
	for name, appendTo := range appenders {
		for _, c := range []string{"\r", "\n", "\x00"} {
			for _, value := range []string{c, "a" + c, c + "a", "a" + c + "A1 LOGOUT", strings.Repeat("é", 100) + c} {
				b, err := appendTo([]byte("x "), value)
				switch {
				case err != nil:
					require.Equal(t, "x ", string(b), "%s %q", name, value)
				case name == "Nil":
					require.Equal(t, "x NIL", string(b))
				default:
					counted := c != "\x00" && strings.HasSuffix(string(b), "}\r\n"+value) ||
						name == "Literal8"
					require.True(t, counted, "%s %q: %q", name, value, b)
				}
			}
		}
	}
}

func TestAppendNumber(t *testing.T) {
	require.Equal(t, "x 0", string(imapsyntax.AppendNumber([]byte("x "), 0)))
	require.Equal(t, "4294967295", string(imapsyntax.AppendNumber(nil, math.MaxUint32)))
	b, err := imapsyntax.AppendNumber64(nil, math.MaxInt64)
	require.NoError(t, err)
	require.Equal(t, "9223372036854775807", string(b))
	b, err = imapsyntax.AppendNumber64([]byte("x"), math.MaxInt64+1)
	require.Equal(t, &imapsyntax.Error{Want: "number64", Section: rfc9051}, err)
	require.Equal(t, "x", string(b))
}

// Every octet, alone and beside others, through every function: what is written
// is read again.
func TestAppendAllOctets(t *testing.T) {
	read := map[string]string{
		"Atom": "Atom", "Tag": "Tag", "Text": "Text", "AString": "AString", "Quoted": "Quoted",
		"String": "String", "StringSync": "String", "NString": "NString", "Literal": "Literal",
		"Literal8": "Literal8", "Mailbox": "Mailbox",
	}
	for c := range 256 {
		for _, value := range []string{string([]byte{byte(c)}), "a" + string([]byte{byte(c)}) + "b"} {
			for function, production := range read {
				b, err := appenders[function](nil, value)
				if err != nil {
					continue
				}
				s := imapsyntax.NewScanner(b)
				back, err := productions[production](s)
				require.NoError(t, err, "%s %q", function, b)
				require.NoError(t, s.End(), "%s %q", function, b)
				require.Equal(t, value, back, "%s %q", function, b)
			}
		}
	}
}
