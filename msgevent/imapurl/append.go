package imapurl

import (
	"encoding"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	_ encoding.TextAppender    = URL{}
	_ encoding.TextMarshaler   = URL{}
	_ encoding.TextUnmarshaler = (*URL)(nil)
)

// AppendText appends the text form of u to b. If u has none it returns b as it
// was and a [*ValueError]. It implements [encoding.TextAppender].
func (u URL) AppendText(b []byte) ([]byte, error) {
	if err := u.check(); err != nil {
		return b, err
	}
	return u.append(b), nil
}

// MarshalText returns the text form of u, as AppendText does. It implements
// [encoding.TextMarshaler].
func (u URL) MarshalText() ([]byte, error) {
	return u.AppendText(nil)
}

// UnmarshalText sets u to the URL in text, as [Parse] reads it; u is not
// changed on error. It implements [encoding.TextUnmarshaler].
func (u *URL) UnmarshalText(text []byte) error {
	v, err := Parse(string(text))
	if err != nil {
		return err
	}
	*u = v
	return nil
}

// String returns the text form of u for logs. It never fails: where AppendText
// returns an error the result is not a valid URL, but still one line of
// US-ASCII.
func (u URL) String() string {
	return string(u.append(nil))
}

// check returns a *ValueError for a value that the grammar cannot hold.
func (u URL) check() error {
	switch {
	case !validText(u.User):
		return &ValueError{Field: "User", Expected: wantText}
	case u.Auth != "" && !validAuth(u.Auth):
		return &ValueError{Field: "Auth", Expected: wantAuth}
	case !validHost(u.Host):
		return &ValueError{Field: "Host", Expected: "a registered name, an IPv4 address or an IPv6 address without brackets"}
	case !validText(u.Mailbox):
		return &ValueError{Field: "Mailbox", Expected: wantText}
	case u.Mailbox == "" && u.UIDValidity != 0:
		return &ValueError{Field: "UIDValidity", Expected: "0 without a mailbox"}
	case u.Mailbox == "" && u.UID != 0:
		return &ValueError{Field: "UID", Expected: "0 without a mailbox"}
	}
	return nil
}

func (u URL) append(b []byte) []byte {
	b = append(b, "imap://"...)
	if u.User != "" || u.Auth != "" {
		b = appendEncoded(b, u.User, classAchar)
		if u.Auth != "" {
			// "*" is an achar, so AuthAny stays bare.
			b = append(b, ";AUTH="...)
			b = appendEncoded(b, u.Auth, classAchar)
		}
		b = append(b, '@')
	}
	if strings.IndexByte(u.Host, ':') >= 0 {
		b = append(b, '[')
		b = appendEncoded(b, u.Host, classBchar)
		b = append(b, ']')
	} else {
		b = appendEncoded(b, u.Host, classRegName)
	}
	if u.Port != 0 {
		b = append(b, ':')
		b = strconv.AppendUint(b, uint64(u.Port), 10)
	}
	if u.Slash || u.Mailbox != "" {
		b = append(b, '/')
		b = appendEncoded(b, u.Mailbox, classBchar)
	}
	if u.UIDValidity != 0 {
		b = append(b, ";UIDVALIDITY="...)
		b = strconv.AppendUint(b, uint64(u.UIDValidity), 10)
	}
	if u.UID != 0 {
		b = append(b, "/;UID="...)
		b = strconv.AppendUint(b, uint64(u.UID), 10)
	}
	return b
}

// appendEncoded percent-encodes every octet of s that is not in c. RFC 3986,
// section 2.1 wants upper case digits.
func appendEncoded(b []byte, s string, c class) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		if c.has(s[i]) {
			b = append(b, s[i])
		} else {
			b = append(b, '%', digits[s[i]>>4], digits[s[i]&0xF])
		}
	}
	return b
}

func validText(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// validAuth reports whether s is an auth-type, which is an atom (RFC 3501,
// section 9), or AuthAny.
func validAuth(s string) bool {
	return s == AuthAny || s != "" && classAtom.hasAll(s)
}

// validHost is narrower than reg-name, which may decode to any octets and may
// be empty: percent-encoding is there for names that are not US-ASCII (RFC
// 3986, section 3.2.2), and a host that hides a "/" or "@" only misleads.
func validHost(s string) bool {
	if strings.IndexByte(s, ':') >= 0 {
		return validIPv6(s)
	}
	for i := range len(s) {
		if s[i] < utf8.RuneSelf && !classRegName.has(s[i]) {
			return false
		}
	}
	return s != "" && utf8.ValidString(s)
}

// validIPv6 accepts no zone: RFC 3986 has none.
func validIPv6(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is6() && a.Zone() == ""
}
