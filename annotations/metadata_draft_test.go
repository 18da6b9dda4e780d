package annotations_test

import (
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

// The draft's section 11.4 has commands of an earlier METADATA.
func TestDraftCommands(t *testing.T) {
	o := &annotations.Options{Draft: true}
	get := `GETMETADATA /notify/* (channel credential push)`
	c, err := annotations.ParseGetMetadata([]byte(get), o)
	require.NoError(t, err)
	require.Equal(t, annotations.GetMetadata{Entries: []string{
		"/private/notify/outband/channel", "/private/notify/inband/push",
		"/private/notify/outband/credential", "/shared/notify/inband/push",
	}}, *c)
	_, err = annotations.ParseGetMetadata([]byte(get), nil)
	require.Error(t, err, `"*" is no astring-char`)

	set := `SETMETADATA "INBOX" /notify/outband (channel.priv "MMS=EXTENDED")`
	s, err := annotations.ParseSetMetadata([]byte(set), o)
	require.NoError(t, err)
	require.Equal(t, annotations.SetMetadata{Mailbox: "INBOX", Entries: []annotations.EntryValue{
		ev("/private/notify/outband/channel", "MMS=EXTENDED"),
	}}, *s)
	_, err = annotations.ParseSetMetadata([]byte(set), nil)
	require.Error(t, err)

	c, err = annotations.ParseGetMetadata([]byte(`GETMETADATA (MAXSIZE 9) INBOX /NOTIFY/% (FILTER.priv)`), o)
	require.NoError(t, err)
	require.Equal(t, annotations.GetMetadata{
		MaxSize: size(9), Mailbox: "INBOX", Entries: []string{"/private/notify/event/filter"},
	}, *c)
	for _, command := range []string{
		`GETMETADATA INBOX /private/comment`, `GETMETADATA (DEPTH 1) INBOX (/private/comment /shared/x)`, `GETMETADATA "" /shared/comment`,
		`GETMETADATA /notify/outband (/private/comment)`,
	} {
		want, err := annotations.ParseGetMetadata([]byte(command), nil)
		require.NoError(t, err)
		got, err := annotations.ParseGetMetadata([]byte(command), o)
		require.NoError(t, err)
		require.Equal(t, want, got, "what RFC 5464 has means the same")
	}
	for _, command := range []string{
		`GETMETADATA /notify/* (unknown)`, `GETMETADATA /notify/*`, `GETMETADATA /other/* (channel)`, `GETMETADATA /notify/% (channel) x`,
		`GETMETADATA INBOX /notify/*`,
	} {
		_, err := annotations.ParseGetMetadata([]byte(command), o)
		require.Error(t, err, command)
	}
	for command, offset := range map[string]int{
		`SETMETADATA INBOX /notify/outband (channel.shared "NONE")`: 35,
		`SETMETADATA INBOX /notify/other (channel.priv "NONE")`:     33,
		`SETMETADATA INBOX /notify/outband`:                         33,
		`SETMETADATA INBOX /notify/outband channel.priv "NONE"`:     34,
		`SETMETADATA INBOX /notify/outband (channel.priv)`:          47,
		`SETMETADATA INBOX *`:                                       18,
	} {
		_, err := annotations.ParseSetMetadata([]byte(command), o)
		var e *annotations.SyntaxError
		require.ErrorAs(t, err, &e, command)
		require.Equal(t, offset, e.Offset, command)
	}
}
