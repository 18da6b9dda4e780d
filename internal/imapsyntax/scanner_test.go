package imapsyntax_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/golemonade/lemonade/internal/imapsyntax"
	"github.com/stretchr/testify/require"
)

const (
	rfc3501 = "RFC 3501, section 9"
	rfc9051 = "RFC 9051, section 9"
	rfc5234 = "RFC 5234, appendix B.1"
	rfc7888 = "RFC 7888, section 8"
	rfc4466 = "RFC 4466, section 3"
)

// productions reads each production as text, for the tables.
var productions = map[string]func(s *imapsyntax.Scanner) (string, error){
	"SP":       func(s *imapsyntax.Scanner) (string, error) { return "", s.SP() },
	"CRLF":     func(s *imapsyntax.Scanner) (string, error) { return "", s.CRLF() },
	"End":      func(s *imapsyntax.Scanner) (string, error) { return "", s.End() },
	"Byte":     func(s *imapsyntax.Scanner) (string, error) { return "", s.Byte('(') },
	"Atom":     (*imapsyntax.Scanner).Atom,
	"Tag":      (*imapsyntax.Scanner).Tag,
	"Text":     (*imapsyntax.Scanner).Text,
	"AString":  (*imapsyntax.Scanner).AString,
	"Quoted":   (*imapsyntax.Scanner).Quoted,
	"String":   (*imapsyntax.Scanner).String,
	"Mailbox":  (*imapsyntax.Scanner).Mailbox,
	"Literal":  func(s *imapsyntax.Scanner) (string, error) { b, err := s.Literal(); return string(b), err },
	"Literal8": func(s *imapsyntax.Scanner) (string, error) { b, err := s.Literal8(); return string(b), err },
	"NString": func(s *imapsyntax.Scanner) (string, error) {
		v, ok, err := s.NString()
		if err == nil && !ok {
			return "<nil>", nil
		}
		return v, err
	},
	"Number":     func(s *imapsyntax.Scanner) (string, error) { n, err := s.Number(); return fmt.Sprint(n), err },
	"NZNumber":   func(s *imapsyntax.Scanner) (string, error) { n, err := s.NZNumber(); return fmt.Sprint(n), err },
	"Number64":   func(s *imapsyntax.Scanner) (string, error) { n, err := s.Number64(); return fmt.Sprint(n), err },
	"NZNumber64": func(s *imapsyntax.Scanner) (string, error) { n, err := s.NZNumber64(); return fmt.Sprint(n), err },
	"Keyword": func(s *imapsyntax.Scanner) (string, error) {
		i, err := s.Keyword("SELECTED", "SELECTED-DELAYED")
		return fmt.Sprint(i), err
	},
}

