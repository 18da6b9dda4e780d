package annotations

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxAddress is the greatest length of an address, in octets. No mechanism has
// longer ones than the JID: three parts of 1023 with two separators.
//
// RFC 7622, section 3.1.
const MaxAddress = 3*1023 + 2

// ValidateAddress returns nil if s is an address for m, else a *[ValueError].
// It checks the form only, not that anyone is there:
//
//   - SMS and MMS: a telephone number, "+" and 2 to 15 digits (ITU-T E.164,
//     section 6);
//   - SIP: a sip or sips URI, or user@host (RFC 3261, section 25.1);
//   - XMPP: a JID (RFC 7622, section 3.1);
//   - UDP: host:port, host a name, an IPv4 address or an IPv6 address in
//     brackets, port 1 to 65535 (RFC 3986, section 3.2);
//   - NONE: anything, the empty string included.
//
// Whatever m, an address is UTF-8 without control characters, CR, LF and NUL
// among them, of [MaxAddress] octets or fewer. It is an error if m is not valid.
func ValidateAddress(m Mechanism, s string) error {
	if err := m.Validate(); err != nil {
		return err
	}
	if bad := badText(s); bad != nil {
		return bad
	}
	var bad *ValueError
	switch m {
	case MechanismSMS, MechanismMMS:
		bad = badNumber(s)
	case MechanismSIP:
		bad = badSIP(s)
	case MechanismXMPP:
		bad = badJID(s)
	case MechanismUDP:
		bad = badHostPort(s)
	}
	// A nil *ValueError in an error would not be nil.
	if bad == nil {
		return nil
	}
	bad.Value = s
	return bad
}

// badText checks what all addresses have in common.
func badText(s string) *ValueError {
	if len(s) > MaxAddress {
		return &ValueError{Value: s, Offset: MaxAddress, Want: "at most 3071 octets", Section: sectionJID}
	}
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\ufffd") {
			return &ValueError{Value: s, Offset: i, Want: "UTF-8", Section: section113}
		}
		if unicode.IsControl(r) {
			return &ValueError{Value: s, Offset: i, Want: "no control character", Section: section113}
		}
	}
	return nil
}

// Bounds of a telephone number, in digits: a number of one digit has no
// subscriber, and E.164 has 15 at most.
const (
	minDigits = 2
	maxDigits = 15
)

// badNumber checks an international telephone number, ITU-T E.164, section 6.
func badNumber(s string) *ValueError {
	const section = "ITU-T E.164, section 6"
	if !strings.HasPrefix(s, "+") {
		return &ValueError{Want: `"+"`, Section: section}
	}
	n := countIn(s[1:], isDigit)
	switch {
	case n > maxDigits:
		return &ValueError{Offset: 1 + maxDigits, Want: "at most 15 digits", Section: section}
	case 1+n < len(s):
		return &ValueError{Offset: 1 + n, Want: "DIGIT", Section: section}
	case n < minDigits:
		return &ValueError{Offset: 1 + n, Want: "at least 2 digits", Section: section}
	}
	return nil
}

// countIn returns how many leading octets of s are in a set.
func countIn(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlphanum(c byte) bool {
	return isDigit(c) || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func isHex(c byte) bool {
	return isDigit(c) || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
}
