package imapsyntax_test

import (
	"strings"
	"testing"

	"github.com/golemonade/lemonade/internal/imapsyntax"
	"github.com/stretchr/testify/require"
)

// The whole domain of every class, against the ABNF of RFC 3501, section 9 and
// RFC 5234, appendix B.1, spelled out here by itself.
func TestClasses(t *testing.T) {
	const (
		digit         = "0123456789"
		alpha         = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		atomPunct     = "!#$&'+,-./:;<=>?@[^_`|}~"
		otherGraphic  = "\"%()*\\]{"
		atom          = digit + alpha + atomPunct
		listWildcards = "%*"
		respSpecials  = "]"
	)
	require.Len(t, atom+otherGraphic, 0x7e-0x21+1, "every graphic character once")

	among := func(set string) func(byte) bool {
		return func(c byte) bool { return strings.IndexByte(set, c) >= 0 }
	}
	char := func(c byte) bool { return 0x01 <= c && c <= 0x7f }
	for name, tt := range map[string]struct {
		class imapsyntax.Class
		has   func(c byte) bool
	}{
		"CHAR":            {imapsyntax.ClassChar, char},
		"CTL":             {imapsyntax.ClassCTL, func(c byte) bool { return c <= 0x1f || c == 0x7f }},
		"DIGIT":           {imapsyntax.ClassDigit, among(digit)},
		"list-wildcards":  {imapsyntax.ClassListWildcard, among(listWildcards)},
		"quoted-specials": {imapsyntax.ClassQuotedSpecial, among(`"\`)},
		"resp-specials":   {imapsyntax.ClassRespSpecial, among(respSpecials)},
		"ATOM-CHAR":       {imapsyntax.ClassAtom, among(atom)},
		"ASTRING-CHAR":    {imapsyntax.ClassAString, among(atom + respSpecials)},
		"list-char":       {imapsyntax.ClassList, among(atom + listWildcards + respSpecials)},
		"tag":             {imapsyntax.ClassTag, among(strings.ReplaceAll(atom, "+", "") + respSpecials)},
		"TEXT-CHAR":       {imapsyntax.ClassText, func(c byte) bool { return char(c) && c != '\r' && c != '\n' }},
		"QUOTED-CHAR": {imapsyntax.ClassQuoted, func(c byte) bool {
			return char(c) && c != '\r' && c != '\n' && c != '"' && c != '\\'
		}},
		"none":  {0, func(byte) bool { return false }},
		"union": {imapsyntax.ClassDigit | imapsyntax.ClassListWildcard, among(digit + listWildcards)},
	} {
		for i := range 256 {
			require.Equal(t, tt.has(byte(i)), imapsyntax.Is(byte(i), tt.class), "%s, %#02x", name, i)
		}
	}
}

func TestEqualFold(t *testing.T) {
	for _, s := range []string{"inbox", "INBOX", "iNbOx"} {
		require.True(t, imapsyntax.EqualFold(s, "INBOX"))
		require.True(t, imapsyntax.EqualFold([]byte(s), "inbox"))
	}
	for _, s := range []string{"", "INBO", "INBOXX", "\u0130NBOX", "INBO\x18"} {
		require.False(t, imapsyntax.EqualFold(s, "INBOX"), "%q", s)
	}
	require.False(t, imapsyntax.EqualFold("\u212aX", "KX  "), "KELVIN SIGN has three octets")
	// Octets that differ in bit 5 only, but are no letters.
	require.False(t, imapsyntax.EqualFold("@", "`"))
	require.False(t, imapsyntax.EqualFold("[", "{"))
}
