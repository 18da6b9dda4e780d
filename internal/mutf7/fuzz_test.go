package mutf7_test

import (
	"testing"
	"unicode/utf8"

	"github.com/golemonade/lemonade/internal/mutf7"
	"github.com/stretchr/testify/require"
)

// Whatever Decode accepts is the one form of its name.
func FuzzDecode(f *testing.F) {
	for _, tt := range accepted {
		f.Add([]byte(tt.wire))
	}
	for _, s := range []string{"&Jjo!", "&Jjo-&Jjo-", "&AGE-", "&2Ag-", "&JjoA-", "&Jjp-", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		name, err := mutf7.Decode(wire)
		same, errString := mutf7.Decode(string(wire))
		require.Equal(t, err, errString)
		require.Equal(t, name, same)
		if err != nil {
			var e *mutf7.Error
			require.ErrorAs(t, err, &e)
			require.LessOrEqual(t, e.Offset, len(wire))
			require.GreaterOrEqual(t, e.Offset, 0)
			return
		}
		require.True(t, utf8.ValidString(name))
		b, err := mutf7.Append(nil, name)
		require.NoError(t, err)
		require.Equal(t, string(wire), string(b))
	})
}

// Every valid name comes back, from printing US-ASCII; no other is encoded.
func FuzzAppend(f *testing.F) {
	for _, tt := range accepted {
		f.Add(tt.name)
	}
	f.Add("\xed\xa0\x80")
	f.Fuzz(func(t *testing.T, name string) {
		b, err := mutf7.Append([]byte("x"), name)
		require.Equal(t, utf8.ValidString(name), err == nil)
		require.Equal(t, "x", string(b[:1]))
		if err != nil {
			require.Len(t, b, 1)
			return
		}
		for _, c := range b {
			require.True(t, c >= 0x20 && c <= 0x7e)
		}
		back, err := mutf7.Decode(b[1:])
		require.NoError(t, err)
		require.Equal(t, name, back)
	})
}
