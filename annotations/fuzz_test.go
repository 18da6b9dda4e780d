package annotations_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

// Bytes: what is parsed is written, parsed again and equal; writing is then
// stable.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"NONE", "none", "SMS", "SMS=WAKEUP", "xmpp=Extended", "NONE=WAKEUP", "SMS=", "=", "ALL", "new", "EXTENDED",
		"\u017fMS", "SMS=WA\u212aEUP", "UDP=EXTENDED\r\n", "\x00", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for kind, parse := range parsers {
			v, err := parse(s)
			if err != nil {
				var e *annotations.ValueError
				require.ErrorAs(t, err, &e)
				require.Equal(t, s, e.Value)
				require.True(t, 0 <= e.Offset && e.Offset <= len(s))
				require.NotContains(t, err.Error(), "\n")
				continue
			}
			require.NoError(t, v.Validate())
			b, err := v.AppendText([]byte("x"))
			require.NoError(t, err)
			require.Equal(t, strings.ToUpper(s), string(b[1:]), kind)
			back, err := parse(string(b[1:]))
			require.NoError(t, err)
			require.Equal(t, v, back)
			require.Equal(t, string(b[1:]), back.String())
		}
	})
}

// Values: what is written is parsed again and equal, or it is refused.
func FuzzChannel(f *testing.F) {
	f.Add("NONE", "")
	f.Add("SMS", "WAKEUP")
	f.Add("sms", "WAKEUP")
	f.Add("NONE", "WAKEUP")
	f.Add("SMS=WAKEUP", "")
	f.Add("UDP\r\n", "EXTENDED")
	f.Fuzz(func(t *testing.T, mechanism, format string) {
		c := annotations.Channel{Mechanism: annotations.Mechanism(mechanism), Format: annotations.Format(format)}
		require.NotContains(t, c.String(), "\n")
		b, err := c.AppendText([]byte("x"))
		require.Equal(t, c.Validate() == nil, err == nil)
		if err != nil {
			require.Equal(t, "x", string(b))
			return
		}
		back, err := annotations.ParseChannel(string(b[1:]))
		require.NoError(t, err)
		require.Equal(t, c, back)
	})
}

// No address that is accepted can break a line, whatever the mechanism.
func FuzzAddress(f *testing.F) {
	for _, tt := range addresses {
		f.Add(tt.address)
	}
	for _, s := range []string{"+1", "sip:", "a@[", "[::1]:", "a@b/", "h:65536", "sip:a@b:99", "sip:%", "\r\n", "a@b?x=%0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, m := range mechanisms {
			err := annotations.ValidateAddress(m, s)
			if err != nil {
				var e *annotations.ValueError
				require.ErrorAs(t, err, &e)
				require.Equal(t, s, e.Value)
				require.True(t, 0 <= e.Offset && e.Offset <= len(s), "%s: offset %d", m, e.Offset)
				require.NotContains(t, err.Error(), "\n")
				continue
			}
			require.True(t, utf8.ValidString(s))
			require.Equal(t, -1, strings.IndexFunc(s, unicode.IsControl))
			require.LessOrEqual(t, len(s), annotations.MaxAddress)
			p := annotations.Preferences{Channel: annotations.Channel{Mechanism: m}, Address: s}
			if m != none {
				require.NotEmpty(t, s)
				p.Channel.Format = annotations.FormatWakeup
			}
			require.NoError(t, p.Validate())
		}
	})
}
