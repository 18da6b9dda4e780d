package imapurl

import (
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"
)

// FuzzParse: what is read can be written, is read again as the same value, and
// is then written the same.
func FuzzParse(f *testing.F) {
	for _, tt := range accepted {
		f.Add(tt.in)
	}
	for _, tt := range refused {
		f.Add(tt.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := Parse(s)
		if err != nil {
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.LessOrEqual(t, syntax.Offset, len(s))
			return
		}
		b, err := u.AppendText(nil)
		require.NoError(t, err)
		again, err := Parse(string(b))
		require.NoError(t, err, "%q", b)
		require.Equal(t, u, again)
		require.Equal(t, string(b), again.String())
	})
}

// FuzzAppend: a value is refused, or its text is read as the same value.
func FuzzAppend(f *testing.F) {
	for _, tt := range accepted {
		u := tt.want
		f.Add(u.User, u.Auth, u.Host, u.Port, u.Slash, u.Mailbox, u.UIDValidity, uint32(u.UID))
	}
	f.Fuzz(func(t *testing.T, user, auth, host string, port uint16, slash bool, mailbox string, validity, uid uint32) {
		u := URL{
			User: user, Auth: auth, Host: host, Port: port, Slash: slash,
			Mailbox: mailbox, UIDValidity: validity, UID: imap.UID(uid),
		}
		text := u.String()
		requireOneLine(t, text)
		b, err := u.AppendText(nil)
		if err != nil {
			var value *ValueError
			require.ErrorAs(t, err, &value)
			return
		}
		require.Equal(t, text, string(b))
		got, err := Parse(text)
		require.NoError(t, err, "%q", text)
		if u.Mailbox != "" {
			u.Slash = false
		}
		require.Equal(t, u, got)
	})
}
