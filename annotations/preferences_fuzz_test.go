package annotations_test

import (
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

// Values: what is written is read again and equal, or it is refused.
func FuzzPreferences(f *testing.F) {
	f.Add("SMS", "WAKEUP", "+4915112345678", "NEW", "size=1", "push", "UID")
	f.Add("NONE", "", "", "", "", "", "")
	f.Add("", "", "a\r\n", "all", "size=1 total=2", "PULL", "(UID FLAGS)")
	f.Fuzz(func(t *testing.T, mechanism, format, address, filter, limit, push, msgformat string) {
		p := annotations.Preferences{
			Channel: annotations.Channel{Mechanism: annotations.Mechanism(mechanism), Format: annotations.Format(format)},
			Address: address, Filter: annotations.EventFilter(filter), Limit: limit, Push: annotations.Inband(push), MsgFormat: msgformat,
		}
		for _, n := range []annotations.Naming{annotations.NamingMetadata, annotations.NamingVendor} {
			entries, err := p.Encode(n)
			if p.Validate() == nil {
				require.NoError(t, err)
			}
			if err != nil {
				require.Error(t, p.Validate())
				continue
			}
			back, err := annotations.DecodePreferences(entries)
			require.NoError(t, err)
			require.Equal(t, p, back)
			b, err := annotations.AppendSetMetadata(nil, &annotations.SetMetadata{Mailbox: "INBOX", Entries: entries}, nil)
			require.NoError(t, err)
			c, err := annotations.ParseSetMetadata(b, nil)
			require.NoError(t, err)
			require.Equal(t, entries, c.Entries)
		}
	})
}

// Bytes: what is read is written, and read again it is equal.
func FuzzDecodePreferences(f *testing.F) {
	for i := range completeEntries {
		f.Add(uint8(i), string(completeEntries[i].Value), uint8(0), "NONE")
	}
	f.Fuzz(func(t *testing.T, i uint8, value string, j uint8, other string) {
		entries := []annotations.EntryValue{
			ev(completeEntries[int(i)%6].Name, value), ev(completeEntries[int(j)%6].Name, other),
		}
		p, err := annotations.DecodePreferences(entries)
		if err != nil {
			var e *annotations.ValueError
			require.ErrorAs(t, err, &e)
			require.NotEmpty(t, e.Entry)
			require.True(t, 0 <= e.Offset && e.Offset <= len(e.Value))
			require.NotContains(t, e.Error(), "\n")
		}
		written, err := p.Encode(annotations.NamingMetadata)
		require.NoError(t, err, "what was read is right")
		back, err := annotations.DecodePreferences(written)
		require.NoError(t, err)
		require.Equal(t, p, back)
	})
}
