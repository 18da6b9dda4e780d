package annotations

import (
	"net/netip"
	"strings"
	"unicode/utf8"
)

// sectionHost defines host and port.
const sectionHost = "RFC 3986, section 3.2"

// Bounds of a host name: RFC 1035, section 2.3.4. There they are octets; here
// characters, of which a domain in Unicode has fewer than octets on the wire.
const (
	maxLabel = 63
	maxName  = 253 // without the length octets and the root
)

// badHostPort checks
//
//	authority = [ userinfo "@" ] host [ ":" port ]
//
// without userinfo and with port. RFC 3986, section 3.2.
func badHostPort(s string) *ValueError {
	end, bad := hostEnd(s)
	if bad != nil {
		return bad
	}
	return badPort(s, end)
}

// badPort checks that s[at:] is ":" and a port from 1 to 65535, to the end. A
// leading zero is refused, so that one port has one spelling.
//
//	port = *DIGIT
//
// RFC 3986, section 3.2.3.
func badPort(s string, at int) *ValueError {
	const maxPort = 65535
	if at == len(s) || s[at] != ':' {
		return &ValueError{Offset: at, Want: `":" and a port`, Section: sectionHost}
	}
	port, n := s[at+1:], 0
	for i := range len(port) {
		if !isDigit(port[i]) || i == 0 && port[i] == '0' {
			return &ValueError{Offset: at + 1 + i, Want: "port", Section: sectionHost}
		}
		if n = n*10 + int(port[i]-'0'); n > maxPort {
			return &ValueError{Offset: at + 1, Want: "port of at most 65535", Section: sectionHost}
		}
	}
	if port == "" {
		return &ValueError{Offset: at + 1, Want: "port", Section: sectionHost}
	}
	return nil
}

// hostEnd returns the offset after the host that s starts with.
//
//	host       = IP-literal / IPv4address / reg-name
//	IP-literal = "[" ( IPv6address / IPvFuture  ) "]"
//
// A reg-name is a host name of RFC 1123, section 2.1; IPvFuture does not exist
// yet; a zone (RFC 6874) means nothing on another machine. RFC 3986, section
// 3.2.2.
func hostEnd(s string) (int, *ValueError) {
	if strings.HasPrefix(s, "[") {
		inner, _, found := strings.Cut(s[1:], "]")
		if a, err := netip.ParseAddr(inner); !found || err != nil || !a.Is6() || a.Zone() != "" {
			return 0, &ValueError{Offset: 1, Want: `IPv6 address and "]"`, Section: sectionHost}
		}
		return 1 + len(inner) + 1, nil
	}
	n := countIn(s, func(c byte) bool { return isAlphanum(c) || c == '-' || c == '.' })
	return n, badName(s[:n], 0)
}

// badName checks a host name or IPv4 address that is at offset at of the
// address; octets of 8 bits count as letters, for domains in Unicode.
func badName(s string, at int) *ValueError {
	start := at
	if s == "" || utf8.RuneCountInString(s) > maxName {
		return &ValueError{Offset: at, Want: "host of 1 to 253 characters", Section: sectionHost}
	}
	last := ""
	for label := range strings.SplitSeq(s, ".") {
		if bad := badLabel(label, at); bad != nil {
			return bad
		}
		last = label
		at += len(label) + 1
	}
	// Only an IPv4 address ends in a number: RFC 1123, section 2.1.
	if countIn(last, isDigit) == len(last) {
		if a, err := netip.ParseAddr(s); err != nil || !a.Is4() {
			return &ValueError{Offset: start, Want: "IPv4 address or host name", Section: sectionHost}
		}
	}
	return nil
}

func badLabel(label string, at int) *ValueError {
	n := countIn(label, func(c byte) bool { return isAlphanum(c) || c == '-' || c >= utf8.RuneSelf })
	switch {
	case label == "" || utf8.RuneCountInString(label) > maxLabel:
		return &ValueError{Offset: at, Want: "label of 1 to 63 characters", Section: sectionHost}
	case n < len(label):
		return &ValueError{Offset: at + n, Want: "letter, digit or hyphen", Section: sectionHost}
	case label[0] == '-':
		return &ValueError{Offset: at, Want: "letter or digit", Section: sectionHost}
	case label[n-1] == '-':
		return &ValueError{Offset: at + n - 1, Want: "letter or digit", Section: sectionHost}
	}
	return nil
}
