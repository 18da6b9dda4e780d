package emn

import (
	"regexp"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// TestClasses compares each class of characters with its production, written as
// a regular expression, over the BMP and the ends of the other planes.
func TestClasses(t *testing.T) {
	const nameStartChar = `:A-Z_a-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}` +
		`\x{200C}-\x{200D}\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}`
	var runes []rune
	for r := range rune(0x10000) {
		if utf8.ValidRune(r) {
			runes = append(runes, r)
		}
	}
	for plane := rune(0x10000); plane <= utf8.MaxRune; plane += 0x10000 {
		runes = append(runes, plane, plane+0xFFFF)
	}
	for _, tt := range []struct {
		source string
		class  string
		is     func(rune) bool
	}{
		{"XML 1.0, section 2.2: Char", `\x{9}\x{A}\x{D}\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}`, isChar},
		{"XML 1.0, section 2.2: Char, in text", `\x{9}\x{A}\x{D}\x{20}-\x{D7FF}\x{E000}-\x{FFFD}\x{10000}-\x{10FFFF}`, func(r rune) bool { return indexNotChar(string(r)) < 0 }},
		{"XML 1.0, section 2.3: S", `\x{20}\x{9}\x{D}\x{A}`, func(r rune) bool { return r < utf8.RuneSelf && isSpaceByte(byte(r)) }},
		{"XML 1.0, section 2.3: NameStartChar", nameStartChar, isNameStart},
		{"XML 1.0, section 2.3: NameChar", nameStartChar + `\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}`, isNameChar},
		{"XML 1.0, section 2.3: PubidChar", `\x{20}\x{D}\x{A}a-zA-Z0-9\-'()+,./:=?;!*#@$_%`, isPubidChar},
	} {
		class := regexp.MustCompile("^[" + tt.class + "]$")
		for _, r := range runes {
			if class.MatchString(string(r)) != tt.is(r) {
				require.Fail(t, tt.source, "%U", r)
			}
		}
	}
}

// TestNotUTF8 has octets that are no character at all, Unicode table 3-7.
func TestNotUTF8(t *testing.T) {
	for _, s := range []string{
		"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff", "\xe2\x82", "\xf0\x9f\x98",
	} {
		require.Equal(t, 2, indexNotChar("a "+s+" b"), "%q", s)
		require.Equal(t, 2, indexNotChar([]byte("a "+s)), "%q", s)
	}
}
