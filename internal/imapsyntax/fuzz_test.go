package imapsyntax_test

import (
	"testing"
	"unicode/utf8"

	"github.com/golemonade/lemonade/internal/imapsyntax"
	"github.com/stretchr/testify/require"
)

// pairs joins the reading and the writing of a production.
var pairs = []struct {
	read   func(s *imapsyntax.Scanner) (string, error)
	append func(b []byte, s string, utf8 bool) ([]byte, error)
	always bool // every value that is read can be written
}{
	{(*imapsyntax.Scanner).Atom, func(b []byte, s string, _ bool) ([]byte, error) { return imapsyntax.AppendAtom(b, s) }, true},
	{(*imapsyntax.Scanner).Tag, func(b []byte, s string, _ bool) ([]byte, error) { return imapsyntax.AppendTag(b, s) }, true},
	{(*imapsyntax.Scanner).Text, imapsyntax.AppendText, true},
	{(*imapsyntax.Scanner).Quoted, imapsyntax.AppendQuoted, true},
	{(*imapsyntax.Scanner).Mailbox, imapsyntax.AppendMailbox, true},
	{(*imapsyntax.Scanner).AString, imapsyntax.AppendAString, false},
	{(*imapsyntax.Scanner).String, func(b []byte, s string, utf8 bool) ([]byte, error) {
		return imapsyntax.AppendString(b, s, utf8, imapsyntax.NonSyncLiteral)
	}, true},
	{productions["Literal"], func(b []byte, s string, _ bool) ([]byte, error) {
		return imapsyntax.AppendLiteral(b, s, imapsyntax.SyncLiteral)
	}, true},
	{productions["Literal8"], func(b []byte, s string, _ bool) ([]byte, error) {
		return imapsyntax.AppendLiteral8(b, []byte(s), imapsyntax.SyncLiteral)
	}, true},
}

// Bytes: what is read is written, read again and equal; writing is then stable.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		"a001", "NIL", "]+", `"a\"b\\c"`, `"é🍋"`, "{3}\r\nabc", "{2+}\r\n\r\n", "~{2}\r\n\x00\xff", "{9}\r\nx",
		"iNbOx", "~peter/mail/&U,BTFw-/&ZeVnLIqe-", `"A &- \"&AOk-\""`, "&Jjo!", "&AA0-", `"\n"`, "\x00", "{0}\r\n", "",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, frame []byte, utf8 bool) {
		for i, p := range pairs {
			s := imapsyntax.NewScanner(frame)
			s.UTF8 = utf8
			value, err := p.read(s)
			require.Equal(t, string(frame), string(s.Since(0))+string(s.Rest()))
			if err != nil {
				var e *imapsyntax.Error
				require.ErrorAs(t, err, &e)
				require.True(t, 0 <= e.Offset && e.Offset <= len(frame), "offset %d", e.Offset)
				require.Zero(t, s.Pos())
				continue
			}
			wire, err := p.append([]byte("x"), value, utf8)
			if err != nil {
				require.False(t, p.always, "pair %d: %q: %v", i, value, err)
				require.Equal(t, "x", string(wire))
				continue
			}
			s = imapsyntax.NewScanner(wire[1:])
			s.UTF8 = utf8
			back, err := p.read(s)
			require.NoError(t, err, "pair %d: %q", i, wire)
			require.NoError(t, s.End(), "pair %d: %q", i, wire)
			require.Equal(t, value, back)
			again, err := p.append([]byte("x"), back, utf8)
			require.NoError(t, err)
			require.Equal(t, string(wire), string(again))
		}
	})
}

// Values: what is written is read again and equal, or is refused.
func FuzzAppend(f *testing.F) {
	for _, s := range []string{"", "a", "NIL", "inbox", "INBOX/x", `a "b\`, "é🍋", "a\rb", "a\nb", "a\x00b", "a+]", "&", "\xff", "%*", "\t\x7f"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, value string, utf8Mode bool) {
		for i, p := range pairs {
			wire, err := p.append([]byte("x"), value, utf8Mode)
			if err != nil {
				var e *imapsyntax.Error
				require.ErrorAs(t, err, &e)
				require.True(t, 0 <= e.Offset && e.Offset <= len(value), "offset %d", e.Offset)
				require.Equal(t, "x", string(wire))
				continue
			}
			s := imapsyntax.NewScanner(wire[1:])
			s.UTF8 = utf8Mode
			back, err := p.read(s)
			require.NoError(t, err, "pair %d: %q", i, wire)
			require.NoError(t, s.End(), "pair %d: %q", i, wire)
			if imapsyntax.EqualFold(value, "INBOX") {
				require.True(t, imapsyntax.EqualFold(back, "INBOX"))
			} else {
				require.Equal(t, value, back)
			}
		}
		if wire, err := imapsyntax.AppendMailbox(nil, value, false); err == nil {
			require.True(t, utf8.ValidString(value))
			for _, c := range wire {
				require.True(t, c >= 0x20 && c <= 0x7e, "%q", wire)
			}
		}
	})
}
