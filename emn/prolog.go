package emn

import (
	"bytes"
	"strings"
)

// prolog parses
//
//	prolog ::= XMLDecl? Misc* (doctypedecl Misc*)?
//
// after a byte order mark, which UTF-8 may have. XML 1.0, sections 2.8 and 4.3.3.
func (p *parser) prolog() error {
	p.skip("\uFEFF")
	if err := p.spaceBeforeDecl(); err != nil {
		return err
	}
	if p.atXMLDecl() {
		if err := p.xmlDecl(); err != nil {
			return err
		}
	}
	if err := p.miscs(); err != nil {
		return err
	}
	if !p.at("<!DOCTYPE") {
		return nil
	}
	if err := p.doctypedecl(); err != nil {
		return err
	}
	return p.miscs()
}

// spaceBeforeDecl skips S before an XML declaration, which must come first; S
// before anything else is Misc.
//
// QUIRK: senders whose template starts with a line break or an indent.
func (p *parser) spaceBeforeDecl() error {
	start := p.pos
	if !p.space() || !p.atXMLDecl() {
		return nil
	}
	return p.tolerate(Issue{Err: &SyntaxError{start, "the XML declaration first", "XML 1.0, section 2.8"}})
}

// atXMLDecl tells an XML declaration from a processing instruction whose target
// starts with "xml".
func (p *parser) atXMLDecl() bool {
	const start = "<?xml"
	after := p.pos + len(start)
	return p.at(start) && after < len(p.data) && isSpaceByte(p.data[after])
}

// xmlDecl parses
//
//	XMLDecl      ::= '<?xml' VersionInfo EncodingDecl? SDDecl? S? '?>'
//	VersionInfo  ::= S 'version' Eq ("'" VersionNum "'" | '"' VersionNum '"')
//	EncodingDecl ::= S 'encoding' Eq ('"' EncName '"' | "'" EncName "'" )
//	SDDecl       ::= S 'standalone' Eq (("'" ('yes' | 'no') "'") | ('"' ('yes' | 'no') '"'))
//
// where the version is 1.0 and the encoding UTF-8. XML 1.0, sections 2.8, 2.9
// and 4.3.3.
func (p *parser) xmlDecl() error {
	const section = "XML 1.0, section 2.8"
	p.skip("<?xml")
	for i, part := range [...]struct {
		name  string
		valid func(string) bool
		want  string
	}{
		{"version", func(s string) bool { return s == "1.0" }, "version 1.0"},
		{"encoding", func(s string) bool { return strings.EqualFold(s, "UTF-8") }, "encoding UTF-8"},
		{"standalone", func(s string) bool { return s == "yes" || s == "no" }, "yes or no"},
	} {
		start := p.pos
		if !p.space() || !p.skip(part.name) {
			if i == 0 {
				return want(start, "a version", section)
			}
			p.pos = start
			continue
		}
		if err := p.eq(); err != nil {
			return err
		}
		at := p.pos + 1
		value, err := p.literal(section)
		if err != nil {
			return err
		}
		if !part.valid(string(value)) {
			return want(at, part.want, section)
		}
	}
	p.space()
	if !p.skip("?>") {
		return want(p.pos, "'?>'", section)
	}
	return nil
}

// miscs parses
//
//	Misc* where Misc ::= Comment | PI | S
//
// XML 1.0, section 2.8.
func (p *parser) miscs() error {
	for {
		p.space()
		var err error
		switch {
		case p.at("<!--"):
			err = p.comment()
		case p.at("<?"):
			err = p.pi()
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// comment parses
//
//	Comment ::= '<!--' ((Char - '-') | ('-' (Char - '-')))* '-->'
//
// XML 1.0, section 2.5.
func (p *parser) comment() error {
	const section = "XML 1.0, section 2.5"
	if _, err := p.token("<!--", "--", section); err != nil {
		return err
	}
	if !p.skip(">") {
		return want(p.pos, "no '--' in a comment", section)
	}
	return nil
}

// pi parses
//
//	PI       ::= '<?' PITarget (S (Char* - (Char* '?>' Char*)))? '?>'
//	PITarget ::= Name - (('X' | 'x') ('M' | 'm') ('L' | 'l'))
//
// XML 1.0, section 2.6.
func (p *parser) pi() error {
	const section = "XML 1.0, section 2.6"
	start := p.pos + len("<?")
	inner, err := p.token("<?", "?>", section)
	if err != nil {
		return err
	}
	body := parser{data: inner}
	target, err := body.name()
	if err != nil || bytes.EqualFold(target, []byte("xml")) {
		return want(start, "a target other than xml", section)
	}
	if body.pos < len(inner) && !body.space() {
		return want(start+body.pos, "white space or '?>'", section)
	}
	return nil
}

// doctypedecl parses
//
//	doctypedecl ::= '<!DOCTYPE' S Name (S ExternalID)? S? ('[' intSubset ']' S?)? '>'
//
// without an internal subset. XML 1.0, section 2.8.
func (p *parser) doctypedecl() error {
	const section = "XML 1.0, section 2.8"
	p.skip("<!DOCTYPE")
	if !p.space() {
		return want(p.pos, "white space", section)
	}
	var err error
	p.rootPos = p.pos
	if p.root, err = p.name(); err != nil {
		return err
	}
	if p.space() {
		if err := p.externalID(); err != nil {
			return err
		}
		p.space()
	}
	if p.at("[") {
		return want(p.pos, "no internal subset", "OMA EMN 1.0")
	}
	if !p.skip(">") {
		return want(p.pos, "'>'", section)
	}
	return nil
}

// externalID parses an optional
//
//	ExternalID ::= 'SYSTEM' S SystemLiteral | 'PUBLIC' S PubidLiteral S SystemLiteral
//
// and forgets it: nothing is fetched, and the element says what it is. XML 1.0,
// section 4.2.2.
func (p *parser) externalID() error {
	const section = "XML 1.0, section 4.2.2"
	public := p.skip("PUBLIC")
	if !public && !p.skip("SYSTEM") {
		return nil
	}
	if public {
		if !p.space() {
			return want(p.pos, "white space", section)
		}
		at := p.pos + 1
		id, err := p.literal(section)
		if err != nil {
			return err
		}
		if i := bytes.IndexFunc(id, func(r rune) bool { return !isPubidChar(r) }); i >= 0 {
			return want(at+i, "a character of a public identifier", section)
		}
	}
	if !p.space() {
		return want(p.pos, "white space", section)
	}
	_, err := p.literal(section)
	return err
}