func TestAccepted(t *testing.T) {
	for _, tt := range []struct {
		source, production string
		utf8               bool
		in, value, rest    string
	}{
		{"RFC 5234, appendix B.1", "SP", false, "  a", "", " a"},
		{"RFC 5234, appendix B.1", "CRLF", false, "\r\na", "", "a"},
		{"no octet left", "End", false, "", "", ""},
		{"RFC 3501, section 9: atom", "Atom", false, "a+b[c]", "a+b[c", "]"},
		{"RFC 3501, section 9: ATOM-CHAR excludes CTL", "Atom", false, "a\x1fb", "a", "\x1fb"},
		{"RFC 3501, section 9: an atom is never nil", "Atom", false, "NIL ", "NIL", " "},
		{"RFC 3501, section 8: tag", "Tag", false, "a001 login", "a001", " login"},
		{"RFC 3501, section 9: tag without +", "Tag", false, "a]+", "a]", "+"},
		{"RFC 3501, section 8: text", "Text", false, "LOGIN completed\r\n", "LOGIN completed", "\r\n"},
		{"RFC 3501, section 9: TEXT-CHAR has CTL and specials", "Text", false, "\t\x7f\"\\]\xc3", "\t\x7f\"\\]", "\xc3"},
		{"RFC 9051, section 9: text with UTF-8", "Text", true, "caf\xc3\xa9 \xf0\x9f\x8d\x8b\xff", "café 🍋", "\xff"},
		{"RFC 3501, section 9: 1*ASTRING-CHAR", "AString", false, "a]b c", "a]b", " c"},
		{"RFC 3501, section 9: an astring is never nil", "AString", false, "nil", "nil", ""},
		{"RFC 3501, section 9: string", "AString", false, `"a b"c`, "a b", "c"},
		{"RFC 3501, section 4.3: the empty string", "AString", false, `""`, "", ""},
		{"RFC 3501, section 4.3: the empty literal", "AString", false, "{0}\r\n", "", ""},
		{"RFC 3501, section 7.5: literals", "AString", false, "{11}\r\nFRED FOOBAR {7}", "FRED FOOBAR", " {7}"},
		{"RFC 3501, section 9: quoted-specials", "Quoted", false, `"a\"b\\c" x`, `a"b\c`, " x"},
		{"RFC 3501, section 9: QUOTED-CHAR has CTL", "Quoted", false, "\"\t\x7f\x01\"", "\t\x7f\x01", ""},
		{"RFC 9051, section 9: UTF8-2, UTF8-3, UTF8-4", "Quoted", true, `"é☺🍋\""`, `é☺🍋"`, ""},
		{"RFC 3501, section 9: CHAR8 has CR, LF and 8-bit", "Literal", false, "{4}\r\n\r\n\xff x", "\r\n\xff ", "x"},
		{"RFC 7888, section 8", "Literal", false, "{1+}\r\nab", "a", "b"},
		{"RFC 3501, section 9: number may have leading zeros", "Literal", false, "{001}\r\nab", "a", "b"},
		{"RFC 4466, section 3", "Literal8", false, "~{3}\r\na\x00bc", "a\x00b", "c"},
		{"RFC 4466, section 3", "Literal8", false, "~{0+}\r\n", "", ""},
		{"RFC 3501, section 9: string", "String", false, "{1}\r\n\"", "\"", ""},
		{"RFC 3501, section 9: nil", "NString", false, "NIL)", "<nil>", ")"},
		{"RFC 3501, section 9, note (1)", "NString", false, "nIl", "<nil>", ""},
		{"RFC 3501, section 4.5: not the string", "NString", false, `"NIL"`, "NIL", ""},
		{"RFC 3501, section 9: 0 <= n", "Number", false, "0", "0", ""},
		{"RFC 3501, section 9: n < 4,294,967,296", "Number", false, "4294967295 ", "4294967295", " "},
		{"RFC 3501, section 9: 1*DIGIT", "Number", false, "000000000000042a", "42", "a"},
		{"RFC 3501, section 9: 0 < n", "NZNumber", false, "1:*", "1", ":*"},
		{"RFC 9051, section 9: n <= 9,223,372,036,854,775,807", "Number64", false, "9223372036854775807", "9223372036854775807", ""},
		{"RFC 9051, section 9: digit-nz", "NZNumber64", false, "9223372036854775807", "9223372036854775807", ""},
		{"RFC 3501, section 9: all case variants", "Mailbox", false, "iNbOx ", "INBOX", " "},
		{"RFC 3501, section 9: as an astring", "Mailbox", false, `"inbox"`, "INBOX", ""},
		{"RFC 3501, section 9: as an astring", "Mailbox", true, "{5}\r\ninbox", "INBOX", ""},
		{"RFC 3501, section 5.1: only INBOX itself", "Mailbox", false, "inbox/x", "inbox/x", ""},
		{"RFC 3501, section 5.1.3: example", "Mailbox", false, "~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語", ""},
		{"RFC 3501, section 5.1.3: in quotes", "Mailbox", false, `"A &- \"&AOk-\""`, `A & "é"`, ""},
		{"RFC 9051, section 5.1: UTF-8", "Mailbox", true, `"台北 \\ &-"`, `台北 \ &-`, ""},
		{"RFC 9051, section 9: in a literal", "Mailbox", true, "{6}\r\n台北", "台北", ""},
		{"RFC 5464, section 5: the empty name", "Mailbox", false, `"" x`, "", " x"},
		{"RFC 5465, section 8", "Keyword", false, "selected-Delayed (", "1", " ("},
		{"RFC 5465, section 8", "Keyword", false, "SELECTED(", "0", "("},
	} {
		t.Run(tt.production+" "+tt.in, func(t *testing.T) {
			s := imapsyntax.NewScanner([]byte(tt.in))
			s.UTF8 = tt.utf8
			value, err := productions[tt.production](s)
			require.NoError(t, err, tt.source)
			require.Equal(t, tt.value, value, tt.source)
			require.Equal(t, tt.rest, string(s.Rest()), tt.source)
		})
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		reason, production string
		utf8               bool
		in                 string
		offset             int
		want, section      string
	}{
		{"a tab is no SP: section 9, note (2)", "SP", false, "\t", 0, "SP", rfc5234},
		{"nothing left", "SP", false, "", 0, "SP", rfc5234},
		{"LF alone", "CRLF", false, "\n", 0, "CRLF", rfc5234},
		{"CR alone", "CRLF", false, "\r", 0, "CRLF", rfc5234},
		{"octets left", "End", false, "x", 0, "end of line", rfc3501},
		{"another octet", "Byte", false, ")", 0, `"("`, rfc3501},
		{"empty", "Atom", false, "", 0, "atom", rfc3501},
		{"resp-specials", "Atom", false, "]", 0, "atom", rfc3501},
		{"NUL", "Atom", false, "\x00", 0, "atom", rfc3501},
		{"8-bit", "Atom", true, "\xc3\xa9", 0, "atom", rfc3501},
		{"+ would be a continuation request", "Tag", false, "+", 0, "tag", rfc3501},
		{"untagged", "Tag", false, "*", 0, "tag", rfc3501},
		{"1*TEXT-CHAR", "Text", false, "\r\n", 0, "text", rfc3501},
		{"invalid UTF-8", "Text", true, "\xff", 0, "text", rfc3501},
		{"a list", "AString", false, "(", 0, "astring", rfc3501},
		{"list-wildcards", "AString", false, "%", 0, "astring", rfc3501},
		{"not closed", "Quoted", false, `"abc`, 4, "DQUOTE", rfc3501},
		{"escape at the end", "Quoted", false, `"abc\`, 5, "quoted-specials", rfc3501},
		{"escaped but not special", "Quoted", false, `"a\n"`, 3, "quoted-specials", rfc3501},
		{"CR", "Quoted", false, "\"a\r\"", 2, "QUOTED-CHAR or DQUOTE", rfc3501},
		{"LF", "Quoted", false, "\"a\n\"", 2, "QUOTED-CHAR or DQUOTE", rfc3501},
		{"NUL", "Quoted", false, "\"a\x00\"", 2, "QUOTED-CHAR or DQUOTE", rfc3501},
		{"8-bit without UTF8", "Quoted", false, `"é"`, 1, "QUOTED-CHAR or DQUOTE", rfc3501},
		{"invalid UTF-8", "Quoted", true, "\"é\xff\"", 3, "QUOTED-CHAR or DQUOTE", rfc3501},
		{"an atom", "Quoted", false, "abc", 0, "quoted", rfc3501},
		{"an atom", "String", false, "abc", 0, "string", rfc3501},
		{"literal8", "String", false, "~{1}\r\na", 0, "string", rfc3501},
		{"NIL as a prefix", "NString", false, "NILS", 0, "nstring", rfc3501},
		{"no number", "Literal", false, "{}\r\n", 1, "number64", rfc9051},
		{"a sign", "Literal", false, "{-1}\r\n", 1, "number64", rfc9051},
		{"not closed", "Literal", false, "{1\r\na", 2, `"}"`, rfc7888},
		{"two plus signs", "Literal", false, "{1++}\r\na", 3, `"}"`, rfc7888},
		{"LF alone", "Literal", false, "{1}\na", 3, "CRLF", rfc5234},
		{"SP before CRLF", "Literal", false, "{1} \r\na", 3, "CRLF", rfc5234},
		{"cut short", "Literal", false, "{3}\r\nab", 7, "3 octets of literal", rfc7888},
		{"more than any memory", "Literal", false, "{9223372036854775807}\r\nab", 25, "9223372036854775807 octets of literal", rfc7888},
		{"over 63 bits", "Literal", false, "{9223372036854775808}\r\nab", 1, "number64", rfc9051},
		{"NUL is no CHAR8", "Literal", false, "{3}\r\na\x00b", 6, "CHAR8", rfc3501},
		{"NUL is no CHAR8", "AString", false, "{3}\r\na\x00b", 6, "CHAR8", rfc3501},
		{"a literal", "Literal8", false, "{1}\r\na", 0, "literal8", rfc4466},
		{"a tilde alone", "Literal8", false, "~a", 1, `"{"`, rfc4466},
		{"not closed", "Literal8", false, "~{1\r\na", 3, `"}"`, rfc4466},
		{"no digit", "Number", false, "-1", 0, "number", rfc3501},
		{"33 bits", "Number", false, "4294967296", 0, "number", rfc3501},
		{"many digits", "Number", false, strings.Repeat("9", 40), 0, "number", rfc3501},
		{"zero", "NZNumber", false, "0", 0, "nz-number", rfc3501},
		{"a leading zero", "NZNumber", false, "01", 0, "nz-number", rfc3501},
		{"33 bits", "NZNumber", false, "4294967296", 0, "nz-number", rfc3501},
		{"64 bits", "Number64", false, "9223372036854775808", 0, "number64", rfc9051},
		{"over 64 bits", "Number64", false, "18446744073709551616", 0, "number64", rfc9051},
		{"a leading zero", "NZNumber64", false, "01", 0, "nz-number64", rfc9051},
		{"no digit", "NZNumber64", false, "*", 0, "nz-number64", rfc9051},
		{"RFC 3501, section 5.1.3: no shift back", "Mailbox", false, "x/&Jjo!", 6, "modified UTF-7, found octet outside the base64 alphabet", "RFC 3501, section 5.1.3"},
		{"RFC 3501, section 5.1.3: superfluous shift", "Mailbox", false, "&U,BTFw-&ZeVnLIqe-", 8, "modified UTF-7, found superfluous shift", "RFC 3501, section 5.1.3"},
		{"the offset counts the escapes", "Mailbox", false, `"\"\\a&Jjo!"`, 10, "modified UTF-7, found octet outside the base64 alphabet", "RFC 3501, section 5.1.3"},
		{"8-bit without UTF8", "Mailbox", false, "{2}\r\né", 5, "modified UTF-7, found octet that must be encoded", "RFC 3501, section 5.1.3"},
		{"encoded CR", "Mailbox", false, `"&AA0-"`, 1, "mailbox name without CR, LF and NUL", rfc3501},
		{"encoded NUL", "Mailbox", false, "&AAA-", 0, "mailbox name without CR, LF and NUL", rfc3501},
		{"LF in a literal", "Mailbox", true, "{2}\r\na\n", 6, "mailbox name without CR, LF and NUL", rfc3501},
		{"invalid UTF-8", "Mailbox", true, "{2}\r\na\xff", 6, "UTF-8", "RFC 9051, section 5.1"},
		{"nothing", "Mailbox", false, "", 0, "mailbox", rfc3501},
		{"longer than a word", "Keyword", false, "SELECTEDX", 0, `"SELECTED" / "SELECTED-DELAYED"`, rfc3501},
		{"shorter than a word", "Keyword", false, "SELECT", 0, `"SELECTED" / "SELECTED-DELAYED"`, rfc3501},
		{"nothing", "Keyword", false, "", 0, `"SELECTED" / "SELECTED-DELAYED"`, rfc3501},
	} {
		t.Run(tt.production+" "+tt.reason, func(t *testing.T) {
			// The prefix shows that offsets are those of the frame.
			s := imapsyntax.NewScanner([]byte("a " + tt.in))
			s.UTF8 = tt.utf8
			s.Take(imapsyntax.ClassAtom)
			require.True(t, s.TryByte(' '))
			_, err := productions[tt.production](s)
			require.Equal(t, &imapsyntax.Error{Offset: 2 + tt.offset, Want: tt.want, Section: tt.section}, err)
			require.Equal(t, 2, s.Pos(), "the position stays")
		})
	}
}

func TestTryAndPeek(t *testing.T) {
	s := imapsyntax.NewScanner([]byte("SELECTED-DELAYED x"))
	require.Equal(t, byte('S'), s.Peek())
	require.False(t, s.TryKeyword("SELECTED"), "never a prefix")
	require.False(t, s.TryByte('X'))
	require.True(t, s.TryKeyword("selected-delayed"))
	require.True(t, s.TryByte(' '))
	require.Equal(t, "SELECTED-DELAYED ", string(s.Since(0)))
	require.Equal(t, "x", string(s.Take(imapsyntax.ClassAtom)))
	require.Zero(t, s.Peek())
	require.False(t, s.TryByte(0))
	require.NoError(t, s.End())

	require.NoError(t, new(imapsyntax.Scanner).End(), "the zero Scanner")
}

func TestLists(t *testing.T) {
	for _, tt := range []struct {
		in    string
		list1 bool
		items []string
		err   error
	}{
		{in: "()"},
		{in: "(a)", items: []string{"a"}},
		{in: "(a b c)", list1: true, items: []string{"a", "b", "c"}},
		{in: "()", list1: true, err: &imapsyntax.Error{Offset: 1, Want: "atom", Section: rfc3501}},
		{in: "( a)", err: &imapsyntax.Error{Offset: 1, Want: "atom", Section: rfc3501}},
		{in: "(a )", items: []string{"a"}, err: &imapsyntax.Error{Offset: 3, Want: "atom", Section: rfc3501}},
		{in: "(a", items: []string{"a"}, err: &imapsyntax.Error{Offset: 2, Want: `SP or ")"`, Section: rfc3501}},
		{in: "a", err: &imapsyntax.Error{Want: `"("`, Section: rfc3501}},
		{in: "a", list1: true, err: &imapsyntax.Error{Want: `"("`, Section: rfc3501}},
	} {
		s := imapsyntax.NewScanner([]byte(tt.in))
		var items []string
		list := s.List
		if tt.list1 {
			list = s.List1
		}
		err := list(func() error {
			a, err := s.Atom()
			if err == nil {
				items = append(items, a)
			}
			return err
		})
		require.Equal(t, tt.err, err, tt.in)
		require.Equal(t, tt.items, items, tt.in)
	}
}

func TestNesting(t *testing.T) {
	parse := func(depth int) error {
		s := imapsyntax.NewScanner([]byte(strings.Repeat("(", depth) + strings.Repeat(")", depth)))
		var list func() error
		list = func() error { return s.List(list) }
		if err := list(); err != nil {
			return err
		}
		return s.End()
	}
	require.NoError(t, parse(imapsyntax.MaxDepth+1), "the innermost is empty")
	require.Equal(t, &imapsyntax.Error{
		Offset: imapsyntax.MaxDepth + 1, Want: "at most 64 levels of nesting", Section: "limit of this library",
	}, parse(imapsyntax.MaxDepth+2))
	require.Error(t, parse(1_000_000))

	s := imapsyntax.NewScanner(nil)
	for range imapsyntax.MaxDepth + 1 {
		require.NoError(t, s.Nest(func() error { return nil }), "levels side by side do not add up")
	}
}

func TestError(t *testing.T) {
	err := imapsyntax.NewScanner([]byte("x")).SP()
	require.EqualError(t, err, "imapsyntax: expected SP at octet 0 (RFC 5234, appendix B.1)")
}

// What Literal returns cannot be grown into the frame.
func TestAliasIsCapped(t *testing.T) {
	frame := []byte("{1}\r\nab")
	s := imapsyntax.NewScanner(frame)
	b, err := s.Literal()
	require.NoError(t, err)
	_ = append(b, 'X')
	_ = append(s.Since(0), 'X')
	require.Equal(t, "{1}\r\nab", string(frame))
}
