package notifyproto_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/notifyproto"
)

func TestErrors(t *testing.T) {
	_, err := notifyproto.ParseCommand([]byte("NOTIFY SET (bogus NONE)"), nil)
	require.EqualError(t, err, "notifyproto: expected filter-mailboxes at octet 12 (RFC 5465, section 8)")
	require.EqualError(t, notifyproto.Set{}.Validate(), "notifyproto: no event group (RFC 5465, section 8)")
	set := parse(t, "NOTIFY SET (personal (Foo Bar))").(notifyproto.Set)
	require.EqualError(t, set.CheckEvents(), "notifyproto: unsupported events: Foo Bar")
	_, err = notifyproto.AppendCommand(nil, notifyproto.Set{Groups: groups{{notifyproto.Mailboxes{"a\rb"}, nil}}}, nil)
	require.EqualError(t, err, "notifyproto: EventGroup.Mailboxes: expected mailbox name without CR, LF and NUL at octet 1 (RFC 3501, section 9)")
	require.Equal(t, "NOTIFY NONE", notifyproto.None{}.String())
}

func TestNamesOfFilters(t *testing.T) {
	for name, filter := range map[string]notifyproto.MailboxFilter{ // RFC 5465, section 8
		"selected": notifyproto.Selected{}, "selected-delayed": notifyproto.SelectedDelayed{}, "inboxes": notifyproto.Inboxes{},
		"personal": notifyproto.Personal{}, "subscribed": notifyproto.Subscribed{}, "subtree": notifyproto.Subtree{}, "mailboxes": notifyproto.Mailboxes{},
	} {
		require.Equal(t, name, filter.Name())
	}
}

func TestEndsInText(t *testing.T) {
	for line, want := range map[string]bool{
		"+ {3}": true, "+": true, "* OK x {3}": true, "* ok [UIDNEXT 4] {3}": true, "a NO {3}": true, "a BAD {3}": true, "* BYE {3}": true, "* PREAUTH {3}": true,
		"* NO [BADCHARSET ({3}": false, "* 1 FETCH (X {3}": false, "* OKAY {3}": false, "* STATUS {3}": false, "": false, "*": false,
	} {
		require.Equal(t, want, notifyproto.EndsInText([]byte(line)), line)
	}
}

// TestRawUTF8 has UTF-8 in values that are kept in wire form, RFC 9051, section 9.
func TestRawUTF8(t *testing.T) {
	line := `* 1 FETCH (ENVELOPE ("ü\"" "\\"))`
	o := &notifyproto.Options{UTF8: true}
	r, err := notifyproto.ParseResponse([]byte(line), o)
	require.NoError(t, err)
	b, err := notifyproto.AppendResponse(nil, r, o)
	require.NoError(t, err)
	require.Equal(t, line, string(b))
	_, err = notifyproto.AppendResponse(nil, r, nil)
	require.Error(t, err)
	for _, bad := range []string{"* 1 FETCH (X \"\xff\")", `* 1 FETCH (X "\a")`, `* 1 FETCH (X "a`} {
		_, err := notifyproto.ParseResponse([]byte(bad), o)
		require.Error(t, err, bad)
	}
}
