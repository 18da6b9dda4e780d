package annotations_test

import (
	"errors"
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

var fuzzSeeds = []string{
	`GETMETADATA "" /shared/comment`,
	`GETMETADATA (MAXSIZE 1024 DEPTH infinity) "INBOX" (/shared/comment /private/comment)`,
	`GETMETADATA "INBOX" (DEPTH 1) (/private/filters/values)`,
	`GETMETADATA &ZeVnLIqe- {9}` + "\r\n/shared/a",
	`GETMETADATA /notify/* (channel credential push)`,
	`SETMETADATA "INBOX" /notify/outband (channel.priv "MMS=EXTENDED")`,
	"SETMETADATA INBOX (/private/comment {33}\r\nMy new comment across\r\ntwo lines.)",
	"SETMETADATA \"\" (/private/a NIL /private/b ~{2}\r\n\x00\xff /private/c \"\\\"\")",
}

// Bytes: what is parsed and valid is written, parsed again and equal; writing
// is then stable.
func FuzzMetadata(f *testing.F) {
	for _, s := range fuzzSeeds {
		for flags := range uint8(16) {
			f.Add([]byte(s), flags)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, flags uint8) {
		o := &annotations.Options{
			UTF8: flags&1 != 0, NonSync: flags&2 != 0, OptionsAfterMailbox: flags&4 != 0, Draft: flags&8 != 0,
		}
		strict := &annotations.Options{UTF8: o.UTF8}
		get, err := annotations.ParseGetMetadata(b, o)
		if requireSyntax(t, err, b) && get.Validate() == nil {
			written, err := annotations.AppendGetMetadata(nil, get, o)
			require.NoError(t, err)
			again, err := annotations.ParseGetMetadata(written, strict)
			require.NoError(t, err, "%q", written)
			require.Equal(t, get, again)
			stable, err := annotations.AppendGetMetadata(nil, again, o)
			require.NoError(t, err)
			require.Equal(t, written, stable)
		}
		set, err := annotations.ParseSetMetadata(b, o)
		if requireSyntax(t, err, b) && set.Validate() == nil {
			written, err := annotations.AppendSetMetadata(nil, set, o)
			require.NoError(t, err)
			again, err := annotations.ParseSetMetadata(written, strict)
			require.NoError(t, err, "%q", written)
			require.Equal(t, set, again)
			stable, err := annotations.AppendSetMetadata(nil, again, o)
			require.NoError(t, err)
			require.Equal(t, written, stable)
		}
	})
}

func requireSyntax(t *testing.T, err error, b []byte) bool {
	if err == nil {
		return true
	}
	var e *annotations.SyntaxError
	require.ErrorAs(t, err, &e)
	require.True(t, 0 <= e.Offset && e.Offset <= len(b))
	require.NotContains(t, err.Error(), "\n")
	require.NotEmpty(t, e.Section)
	return false
}

// Values: what is written is parsed again and equal, or it is refused.
func FuzzSetMetadataValues(f *testing.F) {
	f.Add("INBOX", "/private/a", []byte("x"), "/shared/b", false, uint8(0))
	f.Add("日本語", "/private/a b", []byte("x\r\n\x00"), "/Shared/b\"\\", true, uint8(1))
	f.Add("a\r\nb", "/private/\x00", []byte{}, "", false, uint8(3))
	f.Fuzz(func(t *testing.T, mailbox, name string, value []byte, other string, null bool, flags uint8) {
		o := &annotations.Options{UTF8: flags&1 != 0, NonSync: flags&2 != 0}
		if value == nil {
			value = []byte{}
		}
		set := &annotations.SetMetadata{Mailbox: mailbox, Entries: []annotations.EntryValue{{Name: name, Value: value}, {Name: other}}}
		if !null {
			set.Entries[1].Value = []byte{}
		}
		b, err := annotations.AppendSetMetadata([]byte("x"), set, o)
		if err != nil {
			requireRefused(t, err, b)
			return
		}
		back, err := annotations.ParseSetMetadata(b[1:], o)
		require.NoError(t, err)
		// INBOX has no case.
		if set.Mailbox != back.Mailbox {
			require.Equal(t, "INBOX", back.Mailbox)
			set.Mailbox = back.Mailbox
		}
		require.Equal(t, set, back)
		_, err = annotations.AppendMetadataResponse(nil, mailbox, set.Entries, o)
		require.NoError(t, err)

		get := &annotations.GetMetadata{Mailbox: set.Mailbox, Entries: []string{name, other}, Depth: annotations.Depth(flags%3) - 1}
		b, err = annotations.AppendGetMetadata(nil, get, o)
		require.NoError(t, err)
		gotBack, err := annotations.ParseGetMetadata(b, o)
		require.NoError(t, err)
		require.Equal(t, get, gotBack)
	})
}

func requireRefused(t *testing.T, err error, b []byte) {
	require.Equal(t, "x", string(b))
	var (
		syntax *annotations.SyntaxError
		entry  *annotations.EntryError
	)
	require.True(t, errors.As(err, &syntax) || errors.As(err, &entry), "%T", err)
	require.NotContains(t, err.Error(), "\n")
}

func FuzzCode(f *testing.F) {
	for _, s := range []string{"METADATA LONGENTRIES 2199", "metadata maxsize 007", "METADATA TOOMANY", "METADATA NOPRIVATE", "METADATA MAXSIZE", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := annotations.ParseCode(s)
		if !requireSyntax(t, err, []byte(s)) {
			return
		}
		again, err := annotations.ParseCode(c.String())
		require.NoError(t, err)
		require.Equal(t, c, again)
	})
}
