package imapurl

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAppendTextRefused(t *testing.T) {
	tests := []struct {
		reason string
		field  string
		in     URL
	}{
		{"the zero value is no URL", "Host", URL{}},
		{"no host", "Host", URL{Mailbox: "INBOX"}},
		{"NUL", "User", URL{User: "a\x00", Host: "h"}},
		{"not UTF-8", "User", URL{User: "\xFF", Host: "h"}},
		{"NUL", "Mailbox", URL{Host: "h", Mailbox: "\x00"}},
		{"not UTF-8", "Mailbox", URL{Host: "h", Mailbox: "\xC3"}},
		{"a mechanism is an atom", "Auth", URL{Auth: "A B", Host: "h"}},
		{"a mechanism is an atom", "Auth", URL{Auth: "A*", Host: "h"}},
		{"a mechanism is an atom", "Auth", URL{Auth: "Ü", Host: "h"}},
		{"a mechanism with CR LF", "Auth", URL{Auth: "A\r\nB", Host: "h"}},
		{"a host with a path", "Host", URL{Host: "h/x"}},
		{"a host with a user", "Host", URL{Host: "u@h"}},
		{"a host with a port", "Host", URL{Host: "h:143"}},
		{"a host in brackets", "Host", URL{Host: "[::1]"}},
		{"a host with a zone", "Host", URL{Host: "fe80::1%eth0"}},
		{"a host with a space", "Host", URL{Host: "a b"}},
		{"a host with CR LF", "Host", URL{Host: "a\r\nb"}},
		{"a host with NUL", "Host", URL{Host: "a\x00b"}},
		{"a host that is not UTF-8", "Host", URL{Host: "\xFF"}},
		{"no mailbox", "UIDValidity", URL{Host: "h", UIDValidity: 1}},
		{"no mailbox", "UID", URL{Host: "h", Slash: true, UID: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.field+" "+tt.reason, func(t *testing.T) {
			b, err := tt.in.AppendText([]byte("before"))
			var value *ValueError
			require.ErrorAs(t, err, &value)
			require.Equal(t, tt.field, value.Field)
			require.ErrorContains(t, err, "field "+tt.field+": expected "+value.Expected)
			require.Equal(t, "before", string(b))
			requireOneLine(t, tt.in.String())
		})
	}
}

// TestInjection puts octets that end or split something into every field: they
// are encoded, or the value is refused.
func TestInjection(t *testing.T) {
	for _, bad := range []string{"\r\nA1 LOGOUT\r\n", "\n", "\x00", " ", "@evil", "/;UID=9", ";UIDVALIDITY=9", "?ALL", "#", "%0D%0A", ";AUTH=*", ":143"} {
		for _, u := range []URL{
			{User: "a" + bad, Host: "h", Mailbox: "m"},
			{Auth: "A" + bad, Host: "h", Mailbox: "m"},
			{Host: "h" + bad, Mailbox: "m"},
			{Host: "h", Mailbox: "m" + bad},
		} {
			requireOneLine(t, u.String())
			b, err := u.AppendText(nil)
			if err != nil {
				continue
			}
			requireOneLine(t, string(b))
			got, err := Parse(string(b))
			require.NoError(t, err, "%q", b)
			require.Equal(t, u, got)
		}
	}
}

func requireOneLine(t *testing.T, s string) {
	t.Helper()
	for i := range len(s) {
		require.True(t, ' ' < s[i] && s[i] < 0x7F, "%q", s)
	}
}

// TestSlashWithMailbox: Slash means nothing beside a Mailbox.
func TestSlashWithMailbox(t *testing.T) {
	require.Equal(t, "imap://h/m", URL{Host: "h", Slash: true, Mailbox: "m"}.String())
}

// TestClasses spells out the ABNF for all octets.
func TestClasses(t *testing.T) {
	const (
		alpha      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		digit      = "0123456789"
		unreserved = alpha + digit + "-._~"         // RFC 3986, section 2.3
		subDelims  = "!$&'()*+,;="                  // RFC 3986, section 2.2
		achar      = unreserved + "!$'()*+," + "&=" // RFC 5092, section 11
		bchar      = achar + ":@/"                  // RFC 5092, section 11
		specials   = "(){ %*\"\\]"                  // RFC 3501, section 9
	)
	for i := range 256 {
		c := byte(i)
		in := func(set string) bool { return strings.IndexByte(set, c) >= 0 }
		name := fmt.Sprintf("%#x", c)
		require.Equal(t, in(achar), classAchar.has(c), name)
		require.Equal(t, in(bchar), classBchar.has(c), name)
		require.Equal(t, in(unreserved+subDelims), classRegName.has(c), name)
		require.Equal(t, c > 0x1F && c < 0x7F && !in(specials), classAtom.has(c), name)
	}
}

// TestEncodedOctets: exactly the octets that are no bchar are encoded, and both
// forms of the others are read.
func TestEncodedOctets(t *testing.T) {
	for c := rune(1); c < 0x80; c++ {
		encoded := fmt.Sprintf("imap://h/x%%%02X", c)
		u, err := Parse(encoded)
		require.NoError(t, err)
		require.Equal(t, "x"+string(c), u.Mailbox)
		want := encoded
		if classBchar.has(byte(c)) {
			want = "imap://h/x" + string(c)
			plain, err := Parse(want)
			require.NoError(t, err)
			require.Equal(t, u, plain)
		} else {
			_, err := Parse("imap://h/x" + string(c))
			require.Error(t, err)
		}
		require.Equal(t, want, u.String())
	}
}
