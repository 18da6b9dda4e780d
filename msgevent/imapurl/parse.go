package imapurl

import (
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Parse reads an absolute IMAP URL of a server, a mailbox or a message. The
// scheme and the keywords (AUTH, UIDVALIDITY, UID) may be in any case. Every
// error is a [*SyntaxError].
//
// It reads
//
//	imapurl      = "imap://" iserver ipath-query
//	ipath-query  = ["/" [ icommand ]]
//	icommand     = imessagelist /
//	               imessagepart [iurlauth]
//
// RFC 5092, section 11, without enc-search, isection, ipartial and iurlauth.
func Parse(s string) (URL, error) {
	const prefix = "imap://"
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return URL{}, schemeError(s)
	}
	p := parser{s: s, pos: len(prefix)}
	end := len(s)
	if i := strings.IndexAny(s[p.pos:], "/?#"); i >= 0 {
		end = p.pos + i
	}
	var u URL
	if err := p.iserver(&u, end); err != nil {
		return URL{}, err
	}
	if err := p.ipathQuery(&u); err != nil {
		return URL{}, err
	}
	return u, nil
}

// schemeError tells relative references, which start with no scheme, from
// URLs of other schemes.
func schemeError(s string) error {
	i := strings.IndexAny(s, ":/?#;")
	if i < 0 || s[i] != ':' {
		return &SyntaxError{Offset: 0, Unsupported: "a relative reference"}
	}
	if strings.EqualFold(s[:i], "imap") {
		return &SyntaxError{Offset: i + 1, Expected: `"//"`}
	}
	return &SyntaxError{Offset: 0, Expected: `"imap://"`}
}

// parser holds the text and how far it is read.
type parser struct {
	s   string
	pos int
}

func (p *parser) expected(what string) error {
	return &SyntaxError{Offset: p.pos, Expected: what}
}

// next reports whether the octet at the position is c.
func (p *parser) next(c byte) bool {
	return p.pos < len(p.s) && p.s[p.pos] == c
}

// keyword reads a whole ";NAME=" and returns the name in upper case, or ""
// without moving if there is none.
func (p *parser) keyword() string {
	if !p.next(';') {
		return ""
	}
	for i := p.pos + 1; i < len(p.s); i++ {
		if p.s[i] == '=' {
			name := strings.ToUpper(p.s[p.pos+1 : i])
			p.pos = i + 1
			return name
		}
		if c := p.s[i] &^ 0x20; c < 'A' || c > 'Z' {
			break
		}
	}
	return ""
}

// ipathQuery parses
//
//	ipath-query  = ["/" [ icommand ]]
//	imessagelist = imailbox-ref [ "?" enc-search ]
//	imessagepart = imailbox-ref iuid [isection] [ipartial]
//
// RFC 5092, section 11.
func (p *parser) ipathQuery(u *URL) error {
	if p.pos == len(p.s) {
		return nil
	}
	if !p.next('/') {
		return p.expected(`"/" or the end`)
	}
	p.pos++
	if p.pos == len(p.s) {
		u.Slash = true
		return nil
	}
	if err := p.imailboxRef(u); err != nil {
		return err
	}
	if err := p.iuid(u); err != nil {
		return err
	}
	return p.rest(u)
}

// imailboxRef parses
//
//	imailbox-ref = enc-mailbox [uidvalidity]
//	enc-mailbox  = 1*bchar
//	uidvalidity  = ";UIDVALIDITY=" nz-number
//
// RFC 5092, section 11. A bchar may be "/", so that the "/" in front of a
// ";UID=" has to be given back.
func (p *parser) imailboxRef(u *URL) error {
	end := p.pos
	for end < len(p.s) && (classBchar.has(p.s[end]) || p.s[end] == '%') {
		end++
	}
	if end > p.pos && p.s[end-1] == '/' {
		semicolon := parser{s: p.s, pos: end}
		if name := semicolon.keyword(); name != "" && name != "UIDVALIDITY" {
			end--
		}
	}
	if end == p.pos {
		return p.expected("a mailbox name")
	}
	var err error
	if u.Mailbox, err = p.decode(end); err != nil {
		return err
	}
	start := p.pos
	switch p.keyword() {
	case "":
		return nil
	case "UIDVALIDITY":
		u.UIDValidity, err = p.nzNumber()
		return err
	default:
		p.pos = start
		return nil
	}
}

// iuid parses
//
//	iuid      = "/" iuid-only
//	iuid-only = ";UID=" nz-number
//
// RFC 5092, section 11.
func (p *parser) iuid(u *URL) error {
	start := p.pos
	if !p.next('/') {
		return nil
	}
	p.pos++
	if p.keyword() != "UID" {
		p.pos = start
		return nil
	}
	n, err := p.nzNumber()
	u.UID = imap.UID(n)
	return err
}

// rest refuses what follows: precisely, where RFC 5092 has a meaning for it.
func (p *parser) rest(u *URL) error {
	if p.pos == len(p.s) {
		return nil
	}
	if p.next('?') && u.UID == 0 {
		return &SyntaxError{Offset: p.pos, Unsupported: "a search"}
	}
	start := p.pos
	slash := p.next('/')
	if slash {
		p.pos++
	}
	keyword := p.keyword()
	p.pos = start
	if u.UID != 0 {
		switch {
		case slash && keyword == "SECTION", slash && keyword == "PARTIAL":
			return &SyntaxError{Offset: start, Unsupported: "a message part (SECTION, PARTIAL)"}
		case !slash && keyword == "EXPIRE", !slash && keyword == "URLAUTH":
			return &SyntaxError{Offset: start, Unsupported: "URLAUTH"}
		}
		return p.expected("the end")
	}
	if u.UIDValidity != 0 {
		return p.expected(`"/;UID=" or the end`)
	}
	return p.expected(`an octet of a mailbox name, ";UIDVALIDITY=", "/;UID=" or the end`)
}
