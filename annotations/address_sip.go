package annotations

import (
	"strings"

	"github.com/golemonade/lemonade/internal/imapsyntax"
)

// sectionSIP defines the SIP URI.
const sectionSIP = "RFC 3261, section 25.1"

// Octets that RFC 3261, section 25.1 allows beside alphanum and escaped.
const (
	sipMark       = "-_.!~*'()"
	sipUser       = sipMark + "&=+$,;?/"
	sipPassword   = sipMark + "&=+$,"
	sipParam      = sipMark + "[]/:&+$"
	sipHeaderName = sipMark + "[]/?:+$"
)

// badSIP checks
//
//	SIP-URI  = "sip:" [ userinfo ] hostport
//	           uri-parameters [ headers ]
//	SIPS-URI = "sips:" [ userinfo ] hostport
//	           uri-parameters [ headers ]
//	userinfo = ( user / telephone-subscriber ) [ ":" password ] "@"
//	hostport = host [ ":" port ]
//
// or, without a scheme, user "@" host. RFC 3261, section 25.1.
func badSIP(s string) *ValueError {
	at := 0
	scheme, _, found := strings.Cut(s, ":")
	isURI := found && (imapsyntax.EqualFold(scheme, "sip") || imapsyntax.EqualFold(scheme, "sips"))
	if isURI {
		at = len(scheme) + 1
	}
	// An "@" elsewhere would be escaped, so the first one ends the userinfo.
	if n := strings.IndexByte(s[at:], '@'); n >= 0 {
		if bad := badUserinfo(s, at, at+n, isURI); bad != nil {
			return bad
		}
		at += n + 1
	} else if !isURI {
		return &ValueError{Want: `"sip:", "sips:" or user@host`, Section: sectionSIP}
	}
	n, bad := hostEnd(s[at:])
	if bad != nil {
		bad.Offset += at
		return bad
	}
	at += n
	if !isURI {
		return badEnd(s, at)
	}
	if strings.HasPrefix(s[at:], ":") {
		end := at + 1 + countIn(s[at+1:], isDigit)
		if bad := badPort(s[:end], at); bad != nil {
			return bad
		}
		at = end
	}
	return badParams(s, at)
}

// badUserinfo checks s[at:end], what stands before the "@".
func badUserinfo(s string, at, end int, password bool) *ValueError {
	n := escapedSpan(s[at:end], sipUser)
	if n == 0 {
		return &ValueError{Offset: at, Want: "user", Section: sectionSIP}
	}
	if at += n; password && at < end && s[at] == ':' {
		at++
		at += escapedSpan(s[at:end], sipPassword)
	}
	if at < end {
		return &ValueError{Offset: at, Want: `"@"`, Section: sectionSIP}
	}
	return nil
}

// badParams checks s[at:] as
//
//	uri-parameters = *( ";" uri-parameter)
//	other-param    = pname [ "=" pvalue ]
//	headers        = "?" header *( "&" header )
//	header         = hname "=" hvalue
//
// the form of all parameters. RFC 3261, section 25.1.
func badParams(s string, at int) *ValueError {
	for at < len(s) && s[at] == ';' {
		at++
		n := escapedSpan(s[at:], sipParam)
		if n == 0 {
			return &ValueError{Offset: at, Want: "pname", Section: sectionSIP}
		}
		if at += n; at < len(s) && s[at] == '=' {
			at++
			if n = escapedSpan(s[at:], sipParam); n == 0 {
				return &ValueError{Offset: at, Want: "pvalue", Section: sectionSIP}
			}
			at += n
		}
	}
	for separator := byte('?'); at < len(s) && s[at] == separator; separator = '&' {
		at++
		n := escapedSpan(s[at:], sipHeaderName)
		if n == 0 {
			return &ValueError{Offset: at, Want: "hname", Section: sectionSIP}
		}
		if at += n; at == len(s) || s[at] != '=' {
			return &ValueError{Offset: at, Want: `"="`, Section: sectionSIP}
		}
		at++
		at += escapedSpan(s[at:], sipHeaderName) // hvalue may be empty
	}
	return badEnd(s, at)
}

func badEnd(s string, at int) *ValueError {
	if at < len(s) {
		return &ValueError{Offset: at, Want: "end of address", Section: sectionSIP}
	}
	return nil
}

// escapedSpan returns how many leading octets of s are alphanum, among others,
// or
//
//	escaped = "%" HEXDIG HEXDIG
//
// RFC 3261, section 25.1.
func escapedSpan(s, others string) int {
	n := 0
	for n < len(s) {
		switch {
		case isAlphanum(s[n]) || strings.IndexByte(others, s[n]) >= 0:
			n++
		case s[n] == '%' && n+2 < len(s) && isHex(s[n+1]) && isHex(s[n+2]):
			n += 3
		default:
			return n
		}
	}
	return n
}
