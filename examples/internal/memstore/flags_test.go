package memstore

import (
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/stretchr/testify/require"
)

type flags = []imap.Flag

// RFC 3501, section 2.3.2: \Recent cannot be set by a client, other flags with
// a backslash are for extensions, and flags have no case.
func TestCheckFlags(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   flags
		want flags // nil is BAD
	}{
		{"none", nil, flags{}},
		{"system", flags{`\Seen`, `\Answered`, `\Draft`, `\Flagged`, `\Deleted`}, flags{`\Answered`, `\Deleted`, `\Draft`, `\Flagged`, `\Seen`}},
		{"keywords in order", flags{"b", "$Forwarded", "a"}, flags{"$Forwarded", "a", "b"}},
		{"repeated", flags{"kw", "KW", `\Seen`, `\seen`}, flags{`\Seen`, "kw"}},
		{"Recent", flags{`\Recent`}, nil},
		{"recent", flags{`\Seen`, `\recent`}, nil},
		{"wildcard", flags{`\*`}, nil},
		{"unknown system flag", flags{`\Foo`}, nil},
		{"backslash only", flags{`\`}, nil},
		{"octets above ASCII", flags{"k\u00e4se"}, nil},
		{"control", flags{"a\x7fb"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := checkFlags(tt.in)
			if tt.want == nil {
				var e *imap.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, imap.StatusResponseTypeBad, e.Type)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

// RFC 3501, section 6.4.6.
func TestApply(t *testing.T) {
	for _, tt := range []struct {
		name string
		old  flags
		op   imap.StoreFlagsOp
		arg  flags
		want flags
	}{
		{"add", flags{`\Seen`}, imap.StoreFlagsAdd, flags{`\Deleted`, "kw"}, flags{`\Deleted`, `\Seen`, "kw"}},
		{"add nothing new", flags{`\Seen`, "Kw"}, imap.StoreFlagsAdd, flags{`\seen`, "kw"}, flags{`\Seen`, "Kw"}},
		{"remove", flags{`\Deleted`, `\Seen`, "kw"}, imap.StoreFlagsDel, flags{"KW", `\seen`, "other"}, flags{`\Deleted`}},
		{"remove nothing", flags{"a"}, imap.StoreFlagsDel, nil, flags{"a"}},
		{"replace", flags{`\Seen`, "a"}, imap.StoreFlagsSet, flags{`\Draft`, "a"}, flags{`\Draft`, "a"}},
		{"replace keeps the spelling", flags{"Kw"}, imap.StoreFlagsSet, flags{`\Seen`, "kW"}, flags{`\Seen`, "Kw"}},
		{"replace by nothing", flags{`\Seen`, "a"}, imap.StoreFlagsSet, nil, flags{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			old := append(flags(nil), tt.old...)
			require.Equal(t, tt.want, apply(tt.old, tt.op, tt.arg))
			require.Equal(t, old, tt.old, "flags of a message are never changed in place")
		})
	}
}
