package mutf7_test

import (
	"strings"
	"testing"

	"github.com/golemonade/lemonade/internal/mutf7"
	"github.com/stretchr/testify/require"
)

// accepted holds both forms of names, each with the origin of its pair.
var accepted = []struct{ source, wire, name string }{
	{"RFC 3501, section 5.1.3: example", "~peter/mail/&U,BTFw-/&ZeVnLIqe-", "~peter/mail/台北/日本語"},
	{"RFC 3501, section 5.1.3: the correct form of &Jjo!", "&Jjo-!", "☺!"},
	{"RFC 3501, section 5.1.3: the correct form of two shifts", "&U,BTF2XlZyyKng-", "台北日本語"},
	{`RFC 3501, section 5.1.3: "&-" is "&"`, "&-", "&"},
	{`RFC 3501, section 5.1.3: 0x20 to 0x25`, ` !"#$%`, ` !"#$%`},
	{`RFC 3501, section 5.1.3: 0x27 to 0x7e`, `'()*+,-./09:;<=>?@AZ[\]^_` + "`az{|}~", `'()*+,-./09:;<=>?@AZ[\]^_` + "`az{|}~"},
	{"RFC 2152, UTF-7 examples: Hi Mom -☺-!, with & for +", "Hi Mom -&Jjo--!", "Hi Mom -☺-!"},
	{"RFC 2152, UTF-7 examples: A≢Α. with & for +", "A&ImIDkQ-.", "A≢Α."},
	{"empty name", "", ""},
	{"& after base64 cannot be written otherwise", "&Jjo-&-", "☺&"},
	{"& before base64", "&-&Jjo-", "&☺"},
	{"two &", "&-&-", "&&"},
	{"- after base64", "&Jjo--", "☺-"},
	{"RFC 2781, section 5: U+12345 is D808 DF45", "&2AjfRQ-", "\U00012345"},
	{"RFC 3501, section 5.1.3: 0x00-0x1f and 0x7f are encoded", "&AAAAHwB,-", "\x00\x1f\x7f"},
	{"U+FFFD is a character like others", "&,,0-", "\ufffd"},
}

func TestAccepted(t *testing.T) {
	for _, tt := range accepted {
		t.Run(tt.source, func(t *testing.T) {
			name, err := mutf7.Decode(tt.wire)
			require.NoError(t, err)
			require.Equal(t, tt.name, name)

			name, err = mutf7.Decode([]byte(tt.wire))
			require.NoError(t, err)
			require.Equal(t, tt.name, name)

			b, err := mutf7.Append([]byte("x"), tt.name)
			require.NoError(t, err)
			require.Equal(t, "x"+tt.wire, string(b))
		})
	}
}

func TestDecodeRefused(t *testing.T) {
	for _, tt := range []struct {
		wire   string
		offset int
		reason string
	}{
		{"&Jjo!", 4, "octet outside the base64 alphabet"}, // RFC 3501, section 5.1.3
		{"&U,BTFw-&ZeVnLIqe-", 8, "superfluous shift"},    // RFC 3501, section 5.1.3
		{"&Jjo-&Jjo-", 5, "superfluous shift"},
		{"a&", 2, `no "-" after base64`},
		{"&Jjo", 4, `no "-" after base64`},
		{"&Jjo-&", 5, "superfluous shift"},
		{"&AGE-", 1, "printing US-ASCII in base64"},    // a
		{"&ACY-", 1, "printing US-ASCII in base64"},    // &, whose form is "&-"
		{"&ACA-", 1, "printing US-ASCII in base64"},    // SP
		{"&JjoAfg-", 3, "printing US-ASCII in base64"}, // ☺~, the unit starts in the third octet
		{"&U,BTFzAAAGE-", 9, "printing US-ASCII in base64"},
		{"&A-", 2, "base64 that ends within a UTF-16 unit"},
		{"&Jj-", 3, "base64 that ends within a UTF-16 unit"},
		{"&JjoA-", 5, "base64 that ends within a UTF-16 unit"}, // six zero bits are one octet too many
		{"&JjoAA-", 6, "base64 that ends within a UTF-16 unit"},
		{"&Jjp-", 3, "padding bits that are not zero"},
		{"&ImIDkR-", 6, "padding bits that are not zero"},
		{"&2Ag-", 4, "high surrogate alone"},
		{"&2AgmOg-", 3, "high surrogate alone"},
		{"&2AjYCA-", 3, "high surrogate alone"}, // two high ones
		{"&30U-", 1, "low surrogate alone"},
		{"&30XYCA-", 1, "low surrogate alone"}, // the pair turned round
		{"&Jj/-", 3, "octet outside the base64 alphabet"},
		{"&Jjo=-", 4, "octet outside the base64 alphabet"},
		{"&Jj\xc3-", 3, "octet outside the base64 alphabet"},
		{"&&-", 1, "octet outside the base64 alphabet"},
		{"caf\xc3\xa9", 3, "octet that must be encoded"},
		{"a\rb", 1, "octet that must be encoded"},
		{"a\nb", 1, "octet that must be encoded"},
		{"a\x00b", 1, "octet that must be encoded"},
		{"a\x7fb", 1, "octet that must be encoded"},
		{"&-\t", 2, "octet that must be encoded"},
	} {
		t.Run(tt.wire, func(t *testing.T) {
			_, err := mutf7.Decode(tt.wire)
			require.Equal(t, &mutf7.Error{Offset: tt.offset, Reason: tt.reason}, err)
			_, err = mutf7.Decode([]byte(tt.wire))
			require.Equal(t, &mutf7.Error{Offset: tt.offset, Reason: tt.reason}, err)
		})
	}
}

func TestAppendRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		offset int
	}{
		{"\xff", 0},
		{"ab\xc3", 2},
		{"é\xe9", 2},
		{"a\xed\xa0\x80", 1}, // a surrogate in UTF-8
		{"a\xc0\x80", 1},     // an overlong NUL
	} {
		b, err := mutf7.Append([]byte("x"), tt.name)
		require.Equal(t, &mutf7.Error{Offset: tt.offset, Reason: "invalid UTF-8"}, err, "%q", tt.name)
		require.Equal(t, "x", string(b))
	}
}

func TestError(t *testing.T) {
	_, err := mutf7.Decode("&Jjo!")
	require.EqualError(t, err, "mutf7: octet outside the base64 alphabet at octet 4 (RFC 3501, section 5.1.3)")
}

// Every octet that stands for itself, and no other, outside base64.
func TestAllOctets(t *testing.T) {
	for c := range 256 {
		name, err := mutf7.Decode([]byte{byte(c)})
		self := c >= 0x20 && c <= 0x25 || c >= 0x27 && c <= 0x7e
		require.Equal(t, self, err == nil, "%#02x", c)
		if self {
			require.Equal(t, string(rune(c)), name)
		}
	}
}

// Every character of the basic plane and a sample of the others, in turn at each
// of the three bit positions that a UTF-16 unit can start at.
func TestRunes(t *testing.T) {
	const step = 251 // a prime, so that the low bits vary; all would take minutes with -race
	before := []string{"", "é", "éé"}
	for r := rune(0); r <= 0x10ffff; r++ {
		if r == 0xd800 {
			r = 0xe000
		}
		if r > 0x10000 && r < 0x10ffff-step {
			r += step
		}
		name := before[r%3] + string(r)
		b, err := mutf7.Append(nil, name)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		back, err := mutf7.Decode(b)
		if err != nil || back != name {
			t.Fatalf("%q: %q: %q, %v", name, b, back, err)
		}
	}
}

func TestAllocs(t *testing.T) {
	buf := make([]byte, 0, 256)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = mutf7.Append(buf, "Lists/台北日本語 & ☺")
	}))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = mutf7.Decode("Lists/lemonade")
	}))
}

func BenchmarkAppend(b *testing.B) {
	buf := make([]byte, 0, 256)
	for _, name := range []string{"Lists/lemonade", "台北日本語", strings.Repeat("é/", 50)} {
		b.Run(name[:6], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = mutf7.Append(buf, name)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, wire := range []string{"Lists/lemonade", "&U,BTF2XlZyyKng-", strings.Repeat("&AOk-/", 50)} {
		b.Run(wire[:6], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = mutf7.Decode(wire)
			}
		})
	}
}
