package msgevent

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTypes has the names of RFC 5423, section 4, in the order of the text.
func TestTypes(t *testing.T) {
	want := []struct {
		names string
		group Group
		text  string
	}{
		{"MessageAppend MessageExpire MessageExpunge MessageNew QuotaExceed QuotaWithin QuotaChange", GroupMessage, "message"},
		{"MessageRead MessageTrash FlagsSet FlagsClear", GroupFlags, "flags"},
		{"Login Logout", GroupAccess, "access"},
		{"MailboxCreate MailboxDelete MailboxRename MailboxSubscribe MailboxUnSubscribe", GroupMailbox, "mailbox"},
	}
	var all []Type
	for _, w := range want {
		require.Equal(t, w.text, w.group.String())
		for name := range strings.FieldsSeq(w.names) {
			all = append(all, Type(name))
			require.Equal(t, w.group, Type(name).Group(), name)
			for _, spelling := range []string{name, strings.ToUpper(name), strings.ToLower(name)} {
				got, err := ParseType(spelling)
				require.NoError(t, err)
				require.Equal(t, Type(name), got)
			}
		}
	}
	require.Equal(t, all, slices.Collect(Types()))
	for range Types() { // a loop may end early
		break
	}
}

func TestGroupUnknown(t *testing.T) {
	for _, typ := range []Type{"", "vnd.cmu.MessageCopy", "AclChange", "messagenew"} {
		require.Equal(t, GroupUnknown, typ.Group(), typ)
	}
	require.Equal(t, "unknown", GroupUnknown.String())
	require.Equal(t, "unknown", Group(200).String())
}

func TestParseTypeVendor(t *testing.T) {
	for _, name := range []string{"vnd.cmu.MessageCopy", "VND.x", "vnd.{}"} { // RFC 5423, section 6
		got, err := ParseType(name)
		require.NoError(t, err)
		require.Equal(t, Type(name), got)
	}
}

func TestParseTypeRefused(t *testing.T) {
	tests := []struct{ reason, name string }{
		{"empty", ""},
		{"not registered: Cyrus has no prefix", "AclChange"},
		{"a prefix of a name", "Message"},
		{"a longer name", "MessageNewX"},
		{"spaces around", " MessageNew"},
		{"no vendor", "vnd."},
		{"no dot", "vnd"},
		{"a space", "vnd.a b"},
		{"CR LF", "vnd.a\r\nb"},
		{"NUL", "vnd.a\x00"},
		{"not US-ASCII", "vnd.ü"},
		{"a long s is no s", "Me\u017F\u017FageNew"},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			got, err := ParseType(tt.name)
			var typeErr *TypeError
			require.ErrorAs(t, err, &typeErr)
			require.Equal(t, tt.name, typeErr.Name)
			require.Zero(t, got)
		})
	}
}
