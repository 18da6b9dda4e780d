package imapurl

import "strings"

// iserver parses
//
//	iserver   = [iuserinfo "@"] host [ ":" port ]
//
// RFC 5092, section 11, up to end. No part of it holds a bare "@", so the last
// one is the separator and a second one is refused by iuserinfo.
func (p *parser) iserver(u *URL, end int) error {
	if at := strings.LastIndexByte(p.s[p.pos:end], '@'); at >= 0 {
		if err := p.iuserinfo(u, p.pos+at); err != nil {
			return err
		}
		p.pos++
	}
	if err := p.host(u, end); err != nil {
		return err
	}
	return p.port(u, end)
}

// iuserinfo parses
//
//	iuserinfo     = enc-user [iauth] / [enc-user] iauth
//	enc-user      = 1*achar
//	iauth         = ";AUTH=" ( "*" / enc-auth-type )
//	enc-auth-type = 1*achar
//
// RFC 5092, section 11, up to end.
func (p *parser) iuserinfo(u *URL, end int) error {
	var err error
	if u.User, err = p.decode(p.run(classAchar, end)); err != nil {
		return err
	}
	if p.pos == end {
		if u.User == "" {
			return p.expected(`a user name or ";AUTH="`)
		}
		return nil
	}
	start := p.pos
	if p.keyword() != "AUTH" {
		p.pos = start
		return p.expected(`an octet of a user name, ";AUTH=" or "@"`)
	}
	start = p.pos
	if u.Auth, err = p.decode(p.run(classAchar, end)); err != nil {
		return err
	}
	// ";AUTH=%2A" is neither "any" nor the name of a mechanism (RFC 5092,
	// section 3.2).
	if !validAuth(u.Auth) || u.Auth == AuthAny && p.s[start] != '*' {
		p.pos = start
		return p.expected(wantAuth)
	}
	if p.pos != end {
		return p.expected(`an octet of a mechanism name or "@"`)
	}
	return nil
}

// host parses
//
//	host       = IP-literal / IPv4address / reg-name
//	IP-literal = "[" ( IPv6address / IPvFuture  ) "]"
//
// RFC 3986, appendix A, up to end. There is no IPvFuture to support, and the
// imap scheme has no default host that an empty reg-name could mean.
func (p *parser) host(u *URL, end int) error {
	if p.pos < end && p.s[p.pos] == '[' {
		n := strings.IndexByte(p.s[p.pos:end], ']')
		if n < 0 || !validIPv6(p.s[p.pos+1:p.pos+n]) {
			return p.expected("an IPv6 address in brackets")
		}
		u.Host = p.s[p.pos+1 : p.pos+n]
		p.pos += n + 1
		return nil
	}
	start := p.pos
	var err error
	if u.Host, err = p.decode(p.run(classRegName, end)); err != nil {
		return err
	}
	if u.Host == "" || strings.IndexByte(u.Host, ':') >= 0 || !validHost(u.Host) {
		p.pos = start
		return p.expected("a host name or address")
	}
	return nil
}

// port parses the rest of
//
//	iserver = [iuserinfo "@"] host [ ":" port ]
//	port    = *DIGIT
//
// RFC 5092, section 11 and RFC 3986, appendix A, up to end. An empty port is
// an absent one (RFC 3986, section 6.2.3).
func (p *parser) port(u *URL, end int) error {
	if p.pos == end {
		return nil
	}
	if !p.next(':') {
		return p.expected(`":", "/" or the end`)
	}
	p.pos++
	start := p.pos
	n := 0
	for ; p.pos < end && isDigit(p.s[p.pos]); p.pos++ {
		n = min(n*10+int(p.s[p.pos]-'0'), 1<<16)
	}
	if p.pos != end {
		return p.expected(`a digit, "/" or the end`)
	}
	if p.pos > start && (n == 0 || n > 65535) {
		p.pos = start
		return p.expected("a port from 1 to 65535")
	}
	u.Port = uint16(n)
	return nil
}

func isDigit(c byte) bool {
	return '0' <= c && c <= '9'
}
